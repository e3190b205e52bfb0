// A Plotly figure on a Streamlit page: it keeps its zoom when its data change, gives clicks to Python, and shares hover
// with its group.

import { announce, listen } from "./hover_link.js";
import { CellKeys } from "./cell_keys.js";
import { walkFrames } from "./frame_keys.js";
import { highlight } from "./highlight.js";
import { Sound } from "./sound.js";
import { dress, readTheme, signature } from "./theme.js";
import { fitTicks, fitTitles, place } from "./ticks.js";
import { forgetZoom, Zoom } from "./zoom.js";

const HEIGHT = 380;
const [TITLE, LINE] = [34, 16]; // pixels of the title and of a line below it, above a figure that is saved
const DOUBLE_CLICK = 300; // milliseconds
const SETTLED = 500; // milliseconds after which Streamlit has taken an element off the page, if it is going to
const TOUCH = window.matchMedia("(hover: none)").matches;
const PRINTER = { width: 24, height: 24, path: "M19 8H5c-1.7 0-3 1.3-3 3v6h4v4h12v-4h4v-6c0-1.7-1.3-3-3-3zm-3 11H8v-5h8zm3-7"
  + "c-.6 0-1-.4-1-1s.4-1 1-1 1 .4 1 1-.4 1-1 1zm-1-9H6v4h12z" };
const NEEDLESS = ["toImage", "select2d", "lasso2d", "autoScale2d", "hoverClosestCartesian", "hoverCompareCartesian",
  "toggleSpikelines", "tableRotation", "resetCameraLastSave3d", "hoverClosest3d"];

/** Of the points under a click, which a hover label may unite across curves, the one next to the pointer. */
function nearest(points, event, gd) {
  const top = gd.getBoundingClientRect().top;
  const away = ({ yaxis, y }) => Math.abs(top + yaxis._offset + yaxis.d2p(y) - event.clientY);
  if (points.length < 2 || points.some(({ yaxis }) => !yaxis)) return points[0];
  return points.reduce((best, point) => (away(point) < away(best) ? point : best));
}

const loading = new Map();
const figures = new WeakMap();

/** Entry point: Streamlit calls it at every change of data or theme, and the returned function when the figure leaves the page. */
export default function linkedPlot(call) {
  const { data, parentElement, root, setTriggerValue } = call;
  let figure = figures.get(parentElement);
  if (!figure) figures.set(parentElement, (figure = new LinkedPlot(parentElement)));
  else if (figure.box.parentNode !== parentElement) parentElement.append(figure.box); // the page was drawn anew around it
  const before = figure.call;
  figure.call = call;
  const run = figure.update(data, root, setTriggerValue);
  return () => {
    if (run !== figure.runs) return; // a later call has taken over
    figures.delete(parentElement);
    figure.remove();
    // Calls can come in the wrong order, an overtaken one last: then what the one before it showed comes back.
    setTimeout(() => parentElement.isConnected && !figures.has(parentElement) && linkedPlot(before ?? call), SETTLED);
  };
}

/** One of Plotly's bundles, fetched once per page however many figures ask for it. */
function loadPlotly(address) {
  if (!loading.has(address)) loading.set(address, fetchPlotly(address));
  return loading.get(address);
}

function fetchPlotly(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => (window.Plotly ? resolve(window.Plotly) : reject(new Error(`${address} defined nothing`)));
    script.onerror = () => reject(new Error(`could not load ${address}`));
    document.head.append(script);
  }).catch((error) => {
    loading.delete(address); // the next figure tries again
    throw error;
  });
}

class LinkedPlot {
  runs = 0;
  call = null;
  item = null;
  announced = false;
  drawn = {};
  shownTicks = new Map();
  titles = new Map();

