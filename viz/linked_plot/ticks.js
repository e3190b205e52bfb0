// Tick labels for axes whose ticks are words: as many as can be read at the present zoom and width.

const LONGEST = 16;
const GAP = 8;
const LINE = 1.35;
const SLANT = -45;
const ROUND = [1, 2, 5];

const canvas = document.createElement("canvas").getContext("2d");

/**
 * Layout changes that give each axis of `specs` the labels that fit; empty when nothing changes. `axisOf(name)` describes an axis:
 * {range, length, font, start}, pixels counted from the left margin `margin`; `shown` remembers the changes made before.
 */
export function fitTicks(specs, axisOf, margin, shown) {
  const wanted = {};
  for (const spec of specs) {
    const name = spec.axis.replace(/^([xy])/, "$1axis");
    const axis = axisOf(name);
    if (!axis || !axis.range?.every(Number.isFinite) || !(axis.length > 0)) continue;
    const { ticks, overhang } = choose(spec, axis);
    for (const [key, value] of Object.entries(ticks)) wanted[`${name}.${key}`] = value;
    wanted["margin.l"] = Math.ceil(Math.max(wanted["margin.l"] ?? margin, overhang - axis.start));
  }
  const changed = Object.entries(wanted).filter(([path, value]) => shown.get(path) !== JSON.stringify(value));
  for (const [path, value] of changed) shown.set(path, JSON.stringify(value));
  return Object.fromEntries(changed);
}

/**
 * Layout changes that break each vertical title of `titles` (by axis name) where it is longer than its axis; empty when nothing
 * changes. `axisOf` and `shown` are those of `fitTicks`; the font is that of the title.
 */
export function fitTitles(titles, axisOf, shown) {
  const changed = [...titles].flatMap(([name, title]) => {
    const axis = axisOf(name);
    if (!axis || !(axis.length > 0)) return [];
    canvas.font = `${axis.title.size}px ${axis.title.family}`;
    const path = `${name}.title.text`;
    const text = broken(title, axis.length);
    return (shown.get(path) ?? title) === text ? [] : [[path, text]];
  });
  for (const [path, text] of changed) shown.set(path, text);
  return Object.fromEntries(changed);
}

/** The words of a title in lines that are no longer than `most` pixels; a word that is longer stands alone. */
function broken(title, most) {
  const lines = title.split("<br>").flatMap((line) => {
    const found = [];
    for (const word of line.split(" ")) {
      const longer = found.length ? `${found.at(-1)} ${word}` : word;
      if (found.length && canvas.measureText(longer.replace(/<[^>]*>/g, "")).width > most) found.push(word);
      else found.splice(-1, 1, longer);
    }
    return found;
  });
  return lines.join("<br>");
}

/** Put the changes of `fitTicks` into a layout that has not been drawn yet. */
export function place(layout, changes) {
  for (const [path, value] of Object.entries(changes)) {
    const [part, key] = path.split(".");
    layout[part] = { ...layout[part], [key]: value };
  }
}

function choose({ axis, values, labels, colors = [] }, { range, length, font }) {
  const [low, high] = [Math.min(...range), Math.max(...range)];
  const pixels = length / (high - low || 1);
  canvas.font = `${font.size}px ${font.family}`;
  const visible = values.flatMap((value, index) => {
    if (value < low - 0.5 || value > high + 0.5) return [];
    const label = shorten(labels[index]);
    return { value, index, label, at: Math.abs(value - range[0]) * pixels, width: canvas.measureText(label).width };
  });
  const gaps = visible.slice(1).map((tick, i) => Math.abs(tick.at - visible[i].at));
  const [every, tickangle] = arrange(axis, visible, gaps, font.size * LINE);
  if (every > 1 && isSpelled(labels)) return { ticks: numbered(axis, visible, Math.min(...gaps), font.size * LINE), overhang: 0 };
  const kept = visible.filter(({ index }) => index % every === 0);
  const overhang = tickangle ? Math.max(...kept.map(({ at, width }) => 6 + width * Math.SQRT1_2 - at)) : 0;
  const [tickvals, ticktext] = [kept.map(({ value }) => value), kept.map(({ label, index }) => colored(plain(label), colors[index]))];
  return { ticks: { tickmode: "array", tickvals, ticktext, tickangle }, overhang };
}

/** [every how many labels, angle]: all level if they fit, else level if they count or that shows no fewer, else slanted. */
function arrange(axis, visible, gaps, line) {
  const spacing = Math.min(...gaps);
  const slanted = Math.max(1, Math.ceil(line / spacing)) || 1;
  if (axis[0] === "y") return [slanted, 0];
  if (gaps.every((gap, i) => (visible[i].width + visible[i + 1].width) / 2 + GAP <= gap)) return [1, 0];
  const level = Math.ceil((Math.max(...visible.map(({ width }) => width)) + GAP) / spacing);
  return level <= slanted || isCounted(visible) ? [level, 0] : [slanted, SLANT];
}

/** Whether the labels are times or numbers, of which fewer say as much: level ones leave the figure its height. */
function isCounted(visible) {
  return visible.filter(({ label }) => /(^|[^\p{L}0-9])[0-9]/u.test(label)).length > visible.length / 2;
}

/** Whether the labels are letters one by one: some of them alone spell nothing. Digits are numbers of rows. */
function isSpelled(labels) {
  return labels.filter((label) => /^[^0-9]$/u.test(label)).length > 0.9 * labels.length;
}

/** In place of letters that do not all fit: how many there are up to here, at round numbers. */
function numbered(axis, visible, spacing, line) {
  const room = axis[0] === "y" ? line : canvas.measureText(String(visible.at(-1).index + 1)).width + GAP;
  const step = ROUND.flatMap((digit) => [1, 10, 100, 1000, 10000].map((unit) => digit * unit)).sort((a, b) => a - b)
    .find((count) => count * spacing >= room);
  const kept = visible.filter(({ index }) => (index + 1) % step === 0);
  return { tickmode: "array", tickvals: kept.map(({ value }) => value), ticktext: kept.map(({ index }) => String(index + 1)), tickangle: 0 };
}

function shorten(label) {
  const letters = Array.from(label.replace(/\s+/g, " "));
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join("")}…` : letters.join("");
}

function colored(text, color) {
  return color ? `<b style="color:${color}">${text}</b>` : text;
}

// Plotly reads a few HTML tags in its texts; a label is somebody's word.
function plain(label) {
  return label.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
