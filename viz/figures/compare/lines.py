"""One quantity of all compared traces: the mean over units at each token, with the range of most units."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core_models.language import say, together
from viz.figures.compare.comparison import Comparison
from viz.figures.compare.marks import axes, line, mark_parting
from viz.figures.compare.quantity import ShownQuantity, summarize
from viz.theme import assemble

HEIGHT = 380


def how_to_read(comparison: Comparison, shown: ShownQuantity) -> str:
    """What a line is in each trace, and why there is none where there is none."""
    what = (
        say("Lines are the mean absolute value over units, bands the middle 80% of them.")
        if shown.signed
        else say("Lines are the mean over units, bands the middle 80% of them.")
    )
    return f"{what} {name_origins(comparison, shown)}"


def name_origins(comparison: Comparison, shown: ShownQuantity) -> str:
    """Which quantity stands for each trace, in one sentence each; one sentence where all are the same."""
    if len(set(shown.origins)) == 1 and shown.drawn[0] is not None:
        return say("Shown is the {origin}.", origin=shown.origins[0])
    return together(*(
        say("{name} {origin}.", name=name, origin=origin)
        if values is None
        else say("{name}: {origin}.", name=name, origin=origin)
        for name, origin, values in zip(comparison.names, shown.origins, shown.drawn, strict=True)
    ))  # fmt: skip


def reach(shown: ShownQuantity) -> tuple[float, float]:
    """Range of the vertical axis: that of the quantity, or from 0 to the largest band where it has none."""
    if not shown.signed:
        return shown.scale.low, shown.scale.high
    bands = [found[2] for number in range(len(shown.drawn)) if (found := summarize(shown, number)) is not None]
    return 0.0, max([float(np.nanmax(high)) for high in bands], default=1.0)


def draw(comparison: Comparison, shown: ShownQuantity, top: float | None = None) -> go.Figure:
    """A mean line and its band for each trace that holds the quantity.

    Args:
        comparison: what is compared.
        shown: the quantity, as ``compare_quantity.pick`` returns it.
        top: upper end of the vertical axis, so that several figures can share it; as ``reach`` says if None.
    """
    low, high = reach(shown)
    high = high if top is None else top
    pad = 0.03 * (high - low)
    shapes, notes = mark_parting(comparison)
    data: list[dict[str, Any]] = []
    mean = say("mean {label}", label=shown.label)
    for number in range(len(comparison.traces)):
        found = summarize(shown, number)
        if found is not None:
            data += _band(comparison, number, found[1], found[2])
            data.append(line(comparison, number, found[0], mean))
    label = say("mean {label}", label=f"|{shown.label}|") if shown.signed else mean
    layout = {
        "height": HEIGHT,
        "uirevision": f"compare-lines-{len(data)}-{shown.label}",
        "hovermode": "x unified",
        "showlegend": True,
        "margin": {"l": 12, "r": 16, "t": 32, "b": 12},
        **axes(comparison, say(comparison.noun)),
        "yaxis": {"title": {"text": label}, "range": [low - pad, high + pad]},
        "shapes": shapes,
        "annotations": notes,
    }
    return assemble(data, layout)


def _band(comparison: Comparison, number: int, low: np.ndarray, high: np.ndarray) -> list[dict[str, Any]]:
    steps = np.arange(len(comparison), dtype=np.float32)
    shown = np.isfinite(low)
    color = comparison.styles[number].color
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    edge = {"width": 1, "color": f"rgba({red}, {green}, {blue}, 0.3)"}
    quiet = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "showlegend": False, "line": edge}
    shared = {**quiet, "legendgroup": str(number), "x": steps[shown]}
    fill = {"fill": "tonexty", "fillcolor": f"rgba({red}, {green}, {blue}, 0.1)"}
    return [{**shared, "name": "10%", "y": low[shown]}, {**shared, "name": "90%", "y": high[shown], **fill}]