  constructor(parent) {
    this.box = element("div", "linked-plot");
    this.gd = element("div", "linked-plot-figure");
    this.overlay = element("div", "linked-plot-overlay");
    this.box.setAttribute("role", "figure");
    this.box.append(this.gd, this.overlay, ...(TOUCH ? [this.tools()] : []));
    this.keys = new CellKeys(this.box);
    this.box.addEventListener("keydown", (event) => event.target === this.box && this.press(event));
    this.box.addEventListener("focusout", () => this.Plotly && this.keys.leave(this.Plotly, this.gd));
    parent.append(this.box);
    this.observer = new ResizeObserver(() => this.refresh());
    this.observer.observe(this.box);
    this.zoom = new Zoom((part) => this.removed || this.setTriggerValue("zoom", part));
    this.deafen = listen((group, item) => group === this.data.group && this.point(item));
  }

  /** Where there is no pointer that could call them up, Plotly's buttons would lie on the figure for ever: one shows and hides them. */
  tools() {
    const button = (this.button = element("button", "linked-plot-tools"));
    Object.assign(button, { type: "button", textContent: "⤢" });
    const show = (shown) => {
      button.setAttribute("aria-expanded", shown);
      this.box.classList.toggle("linked-plot-bare", !shown);
    };
    button.addEventListener("click", () => show(button.getAttribute("aria-expanded") !== "true"));
    show(false);
    return button;
  }

  /** A figure that plays is stepped with the arrows, and its points are reached with Shift; any other with the arrows alone. */
  press(event) {
    const plays = this.gd._fullLayout?.sliders?.length;
    if (plays && !event.shiftKey && event.key !== "Enter" && event.key !== "Escape") walkFrames(this.Plotly, this.gd, event);
    else if (this.keys.press(this.Plotly, this.gd, event, (point) => this.click(point), this.data.link?.points?.[0])) event.preventDefault();
  }

  update(data, root, setTriggerValue) {
    Object.assign(this, { data, setTriggerValue, address: new URL(data.plotly, root).href });
    this.box.setAttribute("aria-label", data.alt);
    this.box.setAttribute("aria-description", data.words.keys);
    if (this.button) for (const name of ["title", "aria-label"]) this.button.setAttribute(name, data.words.tools);
    this.box.style.minHeight = `${data.height ?? HEIGHT}px`;
    this.hear(data);
    this.refresh();
    return ++this.runs;
  }

  /** The sound that the figure shows, if it shows one. */
  hear({ sound, clock, words }) {
    if (!sound) this.sound?.remove();
    this.sound = sound ? (this.sound ?? new Sound(this.box, (item) => this.say(item))) : null;
    this.sound?.load(sound, clock, words.play);
  }

  remove() {
    this.removed = true;
    this.sound?.remove();
    this.zoom.remove();
    this.observer.disconnect();
    this.deafen();
    this.say(null);
    if (!this.busy) this.Plotly?.purge(this.gd); // else when the drawing under way has ended
    this.box.remove();
  }

