"""How probable each of the compared traces finds every class of its whole input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core_models.language import say
from viz.figures.compare.answers import classes_of
from viz.figures.compare.comparison import Comparison
from viz.figures.parts.token_axis import escape, label_axis, label_ticks, spell
from viz.theme import assemble

PATTERNS = ("", "/", ".", "x")
"""Fillings of the bars, so that traces are told apart without colour."""


def names(comparison: Comparison) -> list[str]:
    """Every class as it is called."""
    found = classes_of(comparison)
    count = 0 if found is None else found.shape[1]
    return list(comparison.words.classes) or [say("class {n}", n=index + 1) for index in range(count)]


def draw(comparison: Comparison) -> go.Figure:
    """A group of bars for each class, a bar for each trace.

    Raises:
        ValueError: if a trace holds no classes of the whole.
    """
    found = classes_of(comparison)
    if found is None:
        raise ValueError("compare_classes: expected classes of the whole in every trace, got none")
    labels = [spell(name, 28) for name in names(comparison)]
    layout = {
        "height": 320,
        "uirevision": f"compare-classes-{len(found)}",
        "hovermode": "closest",
        "showlegend": True,
        "barmode": "group",
        "margin": {"l": 12, "r": 16, "t": 32, "b": 12},
        "xaxis": label_axis(labels, say("class of the whole")),
        "yaxis": {"title": {"text": say("probability")}, "range": [0, 1], "dtick": 0.25},
        "meta": {"link": {"axis": "x"}, "ticks": [label_ticks("x", labels)]},
    }
    bars = [
        {
            "type": "bar",
            "name": escape(name),
            "x": np.arange(len(row), dtype=np.float32),
            "y": row,
            "marker": {"color": style.color, "pattern": {"shape": pattern}},
            "hovertemplate": f"{escape(name)}: p(%{{x}}) = %{{y:.6f}}<extra></extra>",
        }
        for name, row, style, pattern in zip(comparison.names, found, comparison.styles, PATTERNS, strict=False)
    ]
    return assemble(bars, layout)


def table(comparison: Comparison) -> pd.DataFrame:
    """The drawn probabilities: one row for each class."""
    found = classes_of(comparison)
    rows = {} if found is None else dict(zip(comparison.names, found, strict=True))
    return pd.DataFrame({"class": names(comparison), **rows})


def describe(comparison: Comparison) -> str:
    """In plain text: the class that each gives, with its probability; "" where there are none."""
    found = classes_of(comparison)
    if found is None:
        return ""
    called = names(comparison)
    said = [
        f"{name} “{called[int(row.argmax())]}” ({row.max():.3f})"
        for name, row in zip(comparison.names, found, strict=True)
    ]
    return say("Class of the whole input: {said}.", said=say(", ").join(said))
