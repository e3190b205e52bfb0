// A theme-neutral figure, dressed in the colours and the font of the page it stands on.

const CLEAR = "rgba(0, 0, 0, 0)";
const WITH_COLORBAR = ["heatmap", "histogram2d", "contour", "surface", "mesh3d"];

/** The page's colours and font at `element`, read from Streamlit's CSS variables. */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const variable = (name, otherwise) => {
    const value = style.getPropertyValue(name).trim();
    return value && value !== "unset" ? value : otherwise;
  };
  return {
    variable,
    font: variable("--st-font", "sans-serif"),
    text: variable("--st-text-color", "#222222"),
    page: variable("--st-background-color", "#ffffff"),
    panel: variable("--st-secondary-background-color", "#f2f2f2"),
    line: variable("--st-border-color", "#cccccc"),
    grid: variable("--st-border-color-light", "#e5e5e5"),
    accent: variable("--st-primary-color", "#0b63a5"),
    colorway: variable("--st-chart-categorical-colors", "").split(/,(?![^(]*\))/).filter(Boolean),
  };
}

/** One string that changes when the theme does. */
export function signature(theme) {
  return Object.values(theme).filter((value) => typeof value !== "function").join("|");
}

/**
 * Dress a figure in place. What the figure sets itself stays; `var(--st-...)` in any of its colours becomes that colour; all else
 * (font, grid, axes, labels, controls) comes from the theme, laid over the figure's own template.
 */
export function dress(figure, theme, look = {}) {
  resolveColors(figure, theme);
  if (look.colours) recolor(figure.data, look.colours);
  if (look.large) enlarge(figure);
  figure.layout.template = merge(figure.layout.template ?? {}, template(theme));
  const margin = { l: 12, r: 12, t: figure.layout.title?.text ? 56 : 32, b: 12 };
  figure.layout.margin = { ...margin, ...figure.layout.margin };
}

/** Another scale for maps from low to high; those with two signs around 0 keep theirs, whose middle has no hue. */
function recolor(curves, colours) {
  for (const curve of curves) {
    if (curve.type === "heatmap" && curve.zmin !== -curve.zmax) curve.colorscale = colours;
  }
}

/** Larger letters, thicker lines and more height, for those who sit far away. */
function enlarge(figure) {
  const { layout, data } = figure;
  layout.height = Math.round((layout.height ?? 380) * 1.3);
  const grow = (node) => {
    for (const [key, value] of Object.entries(node ?? {})) {
      if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) continue;
      if (/font$/i.test(key) && value.size > 0) value.size = Math.round(value.size * 1.35);
      else if (key === "line" && value.width > 0) value.width *= 1.6;
      if (!["x", "y", "z", "customdata", "text", "bdata"].includes(key)) grow(value);
    }
  };
  grow(layout);
  data.forEach(grow);
  layout.font = { ...layout.font, size: 17 };
}

function template(theme) {
  const axis = {
    gridcolor: theme.grid, linecolor: theme.line, zerolinecolor: theme.line, tickcolor: theme.line, automargin: true,
    zerolinewidth: 1, title: { standoff: 10 },
  };
  const axis3d = {
    gridcolor: theme.line, linecolor: theme.line, zerolinecolor: theme.line, showbackground: false, color: theme.text,
  };
  const camera = { eye: { x: 1.4, y: 1.4, z: 0.9 }, center: { x: 0, y: 0, z: -0.12 } };
  const font = { family: theme.font, color: theme.text };
  const control = { bgcolor: theme.panel, bordercolor: theme.line, font };
  const colorbar = { outlinewidth: 0, ticklen: 3, tickcolor: theme.line };
  return {
    layout: {
      font: { ...font, size: 13 },
      paper_bgcolor: CLEAR, plot_bgcolor: CLEAR,
      ...(theme.colorway.length ? { colorway: theme.colorway } : {}),
      xaxis: axis, yaxis: axis,
      scene: { bgcolor: CLEAR, camera, xaxis: axis3d, yaxis: axis3d, zaxis: axis3d },
      coloraxis: { colorbar },
      hoverlabel: { bgcolor: theme.panel, bordercolor: theme.line, font, align: "left", namelength: -1 },
      legend: { bgcolor: CLEAR },
      modebar: { bgcolor: CLEAR, color: theme.text, activecolor: theme.accent },
      annotationdefaults: { arrowcolor: theme.text },
      shapedefaults: { line: { color: theme.text } },
      sliderdefaults: { ...control, activebgcolor: theme.accent, tickcolor: theme.line },
      updatemenudefaults: control,
    },
    data: Object.fromEntries(WITH_COLORBAR.map((type) => [type, [{ colorbar }]])),
  };
}

function merge(under, over) {
  const merged = { ...under };
  for (const [key, value] of Object.entries(over)) {
    merged[key] = isObject(value) && isObject(under[key]) ? merge(under[key], value) : value;
  }
  return merged;
}

function resolveColors(node, theme, isColor = false) {
  for (const [key, value] of Object.entries(node)) {
    const color = /colou?r(s|scale|way)?$/i.test(key) || (Array.isArray(node) && isColor);
    if (typeof value === "object" && value !== null) resolveColors(value, theme, color);
    else if (color && typeof value === "string" && value.startsWith("var(")) {
      node[key] = theme.variable(value.slice(4, -1).trim(), theme.text);
    }
  }
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
