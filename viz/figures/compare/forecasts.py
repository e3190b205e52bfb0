"""The forecasts of the compared traces on one axis of steps ahead, with what was read last and what followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import say, say_n
from viz.figures.compare.comparison import Style
from viz.figures.parts.token_axis import escape, label_axis, label_ticks
from viz.theme import MUTED, assemble

Floats = NDArray[np.floating]

LEAST_READ = 12
"""Of what was read last, at least so many steps are drawn, and as many as are forecast."""


@dataclass(frozen=True, eq=False)
class Ahead:
    """One forecast, in the unit of its series.

    Attributes:
        name: what it is called on screen, plain text.
        style: how it is drawn.
        centre, lower, upper: of every step ahead, ``[horizon]``.
        read: the values before it, NaN where they are missing, ``[step]``.
        came: what followed, NaN where that is not known, ``[horizon]``.
        held: share of unseen values that such an interval held, ``[horizon]``.
    """

    name: str
    style: Style
    centre: Floats
    lower: Floats
    upper: Floats
    read: Floats
    came: Floats
    held: Floats


def places(rows: Sequence[Ahead]) -> NDArray[np.intp]:
    """The steps that are drawn, 0 being the last one that was read."""
    horizon = len(rows[0].centre)
    before = min(max(LEAST_READ, horizon), *(len(row.read) for row in rows))
    return np.arange(1 - before, horizon + 1)


def draw(rows: Sequence[Ahead], noun: str, title: str) -> go.Figure:
    """Centre and interval of each forecast; what was read and came once, or of each where they differ.

    Args:
        rows: the forecasts, as many steps ahead each.
        noun: what a step is called.
        title: of the values.
    """
    at = places(rows)
    labels = [f"+{step}" if step > 0 else f"{step}".replace("-", "−") for step in at.tolist()]
    now = int(np.flatnonzero(at == 0)[0])
    alike = all(np.array_equal(row.read, rows[0].read, equal_nan=True) for row in rows)
    data: list[dict[str, Any]] = []
    for row in rows[:1] if alike else rows:
        data += _known(row, now, alike)
    for row in rows:
        data += _forecast(row, now)
    layout = {
        "height": 380,
        "uirevision": f"compare-forecasts-{len(rows)}",
        "hovermode": "x unified",
        "showlegend": True,
        "margin": {"l": 12, "r": 16, "t": 32, "b": 12},
        "xaxis": label_axis(labels, say("{noun}s ahead", noun=say(noun))),
        "yaxis": {"title": {"text": escape(title)}},
        "shapes": [{"type": "line", "x0": now, "x1": now, "yref": "paper", "y0": 0, "y1": 1,
                    "line": {"color": MUTED, "width": 1}}],
        "meta": {"link": {"axis": "x"}, "ticks": [label_ticks("x", labels)]},
    }  # fmt: skip
    return assemble(data, layout)


def _known(row: Ahead, now: int, alike: bool) -> list[dict[str, Any]]:
    """What was read last, and what followed."""
    color = MUTED if alike else row.style.color
    of = "" if alike else f", {escape(row.name)}"
    read, came = row.read[-(now + 1) :], np.append(row.read[-1:], row.came)
    shared = {"type": "scatter", "line": {"color": color, "width": 1.5}}
    found = [{**shared, "mode": "lines", "name": say("what was read") + of,
              "x": np.arange(now + 1, dtype=np.float32), "y": read.astype(np.float32),
              "hovertemplate": f"{say('read')}{of}: %{{y:.4g}}<extra></extra>"}]  # fmt: skip
    if np.isfinite(row.came).any():
        x = np.arange(now, now + len(came), dtype=np.float32)
        found.append({**shared, "mode": "lines+markers", "name": say("what followed") + of, "x": x,
                      "y": came.astype(np.float32), "marker": {"size": 6, "symbol": "diamond-open", "color": color},
                      "hovertemplate": f"{say('what followed')}{of}: %{{y:.4g}}<extra></extra>"})  # fmt: skip
    return found


def _forecast(row: Ahead, now: int) -> list[dict[str, Any]]:
    x, name, color = np.arange(now + 1, now + 1 + len(row.centre), dtype=np.float32), escape(row.name), row.style.color
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    edge = {"type": "scatter", "mode": "lines", "x": x, "hoverinfo": "skip", "showlegend": False,
            "line": {"width": 1, "color": f"rgba({red}, {green}, {blue}, 0.3)"}, "legendgroup": name}  # fmt: skip
    return [
        {**edge, "name": say("lower end"), "y": row.lower.astype(np.float32)},
        {**edge, "name": say("upper end"), "y": row.upper.astype(np.float32), "fill": "tonexty",
         "fillcolor": f"rgba({red}, {green}, {blue}, 0.1)"},
        {"type": "scatter", "mode": "lines+markers", "name": name, "legendgroup": name, "x": x,
         "y": row.centre.astype(np.float32), "line": {"color": color, "width": 2.2, "dash": row.style.dash},
         "marker": {"size": 6, "symbol": row.style.symbol, "color": color},
         "customdata": np.stack([row.lower, row.upper, row.held], axis=1).astype(np.float32),
         "hovertemplate": f"{name}: " + say(
             "%{y:.4g}, interval %{customdata[0]:.4g} to %{customdata[1]:.4g}, which held %{customdata[2]:.0%} of "
             "unseen values"
         ) + "<extra></extra>"},
    ]  # fmt: skip


def tabulate(rows: Sequence[Ahead]) -> pd.DataFrame:
    """One row for each step ahead: every forecast with its interval, and what followed."""
    table: dict[str, Any] = {"ahead": np.arange(1, len(rows[0].centre) + 1)}
    for row in rows:
        table |= {str(row.name): row.centre, f"{row.name}, lower": row.lower, f"{row.name}, upper": row.upper,
                  say("{name}, held on unseen data", name=row.name): row.held,
                  f"{row.name}, came": row.came}  # fmt: skip
    return pd.DataFrame(table)


def describe(rows: Sequence[Ahead], noun: str, unit: str) -> str:
    """In plain text: what each expects last, how far off it was where that is known, and where they differ most."""
    unit = f" {unit}" if unit else ""
    steps = len(rows[0].centre)
    said = [f"{row.name} {row.centre[-1]:.4g}{unit}{_off(row)}" for row in rows]
    end = say_n(
        "Expected {n} {noun} ahead: {said}.", "Expected {n} {noun}s ahead: {said}.", steps,
        noun=say(noun), said=say(", ").join(said),
    )  # fmt: skip
    if len(rows) < 2:
        return end
    gaps = np.ptp(np.stack([row.centre for row in rows]), axis=0)
    far = int(gaps.argmax())
    furthest = say_n(
        "The forecasts are furthest apart {n} {noun} ahead: {gap:.4g}{unit}.",
        "The forecasts are furthest apart {n} {noun}s ahead: {gap:.4g}{unit}.",
        far + 1, noun=say(noun), gap=gaps[far], unit=unit,
    )  # fmt: skip
    return f"{end} {furthest}"


def _off(row: Ahead) -> str:
    misses = np.abs(row.centre - row.came)
    return " " + say("(off by {gap:.3g} on average)", gap=np.nanmean(misses)) if np.isfinite(misses).any() else ""
