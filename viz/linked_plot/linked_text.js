// A text exactly as typed, each token of which can be pointed at, focused and clicked, in step with the figures of its group.

import { announce, listen } from "./hover_link.js";

const SETTLED = 500; // milliseconds after which Streamlit has taken an element off the page, if it is going to
const texts = new WeakMap();

/** Entry point: Streamlit calls it at every change of data or theme, and the returned function when the text leaves the page. */
export default function linkedText(call) {
  const { data, parentElement, setTriggerValue } = call;
  let text = texts.get(parentElement);
  if (!text) texts.set(parentElement, (text = new LinkedText(parentElement)));
  else if (text.box.parentNode !== parentElement) parentElement.append(text.box); // the page was drawn anew around it
  const before = text.call;
  text.call = call;
  const run = text.update(data, setTriggerValue);
  return () => {
    if (run !== text.runs) return; // a later call has taken over
    texts.delete(parentElement);
    text.remove();
    // Calls can come in the wrong order, an overtaken one last: then what the one before it showed comes back.
    setTimeout(() => parentElement.isConnected && !texts.has(parentElement) && linkedText(before ?? call), SETTLED);
  };
}

class LinkedText {
  runs = 0;
  call = null;
  tokens = [];
  lit = null;
  announced = false;

  constructor(parent) {
    this.box = document.createElement("div");
    this.box.className = "linked-text";
    this.box.dir = "auto";
    this.box.setAttribute("role", "group");
    parent.append(this.box);
    for (const kind of ["mouseover", "focusin"]) this.box.addEventListener(kind, ({ target }) => this.say(this.itemOf(target)));
    for (const kind of ["mouseleave", "focusout"]) this.box.addEventListener(kind, () => this.say(null));
    this.box.addEventListener("click", ({ target }) => this.click(this.itemOf(target)));
    this.box.addEventListener("keydown", (event) => this.press(event));
    this.deafen = listen((group, item) => group === this.data.group && this.light(item));
  }

  update(data, setTriggerValue) {
    const rebuilt = JSON.stringify(data.pieces) !== JSON.stringify(this.data?.pieces);
    Object.assign(this, { data, setTriggerValue });
    this.box.setAttribute("aria-label", data.words.name);
    if (rebuilt) this.build();
    this.tokens.forEach((token, item) => this.dress(token, item));
    this.rove(data.selected ?? 0);
    return ++this.runs;
  }

  remove() {
    this.deafen();
    this.say(null);
    this.box.remove();
  }

  build() {
    this.tokens = [];
    this.box.replaceChildren(...this.data.pieces.map((piece, i) => {
      if (i % 2 === 0) return document.createTextNode(piece);
      const token = document.createElement("span");
      token.textContent = piece;
      if (piece) token.setAttribute("role", "button"); // an empty place is there only to be lit
      this.tokens.push(token);
      return token;
    }));
  }

  dress(token, item) {
    const { marks, values, notes, selected } = this.data;
    const value = values?.[item] ?? 0;
    const sign = value > 0 ? "positive" : value < 0 ? "negative" : "";
    const states = [item === selected && "selected", item === this.lit && "lit"];
    token.className = ["token", marks[item], sign, ...states].filter(Boolean).join(" ");
    token.style.setProperty("--amount", Math.abs(value));
    if (!token.textContent) return;
    token.title = notes[item] ?? "";
    token.setAttribute("aria-description", notes[item] ?? "");
    token.setAttribute("aria-pressed", item === selected);
  }

  itemOf(target) {
    const item = this.tokens.indexOf(target);
    return item < 0 ? null : item;
  }

  say(item) {
    if (item === null && !this.announced) return;
    this.announced = item !== null;
    announce(this.data.group, item);
  }

  light(item) {
    this.tokens[this.lit]?.classList.remove("lit");
    this.lit = item;
    const token = this.tokens[item];
    if (!token) return;
    token.classList.add("lit");
    const [inner, outer] = [token.getBoundingClientRect(), this.box.getBoundingClientRect()];
    if (inner.top < outer.top) this.box.scrollTop -= outer.top - inner.top + 8;
    else if (inner.bottom > outer.bottom) this.box.scrollTop += inner.bottom - outer.bottom + 8;
  }

  click(item) {
    if (item === null) return;
    this.rove(item);
    this.setTriggerValue("click", item);
  }

  /** The text is one stop of the Tab key; the arrows move within it. */
  press(event) {
    const item = this.itemOf(event.target);
    if (item === null) return;
    const last = this.tokens.length - 1;
    const [forward, back] = getComputedStyle(this.box).direction === "rtl" ? [-1, 1] : [1, -1];
    const moves = { ArrowRight: item + forward, ArrowLeft: item + back, Home: 0, End: last };
    if (event.key === "Enter" || event.key === " ") this.click(item);
    else if (event.key in moves) this.tokens[this.rove(Math.min(Math.max(moves[event.key], 0), last))].focus();
    else return;
    event.preventDefault();
  }

  rove(item) {
    this.tokens.forEach((token, i) => (token.tabIndex = i === item ? 0 : -1));
    return item;
  }
}