  /** Draw what has changed; calls made while drawing are answered by one more drawing at the end. */
  async refresh() {
    this.stale = true;
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.stale && !this.removed) {
        this.stale = false;
        await this.draw();
      }
    } catch (error) {
      if (!this.removed) this.complain(error);
    } finally {
      this.busy = false;
      if (this.removed) this.Plotly?.purge(this.gd);
    }
  }

  async draw() {
    const room = this.box.clientWidth;
    if (!room) return; // in a closed tab or expander; the observer calls again when it opens
    const width = Math.max(room, this.data.least ?? 0); // what is wider than the page is scrolled sideways
    this.overlay.style.width = `${width}px`;
    this.box.classList.toggle("linked-plot-wide", width > room);
    await this.change(this.address);
    if (this.removed) return;
    const theme = readTheme(this.box);
    const shape = JSON.stringify([this.data.ticks, this.data.look]);
    const now = { figure: this.data.figure, theme: signature(theme), shape };
    const same = Object.keys(now).every((key) => now[key] === this.drawn[key]);
    if (same && width !== this.drawn.width) await this.Plotly.relayout(this.gd, { width });
    if (!same) await this.react(theme, width);
    this.drawn = { ...now, width };
    await this.fit();
    this.open();
  }

  /** Draw with the bundle at `address` from now on; what another one drew goes first. */
  async change(address) {
    if (address === this.drawnBy) return;
    const plotly = await loadPlotly(address);
    if (this.removed) return;
    this.Plotly?.purge(this.gd);
    Object.assign(this, { Plotly: plotly, drawnBy: address, drawn: {} });
  }

  /** Scroll a figure wider than the page to what it opens at, once: then the person's own place stays. */
  open() {
    if (this.opened || this.removed) return;
    this.opened = true;
    const { axis, position } = this.data.open ?? {};
    const { _offset, d2p } = this.gd._fullLayout[axis?.replace("x", "xaxis")] ?? {};
    if (d2p) this.box.scrollLeft = _offset + d2p(position) - this.box.clientWidth / 2;
  }

  async react(theme, width) {
    const figure = JSON.parse(this.data.figure);
    const { layout } = figure;
    dress(figure, theme, this.data.look);
    Object.assign(layout, { width, height: layout.height ?? HEIGHT, autosize: false });
    layout.uirevision ??= "keep";
    if (TOUCH) layout.dragmode ??= false; // one finger scrolls the page; the buttons zoom
    const first = !this.gd._fullLayout;
    this.margin = layout.margin.l;
    this.shownTicks.clear();
    this.titles = titlesOf(layout);
    const asked = ranges(layout);
    const homes = new Map([...asked, ...(this.data.zoom ? [["xaxis", this.data.zoom.whole]] : [])]);
    const yields = this.data.zoom && this.zoom.yields(this.data.zoom);
    if (!first) {
      this.restart();
      if (yields) forgetZoom(this.gd);
      keepZoom(this.gd, asked, extents(homes, this.data.ticks));
      place(layout, this.ticksNow(asked));
    }
    this.theme = theme;
    const config = first ? { config: this.config() } : {};
    this.box.tabIndex = 0;
    await this.Plotly.react(this.gd, { data: figure.data, layout, frames: figure.frames ?? [], ...config });
    if (first) this.wire();
    for (const [axis, range] of homes) setHome(this.gd._fullLayout[axis], range);
    this.sentence?.remove();
    this.box.style.minHeight = `${layout.height}px`;
  }

  config() {
    const save = (format, icon, scale) => ({
      name: `save-${format}`, title: this.data.words.save.replace("{kind}", format.toUpperCase()), icon, click: () => this.save(format, scale),
    });
    const { camera, disk } = this.Plotly.Icons;
    return {
      displaylogo: false,
      locale: "said", // what Plotly writes on its buttons, in the language of the page
      locales: { said: { dictionary: this.data.words.plotly } },
      showSendToCloud: false, // nobody's text leaves this page
      displayModeBar: TOUCH ? true : "hover",
      doubleClick: TOUCH ? false : "reset+autosize", // a tap comes as two clicks
      modeBarButtonsToRemove: NEEDLESS,
      modeBarButtonsToAdd: [save("svg", disk, 1), save("png", camera, 3), {
        name: "save-pdf", title: this.data.words.print, icon: PRINTER, click: () => this.print(),
      }],
    };
  }

  wire() {
    this.gd.on("plotly_hover", ({ points }) => this.say(this.itemOf(points[0])));
    this.gd.on("plotly_unhover", () => this.say(null));
    this.gd.on("plotly_click", ({ points, event }) => this.clickSoon(nearest(points, event, this.gd), event));
    this.gd.on("plotly_doubleclick", () => clearTimeout(this.clicking));
    this.gd.on("plotly_relayout", () => (this.fit(), this.look()));
    this.gd.on("plotly_relayouting", () => (this.overlay.replaceChildren(), this.sound?.place(this.gd)));
    this.gd.on("plotly_afterplot", () => (this.point(this.item), this.sound?.place(this.gd)));
    this.gd.on("plotly_animationinterrupted", forgiveInterruption);
    document.fonts?.ready.then(() => this.refresh());
  }

  /** Tell Python which part a person zoomed to, where the figure is one that can be drawn finer. */
  look() {
    const range = this.gd._fullLayout?.xaxis?.range;
    if (this.data.zoom && range && !this.removed) this.zoom.look(this.data.zoom, range);
  }

  itemOf(point) {
    const { axis = "", points = [] } = this.data.link ?? {};
    if (points.includes(point.curveNumber)) return point.pointNumber;
    if (!axis || !point.xaxis) return null;
    const item = Math.round(axis.startsWith("x") ? point.xaxis.d2c(point.x) : point.yaxis.d2c(point.y));
    return Number.isFinite(item) ? item : null;
  }

  say(item) {
    if (item === null && !this.announced) return;
    this.announced = item !== null;
    announce(this.data.group, item);
  }

  point(item) {
    this.item = item;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (!this.removed && this.gd._fullLayout) highlight(this.gd, this.overlay, this.data.link, this.item);
    });
  }

  /** A click counts once it is clear that it is not half of a double click, which resets the zoom. */
  clickSoon(point, event) {
    clearTimeout(this.clicking);
    if (event?.detail > 1) return;
    this.clicking = setTimeout(() => this.removed || this.click(point), DOUBLE_CLICK);
  }

  click({ curveNumber, x, y, z, customdata }) {
    const sendable = (value) => (ArrayBuffer.isView(value) ? Array.from(value) : (value ?? null));
    const [column, row, height, custom] = [x, y, z, customdata].map(sendable);
    this.setTriggerValue("click", { curve: curveNumber, x: column, y: row, z: height, customdata: custom });
  }

  /** Changes of layout that make the tick labels fit what is drawn, or what will be drawn with the ranges `asked` for. */
  ticksNow(asked = new Map()) {
    const full = this.gd._fullLayout;
    const axisOf = (name) => full[name] && {
      range: (isZoomed(this.gd, name) ? null : asked.get(name)) ?? full[name].range,
      length: full[name]._length,
      font: full[name].tickfont ?? full.font,
      start: full[name]._offset - full._size.l,
    };
    return fitTicks(this.data.ticks, axisOf, this.margin, this.shownTicks);
  }

  /** As `ticksNow`, for the titles of vertical axes. */
  titlesNow() {
    const full = this.gd._fullLayout;
    return fitTitles(this.titles, (name) => full[name] && { length: full[name]._length, title: full[name].title.font }, this.shownTicks);
  }

  async fit() {
    if (this.fitting || this.removed || !this.gd._fullLayout) return;
    this.fitting = true; // new labels may change the margins a little; that is no reason to choose again
    try {
      const changes = { ...this.ticksNow(), ...this.titlesNow() };
      if (Object.keys(changes).length) await this.Plotly.relayout(this.gd, changes);
    } catch (error) {
      if (!this.removed) throw error; // the figure left the page while it was being fitted
    } finally {
      this.fitting = false;
    }
  }

  /** Stop what plays: new data start from their beginning. */
  restart() {
    if (!this.gd._transitionData?._frames?.length) return;
    this.Plotly.animate(this.gd, [null], { mode: "immediate" }).catch(() => {});
    delete this.gd._fullLayout._currentFrame;
  }

  /** What is saved, in the colours of the page, with its size: above the figure its title, and what was read by which model. */
  picture() {
    const { width, height, margin } = this.gd._fullLayout;
    const [title, ...more] = this.data.heading;
    const room = title ? TITLE + LINE * more.length : 0;
    const text = [`<b>${title}</b>`, ...more.map((line) => `<span style="font-size:12px">${line}</span>`)].join("<br>");
    const heading = { text, x: 0, xref: "container", xanchor: "left", y: 1, yref: "container", yanchor: "top", font: { size: 15 } };
    const t = more.length ? 21 : 10; // Plotly puts a single line below this height, but the first of several on it
    const place = room ? { title: { ...heading, pad: { l: 12, t } }, margin: { ...this.gd.layout.margin, t: margin.t + room } } : {};
    const size = { width, height: height + room };
    return [{ data: this.gd.data, layout: { ...this.gd.layout, ...place, ...size, paper_bgcolor: this.theme.page } }, size];
  }

  async save(format, scale) {
    const [figure, size] = this.picture();
    await this.Plotly.downloadImage(figure, { format, scale, ...size, filename: this.data.name });
  }

  /** Print the figure alone, on a sheet of its size: browsers save that as a PDF of lines and letters, not of pixels. */
  async print() {
    const [figure, size] = this.picture();
    const svg = await this.Plotly.toImage(figure, { format: "svg", ...size });
    const sheet = element("iframe", "linked-plot-sheet");
    document.body.append(sheet);
    const { document: page } = sheet.contentWindow;
    page.title = this.data.name;
    const style = page.createElement("style");
    style.textContent = `@page { size: ${size.width}px ${size.height}px; margin: 0 } body { margin: 0 } svg { display: block }`;
    page.head.append(style);
    page.body.innerHTML = decodeURIComponent(svg.slice(svg.indexOf(",") + 1));
    sheet.contentWindow.addEventListener("afterprint", () => sheet.remove());
    sheet.contentWindow.print();
  }

  complain(error) {
    console.error(error);
    this.sentence?.remove();
    this.sentence = element("p", "linked-plot-sentence");
    this.sentence.setAttribute("role", "alert");
    this.sentence.textContent = this.Plotly
      ? this.data.words.undrawn
      : this.data.words.lost;
    this.box.append(this.sentence);
  }
}

