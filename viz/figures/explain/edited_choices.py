"""All that a network could say in one place, or all that it forecasts, original and edited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from viz.figures.compare.comparison import STYLES
from viz.figures.parts.token_axis import label_axis, label_ticks, spell
from viz.theme import assemble

HOW_TO_READ = mark(
    "Each place on the axis is one possible answer. Circles on a solid line: the network’s own reading; squares on "
    "a dashed line: the same network under the edits that are switched on."
)


def draw(
    names: Sequence[str],
    before: NDArray[np.floating],
    after: NDArray[np.floating],
    title: str,
    *,
    span: tuple[float, float] | None,
) -> go.Figure:
    """Original (curve 0) and edited values (curve 1).

    Args:
        names: of what could be said, plain text.
        before: its values, ``[choice]``.
        after: the same in the edited reading.
        title: name of the values.
        span: ends of their scale; as wide as they need if None.
    """
    spelled = [spell(name) for name in names]
    data: list[dict[str, Any]] = [
        {
            "type": "scatter", "mode": "lines+markers", "name": name, "x": np.arange(len(names), dtype=np.float32),
            "y": values.astype(np.float32), "line": {"color": style.color, "width": 2, "dash": style.dash},
            "marker": {"size": 8, "symbol": style.symbol, "color": style.color},
            "hovertemplate": f"%{{x}}<br>{name}: %{{y:.6f}}<extra></extra>",
        }
        for name, values, style in zip((say("original"), say("edited")), (before, after), STYLES, strict=False)
    ]  # fmt: skip
    layout = {
        "height": 340,
        "uirevision": "edited-choices",
        "hovermode": "x unified",
        "xaxis": label_axis(spelled, ""),
        "yaxis": {"title": {"text": title}, "zeroline": False} | ({} if span is None else {"range": list(span)}),
        "meta": {"ticks": [label_ticks("x", spelled)]},
    }
    return assemble(data, layout)


def numbers(names: Sequence[str], before: NDArray[np.floating], after: NDArray[np.floating]) -> pd.DataFrame:
    """One row for each thing that could be said."""
    return pd.DataFrame({"choice": list(names), "original": before, "edited": after, "difference": after - before})
