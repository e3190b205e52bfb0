// Which item the pointer is on, told to every figure and text of a group in this browser window. The server never hears of it.

const HOVER = "linkedplot:hover";
const hovered = new Map();

/** Tell the group that `item` (counted from 0) is under the pointer, or with null that none is. */
export function announce(group, item) {
  if ((hovered.get(group) ?? null) === item) return;
  hovered.set(group, item);
  window.dispatchEvent(new CustomEvent(HOVER, { detail: { group, item } }));
}

/** Call `hear(group, item)` at every announcement; returns the function that stops it. */
export function listen(hear) {
  const heard = ({ detail }) => hear(detail.group, detail.item);
  window.addEventListener(HOVER, heard);
  return () => window.removeEventListener(HOVER, heard);
}
