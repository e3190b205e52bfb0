"""Where three conventions of the GRU part on one text: the answer, and how far the states are apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import say
from core_models.trace import Trace
from viz.figures.parts.token_axis import counts, escape, label_axis, label_ticks, labels_of
from viz.theme import LINES, assemble

STYLES = (("solid", "circle"), ("dash", "square"), ("dot", "diamond"))


class Convened(Protocol):
    """One convention's reading of a text: its name, states ``[step, unit]`` and answers ``[step]``."""

    @property
    def name(self) -> str: ...
    @property
    def states(self) -> NDArray[np.float32]: ...
    @property
    def probability(self) -> NDArray[np.float32]: ...


def apart(readings: Sequence[Convened]) -> list[NDArray[np.float32]]:
    """Largest difference of any unit between each reading and the first, at every token."""
    return [np.abs(reading.states - readings[0].states).max(axis=1) for reading in readings]


def draw(trace: Trace, readings: Sequence[Convened], step: int | None = None) -> go.Figure:
    """Answers above, distances of the states below; the first reading is the network's own."""
    labels = labels_of(trace)
    gaps = apart(readings)
    answer = f"p({escape(trace.classes[1])})" if len(trace.classes) == 2 else say("p(second class)")
    data = [_line(say(r.name), r.probability, place, "y", answer) for place, r in enumerate(readings)]
    data += [
        _line(say(r.name), gap, place, "y2", say("largest |Δh|"))
        for place, (r, gap) in enumerate(zip(readings, gaps, strict=True))
        if place
    ]
    layout = {
        "height": 420,
        "uirevision": "gru_conventions",
        "hovermode": "x",
        "xaxis": {**label_axis(labels, say("token")), "anchor": "y2"},
        "yaxis": {"title": {"text": answer}, "range": [-0.03, 1.03], "domain": [0.55, 1.0]},
        "yaxis2": {"title": {"text": say("largest |Δh|")}, "rangemode": "tozero", "domain": [0.0, 0.45], "anchor": "x"},
        "meta": {"link": {"axis": "x"}, "ticks": [label_ticks("x", labels)], "steps": len(labels)},
    }
    return assemble(data, layout)


def numbers(trace: Trace, readings: Sequence[Convened]) -> pd.DataFrame:
    """One row for each convention and token: the answer, and the largest difference of any unit from the first."""
    found = zip(readings, apart(readings), strict=True)
    tables = [
        pd.DataFrame({
            "convention": one.name, "step": range(len(gap)), "token": trace.tokens.labels,
            "probability": one.probability, "largest_difference": gap,
        })
        for one, gap in found
    ]  # fmt: skip
    return pd.concat(tables)


def _line(name: str, values: NDArray[np.float32], place: int, axis: str, quantity: str) -> dict[str, Any]:
    dash, symbol = STYLES[place]
    return {
        "type": "scatter",
        "name": name,
        "legendgroup": name,
        "showlegend": axis == "y",
        "mode": "lines+markers",
        "x": np.arange(len(values), dtype=np.float32),
        "y": values,
        "yaxis": axis,
        "customdata": counts(len(values)),
        "line": {"color": LINES[place], "width": 2, "dash": dash},
        "marker": {"size": 6, "symbol": symbol},
        "hovertemplate": f"{name}, {say('token')} %{{customdata}}: {quantity} = %{{y:.6f}}<extra></extra>",
    }
