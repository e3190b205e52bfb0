"""The path of the state through the space of states, seen along the directions in which other inputs differ most."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from core_models.trace import Array, Trace
from core_models.vocabulary import Kind
from viz.figures.parts.playback import play_controls, played
from viz.figures.parts.principal_axes import Axes, fit_once
from viz.figures.parts.spaces import space_axes, xyz
from viz.figures.parts.token_axis import counts, escape, labels_of, noun_of
from viz.theme import MUTED, NEGATIVE, POSITIVE, assemble
from viz.view import Options, Section, Target, View

PATH_COLOR = "#d0257a"
LETTER, LINE, LIFT = 0.006, 0.055, 0.03
"""Half a letter's width, a line's height and how far a label's middle is from its point, as shares of the plot.

Labels that would cover another one are left out.
"""


def targets(trace: Trace) -> tuple[Target, ...]:
    """States for which the trace holds a background of states of other inputs, one for each site."""
    found = []
    for site, row in trace.find(Kind.REFERENCE):
        if row.dims != ("sample", "unit"):
            continue
        keys = [other.key for where, other in trace.find(Kind.STATE, Kind.CONTEXT) if where == site]
        key = "hidden_state" if "hidden_state" in keys else next(iter(keys), "")
        if key and trace.array(site, key).shape[1] == trace.array(site, row.key).shape[1]:
            found.append(Target(site, key))
    return tuple(found)


def how_to_read(trace: Trace, target: Target, options: Options) -> str:
    """What dots and line are, and how much of the truth the plane keeps."""
    cloud, known = background(trace, target)
    count = 3 if options.space == 3 else 2
    share = _axes(trace, target, count).shares.sum()
    return say(
        "{dots}; the line is this input on its way, token by token. The first {count} principal "
        "components (PC) keep {share:.0%} of the dots' variance: points that are near here may be "
        "far apart in the full space.",
        dots=dots_of(len(cloud), known is not None),
        count=count,
        share=share,
    )


def dots_of(count: int, known: bool) -> str:
    """What the dots of a background are."""
    if known:
        return say("Dots are the states in which {n} other inputs ended, coloured by their true class", n=count)
    return say("Dots are the states in which {n} other inputs ended", n=count)


def groups_of(trace: Trace) -> tuple[str, str]:
    """What background states of both classes are called in a legend, plain text."""
    first, second = trace.classes if len(trace.classes) == 2 else (say("first class"), say("second class"))
    return say("other inputs: {first}", first=first), say("other inputs: {second}", second=second)


def draw(trace: Trace, target: Target, options: Options) -> go.Figure:
    """Background, path (the curve in ``layout.meta["link"]``), the part played so far and the present token."""
    axes = _axes(trace, target, 3 if options.space == 3 else 2)
    path = axes.place(trace.array(target.site, target.key))
    order = np.arange(len(path)) if target.site.direction == "forward" else np.arange(len(path))[::-1]
    labels = [escape(label) for label in labels_of(trace, target.site)]
    kind = "scatter3d" if options.space == 3 else "scatter"
    data = _cloud(trace, target, axes)
    link = len(data)
    now = len(path) - 1 if options.step is None else min(max(options.step, 0), len(path) - 1)
    now = now if options.step is not None else int(order[-1])
    noun = noun_of(trace, target.site)
    dots = list(range(link))
    data += [_path(path, order, labels, _extent(data, path), noun), _so_far(path[order]), _here(path[now])]
    data += [_picked(axes.place(background(trace, target)[0][[options.dot]]))] if options.dot is not None else []
    for curve in data:
        curve["type"] = kind
    frames = played(path, order, labels, (link + 1, link + 2), kind)
    layout = {
        "height": 560,
        "uirevision": f"trajectory-{target.name}-{options.space}",
        "hovermode": "closest",
        "margin": {"l": 12, "r": 12, "t": 48, "b": 12},
        **space_axes(axes),
        **play_controls(frames, redraw=kind == "scatter3d", noun=noun),
        "meta": {"link": {"points": [link]}, "pick": "point", "dots": dots, "steps": len(path)},
    }
    return assemble(data, layout, frames)


def numbers(trace: Trace, target: Target) -> pd.DataFrame:
    """The path's first three principal coordinates: one row for each token."""
    path = _axes(trace, target, 3).place(trace.array(target.site, target.key))
    columns = {f"component_{axis + 1}": path[:, axis] for axis in range(3)}
    tokens = list(trace.tokens_of(target.site).labels)
    return pd.DataFrame({"step": np.arange(len(path)), "step_token": tokens, **columns})


def background(trace: Trace, target: Target) -> tuple[Array, Array | None]:
    """The states in which other inputs ended, ``[sample, unit]``, and their classes, where they are known."""
    rows = {len(row.dims): row.key for where, row in trace.find(Kind.REFERENCE) if where == target.site}
    return trace.array(target.site, rows[2]), trace.array(target.site, rows[1]) if 1 in rows else None


