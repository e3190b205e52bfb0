// The item that the group points at, shown by elements laid over a drawn figure, which is not drawn again for it.

/** Show `item` (null: nothing) as `link` says: a band across every subplot, a ring around every point that stands for it. */
export function highlight(gd, overlay, link, item) {
  const marks = item === null || !link ? [] : [...bands(gd, link.axis ?? "", item), ...rings(gd, link.points ?? [], item)];
  overlay.replaceChildren(...marks);
}

function* bands(gd, axes, item) {
  for (const { xaxis, yaxis, mainplot } of Object.values(gd._fullLayout._plots ?? {})) {
    if (mainplot) continue; // lies over another subplot, which has its band
    const across = axes.includes("x") && extent(xaxis, item);
    const down = axes.includes("y") && extent(yaxis, item);
    if (across) yield box("band", across[0], yaxis._offset, across[1], yaxis._length);
    if (down) yield box("band", xaxis._offset, down[0], xaxis._length, down[1]);
  }
}

// [start, size] in pixels of the figure, or null outside the visible range.
function extent(axis, item) {
  const ends = [axis.l2p(item - 0.5), axis.l2p(item + 0.5)].map((end) => Math.min(Math.max(end, 0), axis._length));
  const size = Math.abs(ends[1] - ends[0]);
  return size > 0 ? [axis._offset + Math.min(...ends), size] : null;
}

function* rings(gd, curves, item) {
  for (const curve of curves) {
    const trace = gd._fullData[curve];
    if (trace?.visible !== true || !(item < trace.x?.length)) continue;
    const center = trace.type === "scatter3d" ? inSpace(gd, trace, item) : inPlane(gd, trace, item);
    if (!center?.every(Number.isFinite)) continue;
    const size = trace.marker?.size ?? 6;
    const across = Math.max(14, 8 + (typeof size === "number" ? size : (size[item] ?? 6)));
    yield box("ring", center[0] - across / 2, center[1] - across / 2, across, across);
  }
}

function inPlane(gd, trace, item) {
  const axes = [trace.xaxis, trace.yaxis].map((id) => gd._fullLayout[id.replace(/^([xy])/, "$1axis")]);
  const [x, y] = axes.map((axis, i) => axis.d2p((i ? trace.y : trace.x)[item]));
  const inside = x >= 0 && x <= axes[0]._length && y >= 0 && y <= axes[1]._length;
  return inside ? [axes[0]._offset + x, axes[1]._offset + y] : null;
}

// The same projection that puts the hover label of a 3-D point in its place.
function inSpace(gd, trace, item) {
  const { _scene: scene, xaxis, yaxis, zaxis } = gd._fullLayout[trace.scene] ?? {};
  const { model, view, projection } = scene?.glplot?.cameraParams ?? {};
  if (!projection) return null;
  const values = [xaxis.d2l(trace.x[item]), yaxis.d2l(trace.y[item]), zaxis.d2l(trace.z[item])];
  const point = [...values.map((value, i) => value * scene.dataScale[i]), 1];
  const [x, y, , w] = [model, view, projection].reduce((moved, matrix) => transform(matrix, moved), point);
  const area = scene.container.getBoundingClientRect();
  const figure = gd.getBoundingClientRect();
  return [area.left - figure.left + ((1 + x / w) / 2) * area.width, area.top - figure.top + ((1 - y / w) / 2) * area.height];
}

function transform(matrix, vector) {
  return [0, 1, 2, 3].map((row) => vector.reduce((sum, value, column) => sum + matrix[4 * column + row] * value, 0));
}

function box(kind, left, top, width, height) {
  const element = document.createElement("div");
  element.className = `linked-plot-${kind}`;
  Object.assign(element.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
  return element;
}
