"""Which source tokens each written token looked at: lines between two rows of tokens, as wide as the weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import say
from viz.figures.parts.playback import ROW, play_controls
from viz.figures.parts.token_axis import counts, escape, label_axis, label_ticks, spell
from viz.theme import MARK, MUTED, assemble

WIDEST = 0.9
"""Width of a line of weight 1, as a share of a token's place in the longer row."""

PLACE, WIDE = 26, 640
"""Pixels of a token's place in which its slanted label can be read, and the most that a figure asks for."""

HEARD = 0.01
"""Smallest weight whose number can be pointed at; the heatmap has them all."""

LEVEL = 32
"""Letters of all written tokens that stand level on a phone; slanted ones need room above the buttons."""

COLORS = {
    "later": "rgba(180, 80, 143, 0)",
    "written": "rgba(180, 80, 143, 0.38)",
    "now": "rgba(180, 80, 143, 0.95)",
}
"""Of the lines of a step: of none yet, of an earlier one, of the present one."""

Weights = NDArray[np.floating]


def how_to_read() -> str:
    """What a line is, and what its width says."""
    return say(
        "Source tokens are on top, written tokens below. A line's width is the attention weight: all lines that end "
        "in one written token together are as wide as one column. Step through with the slider, Play, or (after a "
        "click on the figure) the arrow keys; point at the middle of a line for its number."
    )


def draw(
    weights: Weights, sources: Sequence[str], targets: Sequence[str], step: int | None = None, said: Sequence[str] = ()
) -> go.Figure:
    """Curve 0 are the source tokens, curve 1 the written ones, curve 2 the present one; then one curve for each step.

    Args:
        weights: attention, ``[query, key]``.
        sources, targets: labels of both rows.
        step: the present step; None shows all alike.
        said: what to say of each step beside the slider, such as its probability.
    """
    above, below = _places(weights.shape[1]), _places(weights.shape[0])
    data = [_row(above, 1.0, sources, say("source token"), "x2"), _row(below, 0.0, targets, say("written token"), "x")]
    data += [_here(below, step), *(_links(row, t, above, below) for t, row in enumerate(weights))]
    data.append(_heard(weights, above, below, sources, targets))
    for t in range(len(below)):
        data[3 + t]["fillcolor"] = COLORS["written" if step is None else "now" if t == step else "written"]
    frames = [_frame(t, below, targets[t]) for t in range(len(below))]
    controls = play_controls(frames, redraw=True)
    slider = controls["sliders"][0]
    slider["active"] = len(below) - 1 if step is None else step
    slider["currentvalue"] = {"prefix": "", "xanchor": "right", "font": {"color": MUTED, "size": 12}}
    slider["font"] = {"color": "rgba(0, 0, 0, 0)"}  # the words stand on the axes already
    slanted = sum(len(spell(label)) + 2 for label in targets) > LEVEL
    room = 88 if slanted else 54
    slider["pad"] = {"t": room + 6 + ROW, "b": 0}
    controls["updatemenus"][0]["pad"] = {"t": room}
    for number, (one, label) in enumerate(zip(slider["steps"], targets, strict=True)):
        words = f"{number + 1}: {escape(spell(label))}"
        one["label"] = f"{words}, {said[number]}" if said else words
    layout = {
        "height": (440 if slanted else 410) + ROW,
        "uirevision": "alignment_links",
        "hovermode": "closest",
        "showlegend": False,
        "margin": {"l": 12, "r": 40 if slanted else 12, "t": 64, "b": 12},
        "xaxis": _words(targets, below, say("written token"), "y") | {"side": "bottom"},
        "xaxis2": _words(sources, above, say("source token"), "y") | {"side": "top", "overlaying": "x"},
        "yaxis": {"range": [-0.07, 1.07], "visible": False, "fixedrange": True},
        **controls,
        "meta": {
            "link": {"points": [1]},
            "ticks": [_ticks("x", targets, below), _ticks("x2", sources, above)],
            "pick": "point",
            "steps": len(below),
            "least_width": min(PLACE * max(weights.shape), WIDE),
        },
    }
    return assemble(data, layout, frames)


