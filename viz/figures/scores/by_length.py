"""Scores of several translators by the length of the source: the picture that attention was invented for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core_models.language import mark, say, together
from pretrained.analysis.score_curve import ScoreCurve
from viz.figures.parts.token_axis import escape
from viz.theme import LINES, MUTED, assemble

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross")
AXES = {"bleu": mark("BLEU on test sources"), "exact": mark("share answered exactly")}
MOST_TICKS = 12


def how_to_read(curves: Sequence[ScoreCurve], unit: str, trained: int | None) -> str:
    """What points and bars are, and where training ended."""
    said = [
        say(
            "Each point is the score on the test sources of one length, in {unit}; the thick "
            "line is the network above.",
            unit=unit,
        )
    ]
    if any(curve.intervals for curve in curves):
        said.append(say("Bars are 95% intervals."))
    if trained is not None:
        said.append(
            say(
                "Sources to the right of the dotted line are longer than any in training ({trained} {unit} at most).",
                trained=trained,
                unit=unit,
            )
        )
    return together(*said)


def draw(curves: Sequence[ScoreCurve], chosen: str, unit: str, trained: int | None = None) -> go.Figure:
    """One curve for each network, in the order given, over the groups of lengths that any of them has.

    Args:
        curves: of one measure.
        chosen: key of the network whose line is thick.
        unit: what lengths are counted in.
        trained: the longest source of the training, where others go beyond it.
    """
    groups = sorted({group for curve in curves for group in curve.lengths})
    data = [_curve(curve, groups, number, curve.key == chosen, unit) for number, curve in enumerate(curves)]
    measure = curves[0].measure
    stride = -(-len(groups) // MOST_TICKS)
    shown = range(0, len(groups), stride)
    layout: dict[str, Any] = {
        "height": 380,
        "uirevision": f"score-by-length-{unit}",
        "hovermode": "closest",
        "margin": {"l": 12, "r": 12, "t": 16, "b": 12},
        "legend": {"orientation": "h", "x": 0, "y": -0.24, "yanchor": "top"},
        "xaxis": {"title": {"text": say("{unit} in the source", unit=unit)}, "tickvals": list(shown),
                  "ticktext": [_name(groups[place]) for place in shown], "range": [-0.5, len(groups) - 0.5]},
        "yaxis": {"title": {"text": say(AXES[measure])}},
        "meta": {},
    }  # fmt: skip
    layout["yaxis"] |= {"range": [-0.03, 1.04], "tickformat": ".0%"} if measure == "exact" else {"rangemode": "tozero"}
    if trained is not None:
        at = sum(high <= trained for _, high in groups) - 0.5
        line = {"color": MUTED, "width": 1.5, "dash": "dot"}
        layout["shapes"] = [{"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": at, "x1": at, "line": line}]
    return assemble(data, layout)


def _curve(
    curve: ScoreCurve, groups: Sequence[tuple[int, int]], number: int, chosen: bool, unit: str
) -> dict[str, Any]:
    color, scores = LINES[number % len(LINES)], np.array(curve.scores, np.float32)
    counts = curve.counts or (None,) * len(scores)
    shown = ".1%" if curve.measure == "exact" else ".2f"
    drawn: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": escape(curve.title),
        "x": np.array([groups.index(group) for group in curve.lengths], np.float32),
        "y": scores,
        "text": [_words(*one, unit) for one in zip(curve.lengths, counts, _bounds(curve, shown), strict=True)],
        "line": {"color": color, "width": 4 if chosen else 2, "dash": DASHES[number % len(DASHES)]},
        "marker": {"color": color, "size": 9, "symbol": SYMBOLS[number % len(SYMBOLS)]},
        "hovertemplate": f"<b>{escape(curve.title)}</b><br>%{{text}}: %{{y:{shown}}}<extra></extra>",
    }
    if curve.intervals:
        low, high = np.array(curve.intervals, np.float32).T
        drawn["error_y"] = {"type": "data", "symmetric": False, "array": high - scores, "arrayminus": scores - low,
                            "color": color, "thickness": 1.2, "width": 3}  # fmt: skip
    return drawn


def _bounds(curve: ScoreCurve, shown: str) -> list[str]:
    found = [
        say(", {low} to {high}", low=format(low, shown), high=format(high, shown)) for low, high in curve.intervals
    ]
    return found or [""] * len(curve.scores)


def _words(group: tuple[int, int], count: int | None, bounds: str, unit: str) -> str:
    return f"{_name(group)} {unit}" + (say(", {n:,} sources", n=count) if count else "") + bounds


def _name(group: tuple[int, int]) -> str:
    low, high = group
    return str(low) if low == high else say("{low} or more", low=low) if high >= 99 else f"{low}–{high}"
