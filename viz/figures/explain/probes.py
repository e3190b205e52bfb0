"""What linear probes read off states: accuracies with what puts them in their place, and one probe along a text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from viz.figures.parts.token_axis import counts, in_nouns, label_axis, label_ticks
from viz.theme import MARK, MUTED, assemble

MEASURES = {
    "accuracy": (mark("this network's state"), MARK, "circle"),
    "control": (mark("control: memorised tokens"), "#d9700f", "cross"),
    "untrained": (mark("before training"), "#8a1af9", "triangle-up"),
    "alone": (mark("the token alone"), "#20b66b", "square"),
    "majority": (mark("majority class"), MUTED, "line-ns-open"),
}
"""Name, colour and shape of each accuracy, by key."""


def draw_probe_scores(rows: pd.DataFrame, noun: str) -> go.Figure:
    """A line of marks for each property.

    Args:
        rows: columns property (name), measure (key of ``MEASURES``), accuracy.
        noun: what one step is called.
    """
    names = list(dict.fromkeys(rows["property"]))
    pairs = list(zip(rows["property"], rows["accuracy"], strict=True))
    values = [np.array([value for name, value in pairs if name == wanted]) for wanted in names]
    spans = [
        {"type": "line", "x0": float(found.min()), "x1": float(found.max()), "y0": row, "y1": row, "layer": "below",
         "line": {"color": MUTED, "width": 1}}
        for row, found in enumerate(values)
    ]  # fmt: skip
    data = []
    for key, (label, color, symbol) in MEASURES.items():
        found, label = rows[rows["measure"] == key], in_nouns(say(label), noun)
        marks = {
            "type": "scatter",
            "name": label,
            "mode": "markers",
            "x": np.array(found["accuracy"], dtype=np.float32),
            "y": np.array([names.index(name) for name in found["property"]], dtype=np.float32),
            "marker": {"size": 13 if key == "accuracy" else 11, "color": color, "symbol": symbol},
            "hovertemplate": f"%{{y}}<br>{label}: %{{x:.1%}}<extra></extra>",
        }
        data.append(marks)
    layout = {
        "height": 130 + 42 * len(names),
        "uirevision": "probes",
        "hovermode": "closest",
        "margin": {"l": 12, "r": 16, "t": 64, "b": 12},
        "xaxis": {"title": {"text": say("share of unseen {noun}s right", noun=say(noun))},
                  "tickformat": ".0%", "nticks": 6,
                  "range": [min(float(found.min()) for found in values) - 0.03, 1.02], "zeroline": False},
        "yaxis": label_axis(names, "", downward=True),
        "shapes": spans,
        "meta": {},
    }  # fmt: skip
    return assemble(data, layout)


def draw_probe_reading(labels: Sequence[str], probability: NDArray[np.floating], name: str, noun: str) -> go.Figure:
    """What one probe says after every step.

    Args:
        labels: steps, plain text.
        probability: of the property, ``[step]``.
        name: of the property.
        noun: what one step is called.
    """
    line = {
        "type": "scatter",
        "name": name,
        "mode": "lines+markers",
        "x": np.arange(len(labels), dtype=np.float32),
        "y": probability.astype(np.float32),
        "customdata": counts(len(labels)),
        "line": {"color": MARK, "width": 2.5},
        "marker": {"size": 8, "color": MARK},
        "hovertemplate": f"{say('after {noun}', noun=say(noun))} %{{customdata}}, %{{x}}<br>p({name}) = "
        f"%{{y:.6f}}<extra></extra>",
    }
    half = {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": 0.5,
        "y1": 0.5,
        "layer": "below",
        "line": {"color": MUTED, "width": 1.5, "dash": "dot"},
    }
    layout = {
        "height": 320,
        "uirevision": f"probe-{name}-{len(labels)}",
        "showlegend": False,
        "hovermode": "closest",
        "xaxis": {**label_axis(labels, say(noun)), "anchor": "y"},
        "yaxis": {"title": {"text": f"p({name})"}, "range": [-0.03, 1.03], "nticks": 5, "zeroline": False},
        "shapes": [half],
        "meta": {"link": {"axis": "x"}, "ticks": [label_ticks("x", labels)]},
    }
    return assemble([line], layout)
