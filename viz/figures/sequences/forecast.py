"""A series, what is forecast of it, and what followed; below on the same axis of time, where attention looked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from viz.figures.parts.marks import stem
from viz.figures.parts.token_axis import label_axis, label_ticks, spell
from viz.theme import ATTENTION_MARK, LINES, MARK, MUTED, NEGATIVE, assemble

Floats = NDArray[np.floating]

COPY = mark("the copy that learned")
LEAST_WIDTH = 640
"""Pixels in which the names of all lines leave room for the lines."""

DASHES = ("dot", "dash", "dashdot", "longdash")


@dataclass(frozen=True)
class Forecast:
    """A window with its forecast, all in the unit of the series.

    Attributes:
        labels: times of the window and of the steps ahead.
        history: what was read, gaps filled, ``[step]``.
        missing: which of it was missing, ``[step]``.
        centre, lower, upper: forecast and its interval, ``[horizon]``.
        came: what followed, NaN where it is not known, ``[horizon]``.
        simple: simple forecasts by name, ``[horizon]`` each, NaN where there is none.
        held: share of unseen values that such an interval held, ``[horizon]``; None where that was not measured.
        before: windows before this one that set the interval; 0 where it was set once, on older data.
        copied: forecast of a copy of the network that learned from this series, ``[horizon]``; None without one.
        attention: of the last step over all, ``[step]``; None without attention.
        title: what the series is, with its unit.
        unit: its unit.
    """

    labels: Sequence[str]
    history: Floats
    missing: NDArray[np.bool_]
    centre: Floats
    lower: Floats
    upper: Floats
    came: Floats
    simple: Mapping[str, Floats] = field(default_factory=dict)
    held: Floats | None = None
    before: int = 0
    copied: Floats | None = None
    attention: Floats | None = None
    title: str = "value"
    unit: str = ""

    @property
    def ahead(self) -> NDArray[np.float32]:
        """Places of the steps ahead on the axis."""
        return np.arange(len(self.history), len(self.history) + len(self.centre), dtype=np.float32)

    def errors(self) -> dict[str, float]:
        """Mean absolute error of every forecast over the steps whose values are known, by name."""
        every = {
            say("this model"): self.centre,
            **({} if self.copied is None else {say(COPY): self.copied}),
            **self.simple,
        }
        misses = {name: np.abs(values - self.came) for name, values in every.items()}
        return {name: float(np.nanmean(miss)) for name, miss in misses.items() if not np.isnan(miss).all()}


def draw(forecast: Forecast, step: int | None = None, *, brief: bool = False) -> go.Figure:
    """History, forecast with interval, what came and simple forecasts; under them attention, if there is some.

    Args:
        forecast: what is drawn.
        step: selected place on the axis, the steps ahead counted on after those of the window.
        brief: whether it is to be low.
    """
    labels = [spell(label) for label in forecast.labels]
    steps, attends = len(labels), forecast.attention is not None
    low = 0.3 if attends else 0.0
    layout = {
        "height": 520 if attends else 240 if brief else 400,
        "uirevision": f"forecast-{steps}-{len(forecast.history)}",
        "hovermode": "x",
        "showlegend": True,
        # Above the forecast, where a narrow screen opens, and as high as it needs: it would scroll by itself.
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom", "maxheight": 400},
        "margin": {"l": 12, "r": 12, "t": 64, "b": 12},
        "xaxis": {**label_axis(labels, "" if brief else "time"), "anchor": "y2" if attends else "y"},
        "yaxis": {"title": {"text": forecast.title}, "domain": [low, 1.0]},
        "shapes": [_now(len(forecast.history)), *([stem(step)] if step is not None else [])],
        "meta": {"link": {"axis": "x"}, "ticks": [label_ticks("x", labels)], "pick": "token", "steps": steps,
                 "least_width": LEAST_WIDTH, "open_at": {"axis": "x", "position": len(forecast.history)}},
    }  # fmt: skip
    data = [*_band(forecast), _history(forecast), *_missing(forecast), *_simple(forecast), _centre(forecast)]
    data += [] if forecast.copied is None else [_copied(forecast, forecast.copied)]
    data += _came(forecast)
    if forecast.attention is not None:
        top = max(1.15 * float(forecast.attention.max()), 1e-6)
        layout["yaxis2"] = {
            "title": {"text": say("attention α")},
            "domain": [0.0, 0.22],
            "range": [0.0, top],
            "nticks": 3,
        }
        data.append(_attention(forecast.attention))
    return assemble(data, layout)


def tabulate(forecast: Forecast) -> pd.DataFrame:
    """One row for each step: what was read, or what is forecast and what came."""
    before, ahead = len(forecast.history), len(forecast.centre)
    empty = np.full(before, np.nan)
    table: dict[str, Any] = {
        "time": list(forecast.labels),
        "read": np.concatenate([forecast.history, np.full(ahead, np.nan)]),
        "missing": np.concatenate([forecast.missing, np.zeros(ahead, dtype=bool)]),
        "forecast": np.concatenate([empty, forecast.centre]),
        "lower": np.concatenate([empty, forecast.lower]),
        "upper": np.concatenate([empty, forecast.upper]),
        **({} if forecast.held is None else {"held_on_unseen_data": np.concatenate([empty, forecast.held])}),
        "came": np.concatenate([empty, forecast.came]),
    }
    beside = {**forecast.simple, **({} if forecast.copied is None else {say(COPY): forecast.copied})}
    table |= {str(name): np.concatenate([empty, values]) for name, values in beside.items()}
    if forecast.attention is not None:
        table["attention"] = np.concatenate([forecast.attention, np.full(ahead, np.nan)])
    return pd.DataFrame(table)


def spread_of(shares: Floats) -> str:
    """The least and the greatest of several shares, in percent."""
    least, most = f"{shares.min():.0%}", f"{shares.max():.0%}"
    return least if least == most else say("{first} to {last}", first=least, last=most)


def draw_curve(steps: Sequence[int], errors: Sequence[float], levels: Mapping[str, float], unit: str) -> go.Figure:
    """Error on what is held out while a copy of the network learns, with simple forecasts as levels."""
    line = {
        "type": "scatter",
        "name": say("this model"),
        "mode": "lines+markers",
        "x": np.array(steps, dtype=np.float32),
        "y": np.array(errors, dtype=np.float32),
        "line": {"color": MARK, "width": 2},
        "hovertemplate": say("after %{x} batches: %{y:.4g}<extra></extra>"),
    }
    ends = np.array([0, max([1, *steps])], dtype=np.float32)
    data = [line] + [
        {
            "type": "scatter",
            "name": name,
            "mode": "lines",
            "x": ends,
            "y": np.full(2, level, dtype=np.float32),
            "line": {"color": MUTED, "width": 1.5, "dash": DASHES[place % len(DASHES)]},
            "hovertemplate": f"{name}: %{{y:.4g}}<extra></extra>",
        }
        for place, (name, level) in enumerate(levels.items())
        if np.isfinite(level)
    ]
    layout = {
        "height": 300,
        "uirevision": "fine-tuning",
        "showlegend": True,
        "xaxis": {"title": {"text": say("batches learned")}, "range": [0, None]},
        "yaxis": {
            "title": {"text": say("mean absolute error, {unit}", unit=unit) if unit else say("mean absolute error")},
            "rangemode": "tozero",
        },
        "meta": {},
    }
    return assemble(data, layout)


def _now(steps: int) -> dict[str, Any]:
    """Shape: where the window ends and the forecast begins."""
    line = {"color": MUTED, "width": 1}
    return {"type": "line", "x0": steps - 0.5, "x1": steps - 0.5, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def _band(forecast: Forecast) -> list[dict[str, Any]]:
    shared = {"type": "scatter", "mode": "lines", "line": {"width": 0, "color": MARK}, "x": forecast.ahead}
    name, held = say("interval"), {}
    if forecast.held is not None:
        name = say("interval that held {share} of unseen values", share=spread_of(forecast.held))
        held = {"customdata": _small(forecast.held)}
    hover = say("upper end %{y:.4g}<extra></extra>")
    if held:
        hover = say("upper end %{y:.4g}, such intervals held %{customdata:.0%}<extra></extra>")
    return [
        {**shared, "name": say("lower end"), "y": _small(forecast.lower), "showlegend": False,
         "hovertemplate": say("lower end %{y:.4g}<extra></extra>")},
        {**shared, "name": name, "y": _small(forecast.upper), "fill": "tonexty", **held,
         "fillcolor": "rgba(47, 127, 209, 0.25)", "hovertemplate": hover},
    ]  # fmt: skip


def _history(forecast: Forecast) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": say("what was read"),
        "mode": "lines",
        "x": np.arange(len(forecast.history), dtype=np.float32),
        "y": _small(forecast.history),
        "line": {"color": MUTED, "width": 2},
        "hovertemplate": say("%{x}: read %{y:.4g}<extra></extra>"),
    }


def _missing(forecast: Forecast) -> list[dict[str, Any]]:
    if not forecast.missing.any():
        return []
    places = np.flatnonzero(forecast.missing)
    return [
        {
            "type": "scatter",
            "name": say("missing, filled in"),
            "mode": "markers",
            "x": places.astype(np.float32),
            "y": _small(forecast.history[places]),
            "marker": {"symbol": "x-thin-open", "size": 7, "color": NEGATIVE, "line": {"width": 1.5}},
            "hovertemplate": say("%{x}: missing, filled with %{y:.4g}<extra></extra>"),
        }
    ]


def _simple(forecast: Forecast) -> list[dict[str, Any]]:
    return [
        {
            "type": "scatter",
            "name": name,
            "mode": "lines",
            "opacity": 0.9,
            "x": forecast.ahead,
            "y": _small(values),
            "line": {"color": LINES[2 + place], "width": 1.5, "dash": DASHES[place % len(DASHES)]},
            "hovertemplate": f"{name} %{{y:.4g}}<extra></extra>",
        }
        for place, (name, values) in enumerate(forecast.simple.items())
        if not np.isnan(values).all()
    ]


def _centre(forecast: Forecast) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": say("forecast"),
        "mode": "lines+markers",
        "x": forecast.ahead,
        "y": _small(forecast.centre),
        "line": {"color": MARK, "width": 2.5},
        "marker": {"size": 5, "color": MARK},
        "hovertemplate": say("%{x}: forecast %{y:.4g}<extra></extra>"),
    }


def _copied(forecast: Forecast, values: Floats) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": say(COPY),
        "mode": "lines+markers",
        "x": forecast.ahead,
        "y": _small(values),
        "line": {"color": LINES[5], "width": 2},
        "marker": {"size": 6, "symbol": "square", "color": LINES[5]},
        "hovertemplate": say(COPY) + " %{y:.4g}<extra></extra>",
    }


def _came(forecast: Forecast) -> list[dict[str, Any]]:
    if np.isnan(forecast.came).all():
        return []
    return [
        {
            "type": "scatter",
            "name": say("what followed"),
            "mode": "lines+markers",
            "x": forecast.ahead,
            "y": _small(forecast.came),
            "line": {"color": NEGATIVE, "width": 1.5},
            "marker": {"size": 6, "symbol": "diamond-open", "color": NEGATIVE},
            "hovertemplate": say("%{x}: %{y:.4g} followed<extra></extra>"),
        }
    ]


def _attention(weights: Floats) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": say("attention α of the last step"),
        "showlegend": False,
        "x": np.arange(len(weights), dtype=np.float32),
        "y": _small(weights),
        "yaxis": "y2",
        "marker": {"color": ATTENTION_MARK, "line": {"width": 0}},
        "hovertemplate": "%{x}: α = %{y:.6f}<extra></extra>",
    }


def _small(values: Floats) -> NDArray[np.float32]:
    return np.ascontiguousarray(values, dtype=np.float32)
