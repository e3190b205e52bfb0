// A curve drawn by hand over tokens: with a mouse or a finger in one stroke, or with the keys token by token.

const HEIGHT = 230;
const MARGIN = { left: 44, right: 24, top: 24, bottom: 30 };
const SLANTED = 70; // pixels below the axis where labels do not fit level
const SOON = 400; // milliseconds after the last key until the page hears of it
const STEPS = 20; // of an arrow key from one end to the other
const SETTLED = 500; // milliseconds after which Streamlit has taken an element off the page, if it is going to

const boxes = new WeakMap();
const canvas = document.createElement("canvas").getContext("2d");

/** Entry point: Streamlit calls it at every change, and the returned function when the box leaves the page. */
export default function curveBox(call) {
  const { data, parentElement, setStateValue } = call;
  let box = boxes.get(parentElement);
  if (!box) boxes.set(parentElement, (box = new CurveBox(parentElement)));
  else if (box.box.parentNode !== parentElement) parentElement.append(box.box); // the page was drawn anew around it
  const before = box.call;
  box.call = call;
  const run = box.update(data, setStateValue);
  return () => {
    if (run !== box.runs) return; // a later call has taken over
    boxes.delete(parentElement);
    box.remove();
    // Calls can come in the wrong order, an overtaken one last: then what the one before it showed comes back.
    setTimeout(() => parentElement.isConnected && !boxes.has(parentElement) && curveBox(before ?? call), SETTLED);
  };
}

class CurveBox {
  runs = 0;
  call = null;
  values = [];
  drawn = false;
  chosen = 0;
  last = null; // place of the stroke's last point

  constructor(parent) {
    this.box = parent.appendChild(document.createElement("div"));
    this.box.className = "curve-box";
    this.box.tabIndex = 0;
    this.box.setAttribute("role", "slider");
    this.box.setAttribute("aria-orientation", "vertical");
    this.svg = this.box.appendChild(made("svg", {}));
    this.svg.setAttribute("aria-hidden", "true");
    this.box.addEventListener("keydown", (event) => this.press(event));
    this.svg.addEventListener("pointerdown", (event) => this.begin(event));
    this.svg.addEventListener("pointermove", (event) => this.last !== null && this.stroke(event));
    for (const end of ["pointerup", "pointercancel"]) this.svg.addEventListener(end, () => this.end());
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(this.box);
  }

  update(data, setStateValue) {
    const other = JSON.stringify(data.labels) !== JSON.stringify(this.data?.labels);
    Object.assign(this, { data, setStateValue });
    this.box.setAttribute("aria-label", data.alt);
    this.box.setAttribute("aria-description", data.keys);
    this.box.setAttribute("aria-valuemin", data.low);
    this.box.setAttribute("aria-valuemax", data.high);
    this.box.classList.toggle("curve-large", data.large);
    if (other) {
      this.drawn = data.drawn.length === data.labels.length;
      this.values = this.drawn ? [...data.drawn] : data.labels.map(() => (data.low + data.high) / 2);
      this.chosen = 0;
    }
    this.paint();
    return ++this.runs;
  }

  remove() {
    clearTimeout(this.telling);
    this.observer.disconnect();
    this.box.remove();
  }

  // -- drawing by hand

  begin(event) {
    this.svg.setPointerCapture(event.pointerId);
    this.box.classList.add("curve-drawing");
    this.last = this.at(event);
    this.stroke(event);
  }

  /** Give the nearest token the height of the pointer, and those that a quick stroke jumped over what lies between. */
  stroke(event) {
    const [from, to] = [this.last, this.at(event)];
    const steps = Math.abs(to.place - from.place);
    for (let step = steps ? 1 : 0; step <= steps; step++) {
      const share = steps ? step / steps : 1;
      this.values[from.place + Math.sign(to.place - from.place) * step] = rounded(from.value + share * (to.value - from.value));
    }
    Object.assign(this, { last: to, chosen: to.place, drawn: true });
    this.paint();
  }

  end() {
    if (this.last === null) return;
    this.last = null;
    this.box.classList.remove("curve-drawing");
    this.tell();
  }

