"""Unit by unit: how far two readings are apart, and where each unit first parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.explain.dynamics.divergence import MISSING, Divergence
from core_models.language import say
from core_models.trace import Site
from viz.figures.compare.comparison import Comparison
from viz.figures.compare.marks import axes
from viz.figures.parts.token_axis import counts, label_axis, label_ticks
from viz.theme import assemble

GAP_COLORS = ((0.0, "#43306f"), (0.25, "#6d3a86"), (0.5, "#a2478c"), (0.75, "#f68a62"), (1.0, "#fed58a"))
"""0 to the largest difference, purple to cream, ever lighter."""

MOST_ROW_LABELS = 20


def how_to_read(found: Divergence) -> str:
    """Rows, their order, colours and the marks."""
    return say(
        "Each row is one unit, those that diverge first on top; colour is the absolute "
        "difference of its two states, blank where only one has the token. A white square marks "
        "where a unit is first more than {threshold:.3f} apart.",
        threshold=found.threshold,
    )


def order_units(found: Divergence, backward: bool = False) -> NDArray[np.intp]:
    """Units by where they first part, those that never do last; among equals the larger difference first."""
    largest = np.nanmax(found.gaps, axis=0, initial=0.0)
    first = np.where(found.first == MISSING, len(found.distance), len(found.distance) - 1 - found.first)
    first = first if backward else np.where(found.first == MISSING, len(found.distance), found.first)
    return np.lexsort((-largest, first)).astype(np.intp)


def draw(comparison: Comparison, site: Site, found: Divergence, top: float | None = None) -> go.Figure:
    """Heatmap of differences (curve 0), row ``i`` being unit ``layout.meta["units"][i]``, and the marks (curve 1)."""
    units = order_units(found, site.direction == "backward")
    names = [str(unit) for unit in units.tolist()]
    frame = axes(comparison, say("{noun} (− or +: in one only)", noun=say(comparison.noun)))
    frame["meta"]["ticks"].append(label_ticks("y", names))
    layout: dict[str, Any] = {
        "height": 420,
        "uirevision": f"compare-gaps-{site.key}",
        "hovermode": "closest",
        "showlegend": False,
        **frame,
        "yaxis": label_axis(names, say("unit (by where it diverges)"), downward=True, most=MOST_ROW_LABELS),
    }
    layout["meta"] |= {"units": units.tolist(), "pick": "cell"}
    cells = {
        "type": "heatmap",
        "name": say("difference"),
        "z": np.ascontiguousarray(found.gaps.T[units].astype(np.float32)),
        "customdata": np.tile(counts(len(comparison)), (len(units), 1)),
        "zmin": 0.0,
        "zmax": reach(found) if top is None else top,
        "colorscale": GAP_COLORS,
        "colorbar": {"title": {"text": f"|{say('difference')}|", "side": "right"}, "thickness": 11, "outlinewidth": 0},
        "hoverongaps": False,
        "hovertemplate": f"{say(comparison.noun)} %{{customdata}}: <b>%{{x}}</b><br>{say('unit')} %{{y}}<br>"
        f"{say('difference')} = %{{z:.6f}}<extra></extra>",
    }
    return assemble([cells, _marks(found, units)], layout)


def reach(found: Divergence) -> float:
    """Largest difference of a unit, or 1 where there is none."""
    return float(np.nanmax(found.gaps, initial=0.0)) or 1.0


def _marks(found: Divergence, units: NDArray[np.intp]) -> dict[str, Any]:
    columns = found.first[units]
    shown = np.flatnonzero(columns != MISSING)
    return {
        "type": "scatter",
        "name": say("first diverges"),
        "mode": "markers",
        "hoverinfo": "skip",
        "x": columns[shown].astype(np.float32),
        "y": shown.astype(np.float32),
        "marker": {"size": 5, "symbol": "square", "color": "#ffffff", "line": {"color": "#000000", "width": 1}},
    }