def _axes(trace: Trace, target: Target, count: int) -> Axes:
    cloud, classes = background(trace, target)
    return fit_once(cloud, count, None if classes is None else classes > 0.5)


def _wide(points: Array, flat: int, deep: int) -> int:
    """A size in pixels, which means another thing in two dimensions than in three."""
    return flat if points.shape[1] == 2 else deep


def _cloud(trace: Trace, target: Target, axes: Axes) -> list[dict[str, Any]]:
    cloud, classes = background(trace, target)
    places = axes.place(cloud)
    if classes is None:
        groups = [(say("other inputs"), MUTED, np.ones(len(cloud), dtype=bool))]
    else:
        low, high = map(escape, groups_of(trace))
        groups = [(low, NEGATIVE, classes <= 0.5), (high, POSITIVE, classes > 0.5)]
    return [
        {
            "name": name,
            "mode": "markers",
            "customdata": np.flatnonzero(chosen).astype(np.float32),
            "hovertemplate": f"{name}<br>{say('click: where else is the state like this?')}<extra></extra>",
            "marker": {"size": _wide(places, 5, 3), "color": color, "opacity": 0.55},
            **xyz(places[chosen]),
        }
        for name, color, chosen in groups
    ]


def _path(path: Array, order: NDArray[np.intp], labels: list[str], extent: Array, noun: str) -> dict[str, Any]:
    words = list(labels)
    words[order[0]], words[order[-1]] = (
        say("start: {token}", token=labels[order[0]]),
        say("end: {token}", token=labels[order[-1]]),
    )
    shown = _uncrowded(path[:, :2] / extent, order, words)
    texts = [word if step in shown else "" for step, word in enumerate(words)]
    symbols = ["circle"] * len(path)
    symbols[order[0]], symbols[order[-1]] = "square", "diamond"
    return {
        "name": say("this input"),
        "mode": "lines+markers+text",
        "text": texts,
        "textposition": [f"{'bottom' if step == order[0] else 'top'} center" for step in range(len(path))],
        "hovertext": labels,
        "customdata": counts(len(path)),
        "hovertemplate": f"{say(noun)} %{{customdata}}: <b>%{{hovertext}}</b><extra></extra>",
        "line": {"color": PATH_COLOR, "width": 1.5},
        "marker": {"size": 4 if len(path) > 60 else _wide(path, 8, 5), "color": PATH_COLOR, "symbol": symbols},
        **xyz(path),
    }


def _so_far(points: Array) -> dict[str, Any]:
    line = {"color": PATH_COLOR, "width": _wide(points, 2, 4) + (len(points) <= 60)}
    quiet = {"hoverinfo": "skip", "showlegend": False}
    return {"name": say("read so far"), "mode": "lines", "line": line, **quiet, **xyz(points)}


def _here(point: Array) -> dict[str, Any]:
    marker = {"size": _wide(point[None], 15, 8), "color": "#ffffff", "line": {"color": PATH_COLOR, "width": 3}}
    place = xyz(point[None])
    return {"name": say("here"), "mode": "markers", "marker": marker, "hoverinfo": "skip", "showlegend": False, **place}


def _picked(point: Array) -> dict[str, Any]:
    """A ring around the dot that was clicked; an open circle has its colour in the marker itself."""
    marker = {"size": _wide(point, 13, 7), "symbol": "circle-open", "color": PATH_COLOR, "line": {"width": 3}}
    quiet = {"hoverinfo": "skip", "showlegend": False}
    return {"name": say("the dot that you clicked"), "mode": "markers", "marker": marker, **quiet, **xyz(point)}


def _extent(cloud: list[dict[str, Any]], path: Array) -> Array:
    """Width and height of the picture in the units of its first two axes."""
    spans = [np.ptp(np.concatenate([*(c[name] for c in cloud), path[:, i]])) for i, name in enumerate("xy")]
    return np.maximum(spans, 1e-9)


def _uncrowded(places: Array, order: NDArray[np.intp], words: list[str]) -> set[int]:
    """Steps whose words do not cover one another, the longest strides of the path first; its ends always."""
    strides = np.zeros(len(places))
    strides[order[1:]] = np.linalg.norm(np.diff(places[order], axis=0), axis=1)
    middles = places + np.array([0.0, LIFT])
    middles[order[0], 1] -= 2.0 * LIFT  # it stands below its point
    shown = [int(order[-1]), int(order[0])]
    for step in np.argsort(-strides).tolist():
        near = np.abs(middles[shown] - middles[step])
        widths = np.array([len(words[other]) + len(words[step]) + 2 for other in shown]) * LETTER
        if not np.any((near[:, 0] < widths) & (near[:, 1] < LINE)):
            shown.append(step)
    return set(shown)


VIEW = View(
    key="trajectory",
    title=mark("The path of the state"),
    question=mark("Where does the input lead the state, and when does it turn?"),
    section=Section.PATH,
    targets=targets,
    how_to_read=how_to_read,
    draw=draw,
    numbers=numbers,
)
