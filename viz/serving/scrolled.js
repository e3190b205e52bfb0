// Put into the page before the app starts: code and equations that scroll in a box of their own are reached with Tab, so
// that the arrows scroll them.

(() => {
  const BOXES = ":is([data-testid=stCode] pre, .katex-display):not([tabindex])";
  const SETTLED = 250; // milliseconds after which what was put into the page has its size
  let waiting = 0;
  const look = () => {
    waiting = 0;
    for (const box of document.querySelectorAll(BOXES)) {
      if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
    }
  };
  const later = () => (waiting ||= setTimeout(look, SETTLED));
  new MutationObserver(later).observe(document, { childList: true, subtree: true });
  window.addEventListener("resize", later, { passive: true });
  document.fonts.addEventListener("loadingdone", later);
})();
