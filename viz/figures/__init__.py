"""The views, in the order in which a page offers them; one file each."""

from viz.figures.trace import (
    attention_bars,
    attention_heatmap,
    distribution,
    heatmap,
    ledger,
    prediction,
    trajectory,
    unit_lines,
)
from viz.view import View

VIEWS: tuple[View, ...] = (
    prediction.VIEW,
    heatmap.VIEW,
    unit_lines.VIEW,
    distribution.VIEW,
    ledger.VIEW,
    attention_heatmap.VIEW,
    attention_bars.VIEW,
    trajectory.VIEW,
)

__all__ = ["VIEWS"]
