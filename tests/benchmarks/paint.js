// Put into a page before it loads: notes when which figure was drawn last, in the page's own clock.
//
// A figure is drawn when something changes in its part of the document (Plotly writes SVG) or on a 2-D canvas of it
// (Vega). It counts as painted two animation frames later: the first of them follows the change, and by the second the
// browser has put it on the screen.

(() => {
  const FIGURES = ".js-plotly-plot, [data-testid=stVegaLiteChart]";
  const EMPTY = ".linked-plot-figure:not(.js-plotly-plot)"; // Plotly itself is still on its way
  const state = { key: 0, answered: 0, first: 0, changed: 0, painted: 0, drawn: new Set() };

  const note = (node) => {
    const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
    const figure = element?.closest?.(FIGURES);
    const marks = figure?.querySelector(".plot, canvas, svg.marks, .gl-container");
    if (!marks || !figure.checkVisibility()) return;
    state.drawn.add(figure);
    state.changed = performance.now();
    requestAnimationFrame(() => requestAnimationFrame((now) => {
      state.painted = now;
      state.first ||= now;
    }));
  };

  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      note(target);
      for (const added of addedNodes) {
        if (added.nodeType === Node.ELEMENT_NODE) for (const figure of added.querySelectorAll(FIGURES)) note(figure);
      }
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });

  const { clearRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...area) {
    note(this.canvas);
    return clearRect.apply(this, area);
  };

  window.WebSocket = class extends WebSocket {
    constructor(...address) {
      super(...address);
      this.addEventListener("message", () => { state.answered = performance.now(); });
    }
  };

  const isCommit = (event) => event.key === "Enter" && event.target.matches?.("input, textarea");
  document.addEventListener("keydown", (event) => {
    if (isCommit(event)) Object.assign(state, { key: performance.now(), painted: 0, drawn: new Set() });
  }, true);

  const areCalm = (milliseconds) => {
    const script = document.querySelector("[data-test-script-state]")?.dataset.testScriptState;
    const isDrawn = state.painted > state.key && !document.querySelector(EMPTY);
    return script === "notRunning" && isDrawn && performance.now() - state.changed > milliseconds;
  };

  /**
   * Resolves once the script has ended and no figure has changed for `calm` milliseconds since the last Enter (or since
   * the page was opened): milliseconds from that key to the last message of the server and to the last figure painted,
   * how many of the figures that are on the page then were drawn, and when the first and the last one were painted, in
   * seconds since the epoch.
   */
  window.figuresPainted = async (calm, wait) => {
    const end = performance.now() + wait;
    while (!areCalm(calm)) {
      if (performance.now() > end) throw new Error(`paint: expected the figures to come to rest within ${wait} ms`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return {
      answered: state.answered - state.key,
      painted: state.painted - state.key,
      drawn: [...state.drawn].filter((figure) => figure.isConnected).length,
      first: (performance.timeOrigin + state.first) / 1e3,
      last: (performance.timeOrigin + state.painted) / 1e3,
    };
  };
})();
