"""How far the states of two readings are apart at each token that both have, and how many units have parted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core_models.explain.dynamics.divergence import MISSING, Divergence, Floats, diverge
from core_models.language import say, say_n
from core_models.trace import Site, Trace
from core_models.vocabulary import Kind, quantity
from viz.figures.compare.comparison import Comparison, tabulate
from viz.figures.compare.marks import PARTING, axes
from viz.figures.parts.token_axis import counts
from viz.theme import MARK, MUTED, assemble

PART, MERGE = 0.25, 0.25
"""A unit parts above this share of the largest |state|; readings merge below this share of their largest distance."""


def state_key(trace: Trace, site: Site) -> str:
    """The state whose paths are compared at a site: the hidden state where there is one."""
    keys = [row.key for where, row in trace.find(Kind.STATE) if where == site and row.dims == ("step", "unit")]
    return "hidden_state" if "hidden_state" in keys else keys[-1]


def measure(comparison: Comparison, site: Site) -> Divergence:
    """Divergence of the two traces' states at one site; see ``core_models.explain.dynamics.divergence``."""
    first, second = comparison.traces
    key = state_key(first, site)
    backward = site.direction == "backward"
    a, b = first.array(site, key), second.array(site, key)
    return diverge(a, b, comparison.steps, part=PART, share=MERGE, backward=backward)


def how_to_read(comparison: Comparison, site: Site, found: Divergence) -> str:
    """What distance, threshold and the marked columns are."""
    label = quantity(state_key(comparison.traces[0], site)).label
    return say(
        "The line is the Euclidean distance between the two readings’ {label} after each token "
        "that both have; tokens that only one has are bridged. Bars are the share of units more "
        "than {threshold:.3f} apart, {part:.0%} of the largest absolute state in either reading. "
        "The readings merge where the distance falls below {share:.0%} of its largest value "
        "(dotted) and stays there.",
        label=label,
        threshold=found.threshold,
        part=PART,
        share=found.share,
    )


def draw(comparison: Comparison, site: Site, found: Divergence, top: float | None = None) -> go.Figure:
    """Distance by column (curve 0) over the share of units that are apart (curve 1).

    Args:
        comparison: two traces.
        site: whose states ``found`` was measured on.
        found: as ``measure`` returns it.
        top: upper end of the axis of distances, so that several figures can share it.
    """
    high = reach(found) if top is None else top
    parted = _share_apart(found)
    layout: dict[str, Any] = {
        "height": 380,
        "uirevision": f"compare-distance-{site.key}",
        "hovermode": "x unified",
        "showlegend": False,
        "bargap": 0.25,
        "margin": {"l": 12, "r": 16, "t": 32, "b": 12},
        **axes(comparison, say("{noun} (− or +: in one only)", noun=say(comparison.noun))),
        "yaxis": {"title": {"text": say("distance")}, "range": [0, 1.12 * high], "domain": [0.36, 1.0]},
        "yaxis2": {"title": {"text": say("units apart")}, "range": [0, 1], "domain": [0.0, 0.26], "tickformat": ".0%"},
        "shapes": _level(found),
        "annotations": _marks(found),
    }
    layout["yaxis2"]["anchor"] = "x"
    layout["xaxis"]["anchor"] = "y2"
    return assemble([_line(found), _bars(parted)], layout)


def numbers(comparison: Comparison, found: Divergence) -> pd.DataFrame:
    """Distance, share of units apart and difference of every unit: one row for each column."""
    units = {f"unit_{unit}": gaps for unit, gaps in enumerate(found.gaps.T)}
    return tabulate(comparison, {"distance": found.distance, "units_apart": _share_apart(found), **units})


def reach(found: Divergence) -> float:
    """Largest distance, or 1 where the states never differ."""
    return 1.0 if found.peak is None else float(found.distance[found.peak])


def _share_apart(found: Divergence) -> Floats:
    missing = np.isnan(found.distance)
    return np.where(missing, np.nan, (found.gaps > found.threshold).mean(axis=1))


def _line(found: Divergence) -> dict[str, Any]:
    symbols = ["diamond" if column in (found.peak, found.merged) else "circle" for column in range(len(found.distance))]
    return {
        "type": "scatter",
        "name": say("distance"),
        "mode": "lines+markers",
        "connectgaps": True,
        "x": np.arange(len(found.distance), dtype=np.float32),
        "y": found.distance.astype(np.float32),
        "customdata": counts(len(found.distance)),
        "line": {"color": MARK, "width": 2.5},
        "marker": {"size": [11 if symbol == "diamond" else 7 for symbol in symbols], "symbol": symbols},
        "hovertemplate": f"{say('distance')} = %{{y:.6f}}<extra></extra>",
    }


def _bars(parted: Floats) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": say("units apart"),
        "yaxis": "y2",
        "x": np.arange(len(parted), dtype=np.float32),
        "y": parted.astype(np.float32),
        "marker": {"color": MUTED, "line": {"width": 0}},
        "hovertemplate": f"{say('units apart')}: %{{y:.1%}}<extra></extra>",
    }


def _level(found: Divergence) -> list[dict[str, Any]]:
    """The level below which the readings count as merged."""
    if found.peak is None:
        return []
    level = found.share * float(found.distance[found.peak])
    line = {"color": MUTED, "width": 1.5, "dash": "dot"}
    return [{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": level, "y1": level, "line": line}]


def _marks(found: Divergence) -> list[dict[str, Any]]:
    words = {say("largest"): found.peak, say("merged"): found.merged}
    return [
        {"x": column, "y": float(found.distance[column]), "text": word, "showarrow": False, "yshift": 15,
         "font": {"color": PARTING}}
        for word, column in words.items() if column is not None
    ]  # fmt: skip


def describe(comparison: Comparison, found: Divergence) -> str:
    """In plain text: where the readings first differ, where they are furthest apart, and whether they merge."""
    if found.peak is None:
        return say("The states never differ: the network read the same in both.")
    name = [f"“{label}”" for label in comparison.labels]
    largest, last = float(found.distance[found.peak]), int(np.flatnonzero(np.isfinite(found.distance))[-1])
    peak = say(
        "{start}; the states are furthest apart at {name} (distance {largest:.2f})",
        start=_start(found, name),
        name=name[found.peak],
        largest=largest,
    )
    if found.merged is not None:
        return say("{peak}, and from {name} on they have merged.", peak=peak, name=name[found.merged])
    if found.peak == last:
        return say("{peak}, the last token that both have, so nothing follows in which they could merge.", peak=peak)
    left = float(found.distance[last]) / largest
    return say(
        "{peak}, and they do not merge again: {left:.0%} of that remains at the last token that both have.",
        peak=peak,
        left=left,
    )


def _start(found: Divergence, name: list[str]) -> str:
    parted = found.first[found.first != MISSING]
    if not len(parted):
        return say("No unit differs by more than {threshold:.3f}", threshold=found.threshold)
    columns, sizes = np.unique(parted, return_counts=True)
    most, count = name[columns[sizes.argmax()]], int(sizes.max())
    if len(columns) == 1:
        return say_n(
            "{n} of {all} units diverges, for the first time at {most}",
            "{n} of {all} units diverge, for the first time at {most}",
            len(parted), all=len(found.first), most=most,
        )  # fmt: skip
    return say(
        "{n} of {all} units diverge, {count} of them for the first time at {most}",
        n=len(parted), all=len(found.first), count=count, most=most,
    )  # fmt: skip
