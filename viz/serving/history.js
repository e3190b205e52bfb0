// Put into the page before the app starts: an address that the app only completes is no step of Back.
//
// The app changes the address for two reasons. A person did something, and Back shall lead to the picture before it; or
// the app says more of the picture that is on the screen, as when a page opens by its name alone and its choices are
// filled in. Only the first is a step: one for each thing that was done, however often the address changes in answer. A
// change of the open tab, with the choices that it brings, is none, nor is another language.

(() => {
  const QUIET = ["tab", "lang"];
  let acted = false;
  for (const kind of ["pointerdown", "keydown", "input", "change", "drop", "paste"]) {
    document.addEventListener(kind, () => (acted = true), { capture: true, passive: true });
  }
  window.addEventListener("popstate", () => (acted = false), true);

  const push = history.pushState.bind(history);
  history.pushState = (state, unused, address) => {
    const [before, after] = [new URL(location.href), new URL(address ?? location.href, location.href)];
    const moved = before.pathname !== after.pathname;
    const turned = QUIET.some((name) => before.searchParams.get(name) !== after.searchParams.get(name));
    const isStep = moved || (acted && !turned && before.search !== after.search);
    if (isStep) push(state, unused, address);
    else history.replaceState(state, unused, address);
    acted = false;
  };
})();
