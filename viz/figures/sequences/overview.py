"""A sequence too long to be drawn step by step: what happened in every stretch, and where the open part stands.

Numbers of every step stand above, the units of one quantity below, all on one axis of steps, so that a box drawn in any
row zooms them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from core_models.ranges import Range, summarise_known
from core_models.vocabulary import Quantity
from viz.figures.parts.stack import Row, small, stack
from viz.figures.parts.stretches import Names, Stretches
from viz.figures.parts.token_axis import label_axis, thinned
from viz.theme import MARK, assemble, scale_of

SHOWN = {
    "extreme": mark("the value farthest from the unit’s mean"),
    "high": mark("the largest value"),
    "low": mark("the smallest value"),
    "mean": mark("the mean"),
}
"""What a column can show of a unit in its stretch."""

LINE_PIXELS, UNIT_PIXELS, LEAST_WIDTH = 110, 280, 520
MOST_ROW_LABELS, MOST_TIMES = 20, 12

BAND = "rgba(47, 127, 209, 0.28)"

MOST_NAMED = 20_000
"""Cells whose hover text names the stretch by its times; of more it counts the steps."""


@dataclass(frozen=True, eq=False)
class Line:
    """One number a step.

    Attributes:
        numbers: of the whole sequence, ``[step]``; NaN where one is missing.
        label: what it is, with its unit.
        from_zero: whether 0 is on its axis.
    """

    numbers: NDArray[np.floating]
    label: str
    from_zero: bool = True


@dataclass(frozen=True, eq=False)
class UnitColumns:
    """What every unit did, column by column.

    Attributes:
        found: smallest, largest and mean value, ``[column, unit]``.
        quantity: what it is.
        stretches: the stretch that each column is for.
        shown: which value of a column is drawn, one of ``SHOWN``.

    Raises:
        ValueError: if ``shown`` is none of them.
    """

    found: Range
    quantity: Quantity
    stretches: Stretches
    shown: str = "mean"

    def __post_init__(self) -> None:
        if self.shown not in SHOWN:
            raise ValueError(f"overview: expected one of {', '.join(SHOWN)}, got {self.shown!r}")


def draw(lines: Sequence[Line], columns: UnitColumns, stretches: Stretches) -> go.Figure:
    """Lines from top to bottom (three curves each: the two edges of the band, and the mean), and units below them.

    Args:
        lines: numbers of every step.
        columns: what every unit did.
        stretches: how what is shown of the lines is divided.
    """
    rows = [*(_line(line, stretches) for line in lines), _units(columns)]
    data, layout = stack(rows)
    for curve in data[3:]:
        curve["showlegend"] = False
    ticks = [*layout["meta"]["ticks"], *([_times(stretches, stretches.names)] if stretches.names else [])]
    layout |= {
        "uirevision": f"overview-{stretches.length}",
        "hovermode": "x",
        "showlegend": stretches.width > 1,
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
        "xaxis": small(_axis(stretches)),
        "shapes": [*layout["shapes"], *_open_part(stretches)],
        "meta": {
            **layout["meta"],
            "ticks": ticks,
            "zoom": {"whole": _whole(stretches), "shown": _shown(stretches)},
            "least_width": LEAST_WIDTH,
        },
    }
    return assemble(data, layout)


def _line(line: Line, stretches: Stretches) -> Row:
    found, x, exact = _summarised(line.numbers, stretches), stretches.middles, stretches.width == 1
    low, high, mean = (part[:, 0] for part in (found.low, found.high, found.mean))
    edge = {"type": "scatter", "x": x, "mode": "lines", "line": {"width": 0, "color": MARK}, "hoverinfo": "skip"}
    form = ".10~g" if line.numbers.dtype == np.float64 else ".6~f"
    summed = "<b>%{text}</b><br>mean %{y:.4~f}<br>from %{customdata[0]:.4~f} to %{customdata[1]:.4~f}<extra></extra>"
    curves = [
        {**edge, "name": say("smallest"), "y": _bridged(low), "showlegend": False},
        {**edge, "name": say("smallest to largest"), "y": _bridged(high), "fill": "tonexty", "fillcolor": BAND},
        {
            "type": "scatter", "x": x, "y": mean, "mode": "lines", "name": say("mean"),
            "line": {"width": 2, "color": MARK},
            "text": stretches.labels, "customdata": np.stack([low, high], axis=1),
            "hovertemplate": f"<b>%{{text}}</b><br>%{{y:{form}}}<extra></extra>" if exact else summed,
        },
    ]  # fmt: skip
    mode = "tozero" if line.from_zero else "normal"
    axis = {"title": {"text": line.label}, "rangemode": mode, "fixedrange": True, "nticks": 4}
    return Row(LINE_PIXELS, curves, axis)


def _bridged(edge: NDArray[np.floating]) -> NDArray[np.floating]:
    """An edge of the band without gaps, which a browser would fill wrongly; where there is no value it has no width."""
    known = np.isfinite(edge)
    return np.interp(np.arange(len(edge)), np.flatnonzero(known), edge[known]) if known.any() else edge


def _units(columns: UnitColumns) -> Row:
    found, label = columns.found, columns.quantity.label
    values = getattr(found, columns.shown)
    scale = scale_of(columns.quantity, np.array([np.nanmin(found.low), np.nanmax(found.high)]))
    units = [str(unit) for unit in range(values.shape[1])]
    cells = {
        "type": "heatmap",
        "name": label,
        "x": columns.stretches.middles,
        "z": np.ascontiguousarray(values.T),
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(label),
        **_hover(columns, len(units), label),
    }
    axis = label_axis(units, say("unit"), downward=True, most=MOST_ROW_LABELS)
    return Row(UNIT_PIXELS, [cells], axis, labels=units)


def _hover(columns: UnitColumns, units: int, label: str) -> dict[str, Any]:
    """What the hover text of a cell says; stretches are named where their names are few enough to be sent."""
    stretches, noun = columns.stretches, columns.stretches.noun
    one = np.array_equal(columns.found.low, columns.found.high, equal_nan=True)
    said = (
        label
        if one
        else say(
            "{what} of {label} in {n} {noun}s",
            what=say(SHOWN[columns.shown]),
            label=label,
            n=stretches.width,
            noun=say(noun),
        )
    )
    value = say("<br>unit %{{y}}<br>{said} = %{{z:.6f}}<extra></extra>", said=said)
    if stretches.names is None or units * len(stretches.starts) > MOST_NAMED:
        return {
            "hovertemplate": (
                say("around {noun} %{{x:,.0f}}", noun=say(noun)) if stretches.width > 1 else say(noun) + " %{x:,.0f}"
            )
            + value
        }
    return {"text": [stretches.labels] * units, "hovertemplate": f"%{{text}}{value}"}


def tabulate(values: NDArray[np.floating], stretches: Stretches) -> pd.DataFrame:
    """One row a stretch: first and last step, smallest, mean and largest number."""
    found, edges = _summarised(values, stretches), stretches.edges
    numbers = {"smallest": found.low[:, 0], "mean": found.mean[:, 0], "largest": found.high[:, 0]}
    if stretches.names is None:
        return pd.DataFrame({"from": edges[:-1] + 1, "to": edges[1:], **numbers})
    return pd.DataFrame({"from": stretches.names(edges[:-1]), "to": stretches.names(edges[1:] - 1), **numbers})


def _summarised(values: NDArray[np.floating], stretches: Stretches) -> Range:
    first, stop = int(stretches.edges[0]), int(stretches.edges[-1])
    return summarise_known(values[first:stop, None], stretches.starts - first)


def _axis(stretches: Stretches) -> dict[str, Any]:
    places = [f"{x:.1f}" for x in stretches.middles]
    named = {"hoverformat": ".1f", "labelalias": dict(zip(places, stretches.labels, strict=True))}
    return {
        **(named if stretches.names else {}),
        "title": {"text": say("time") if stretches.names else f"{say(stretches.noun)} (t)"},
        "range": _shown(stretches) or _whole(stretches),
        "showgrid": False,
        "zeroline": False,
        "tickformat": ",d",
    }


def _whole(stretches: Stretches) -> list[float]:
    return [0.5, stretches.length + 0.5]


def _shown(stretches: Stretches) -> list[float] | None:
    part = stretches.shown
    return None if part is None else [part.start + 0.5, part.stop + 0.5]


def _times(stretches: Stretches, names: Names) -> dict[str, Any]:
    """Words on the axis of time: few, and days alone where those tell them apart."""
    chosen = thinned(len(stretches.starts), MOST_TIMES)
    places = stretches.starts[chosen]
    labels = list(names(places))
    days = [label.split(" ")[0] for label in labels]
    return {"axis": "x", "values": (places + 1).tolist(), "labels": days if len({*days}) == len(days) else labels}


def _open_part(stretches: Stretches) -> list[dict[str, Any]]:
    """A frame around the part that is open: two pixels wide at least, so that it is seen in any length."""
    box = {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "x0": stretches.begin + 0.5, "x1": stretches.end + 0.5}
    return [{**box, "line": {"color": color, "width": width}} for color, width in (("#000000", 3), ("#ffffff", 1))]
