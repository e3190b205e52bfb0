// Put into the page before the app starts: an address that the app only completes is no step of Back.
//
// The app changes the address for two reasons. A person did something, and Back shall lead to the picture before it; or
// the app says more of the picture that is on the screen, as when a page opens by its name alone and its choices are
// filled in. Only the first is a step: one for each thing that was done, however often the address changes in answer. A
// text is one thing, from its first letter until Enter or a pause, since the page reads along. Another language is none.

(() => {
  const QUIET = "lang", PAUSE = 3000; // milliseconds
  const AT_REST = "[data-test-connection-state=CONNECTED][data-test-script-state=notRunning]";
  const typed = { box: null, ended: true, at: 0, isStep: false };
  let acted = false, opening = true;

  const isBox = (target) => target?.matches?.("textarea, input:not([type]), input[type=text]") ?? false;
  const act = (event) => {
    const { target, type } = event;
    if (type === "input" && isBox(target)) {
      if (typed.ended || typed.box !== target || performance.now() - typed.at > PAUSE) typed.isStep = false;
      Object.assign(typed, { box: target, ended: false, at: performance.now() });
    } else if (target !== typed.box) {
      Object.assign(typed, { box: null, isStep: false });
    } else if (event.key === "Enter") typed.ended = true;
    if (document.querySelector(AT_REST)) opening = false;
    acted = true;
  };
  for (const kind of ["pointerdown", "keydown", "input", "change", "drop", "paste"]) {
    document.addEventListener(kind, act, { capture: true, passive: true });
  }
  window.addEventListener("popstate", () => ([acted, opening, typed.isStep] = [false, true, false]), true);

  const push = history.pushState.bind(history);
  history.pushState = (state, unused, address) => {
    const [before, after] = [new URL(location.href), new URL(address ?? location.href, location.href)];
    const moved = before.pathname !== after.pathname;
    const [was, is] = [before, after].map(({ searchParams }) => [...searchParams].filter(([name]) => name !== QUIET));
    const completes = opening && was.every(([name, value]) => after.searchParams.get(name) === value);
    const differs = acted && !completes && String(was) !== String(is);
    if (moved || (differs && !typed.isStep)) push(state, unused, address);
    else history.replaceState(state, unused, address);
    if (moved) opening = true;
    if (differs) typed.isStep = typed.box !== null;
    if (moved || !completes) acted = false;
  };
})();