  /** The token and the value under the pointer. */
  at(event) {
    const { left, top } = this.svg.getBoundingClientRect();
    const { low, high, labels } = this.data;
    const place = Math.round((event.clientX - left - MARGIN.left) / this.gap() - 0.5);
    const share = 1 - (event.clientY - top - MARGIN.top) / this.room();
    return { place: within(place, 0, labels.length - 1), value: within(low + share * (high - low), low, high) };
  }

  // -- keys

  press(event) {
    const { low, high, labels } = this.data;
    const sideways = { ArrowLeft: this.chosen - 1, ArrowRight: this.chosen + 1, Home: 0, End: labels.length - 1 }[event.key];
    const upward = { ArrowUp: 1, ArrowDown: -1, PageUp: 4, PageDown: -4 }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || (sideways === undefined && !upward)) return;
    event.preventDefault();
    if (upward) {
      const value = this.values[this.chosen] + (upward * (high - low)) / STEPS;
      this.values[this.chosen] = rounded(within(value, low, high));
      this.drawn = true;
      clearTimeout(this.telling);
      this.telling = setTimeout(() => this.tell(), SOON);
    } else this.chosen = within(sideways, 0, labels.length - 1);
    this.paint();
  }

  tell() {
    clearTimeout(this.telling);
    this.setStateValue("drawn", [...this.values]);
  }

  // -- the picture

  width() {
    return Math.max(this.box.clientWidth, 120);
  }

  gap() {
    return (this.width() - MARGIN.left - MARGIN.right) / this.data.labels.length;
  }

  room() {
    return HEIGHT - MARGIN.top - MARGIN.bottom;
  }

  paint() {
    if (!this.data || !this.box.clientWidth) return;
    const { labels, low, high, hint } = this.data;
    const [width, room] = [this.width(), this.room()];
    const x = (place) => MARGIN.left + (place + 0.5) * this.gap();
    const y = (value) => MARGIN.top + (1 - (value - low) / (high - low)) * room;
    canvas.font = getComputedStyle(this.box).font;
    const level = labels.every((label) => canvas.measureText(label).width + 6 < this.gap());
    this.svg.setAttribute("height", HEIGHT + (level ? 0 : SLANTED - MARGIN.bottom));
    const parts = [made("rect", { class: "curve-frame", x: MARGIN.left, y: MARGIN.top, width: width - MARGIN.left - MARGIN.right, height: room })];
    for (const value of [low, (low + high) / 2, high]) {
      parts.push(made("line", { class: "curve-grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(value), y2: y(value) }));
      parts.push(made("text", { x: MARGIN.left - 6, y: y(value) + 4, "text-anchor": "end" }, shown(value)));
    }
    labels.forEach((label, place) => {
      const [left, top] = [x(place), MARGIN.top + room + 18];
      const turned = level ? { "text-anchor": "middle" } : { "text-anchor": "end", transform: `rotate(-45 ${left} ${top - 6})` };
      parts.push(made("text", { x: left, y: top - (level ? 0 : 6), ...turned }, label));
    });
    const line = this.values.map((value, place) => `${place ? "L" : "M"}${x(place)} ${y(value)}`).join("");
    parts.push(made("path", { class: "curve-line", d: line }));
    this.values.forEach((value, place) => parts.push(made("circle", { class: "curve-point", cx: x(place), cy: y(value), r: 4 })));
    const [left, top] = [x(this.chosen), y(this.values[this.chosen])];
    parts.push(made("circle", { class: "curve-chosen", cx: left, cy: top, r: 8 }));
    const above = top - 12 < MARGIN.top + 8 ? top + 22 : top - 12;
    parts.push(made("text", { class: "curve-value", x: left, y: above, "text-anchor": "middle" }, shown(this.values[this.chosen])));
    if (!this.drawn) parts.push(made("text", { x: width / 2, y: MARGIN.top + room / 4, "text-anchor": "middle" }, hint));
    this.svg.replaceChildren(...parts);
    this.box.classList.toggle("curve-empty", !this.drawn);
    this.box.setAttribute("aria-valuenow", this.values[this.chosen]);
    this.box.setAttribute("aria-valuetext", `${labels[this.chosen]}: ${shown(this.values[this.chosen])}`);
  }
}

function made(name, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function within(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

function rounded(value) {
  return Math.round(value * 1000) / 1000;
}

function shown(value) {
  return String(Math.round(value * 100) / 100).replace("-", "−");
}