function element(tag, name) {
  return Object.assign(document.createElement(tag), { className: name });
}

/** The ranges that a layout asks for, by axis name. */
function ranges(layout) {
  const axes = Object.entries(layout).filter(([name, axis]) => /^[xy]axis\d*$/.test(name) && axis.range?.length === 2);
  return new Map(axes.map(([name, axis]) => [name, [...axis.range]]));
}

/** The titles of a layout's vertical axes, by axis name. */
function titlesOf(layout) {
  const axes = Object.entries(layout).filter(([name, axis]) => /^yaxis\d*$/.test(name) && axis.title?.text);
  return new Map(axes.map(([name, axis]) => [name, axis.title.text]));
}

/** Where the data of an axis lie, as far as the layout or the words on the axis tell. */
function extents(asked, ticks) {
  const worded = ticks.map(({ axis, values }) => [axis.replace(/^([xy])/, "$1axis"), [Math.min(...values), Math.max(...values)]]);
  return new Map([...worded, ...asked]);
}

// Plotly notes in _preGUI what stood in the layout before a person changed it, and in _rangeInitial what its reset goes back to.

function isZoomed(gd, name) {
  const axis = gd._fullLayout[name];
  const touched = `${name}.range[0]` in (gd._fullLayout._preGUI ?? {});
  return touched && !(axis.range[0] === axis._rangeInitial0 && axis.range[1] === axis._rangeInitial1);
}

