"""Output step by input step: what every token gave to every answer on the way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import say
from viz.figures.parts.token_axis import counts, label_axis, label_ticks, spell
from viz.theme import SIGNED_COLORS, Scale, assemble

MOST_ROW_LABELS = 30


def draw(
    matrix: NDArray[np.floating],
    inputs: Sequence[str],
    outputs: Sequence[str],
    *,
    output_title: str = "",
    row: str = "",
    triangular: bool = True,
    label: str = "",
) -> go.Figure:
    """Shares ``[output, input]`` on one scale for all rows.

    Args:
        matrix: row = output, column = input token.
        inputs: tokens that were read.
        outputs: what each row is.
        output_title: name of the vertical axis; that of answers on the way if empty.
        row: what a row is called when one points at it, before its number.
        triangular: whether an output cannot depend on later tokens; those cells stay empty.
        label: quantity on the colour bar; gradient × input if empty.
    """
    label = label or say("gradient × input")
    keys, queries = [spell(one) for one in inputs], [spell(one) for one in outputs]
    values = matrix.astype(np.float32)
    if triangular:
        values = np.where(np.tri(*values.shape, dtype=bool), values, np.float32(np.nan))
    largest = float(np.nanmax(np.abs(values), initial=0.0)) or 1.0
    scale = Scale(SIGNED_COLORS, -largest, largest, say("±{largest:.3g} = largest |value|", largest=largest))
    numbers = np.broadcast_arrays(counts(len(queries))[:, None], counts(len(keys))[None, :])
    cells = {
        "type": "heatmap",
        "name": label,
        "z": values,
        "customdata": np.stack(numbers, axis=-1),
        "hoverongaps": False,
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(label),
        "hovertemplate": f"{row or say('after token')} %{{customdata[0]}}: <b>%{{y}}</b><br>"
        f"{say('from token')} %{{customdata[1]}}: <b>%{{x}}</b><br>"
        f"{label} = %{{z:.6f}}<extra></extra>",
    }
    layout = {
        "height": int(np.clip(140 + 24 * len(queries), 240, 520)),
        "uirevision": "attribution-matrix",
        "hovermode": "closest",
        "xaxis": {**label_axis(keys, say("token read (i)")), "anchor": "y"},
        "yaxis": label_axis(
            queries, output_title or say("answer after token (t)"), downward=True, most=MOST_ROW_LABELS
        ),
        "meta": {
            "link": {"axis": "x"},
            "pick": "row",
            "steps": max(len(keys), len(queries)),
            "ticks": [label_ticks("x", keys), label_ticks("y", queries)],
        },
    }
    return assemble([cells], layout)
