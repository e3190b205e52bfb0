"""Gate-implied attention of the memory after every token to every token: a triangle, one row for each moment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.explain.memory.ledger import Ledger
from core_models.language import mark, say
from viz.figures.parts.token_axis import counts, label_axis, label_ticks
from viz.figures.trace.ledger import BEFORE, make_room, read_yet
from viz.theme import ATTENTION_COLORS, Scale, assemble

HOW_TO_READ = mark(
    "Each row is the memory after one token, each column a token that wrote into it; the colour "
    "is its share of what is still there, and a row sums to 1. Read a column downwards to see "
    "how fast a token is forgotten. Click a row to see that moment unit by unit; the white frame "
    "marks the current one."
)


def draw(ledger: Ledger, tokens: list[str], present: int, noun: str = "token") -> go.Figure:
    """The shares ``[present, token]`` as a heatmap (curve 0), the row ``present`` framed; blank where not read yet.

    Args:
        ledger: what every token wrote.
        tokens: their labels.
        present: the row that is framed.
        noun: what one of them is called.
    """
    shares = np.stack([np.where(read_yet(ledger, row), ledger.at(row).shares, np.nan) for row in range(len(ledger))])
    layout = {
        "height": 420,
        "uirevision": f"ledger-history-{ledger.site.key}",
        "hovermode": "closest",
        "xaxis": {**label_axis(tokens, say("{noun} that wrote", noun=say(noun))), "anchor": "y"},
        "yaxis": label_axis(tokens, say("memory after {noun}", noun=say(noun)), downward=True),
        "shapes": _row(present, len(tokens)),
        "meta": {
            "link": {"axis": "x"},
            "ticks": [label_ticks("x", tokens), label_ticks("y", tokens)],
            "pick": "row",
            "steps": len(tokens),
        },
    }
    scale = Scale(ATTENTION_COLORS, 0.0, 1.0)
    cells = {
        "type": "heatmap",
        "name": say("share"),
        "z": shares.astype(np.float32),
        "customdata": np.tile(counts(len(tokens)), (len(tokens), 1)),
        "zmin": 0.0,
        "zmax": 1.0,
        "colorscale": scale.colors,
        "colorbar": scale.bar(say("gate-implied attention")),
        "hoverongaps": False,
        "hovertemplate": say(
            "memory after <b>%{{y}}</b><br>{noun} %{{customdata}}: <b>%{{x}}</b><br>share %{{z:.2%}}<extra></extra>",
            noun=say(noun),
        ),
    }
    if not ledger.begun:
        return assemble([cells], layout)
    before = {
        "xaxis": "x2",
        "x": np.array([-1.0], dtype=np.float32),
        "y": np.arange(len(tokens), dtype=np.float32),
        "z": left_before(ledger)[:, None].astype(np.float32),
        "showscale": False,
        "hovertemplate": say(
            "memory after <b>%{{y}}</b><br>before the first {noun}<br>share %{{z:.2%}}<extra></extra>", noun=say(noun)
        ),
    }
    return assemble([cells, {**cells, "customdata": None, **before}], {**layout, **make_room(layout)})


def left_before(ledger: Ledger) -> NDArray[np.float64]:
    """Share that what was in memory before the first token has after every token, ``[present]``."""
    return np.array([ledger.at(position).share_before for position in range(len(ledger))])


def numbers(ledger: Ledger, tokens: list[str]) -> pd.DataFrame:
    """One row for each moment: the token just read, and the share of every token, by its number from 1."""
    shares = {f"token_{number + 1}": values for number, values in enumerate(ledger.shares().T)}
    before = {BEFORE: left_before(ledger)} if ledger.begun else {}
    return pd.DataFrame({"after": tokens, **before, **shares})


def _row(present: int, steps: int) -> list[dict]:
    box = {"type": "rect", "x0": -0.5, "x1": steps - 0.5, "y0": present - 0.5, "y1": present + 0.5}
    return [{**box, "line": {"color": color, "width": width}} for color, width in (("#000000", 4), ("#ffffff", 1.5))]
