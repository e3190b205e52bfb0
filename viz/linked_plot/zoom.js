// The part of the horizontal axis that is shown. A person's zoom is told to Python, which draws that part finer; a part that Python asks
// for takes the place of the person's own.

const SETTLED = 250; // milliseconds without a further change after which a zoom is told
const PATIENCE = 5000; // milliseconds in which answers to earlier zooms are expected

const nameOf = (ends) => (ends ? `${Math.ceil(ends[0])}-${Math.floor(ends[1])}` : "");

export class Zoom {
  told = ""; // the part that both sides know of
  until = 0;

  constructor(tell) {
    this.tell = tell;
  }

  /** Whether Python asks for another part than the one on the screen; an answer to an earlier zoom does not. */
  yields({ shown }) {
    const asked = nameOf(shown);
    if (asked === this.told) this.until = 0;
    if (asked === this.told || performance.now() < this.until) return false;
    this.told = asked;
    return true;
  }

  /** The person may have zoomed: say so if it is another part than before. */
  look({ whole }, range) {
    const [low, high] = [Math.min(...range), Math.max(...range)];
    const slack = (whole[1] - whole[0]) / 1000;
    const all = low <= whole[0] + slack && high >= whole[1] - slack;
    const ends = all ? null : [Math.max(low, whole[0]), Math.min(high, whole[1])];
    if (ends && Math.ceil(ends[0]) > Math.floor(ends[1])) return; // between two steps, or beside them all
    if (nameOf(ends) === this.told) return;
    this.told = nameOf(ends);
    this.until = performance.now() + PATIENCE;
    clearTimeout(this.waiting);
    const part = ends ? { first: Math.ceil(ends[0]), last: Math.floor(ends[1]) } : { first: null, last: null };
    this.waiting = setTimeout(() => this.tell(part), SETTLED);
  }

  remove() {
    clearTimeout(this.waiting);
  }
}

/** Forget what a person did to the horizontal axis and to those it was zoomed with. */
export function forgetZoom(gd) {
  const edits = gd._fullLayout._preGUI ?? {};
  for (const path of Object.keys(edits)) if (/^[xy]axis\d*\.(range|autorange)/.test(path)) delete edits[path];
}
