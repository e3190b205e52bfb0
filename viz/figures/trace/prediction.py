"""The answer after each token: how the probability moves while the network reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core_models.language import mark, say
from core_models.trace import Array, Trace
from core_models.vocabulary import Kind
from viz.figures.parts.marks import stem
from viz.figures.parts.token_axis import counts, escape, label_axis, label_ticks, labels_of, noun_of, spell
from viz.figures.parts.written import signed
from viz.theme import MARK, MUTED, NEGATIVE, POSITIVE, assemble
from viz.view import Options, Section, Target, View

JUMPS = 3
SMALLEST_JUMP = 0.1
"""Changes of the probability at one token that are worth a mark: the largest few, if they are at least this large."""

NOTED = 0.05
"""Change of the probability from which a token has a colour."""

ROOM = 0.14
"""Room for words above 1 and below 0, in units of the probability."""

NEAR = 0.4
"""Share of the width, and of the height, within which a jump is near a corner."""

ABOVE, CLEAR = 19, 14
"""Pixels from a point to the middle of the words at it, and further where these would lie on the middle line."""

UNIT = 90
"""Pixels of a probability of 1, about."""


def targets(trace: Trace) -> tuple[Target, ...]:
    """Every probability that the trace holds at each token."""
    rows = trace.find(Kind.OUTPUT)
    return tuple(Target(site, row.key) for site, row in rows if row.dims == ("step",) and (row.low, row.high) == (0, 1))


def how_to_read(trace: Trace, target: Target, options: Options) -> str:
    """What a point, the middle line and the marked jumps mean."""
    says = (
        say("above 0.5 it says {second}, below it {first}", first=trace.classes[0], second=trace.classes[1])
        if len(trace.classes) == 2
        else say("above 0.5 it says the second class")
    )
    return say(
        "Each point is the {probability} had the input ended there: {says}. A token is "
        "coloured by the class towards which it moved the answer; triangles mark those that moved it "
        "most. Point at one to find it in every figure; click one to select it.",
        probability=name_probability(trace, target),
        says=says,
    ) + (say(" The dashed line is the answer before the gate was held.") if options.before else "")


def name_probability(trace: Trace, target: Target) -> str:
    """What the probability is of, in plain text: the second class by name, where that is known."""
    if len(trace.classes) != 2:
        return target.quantity.label
    return say("probability of “{name}”", name=trace.classes[1])


def _short(trace: Trace) -> str:
    """The same in as few letters as a low axis has room for; nothing where the classes have no names."""
    return f"p({escape(spell(trace.classes[1], 10))})" if len(trace.classes) == 2 else ""


def jumps(probability: Array) -> list[int]:
    """Tokens at which the probability changed most against the token before, at most three, in reading order."""
    changes = np.abs(np.diff(probability))
    largest = np.argsort(-changes, kind="stable")[:JUMPS]
    return sorted(int(step) + 1 for step in largest if changes[step] >= SMALLEST_JUMP)


def draw(trace: Trace, target: Target, options: Options) -> go.Figure:
    """The probability at every token (curve 0) on its fixed scale, the largest jumps and the last value written."""
    p, name = trace.array(target.site, target.key), escape(name_probability(trace, target))
    labels, noun, marked = labels_of(trace, target.site), noun_of(trace, target.site), jumps(p)
    layout = {
        "height": 136,
        "uirevision": f"prediction-{target.name}",
        "hovermode": "x",
        "showlegend": False,
        "margin": {"l": 12, "r": 64, "t": 12, "b": 12},
        "xaxis": {**label_axis(labels, "" if noun == "token" else say(noun)), "anchor": "y"},
        "yaxis": {
            "title": {"text": _short(trace) or name, "font": {"size": 12}},
            "range": [-ROOM, 1 + ROOM],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "zeroline": False,
        },
        "shapes": ground() + ([stem(options.step)] if options.step is not None else []),
        "annotations": [*_ends(p, trace.classes, marked), *(_jump(p, step, step == options.step) for step in marked)],
        "meta": {
            "link": {"axis": "x"},
            "ticks": [label_ticks("x", labels, word_colors(p))],
            "pick": "token",
            "steps": len(p),
        },
    }
    return assemble([_line(p, name, noun), _triangles(p, marked), *_before(target, options)], layout)


def word_colors(p: Array) -> list[str]:
    """By token, the colour of the class towards which it moved the answer; none where it moved it little."""
    changes = np.diff(p, prepend=0.5)
    return ["" if abs(change) < NOTED else POSITIVE if change > 0 else NEGATIVE for change in changes]


def _line(p: Array, label: str, noun: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": label,
        "mode": "lines+markers",
        "x": np.arange(len(p), dtype=np.float32),
        "y": p,
        "customdata": counts(len(p)),
        "line": {"color": MARK, "width": 2.5},
        "marker": {"size": 7 if len(p) <= 80 else 3, "color": [_class_color(value) for value in p]},
        "hovertemplate": f"{say(noun)} %{{customdata}}: <b>%{{x}}</b><br>{label} = %{{y:.6f}}<extra></extra>",
    }


def _before(target: Target, options: Options) -> list[dict[str, Any]]:
    """The same line as it is while no gate is held."""
    if options.before is None:
        return []
    p = options.before.array(target.site, target.key)
    line = {"color": MUTED, "width": 1.5, "dash": "dash"}
    return [{
        "type": "scatter", "name": say("before"), "mode": "lines", "hoverinfo": "skip", "line": line, "y": p,
        "x": np.arange(len(p), dtype=np.float32),
    }]  # fmt: skip


def _triangles(p: Array, marked: list[int]) -> dict[str, Any]:
    rising = [bool(p[step] > p[step - 1]) for step in marked]
    return {
        "type": "scatter",
        "name": say("largest jumps"),
        "mode": "markers",
        "hoverinfo": "skip",
        "x": np.array(marked, dtype=np.float32),
        "y": p[marked],
        "marker": {
            "size": 13,
            "symbol": ["triangle-up" if up else "triangle-down" for up in rising],
            "color": [POSITIVE if up else NEGATIVE for up in rising],
            "line": {"width": 1, "color": "#ffffff"},
        },
    }


def _class_color(value: float) -> str:
    return POSITIVE if value > 0.5 else NEGATIVE if value < 0.5 else MUTED


def ground(opacity: float = 0.1) -> list[dict[str, Any]]:
    """Shapes: the halves in which either class is the answer, and the line between them."""
    half = {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "line": {"width": 0}, "layer": "below",
            "opacity": opacity}  # fmt: skip
    middle = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0.5, "y1": 0.5, "layer": "below"}
    return [
        {**half, "y0": 0.5, "y1": 1 + ROOM, "fillcolor": POSITIVE},
        {**half, "y0": -ROOM, "y1": 0.5, "fillcolor": NEGATIVE},
        {**middle, "line": {"color": MUTED, "width": 1.5, "dash": "dot"}},
    ]


def _ends(p: Array, classes: tuple[str, ...], marked: list[int]) -> list[dict[str, Any]]:
    """The names of the classes, each in the corner that no marked jump is near, and the last value."""
    crowded = [any(abs(p[step] - end) < NEAR and step < NEAR * len(p) for step in marked) for end in (0, 1)]
    corners = [{"xref": "paper", "showarrow": False, "x": int(right), "xanchor": "right" if right else "left",
                "xshift": -4 if right else 4} for right in crowded]  # fmt: skip
    last = {"x": len(p) - 1, "y": float(p[-1]), "xanchor": "left", "xshift": 10, "showarrow": False}
    named = list(map(escape, classes)) if len(classes) == 2 else []
    looks = ({"y": -ROOM, "yanchor": "bottom", "font": {"color": NEGATIVE}},
             {"y": 1 + ROOM, "yanchor": "top", "font": {"color": POSITIVE}})  # fmt: skip
    return [
        *({**corner, **look, "text": name} for corner, look, name in zip(corners, looks, named, strict=False)),
        {**last, "text": f"<b>{rounded(float(p[-1]))}</b>", "font": {"size": 15, "color": _class_color(p[-1])}},
    ]


def rounded(value: float) -> str:
    """Three digits that never claim certainty."""
    return "&lt;0.001" if value < 0.001 else "&gt;0.999" if value > 0.999 else f"{value:.3f}"


def _jump(p: Array, step: int, selected: bool) -> dict[str, Any]:
    """The change at one token, where the line neither comes from nor goes to, and beside the line of a selection."""
    change = float(p[step]) - float(p[step - 1])
    side = 1 if change > 0 else -1
    goes_on = step + 1 < len(p) and (float(p[step + 1]) - float(p[step])) * side > NOTED
    on_middle = abs(float(p[step]) + side * ABOVE / UNIT - 0.5) < CLEAR / UNIT / 2
    return {
        "x": step,
        "y": float(p[step]),
        "text": signed(change),
        "showarrow": False,
        "yshift": side * (ABOVE + CLEAR * on_middle),
        "xanchor": "right" if goes_on else "left" if selected else "center",
        "xshift": (-5 if goes_on else 5) * selected,
        "font": {"color": POSITIVE if change > 0 else NEGATIVE},
    }


VIEW = View(
    key="prediction",
    title=mark("The answer, word by word"),
    question=mark("How sure is the network after each word?"),
    section=Section.ANSWER,
    targets=targets,
    how_to_read=how_to_read,
    draw=draw,
    columns=1,
    label=lambda target, options: "",
)