// uirevision keeps a zoom only while the figure asks for the same range as before, and a longer text asks for another one; it also
// keeps a zoom on what is no longer there. The play controls start again with the new data.
function keepZoom(gd, asked, extents) {
  const edits = gd._fullLayout._preGUI ?? {};
  for (const path of Object.keys(edits)) {
    const [, name, key, end] = path.match(/^([xy]axis\d*)\.(range|autorange)(?:\[([01])\])?$/) ?? [];
    if (/^(sliders|updatemenus)\[/.test(path) || (asked.has(name) && !isZoomed(gd, name))) delete edits[path];
    else if (extents.has(name) && !overlap(gd._fullLayout[name].range, extents.get(name))) delete edits[path];
    else if (asked.has(name)) edits[path] = key === "autorange" ? null : end === undefined ? asked.get(name) : asked.get(name)[end];
  }
}

function overlap(one, other) {
  return Math.max(...one) > Math.min(...other) && Math.min(...one) < Math.max(...other);
}

function setHome(axis, [start, end]) {
  if (axis) Object.assign(axis, { _rangeInitial0: start, _rangeInitial1: end });
}

// Plotly answers an interrupted animation by rejecting a promise that nobody can catch; it is no error.
function forgiveInterruption() {
  const forgive = (event) => event.reason === undefined && event.preventDefault();
  window.addEventListener("unhandledrejection", forgive);
  setTimeout(() => window.removeEventListener("unhandledrejection", forgive), 100);
}
