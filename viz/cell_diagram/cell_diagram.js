// The picture of a cell on a Streamlit page, in step with the figures and texts of its group.

import { announce, listen } from "../linked_plot/hover_link.js";
import { CellDrawing } from "./drawing.js";

const SETTLED = 500; // milliseconds after which Streamlit has taken an element off the page, if it is going to
const pictures = new WeakMap();

/** Entry point: Streamlit calls it at every change of data or theme, and the returned function when the picture leaves the page. */
export default function cellDiagram(call) {
  const { data, parentElement, setTriggerValue } = call;
  let picture = pictures.get(parentElement);
  if (!picture) pictures.set(parentElement, (picture = new LinkedCell(parentElement)));
  else if (picture.box.parentNode !== parentElement) parentElement.append(picture.box); // the page was drawn anew around it
  const before = picture.call;
  picture.call = call;
  const run = picture.update(data, setTriggerValue);
  return () => {
    if (run !== picture.runs) return; // a later call has taken over
    pictures.delete(parentElement);
    picture.remove();
    // Calls can come in the wrong order, an overtaken one last: then what the one before it showed comes back.
    setTimeout(() => parentElement.isConnected && !pictures.has(parentElement) && cellDiagram(before ?? call), SETTLED);
  };
}

class LinkedCell {
  runs = 0;
  call = null;
  announced = null;

  constructor(parent) {
    this.box = document.createElement("div");
    this.box.className = "cell-diagram";
    this.box.tabIndex = 0;
    this.box.setAttribute("role", "group");
    parent.append(this.box);
    this.drawing = new CellDrawing(this.box, (what) => this.tell(what));
    this.drawing.moved = (step) => this.say(step);
    for (const kind of ["mouseleave", "focusout"]) this.box.addEventListener(kind, () => this.say(null));
    this.deafen = listen((group, item) => group === this.data.group && this.hear(item));
  }

  update(data, setTriggerValue) {
    const same = this.data && JSON.stringify(data) === JSON.stringify(this.data);
    Object.assign(this, { data, setTriggerValue });
    this.box.setAttribute("aria-label", data.alt);
    this.box.classList.toggle("cell-large", data.large);
    if (!same) this.drawing.update(data);
    return ++this.runs;
  }

  remove() {
    this.deafen();
    this.say(null);
    this.drawing.remove();
    this.box.remove();
  }

  tell(what) {
    if (!("step" in what) || "open" in what || this.data.follows) this.setTriggerValue("did", what);
  }

  say(step) {
    if (step === null && this.announced === null) return;
    this.announced = step;
    announce(this.data.group, step);
  }

  /** What the group points at elsewhere is shown for as long as it is pointed at. */
  hear(item) {
    if (this.drawing.playing || item === this.announced) return;
    const step = item === null ? this.drawing.shown : item - this.data.first;
    if (step >= 0 && step < this.drawing.steps) this.drawing.paint(step);
  }
}
