// Put into the page before the app starts: a chart that Vega draws is reached with Tab, its marks with the arrows.
//
// Vega draws each mark as an element of its own, which holds what its label says. Right and left go along a row of marks, up
// and down to the next row; Home and End to the first and the last. The label opens at the mark and is read out, a ring
// stands around the mark, Enter clicks it, and Escape lets it go. What spans the chart, as a line does, comes last.

(() => {
  const CHART = "[data-testid=stVegaLiteChart]";
  const ROW = 6; // pixels between the middles of marks that still lie in one row
  const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
  let chart = null;
  let label = null; // of the mark that is selected: what it says
  let ring, said;

  /** What the label of a mark says; nothing for one without. */
  const labelOf = (mark) => {
    const { tooltip } = [mark.__data__].flat()[0] ?? {};
    return tooltip && typeof tooltip === "object" ? Object.entries(tooltip).map((pair) => pair.join(": ")).join(", ") : "";
  };

  /** The marks of a chart in rows from its top; of marks that say the same, such as a dot and its interval, the last. */
  const rowsOf = (drawn) => {
    const marks = new Map();
    for (const element of drawn.querySelectorAll(".role-mark > *")) {
      if (labelOf(element)) marks.set(labelOf(element), element);
    }
    const box = drawn.querySelector("svg").getBoundingClientRect();
    const placed = [...marks.values()].map((element) => {
      const { top, height, left, width } = element.getBoundingClientRect();
      return { element, x: left + width / 2, y: height > box.height / 2 ? Infinity : top + height / 2 };
    });
    placed.sort((one, other) => (one.y === other.y ? 0 : one.y - other.y));
    const rows = [];
    for (const each of placed) {
      const row = rows.at(-1);
      if (row && (each.y === row[0].y || each.y - row[0].y < ROW)) row.push(each);
      else rows.push([each]);
    }
    for (const row of rows) row.sort((one, other) => one.x - other.x);
    return rows;
  };

  const placeOf = (rows) => {
    for (const [row, marks] of rows.entries()) {
      const column = marks.findIndex(({ element }) => labelOf(element) === label);
      if (column >= 0) return [row, column];
    }
    return null;
  };

  const nextOf = (rows, key) => {
    const place = placeOf(rows);
    if (!place || key === "Home") return rows[0][0];
    if (key === "End") return rows.at(-1).at(-1);
    const [row, column] = place;
    const [down, right] = STEPS[key];
    const there = rows[Math.min(Math.max(row + down, 0), rows.length - 1)];
    if (!down) return there[Math.min(Math.max(column + right, 0), there.length - 1)];
    const { x } = rows[row][column];
    return there.reduce((best, mark) => (Math.abs(mark.x - x) < Math.abs(best.x - x) ? mark : best));
  };

  const point = (element, ...kinds) => {
    const { top, left, width, height } = element.getBoundingClientRect();
    const at = { bubbles: true, clientX: left + width / 2, clientY: top + height / 2 };
    for (const kind of kinds) element.dispatchEvent(new (kind.startsWith("pointer") ? PointerEvent : MouseEvent)(kind, at));
  };

  /** The element that is selected, which Vega may have drawn anew. */
  const selected = () => {
    const rows = chart && label ? rowsOf(chart) : [];
    const [row, column] = placeOf(rows) ?? [];
    return rows[row]?.[column].element;
  };

  const leave = () => {
    const element = selected();
    if (element) point(element, "pointerout", "mouseout");
    ring?.remove();
    if (said) said.textContent = "";
    chart = label = null;
  };

  const show = (element) => {
    label = labelOf(element);
    element.scrollIntoView({ block: "nearest" });
    point(element, "pointerover", "mouseover", "pointermove", "mousemove");
    ring ??= Object.assign(document.createElement("div"), { className: "chart-ring" });
    said ??= Object.assign(document.createElement("div"), { className: "chart-said" });
    said.setAttribute("role", "status");
    document.body.append(ring, said);
    surround(element);
    said.textContent = label;
  };

  const surround = (element) => {
    const { top, left, width, height } = element.getBoundingClientRect();
    Object.assign(ring.style, { top: `${top - 3}px`, left: `${left - 3}px`, width: `${width + 6}px`, height: `${height + 6}px` });
  };

  const press = (event) => {
    if (!event.target.matches?.(CHART) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return leave();
    if (event.key === "Enter") {
      const element = selected();
      if (element) point(element, "pointerdown", "mousedown", "pointerup", "mouseup", "click");
      return;
    }
    if (!(event.key in STEPS || event.key === "Home" || event.key === "End")) return;
    if (chart !== event.target) leave();
    chart = event.target;
    const rows = rowsOf(chart);
    if (!rows.length) return;
    event.preventDefault();
    show(nextOf(rows, event.key).element);
  };

  document.addEventListener("keydown", press, true);
  document.addEventListener("focusout", ({ target }) => target === chart && leave());
  const follow = () => {
    const element = selected();
    if (element) surround(element);
  };
  for (const kind of ["scroll", "resize"]) window.addEventListener(kind, follow, { capture: true, passive: true });
  new MutationObserver(() => {
    for (const drawn of document.querySelectorAll(`${CHART}:not([tabindex])`)) drawn.tabIndex = 0;
  }).observe(document, { childList: true, subtree: true });
})();
