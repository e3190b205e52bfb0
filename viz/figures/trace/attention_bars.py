"""One reader's attention: how its weight is shared out among the tokens."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core_models.language import mark, say
from core_models.trace import Trace
from viz.figures.parts.token_axis import counts, label_axis, label_ticks, labels_of, noun_of
from viz.figures.trace.attention_stages import allowed, attention_targets
from viz.theme import ATTENTION_MARK, MUTED, assemble
from viz.view import Options, Section, Target, View

MOST_WRITTEN = 16
"""Tokens up to which every bar carries its number."""


def how_to_read(trace: Trace, target: Target, options: Options) -> str:
    """Whose attention the bars are, and what the dotted line is."""
    return say(
        "Each bar is the share of attention that a token gets from the selected token, or else from "
        "the one where the answer is read; the bars sum to 1. The dotted line is the share if "
        "attention were spread evenly."
    )


def draw(trace: Trace, target: Target, options: Options) -> go.Figure:
    """The weights of one head and one reader over the tokens (curve 0); no bar where the reader may not look."""
    weights = trace.array(target.site, target.key)
    steps, labels = weights.shape[1], labels_of(trace, target.site, "key")
    head = min(max(options.head, 0), len(weights) - 1)
    query = steps - 1 if options.step is None else min(max(options.step, 0), steps - 1)
    may = allowed(trace, target.site)[head, query]
    shares = np.where(may, weights[head, query], np.float32(np.nan))
    highest = float(weights[head, query].max())
    noun = noun_of(trace, target.site)
    title = f"{target.quantity.label}, t = {query + 1}"
    if len(weights) > 1:
        title = say("{place}, head {n}", place=title, n=head + 1)
    layout = {
        "height": 320,
        "uirevision": f"attention_bars-{target.name}",
        "hovermode": "x",
        "bargap": 0.25,
        "showlegend": False,
        "xaxis": {**label_axis(labels, say("{noun} looked at (i)", noun=say(noun))), "anchor": "y"},
        "yaxis": {"title": {"text": title}, "range": [0, min(1.12 * highest, 1.06) or 1.06], "zeroline": False},
        "shapes": [_even(1.0 / max(int(may.sum()), 1))],
        "meta": {
            "link": {"axis": "x"},
            "ticks": [label_ticks("x", labels)],
            "pick": "key",
            "query": query,
            "steps": len(labels),
        },
    }
    return assemble([_bars(shares, target.quantity.label, noun)], layout)


def _bars(shares: np.ndarray, label: str, noun: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": label,
        "x": np.arange(len(shares), dtype=np.float32),
        "y": shares,
        "customdata": counts(len(shares)),
        "marker": {"color": ATTENTION_MARK, "line": {"width": 0}},
        "texttemplate": "%{y:.2f}" if len(shares) <= MOST_WRITTEN else "",
        "textposition": "outside",
        "textangle": 0,
        "cliponaxis": False,
        "hovertemplate": f"{say(noun)} %{{customdata}}: <b>%{{x}}</b><br>{label} = %{{y:.6f}}<extra></extra>",
    }


def _even(share: float) -> dict[str, Any]:
    line = {"color": MUTED, "width": 1.5, "dash": "dot"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": share, "y1": share, "line": line}


VIEW = View(
    key="attention_bars",
    title=mark("Attention of one reader"),
    question=mark("Which words did the network look at for its answer?"),
    section=Section.ATTENTION,
    targets=attention_targets,
    how_to_read=how_to_read,
    draw=draw,
)
