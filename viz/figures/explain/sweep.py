"""Single changes ranked by how far each moves the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core_models.language import say
from viz.figures.parts.token_axis import escape, spell
from viz.figures.parts.written import signed
from viz.theme import NEGATIVE, POSITIVE, assemble

SHOWN = 15
LONGEST = 24
"""Characters of a change's name on the axis."""


@dataclass(frozen=True)
class Outcome:
    """One change in words and in few, what kind it is, and the answer under it."""

    name: str
    short: str
    group: str
    value: float


def how_to_read(tried: int, before: float) -> str:
    """What a bar is, and from where it starts."""
    return say(
        "Each bar is one single change, from the original answer ({before:.3f}, dashed) to the "
        "answer under that change; shown are the {shown} largest of {tried:,} tried. Blue raises "
        "it, orange lowers it. Click a bar to make it an edit.",
        before=before,
        shown=min(SHOWN, tried),
        tried=tried,
    )


def draw(outcomes: Sequence[Outcome], before: float, title: str, span: tuple[float, float] | None) -> go.Figure:
    """Bars from ``before`` to the answer under each of ``outcomes`` (curve 0), the first on top.

    Args:
        outcomes: the changes.
        before: the answer without any of them.
        title: name of the answer, plain text.
        span: ends of its scale; as wide as the bars need if None.
    """
    ends = np.array([outcome.value for outcome in outcomes])
    names = [escape(spell(outcome.short, LONGEST)) for outcome in outcomes]
    places = list(range(len(outcomes)))
    layout: dict[str, Any] = {
        "height": 130 + 26 * len(outcomes),
        "uirevision": "sweep",
        "showlegend": False,
        "bargap": 0.3,
        "hovermode": "closest",
        "margin": {"l": 12, "r": 48, "t": 32, "b": 12},
        "xaxis": {"title": {"text": escape(title)}} | _scale(ends, before, span),
        "yaxis": {"title": {"text": say("single change")}, "range": [len(outcomes) - 0.5, -0.5], "tickmode": "array",
                  "tickvals": places, "ticktext": names, "showgrid": False, "zeroline": False},
        "shapes": [_line(before)],
        "meta": {"ticks": []},
    }  # fmt: skip
    bars = {
        "type": "bar",
        "orientation": "h",
        "name": say("change"),
        "base": np.full(len(ends), before, dtype=np.float32),
        "x": (ends - before).astype(np.float32),
        "y": np.arange(len(ends), dtype=np.float32),
        "text": [signed(float(end - before)) for end in ends],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertext": [escape(outcome.name) for outcome in outcomes],
        "customdata": ends.astype(np.float32),
        "marker": {"color": [POSITIVE if end > before else NEGATIVE for end in ends], "line": {"width": 0}},
        "hovertemplate": "%{hovertext}<br>%{customdata:.6f}, %{x:+.6f}<extra></extra>",
    }
    return assemble([bars], layout)


def numbers(outcomes: Sequence[Outcome], before: float) -> pd.DataFrame:
    """One row for each change, the largest move first."""
    rows = [(o.group, o.name, o.value, o.value - before) for o in outcomes]
    ordered = sorted(rows, key=lambda row: -abs(row[-1]))
    return pd.DataFrame(ordered, columns=["kind", "change", "answer", "difference"])


def _scale(ends: np.ndarray, before: float, span: tuple[float, float] | None) -> dict[str, Any]:
    """Range of the axis, with room for the numbers at the ends of bars."""
    if span is not None:
        room = 0.02 * (span[1] - span[0])
        return {"range": [span[0] - room, span[1] + room], "dtick": (span[1] - span[0]) / 4.0}
    reach = 1.2 * float(np.abs(ends - before).max(initial=1e-6))
    return {"range": [before - reach, before + reach]}


def _line(before: float) -> dict[str, Any]:
    line = {"color": "#858d97", "width": 1.5, "dash": "dash"}
    return {"type": "line", "yref": "paper", "x0": before, "x1": before, "y0": 0, "y1": 1, "line": line}