def _places(count: int) -> NDArray[np.float64]:
    return (np.arange(count) + 0.5) / count


def _ticks(axis: str, labels: Sequence[str], places: NDArray[np.float64]) -> dict[str, Any]:
    return {**label_ticks(axis, [spell(label) for label in labels]), "values": places.tolist()}


def _words(labels: Sequence[str], places: NDArray[np.float64], title: str, anchor: str) -> dict[str, Any]:
    axis = label_axis([spell(label) for label in labels], title)
    axis.pop("labelalias")
    chosen = [places[position] for position in axis["tickvals"]]
    return {**axis, "range": [0, 1], "tickvals": chosen, "anchor": anchor, "fixedrange": True}


def _row(places: NDArray[np.float64], height: float, labels: Sequence[str], name: str, axis: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": name,
        "mode": "markers",
        "xaxis": axis,
        "x": places.astype(np.float32),
        "y": np.full(len(places), height, np.float32),
        "customdata": counts(len(places)),
        "hovertext": [escape(spell(label)) for label in labels],
        "hovertemplate": f"{name} %{{customdata}}: <b>%{{hovertext}}</b><extra></extra>",
        "marker": {"size": 9, "color": MUTED, "symbol": "circle" if height else "square"},
    }


def _here(places: NDArray[np.float64], step: int | None) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": say("present token"),
        "mode": "markers",
        "x": [] if step is None else [float(places[step])],
        "y": [] if step is None else [0.0],
        "hoverinfo": "skip",
        "marker": {"size": 17, "color": "rgba(0, 0, 0, 0)", "symbol": "square", "line": {"width": 3, "color": MARK}},
    }


def _links(row: Weights, step: int, above: NDArray[np.float64], below: NDArray[np.float64]) -> dict[str, Any]:
    """All lines of one step: parallelograms whose horizontal width is exactly the weight."""
    half = row.astype(np.float64) * WIDEST / (2 * max(len(above), len(below)))
    end = np.full_like(half, below[step])
    gap = np.full_like(half, np.nan)
    x = np.stack([above - half, above + half, end + half, end - half, above - half, gap], axis=1)
    y = np.tile(np.array([1.0, 1.0, 0.0, 0.0, 1.0, np.nan]), (len(row), 1))
    return {
        "type": "scatter",
        "name": say("step {n}", n=step + 1),
        "mode": "lines",
        "fill": "toself",
        "hoverinfo": "skip",
        "line": {"width": 0},
        "x": x.ravel().astype(np.float32),
        "y": y.ravel().astype(np.float32),
    }


def _heard(
    weights: Weights,
    above: NDArray[np.float64],
    below: NDArray[np.float64],
    sources: Sequence[str],
    targets: Sequence[str],
) -> dict[str, Any]:
    """Unseen points in the middle of the lines, which say their numbers."""
    steps, places = np.nonzero(weights >= HEARD)
    said = say("{target} attended to {source}")
    return {
        "type": "scatter",
        "name": say("weight"),
        "mode": "markers",
        "x": ((above[places] + below[steps]) / 2).astype(np.float32),
        "y": np.full(len(steps), 0.5, np.float32),
        "customdata": weights[steps, places].astype(np.float32),
        "hovertext": [
            said.format(target=escape(spell(targets[t])), source=escape(spell(sources[s])))
            for t, s in zip(steps.tolist(), places.tolist(), strict=True)
        ],
        "hovertemplate": f"<b>%{{hovertext}}</b><br>{say('attention weight')} = %{{customdata:.6f}}<extra></extra>",
        "marker": {"size": 11, "opacity": 0},
    }


def _frame(step: int, below: NDArray[np.float64], label: str) -> dict[str, Any]:
    """The picture when token ``step`` is written: earlier lines pale, later ones not drawn yet."""
    colors = ["now" if t == step else "written" if t < step else "later" for t in range(len(below))]
    here = {"type": "scatter", "x": [float(below[step])], "y": [0.0]}
    links = [{"type": "scatter", "fillcolor": COLORS[name]} for name in colors]
    return {
        "name": f"{step + 1} {escape(spell(label))}",
        "traces": [2, *range(3, 3 + len(below))],
        "data": [here, *links],
    }
