// A recurrent cell at one step, drawn as SVG beside its equations; every step is painted from numbers that are here already.

const SVG = "http://www.w3.org/2000/svg";
const WIDE = 620; // pixels of the picture from which there is room for the wide layout
const WIDEST = { lane: [20, 12], read: [9, 6], bus: [7, 5] }; // pixels of the widest line, by kind and layout
const PAUSE = 1400; // milliseconds a step is shown while playing
const LETTER = 5.8, OVERHANG = 24; // pixels of a letter of a name, and how far names may reach beyond their boxes
const FUNCTIONS = {
  tanh: Math.tanh, exp: Math.exp, relu: (x) => Math.max(0, x), sigma: (x) => 1 / (1 + Math.exp(-x)),
};
const SIGNS = { "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b, max: Math.max };

export class CellDrawing {
  shown = 0;
  unit = null;
  wide = null;
  playing = null;

  /** Draw into `root`; `tell(what)` hears what somebody does: `{step}`, `{unit}`, `{all}` or `{open, step, unit}`. */
  constructor(root, tell = () => {}) {
    Object.assign(this, { root, tell });
    root.replaceChildren();
    this.bar = root.appendChild(make("div", "cell-bar"));
    this.stage = root.appendChild(make("div", "cell-stage"));
    this.canvas = this.stage.appendChild(make("div", "cell-canvas"));
    this.sentence = this.stage.appendChild(make("p", "cell-sentence"));
    this.sentence.setAttribute("aria-live", "polite");
    this.story = this.stage.appendChild(make("div", "cell-story"));
    this.legend = this.stage.appendChild(make("div", "cell-legend"));
    this.equations = this.stage.appendChild(make("div", "cell-equations"));
    this.table = root.appendChild(make("div", "cell-table")).appendChild(make("table"));
    root.addEventListener("keydown", (event) => this.press(event));
    for (const kind of ["pointerover", "focusin"]) root.addEventListener(kind, ({ target }) => this.light(target));
    for (const kind of ["pointerleave", "focusout"]) root.addEventListener(kind, () => this.light(null));
    root.addEventListener("click", ({ target }) => this.open(target));
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(this.canvas);
  }

  remove() {
    this.pause();
    this.observer.disconnect();
  }

  /** New numbers; `data` is what Picture.data makes. The step stays where it is, unless the data ask for another one. */
  update(data) {
    const asked = `${data.step}|${data.count}|${data.first}`;
    this.data = data;
    this.unit = data.unit;
    if (asked !== this.asked) this.shown = data.step - data.first;
    this.asked = asked;
    this.read();
    this.story.replaceChildren(...(data.story ?? []).map((text) => Object.assign(make("p"), { textContent: text })));
    this.buildBar();
    this.buildEquations();
    this.buildLegend();
    this.wide = null;
    this.fit();
  }

  /** Take the numbers apart: by name, one array of `steps * units`. */
  read() {
    const bytes = Uint8Array.from(atob(this.data.numbers), (letter) => letter.charCodeAt(0));
    const all = new Float32Array(bytes.buffer);
    this.steps = this.data.tokens.length;
    this.values = {};
    let start = 0;
    for (const { name, units } of this.data.series) {
      this.values[name] = { units, numbers: all.subarray(start, start + units * this.steps) };
      start += units * this.steps;
    }
    this.widest = new Map();
  }

  // -- numbers ---------------------------------------------------------------------------------------------------------

  at(node, step, unit) {
    const [kind, first, second] = node;
    if (kind === "of") return this.values[first].numbers[step * this.values[first].units + unit];
    if (kind === "number") return first;
    if (kind in SIGNS) return SIGNS[kind](this.at(first, step, unit), this.at(second, step, unit));
    return FUNCTIONS[kind](this.at(first, step, unit));
  }

  units(node) {
    if (node[0] === "of") return this.values[node[1]].units;
    return Math.max(...node.slice(1).filter(Array.isArray).map((part) => this.units(part)), 1);
  }

  mean(node, step, size = Math.abs) {
    const units = this.units(node);
    let sum = 0;
    for (let unit = 0; unit < units; unit++) sum += size(this.at(node, step, unit));
    return sum / units;
  }

  /** What flows along a line: of one unit its own number, else the mean size; a bus carries all units in any case. */
  flow({ kind, node }, step) {
    return this.unit === null || kind === "bus" ? this.mean(node, step) : this.at(node, step, this.unit);
  }

  most(line) {
    const group = line.kind === "bus" && line.node[1] === "input" ? "input" : line.kind;
    if (!this.widest.has(group)) {
      const alike = this.layout.lines.filter((other) => other.node && other.kind === line.kind
        && (line.kind !== "bus" || (other.node[1] === "input") === (group === "input")));
      let most = 1e-9;
      for (let step = 0; step < this.steps; step++) {
        for (const other of alike) most = Math.max(most, Math.abs(this.flow(other, step)));
      }
      this.widest.set(group, most);
    }
    return this.widest.get(group);
  }

  // -- building --------------------------------------------------------------------------------------------------------

  fit() {
    if (!this.data) return;
    const room = this.canvas.clientWidth || 900;
    const wide = room >= WIDE;
    if (wide !== this.wide) {
      this.wide = wide;
      this.layout = this.data.layouts[wide ? 0 : 1];
      this.widest.clear();
      this.build();
    }
    for (const math of this.equations.querySelectorAll("math")) {
      math.style.fontSize = "";
      const most = math.parentElement.clientWidth;
      const width = math.getBoundingClientRect().width;
      if (most && width > most) math.style.fontSize = `${Math.max(0.62, (most / width) * 0.99)}em`;
    }
    this.paint();
  }

  build() {
    const { width, height, boxes, lines, numbers } = this.layout;
    this.svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "group" });
    this.svg.setAttribute("aria-label", put(this.data.words.cell, { name: this.data.cell }));
    this.svg.style.maxWidth = `${width * (this.wide ? 1.12 : 1.1)}px`;
    this.canvas.replaceChildren(this.svg);
    this.painters = [];
    const order = ["bus", "read", "control", "link", "lane"];
    for (const line of [...lines].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))) this.buildLine(line);
    for (const box of boxes) this.buildBox(box);
    for (const number of numbers) this.buildNumber(number);
  }

  group(names, className, parent = this.svg) {
    const group = draw("g", { class: className, "data-names": names.join(" ") });
    return parent.appendChild(group);
  }

  buildLine(line) {
    const group = this.group(line.names, `cell-${line.kind}`);
    if (!line.node) {
      group.append(draw("path", { d: line.path, class: "cell-under" }), draw("path", { d: line.path, class: "cell-wire" }));
      return;
    }
    const under = group.appendChild(draw("path", { d: line.path, class: "cell-under" }));
    const flow = group.appendChild(draw("path", { d: line.path, class: "cell-flow" }));
    const moving = line.kind === "lane" ? group.appendChild(draw("path", { d: line.path, class: "cell-moving" })) : null;
    const title = group.appendChild(draw("title"));
    this.painters.push((step) => {
      const value = this.flow(line, step);
      const most = WIDEST[line.kind][this.wide ? 0 : 1];
      const width = Math.min(most, Math.max(0.8, (Math.abs(value) / this.most(line)) * most));
      flow.style.strokeWidth = under.style.strokeWidth = `${width}px`;
      under.style.strokeWidth = `${width + 4}px`;
      const signed = this.unit !== null && line.kind !== "bus";
      flow.setAttribute("class", `cell-flow ${signed ? (value < 0 ? "negative" : "positive") : ""}`);
      moving?.setAttribute("visibility", width < 5 ? "hidden" : "visible");
      const number = short(value, 3);
      title.textContent = signed ? number : put(this.data.words.size, { number });
    });
  }

  buildBox(box) {
    const group = this.group(box.names, `cell-${box.kind}`);
    if (box.opens && this.data.opens) {
      group.setAttribute("role", "button");
      group.setAttribute("tabindex", "0");
      group.dataset.open = box.opens;
      group.setAttribute("aria-label", put(this.data.words.opens, { name: this.data.spoken[box.opens] ?? box.opens }));
    }
    const { x, y, width, height } = box;
    if (box.kind === "strip") this.buildStrip(group, box);
    else if (box.kind === "valve") this.buildValve(group, box);
    else if (box.kind === "sign") {
      group.append(draw("circle", { cx: x + width / 2, cy: y + height / 2, r: width / 2 }));
      group.append(text(x + width / 2, y + height / 2 + 4.5, box.text, "middle", "cell-operator"));
    } else if (box.kind === "squash") this.buildSquash(group, box);
    else this.buildTower(group, box);
  }

  /** Units from top to bottom, in colour, with the letter above. */
  buildStrip(group, box) {
    const { x, y, width, height } = box;
    const narrow = !this.wide;
    group.append(symbol(x + width / 2, y - 6, box.text, "middle", narrow ? 11 : 15));
    const image = this.buildUnits(group, box, x, y, width, height, true);
    const note = group.appendChild(text(x + width / 2, y + height + 14, "", "middle", "cell-note"));
    const name = box.id;
    this.painters.push((step) => {
      this.paintUnits(image, box.node[1], step);
      if (name !== "input") return;
      note.textContent = clipped(this.data.tokens[step], narrow ? 7 : 14);
    });
  }

  buildUnits(group, box, x, y, width, height, upright) {
    group.append(draw("rect", { x: x - 0.5, y: y - 0.5, width: width + 1, height: height + 1, class: "cell-frame" }));
    const image = group.appendChild(draw("image", { x, y, width, height, preserveAspectRatio: "none" }));
    const mark = group.appendChild(draw("path", { class: "cell-mark" }));
    const title = group.appendChild(draw("title"));
    Object.assign(image, { upright, mark, place: { x, y, width, height }, title });
    group.classList.add("cell-units");
    const unitAt = (event) => {
      const area = image.getBoundingClientRect();
      const share = upright ? (event.clientY - area.top) / area.height : (event.clientX - area.left) / area.width;
      const units = this.values[box.node[1]].units;
      return Math.min(units - 1, Math.max(0, Math.floor(share * units)));
    };
    image.addEventListener("pointermove", (event) => {
      const unit = unitAt(event);
      const told = { name: this.data.spoken[box.node[1]], unit, number: short(this.at(box.node, this.shown, unit), 3) };
      title.textContent = put(box.node[1] === "input" ? this.data.words.feature : this.data.words.number, told);
    });
    image.addEventListener("click", (event) => {
      if (box.node[1] === "input") return;
      event.stopPropagation();
      this.choose(unitAt(event));
    });
    return image;
  }

  paintUnits(image, name, step) {
    const { units, numbers } = this.values[name];
    const { palette, reach } = this.data.scales[name];
    const { x, y, width, height } = image.place;
    const length = Math.min(1200, Math.max(Math.round((image.upright ? height : width) * 2), units));
    const canvas = make("canvas");
    [canvas.width, canvas.height] = image.upright ? [1, length] : [length, 1];
    const brush = canvas.getContext("2d");
    const colors = this.data.palettes[palette];
    for (let place = 0; place < length; place++) {
      const value = numbers[step * units + Math.floor((place / length) * units)];
      brush.fillStyle = colorOf(colors, palette === "gate" ? value : (value / reach + 1) / 2);
      brush.fillRect(image.upright ? 0 : place, image.upright ? place : 0, 1, 1);
    }
    image.setAttribute("href", canvas.toDataURL());
    const one = this.unit !== null && name !== "input";
    image.mark.setAttribute("visibility", one ? "visible" : "hidden");
    if (!one) return;
    const middle = (this.unit + 0.5) / units;
    const at = image.upright ? y + middle * height : x + middle * width;
    image.mark.setAttribute("d", image.upright
      ? `M${x - 2} ${at}l-6 -3.5v7zM${x + width + 2} ${at}l6 -3.5v7z` : `M${at} ${y + height + 1}l-3.5 5h7z`);
  }

  /** A gate on a flow: two jaws that leave open as much of the way as its value. */
  buildValve(group, box) {
    const { x, y, width, height, upright } = box;
    group.append(draw("rect", { x: x - 1, y: y - 1, width: width + 2, height: height + 2, rx: 3, class: "cell-gateway" }));
    const jaws = [0, 1].map(() => group.appendChild(draw("rect", { class: "cell-jaw", x, y, width, height })));
    const title = group.appendChild(draw("title"));
    const label = this.wide || !upright;
    const [lx, ly, anchor] = [upright ? x + width + 5 : x + width / 2 + 5, upright ? y + height / 2 + 4 : y - 7, "start"];
    const note = label ? group.appendChild(text(lx, ly, "", anchor, "cell-note")) : null;
    this.painters.push((step) => {
      const value = this.unit === null ? this.mean(box.node, step, (each) => each) : this.at(box.node, step, this.unit);
      const shut = (Math.min(1, Math.max(0, 1 - value)) / 2) * (upright ? width : height);
      const side = upright ? "width" : "height";
      for (const jaw of jaws) jaw.style[side] = `${shut}px`;
      jaws[1].style[upright ? "x" : "y"] = `${(upright ? x + width : y + height) - shut}px`;
      title.textContent = put(this.data.words.open, { name: box.text, number: short(value, 3), share: Math.round(100 * value) });
      if (note) note.textContent = `${this.wide ? `${box.text} = ` : ""}${this.figure(value)}`;
    });
  }

  buildSquash(group, box) {
    const { x, y, width, height } = box;
    group.append(draw("rect", { x, y, width, height, rx: 8 }));
    const middle = x + width / 2;
    const name = group.appendChild(text(middle, y + height / 2 + 4.5, box.text, "middle", "cell-function"));
    const sum = group.appendChild(text(middle, y + height - 5, "", "middle", "cell-value"));
    this.painters.push((step) => {
      const one = this.unit !== null && box.node;
      name.setAttribute("y", one ? y + 13 : y + height / 2 + 4.5);
      sum.textContent = one ? short(this.at(box.node, step, this.unit), 2, true) : "";
    });
  }

  /** A gate, a candidate, or what was gathered: letter, number, a row of units, and its name. */
  buildTower(group, box) {
    const { x, y, width, height } = box;
    group.append(draw("rect", { x, y, width, height, rx: 7, class: "cell-box" }));
    const pad = this.wide ? 9 : 4;
    group.append(symbol(x + pad, y + (this.wide ? 19 : 15), box.text, "start", this.wide ? 15 : 12));
    const value = this.wide
      ? text(x + width - pad, y + 19, "", "end", "cell-value")
      : text(x + width / 2, y + 42, "", "middle", "cell-value");
    group.append(value);
    const row = this.wide ? [x + pad, y + 28, width - 2 * pad, 12] : [x + pad, y + 20, width - 2 * pad, 9];
    const image = this.buildUnits(group, box, ...row, false);
    const held = box.id === this.data.held;
    group.classList.toggle("held", held);
    const spoken = this.data.spoken[box.id];
    const name = held ? put(this.data.words.held, { name: spoken }) : spoken;
    const fits = held || name.length * LETTER <= width + OVERHANG;
    if (this.wide && fits) group.append(text(x + width / 2, y + height - 8, name, "middle", "cell-name"));
    const bounded = this.data.scales[box.id].palette === "gate";
    this.painters.push((step) => {
      this.paintUnits(image, box.id, step);
      const number = this.unit === null
        ? this.mean(box.node, step, bounded ? (each) => each : Math.abs) : this.at(box.node, step, this.unit);
      const sign = this.unit !== null && !bounded;
      value.textContent = (this.unit === null && !bounded && this.wide ? "±" : "") + (sign ? short(number, 2, true) : this.figure(number));
    });
  }

  buildNumber({ x, y, anchor, names, node }) {
    const group = this.group(names, "cell-number");
    const number = group.appendChild(text(x, y, "", anchor, "cell-value"));
    this.painters.push((step) => {
      number.textContent = this.unit === null ? "" : short(this.at(node, step, this.unit), 2, true);
    });
  }

  /** A gate's value: with three digits where it is almost 0 or 1. */
  figure(value) {
    return short(value, this.unit !== null && this.wide && (value > 0.99 || value < 0.01) ? 3 : 2);
  }

  buildBar() {
    const { data } = this;
    const { words, noun } = data;
    const button = (label, letter, act) => {
      const made = Object.assign(make("button", "cell-button"), { type: "button", title: label, textContent: letter });
      made.setAttribute("aria-label", label);
      made.addEventListener("click", (event) => (event.stopPropagation(), act()));
      return made;
    };
    this.play = button(words.play, "▶", () => (this.playing ? this.pause() : this.start()));
    this.slider = Object.assign(make("input", "cell-slider"), { type: "range", min: 0, max: this.steps - 1, step: 1 });
    this.slider.setAttribute("aria-label", put(words.shown, { noun }));
    this.slider.addEventListener("input", () => (this.pause(), this.go(Number(this.slider.value))));
    this.where = make("span", "cell-where");
    const chosen = make("select", "cell-select");
    chosen.setAttribute("aria-label", words.units);
    const choices = [[-1, words.all], ...data.order.map((unit) => [unit, put(words.unit, { unit })])];
    chosen.append(...choices.map(([value, label]) => Object.assign(make("option"), { value, textContent: label })));
    chosen.value = data.unit ?? -1;
    chosen.addEventListener("change", () => this.choose(Number(chosen.value) < 0 ? null : Number(chosen.value)));
    this.chosen = chosen;
    this.bar.replaceChildren(
      button(put(words.before, { noun }), "◀", () => (this.pause(), this.go(this.shown - 1))), this.play,
      button(put(words.next, { noun }), "▶▏", () => (this.pause(), this.go(this.shown + 1))), this.slider, this.where, chosen,
      this.saving = button(words.save, "SVG", () => this.save()),
    );
    this.saving.classList.add("cell-save");
    this.dressPlay();
  }

  buildEquations() {
    this.equations.replaceChildren(...this.data.equations.map(({ math, names, title }) => {
      const row = make("div", "cell-equation");
      if (names) row.dataset.names = names;
      row.tabIndex = names ? 0 : -1;
      row.innerHTML = math;
      row.prepend(Object.assign(make("span", "cell-title"), { textContent: title }));
      return row;
    }));
  }

  buildLegend() {
    const bar = (palette, low, high, label) => {
      const item = make("span", "cell-key");
      const stripe = make("span", "cell-stripe");
      stripe.style.background = `linear-gradient(90deg, ${this.data.palettes[palette].map(([at, color]) => `${color} ${100 * at}%`)})`;
      item.append(`${label} ${low} `, stripe, ` ${high}`);
      return item;
    };
    const { words } = this.data;
    const say = (textContent) => Object.assign(make("span", "cell-key"), { textContent });
    const reach = this.data.scales.hidden_state.reach;
    this.legend.replaceChildren(
      bar("signed", short(-reach, reach >= 10 ? 0 : 1), short(reach, reach >= 10 ? 0 : 1, true), words.stripe),
      bar("gate", words.closed, words.opened, words.gates),
      say(words.widths),
      this.legendOfSign = say(""),
    );
  }

  // -- moving ----------------------------------------------------------------------------------------------------------

  paint(step = this.shown) {
    if (!this.layout) return;
    this.painters.forEach((paint) => paint(step));
    const { tokens, noun, first, count, sentences, words } = this.data;
    const place = put(words.place, { noun, n: first + step + 1, count });
    this.slider.value = step;
    const named = tokens[step] !== String(first + step + 1);
    this.slider.setAttribute("aria-valuetext", named ? `${place}: ${tokens[step]}` : place);
    this.where.replaceChildren(`${place} `, Object.assign(make("b"), { textContent: named ? `“${clipped(tokens[step], 24)}”` : "" }));
    this.sentence.textContent = sentences[step];
    this.legendOfSign.textContent = this.unit === null ? words.mean : words.signs;
    this.paintTable(step);
  }

  /** The numbers for those who do not see the picture. */
  paintTable(step) {
    const rows = this.layout.boxes.filter(({ node, kind }) => node && ["strip", "gate", "candidate", "gathered", "valve"].includes(kind));
    const { words } = this.data;
    const which = this.unit === null ? words.average : put(words.unit, { unit: this.unit });
    const caption = Object.assign(make("caption"), { textContent: put(words.at, { name: this.data.cell, token: this.data.tokens[step], which }) });
    this.table.replaceChildren(caption, ...rows.map(({ node, kind, text: letter, names }) => {
      const row = make("tr");
      const alone = this.unit === null || node[1] === "input";
      const value = alone ? this.mean(node, step, (each) => each) : this.at(node, step, this.unit);
      const name = kind === "valve" ? put(words.valve, { name: letter }) : this.data.spoken[names[0]];
      row.append(Object.assign(make("th"), { scope: "row", textContent: name }), Object.assign(make("td"), { textContent: short(value, 4) }));
      return row;
    }));
  }

  go(step) {
    const next = Math.min(Math.max(step, 0), this.steps - 1);
    if (next === this.shown) return;
    this.shown = next;
    this.paint();
    this.moved?.(next + this.data.first);
    clearTimeout(this.resting);
    if (!this.playing) this.resting = setTimeout(() => this.tell({ step: this.shown + this.data.first }), 900);
  }

  start() {
    const [from, way] = this.data.backward ? [this.steps - 1, -1] : [0, 1];
    if (this.shown === this.steps - 1 - from) this.go(from);
    this.playing = setInterval(() => {
      const next = this.shown + way;
      if (next < 0 || next >= this.steps) this.pause();
      else this.go(next);
    }, PAUSE);
    this.dressPlay();
  }

  pause() {
    clearInterval(this.playing);
    const played = this.playing;
    this.playing = null;
    this.dressPlay();
    if (played) this.tell({ step: this.shown + this.data.first });
  }

  dressPlay() {
    this.root.classList.toggle("playing", Boolean(this.playing));
    if (!this.play) return;
    this.play.textContent = this.playing ? "❚❚" : "▶";
    this.play.title = this.playing ? this.data.words.pause : this.data.words.play;
    this.play.setAttribute("aria-label", this.play.title);
  }

  choose(unit) {
    this.unit = unit;
    this.chosen.value = unit ?? -1;
    this.widest.clear();
    this.paint();
    this.tell(unit === null ? { all: true } : { unit });
  }

  open(target) {
    const name = target.closest?.("[data-open]")?.dataset.open;
    if (!name) return;
    const unit = this.unit ?? this.data.telling[this.shown];
    this.tell({ open: name, step: this.shown + this.data.first, unit });
  }

  press(event) {
    if (event.target.closest("select, input")) return;
    const moves = { ArrowRight: this.shown + 1, ArrowLeft: this.shown - 1, Home: 0, End: this.steps - 1 };
    if (event.key in moves) (this.pause(), this.go(moves[event.key]));
    else if ((event.key === "Enter" || event.key === " ") && event.target.closest("[data-open]")) this.open(event.target);
    else if (event.key === " " && !event.target.closest("button")) this.playing ? this.pause() : this.start();
    else return;
    event.preventDefault();
  }

  /** Everything that stands for the same quantity lights up, in the picture and in the equations. */
  light(target) {
    const names = target?.closest?.("[data-names]")?.dataset.names?.split(" ") ?? [];
    const wanted = names[0] ?? "";
    if (wanted === this.lit) return;
    this.lit = wanted;
    this.root.classList.toggle("pointing", Boolean(wanted));
    for (const element of this.root.querySelectorAll("[data-names]")) {
      element.classList.toggle("lit", Boolean(wanted) && element.dataset.names.split(" ").includes(wanted));
    }
  }

  save() {
    const copy = this.svg.cloneNode(true);
    copy.setAttribute("xmlns", SVG);
    const [from, to] = [this.svg, copy].map((svg) => [svg, ...svg.querySelectorAll("*")]);
    const kept = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "fill-opacity", "opacity", "font-size",
      "font-weight", "font-family", "paint-order", "stroke-linecap", "stroke-linejoin", "width", "height", "x", "y"];
    from.forEach((element, place) => {
      const style = getComputedStyle(element);
      to[place].setAttribute("style", kept.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
    });
    copy.style.cssText = `background:${getComputedStyle(this.root).getPropertyValue("--st-background-color") || "#fff"}`;
    copy.querySelectorAll(".cell-moving").forEach((moving) => moving.remove());
    const token = this.data.tokens[this.shown];
    copy.prepend(Object.assign(draw("title"), { textContent: `${this.data.cell} at “${token}”. ${this.data.sentences[this.shown]}` }));
    const file = new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" });
    const link = Object.assign(make("a"), { href: URL.createObjectURL(file), download: `${this.data.name ?? "cell"}.svg` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
}

/** A text with its fields, such as `{name}`, put in. */
function put(words, fields) {
  return words.replace(/\{(\w+)\}/g, (_, field) => fields[field]);
}

function make(tag, name = "") {
  return Object.assign(document.createElement(tag), { className: name });
}

function draw(tag, attributes = {}) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function text(x, y, content, anchor, name) {
  const made = draw("text", { x, y, "text-anchor": anchor, class: name });
  made.textContent = content;
  return made;
}

/** A letter with what stands below it. */
function symbol(x, y, written, anchor, size) {
  const [letter, below = ""] = written.split("_");
  const made = text(x, y, "", anchor, "cell-symbol");
  made.style.fontSize = `${size}px`;
  made.append(Object.assign(draw("tspan"), { textContent: letter }));
  const low = draw("tspan", { dy: size * 0.25, "font-size": Math.max(size * 0.72, 9), class: "cell-below" });
  low.textContent = below;
  made.append(low);
  return made;
}

/** A number with so many digits after the point, with a true minus sign. */
function short(value, digits, signed = false) {
  const said = Math.abs(value).toFixed(digits);
  const zero = Number(said) === 0;
  return (zero ? "" : value < 0 ? "−" : signed ? "+" : "") + said;
}

function clipped(label, most) {
  const letters = [...label];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : label;
}

function colorOf(colors, share) {
  const at = Math.min(1, Math.max(0, share));
  const above = colors.findIndex(([place]) => place >= at);
  if (above <= 0) return colors[Math.max(above, 0)][1];
  const [[low, dark], [high, bright]] = [colors[above - 1], colors[above]];
  const part = (at - low) / (high - low);
  const mixed = [1, 3, 5].map((start) => {
    const [from, to] = [dark, bright].map((color) => parseInt(color.slice(start, start + 2), 16));
    return Math.round(from + (to - from) * part);
  });
  return `rgb(${mixed.join(",")})`;
}
