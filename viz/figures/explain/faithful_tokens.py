"""Where the network looked, where else it could have looked, and what leaving each word out does to the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import say
from viz.figures.parts.token_axis import counts, label_axis, label_ticks, spell
from viz.theme import ATTENTION_MARK, MUTED, NEGATIVE, POSITIVE, assemble

Floats = NDArray[np.floating]


def draw(
    attention: Floats,
    other: Floats,
    effect: Floats,
    labels: Sequence[str],
    *,
    noun: str = "token",
    answer: str = "",
) -> go.Figure:
    """Attention (curve 0) and the other attention with the same answer (curve 1) above the effects (curve 2).

    Args:
        attention: weight that each token got, ``[step]``.
        other: weight that it gets from the most different attention with the same answer, ``[step]``.
        effect: change of the answer when the token is left out, ``[step]``.
        labels: the tokens.
        noun: what one of them is called.
        answer: what is answered.
    """
    spelled = [spell(label) for label in labels]
    steps = np.arange(len(spelled), dtype=np.float32)
    shared = {"x": steps, "customdata": counts(len(spelled))}
    token = f"{say(noun)} %{{customdata}}: <b>%{{x}}</b><br>"
    data: list[dict[str, Any]] = [
        {**shared, "type": "bar", "name": say("attention"), "y": attention.astype(np.float32),
         "marker": {"color": ATTENTION_MARK},
         "hovertemplate": f"{token}{say('attention')} %{{y:.6f}}<extra></extra>"},
        {**shared, "type": "scatter", "mode": "markers", "name": say("another attention, same answer"),
         "y": other.astype(np.float32),
         "marker": {"symbol": "diamond-open", "size": 10, "color": MUTED, "line": {"width": 2}},
         "hovertemplate": f"{token}{say('another attention')} %{{y:.6f}}<extra></extra>"},
        {**shared, "type": "bar", "name": say("change when the {noun} is removed", noun=say(noun)),
         "yaxis": "y2", "showlegend": False,
         "y": effect.astype(np.float32),
         "marker": {"color": [POSITIVE if value >= 0 else NEGATIVE for value in effect.tolist()]},
         "hovertemplate": f"{token}{say('without it')} %{{y:+.6f}}<extra></extra>"},
    ]  # fmt: skip
    layout = {
        "height": 430,
        "uirevision": "faithful-tokens",
        "hovermode": "closest",
        "bargap": 0.3,
        "xaxis": {**label_axis(spelled, say(noun)), "anchor": "y2"},
        "yaxis": {"title": {"text": say("attention weight")}, "domain": [0.56, 1.0], "rangemode": "tozero"},
        "yaxis2": {
            "title": {"text": say("change of the<br>{answer} without it", answer=answer or say("probability"))},
            "domain": [0.0, 0.48],
            "anchor": "x",
        },
        "meta": {"link": {"axis": "x"}, "ticks": [label_ticks("x", spelled)]},
    }
    return assemble(data, layout)
