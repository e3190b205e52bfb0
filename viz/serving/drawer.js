// Put into the page before the app starts: what was clicked stays in sight when the arithmetic opens below.
//
// The drawer covers the foot of the window. Where the click was under it, the page is scrolled until the clicked place
// is in the middle of what remains.

(() => {
  const [opened, pages] = ["st-key-arithmetic", "stMain"].map((name) => document.getElementsByClassName(name));
  const ROOM = 48; // pixels that stay in sight below the clicked place
  let clicked = null; // its distance from the top of the page's content
  let open = false;

  document.addEventListener("keydown", () => (clicked = null), true);
  document.addEventListener(
    "pointerdown",
    ({ clientY }) => (clicked = pages.length ? clientY + pages[0].scrollTop : null),
    { capture: true, passive: true },
  );

  new MutationObserver(() => {
    const before = open;
    open = opened.length > 0;
    if (!open || before || clicked === null || !pages.length) return;
    const edge = opened[0].getBoundingClientRect().top;
    if (clicked - pages[0].scrollTop > edge - ROOM) pages[0].scrollTo({ top: clicked - edge / 2 });
  }).observe(document, { childList: true, subtree: true });
})();
