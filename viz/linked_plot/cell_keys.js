// The keyboard on a figure: arrows move from point to point, Enter opens the one that is selected, and what is selected is said.

const SOON = 120; // milliseconds after which the label stands at a point
const AROUND = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0] };

export class CellKeys {
  place = null; // {curve, row, column}: number of the curve among those that have points, and where in it

  /** `figure` is the drawn figure's box; what is selected is written into a line for those who hear the page. */
  constructor(box) {
    this.said = box.appendChild(Object.assign(document.createElement("div"), { className: "linked-plot-said" }));
    this.said.setAttribute("role", "status");
  }

  /** Do what the pressed key means for the drawn figure `gd`; true if it meant something. `open(point)` opens a point; the curve `first` is entered first. */
  press(Plotly, gd, event, open, first) {
    if (event.ctrlKey || event.metaKey || event.altKey || !gd._fullData) return false;
    const curves = gd._fullData.filter(({ visible, hoverinfo }) => visible === true && hoverinfo !== "skip").filter(size);
    if (!curves.length) return false;
    if (event.key === "Enter") return this.open(gd, open);
    if (event.key === "Escape") return this.leave(Plotly, gd);
    const turn = { PageUp: -1, PageDown: 1 }[event.key];
    const move = AROUND[event.key];
    if (!turn && !move) return false;
    this.place = this.place ? moved(this.place, curves, gd, move, turn) : { curve: Math.max(0, curves.findIndex(({ index }) => index === first)), row: 0, column: 0 };
    this.show(Plotly, gd, curves[this.place.curve]);
    return true;
  }

  show(Plotly, gd, curve) {
    this.point = pointAt(curve, this.place);
    const { row, column } = this.place;
    const subplot = `${curve.xaxis ?? "x"}${curve.yaxis ?? "y"}`;
    Plotly.Fx.hover(gd, [{ curveNumber: curve.index, pointNumber: curve.type === "heatmap" ? [row, column] : column }], subplot);
    clearTimeout(this.telling);
    this.telling = setTimeout(() => (this.said.textContent = this.place ? this.words(gd, curve) : ""), SOON);
  }

  /** What the label at the point says, or where there is none its name, place and value. */
  words(gd, curve) {
    const shown = [...gd.querySelectorAll(".hoverlayer .hovertext, .hoverlayer .axistext")].map((label) => label.textContent);
    const { x, y, z } = this.point;
    const named = (axis, value) => gd._fullLayout[axis]?.labelalias?.[value] ?? value;
    const place = [named((curve.xaxis ?? "x").replace("x", "xaxis"), x), z === null ? null : named((curve.yaxis ?? "y").replace("y", "yaxis"), y)];
    return shown.join(", ") || [curve.name, ...place.filter((part) => part !== null), z ?? y].join(", ");
  }

  open(gd, open) {
    if (this.place) open(this.point);
    return Boolean(this.place);
  }

  leave(Plotly, gd) {
    if (!this.place) return false;
    this.place = null;
    this.said.textContent = "";
    Plotly.Fx.unhover(gd);
    return true;
  }
}

/** Rows and columns of a curve's points; nothing for a curve that has none on a plane. */
function size(curve) {
  if (curve.type === "heatmap") return curve.z?.length ? [curve.z.length, curve.z[0].length] : null;
  return ["scatter", "bar"].includes(curve.type) && curve.x?.length ? [1, curve.x.length] : null;
}

/** A point as a click on it would give it. */
function pointAt(curve, { row, column }) {
  const map = curve.type === "heatmap";
  return {
    curveNumber: curve.index,
    x: curve.x?.[column] ?? column,
    y: map ? (curve.y?.[row] ?? row) : curve.y[column],
    z: map ? curve.z[row][column] : null,
    customdata: (map ? curve.customdata?.[row]?.[column] : curve.customdata?.[column]) ?? null,
  };
}

/** The next place: within a map in both directions; of lines and bars up and down is another curve. */
function moved({ curve, row, column }, curves, gd, move, turn) {
  const [rows] = size(curves[curve]);
  const [up, right] = move ?? [0, 0];
  const next = turn ?? (rows === 1 ? -up : 0);
  const other = Math.min(Math.max(curve + next, 0), curves.length - 1);
  const shown = curves[other];
  const [height, width] = size(shown);
  const range = gd._fullLayout[(shown.yaxis ?? "y").replace("y", "yaxis")]?.range ?? [0, 1];
  const upward = range[1] >= range[0] ? up : -up;
  return {
    curve: other,
    row: Math.min(Math.max(row + (rows === 1 ? 0 : upward), 0), height - 1),
    column: Math.min(Math.max(column + right, 0), width - 1),
  };
}
