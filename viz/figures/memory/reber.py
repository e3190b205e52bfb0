"""The LSTM with and without forget gate on an endless stream: what it learns, and how its cell state grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core_models.language import say
from pretrained.memory.published import Published
from viz.figures.memory.racers import STREAM_LOOKS
from viz.theme import MUTED, assemble

Result = Mapping[str, Any]


def draw_bars(rows: Sequence[Result], published: Sequence[Published]) -> go.Figure:
    """Share of remembered symbols right: a bar for the mean, a point for each seed, what others reported as stars.

    Returns:
        For each architecture its bars by learning rate and its points; then the stars.
    """
    rates = sorted({row["learning_rate"] for row in rows}, reverse=True)
    data = []
    for place, (key, look) in enumerate(STREAM_LOOKS.items()):
        shift = 0.36 * (place - 0.5)
        own = [row for row in rows if row["cell"] == key]
        means = [np.mean([row["outer"] for row in own if row["learning_rate"] == rate]) for rate in rates]
        pattern = {"shape": "/" if place else ""}
        data += [
            {
                "type": "bar", "name": look.name, "width": 0.32, "legendgroup": key,
                "x": (np.arange(len(rates)) + shift).astype(np.float32), "y": np.array(means, dtype=np.float32),
                "marker": {"color": look.color, "opacity": 0.55, "pattern": pattern},
                "hovertemplate": say("<b>{name}</b><br>mean of seeds %{{y:.2%}}<extra></extra>", name=look.name),
            },
            {
                "type": "scatter", "mode": "markers", "name": look.name, "legendgroup": key, "showlegend": False,
                "x": np.array([rates.index(row["learning_rate"]) + shift + 0.06 * (row["seed"] - 2) for row in own],
                              dtype=np.float32),
                "y": np.array([row["outer"] for row in own], dtype=np.float32),
                "text": [say(


                            "learning rate {learning_rate:g}, seed {seed}", learning_rate=row['learning_rate'],
                                seed=row['seed']) for row in own],
                "marker": {"color": look.color, "symbol": look.symbol, "size": 8,
                           "line": {"width": 1.5, "color": look.color}},
                "hovertemplate": say(


                            "<b>{name}</b>, %{{text}}<br>%{{y:.2%}} of {asked:,}<extra></extra>",
                                name=look.name, asked=own[0]['asked']),
            },
        ]  # fmt: skip
    data += [_star(point, len(rates), place) for place, point in enumerate(published)]
    groups = [f"{rate:g}" for rate in rates] + ([say("reported<br>by others")] if published else [])
    layout = _frame(say("second-to-last symbol right"), "memory-reber-bars") | {
        "bargap": 0.2,
        "xaxis": {
            "title": {"text": say("learning rate")},
            "tickangle": 0,
            "tickvals": list(range(len(groups))),
            "ticktext": groups,
            "range": [-0.5, len(groups) - 0.5],
        },
        "shapes": [_half()],
    }
    layout["yaxis"] |= {"range": [0, 1.04], "tickformat": ".0%", "dtick": 0.25}
    return assemble(data, layout)


def draw_learning(rows: Sequence[Result]) -> go.Figure:
    """Share of remembered symbols right against symbols of training, one line a seed: curve ``i`` is row ``i``."""
    layout = _frame(say("second-to-last symbol right"), "memory-reber-learning")
    layout["yaxis"] |= {"range": [0.4, 1.02], "tickformat": ".0%"}
    layout["xaxis"] = {"title": {"text": say("symbols of training")}, "rangemode": "tozero"}
    layout["shapes"] = [_half()]
    shown = say("%{x:,} symbols: %{y:.1%}")
    return assemble(_lines(rows, lambda row: (row["symbols_by_mark"], row["outer_by_mark"]), shown), layout)


def draw_norm(rows: Sequence[Result], window: int) -> go.Figure:
    """Norm of the cell state against the position in a test stream, one line a seed: curve ``i`` is row ``i``.

    Args:
        rows: results of the task.
        window: symbols between two values.
    """
    layout = _frame(say("norm of the cell state |cₜ| (log)"), "memory-reber-norm")
    layout["yaxis"] |= {"type": "log", "dtick": 1}
    layout["xaxis"] = {"title": {"text": say("position in the test stream")}, "rangemode": "tozero"}

    def take(row: Result) -> tuple[list[float], list[float]]:
        return [window * (i + 1) for i in range(len(row["norm_by_window"]))], row["norm_by_window"]

    return assemble(_lines(rows, take, say("after %{x:,} symbols: |c| = %{y:,.1f}")), layout)


def _lines(rows: Sequence[Result], take: Any, shown: str) -> list[dict[str, Any]]:
    seen: set[str] = set()
    data = []
    for row in rows:
        look, key = STREAM_LOOKS[row["cell"]], f"{row['cell']}-{row['learning_rate']}"
        x, y = take(row)
        fast = row["learning_rate"] == max(r["learning_rate"] for r in rows)
        data.append({
            "type": "scatter", "mode": "lines+markers", "legendgroup": key, "showlegend": key not in seen,
            "name": say("{name}, rate {learning_rate:g}", name=look.name.removeprefix('LSTM '),
                learning_rate=row['learning_rate']),
            "x": np.array(x, dtype=np.float32), "y": np.array(y, dtype=np.float32),
            "line": {"color": look.color, "width": 1.8, "dash": "solid" if fast else "dot"},
            "marker": {"color": look.color, "symbol": look.symbol, "size": 6},
            "hovertemplate": say(


                        "<b>{name}</b>, rate {learning_rate:g}, seed {seed}<br>{shown}<extra></extra>",
                            name=look.name, learning_rate=row['learning_rate'], seed=row['seed'], shown=shown),
        })  # fmt: skip
        seen.add(key)
    return data


def _star(point: Published, group: int, place: int) -> dict[str, Any]:
    look = STREAM_LOOKS[point.cell]
    return {
        "type": "scatter", "mode": "markers", "name": say("{name}, reported by others", name=look.name),
            "showlegend": False,
        "x": np.array([group + 0.36 * (place - 0.5)], dtype=np.float32),
        "y": np.array([point.value], dtype=np.float32),
        "marker": {"symbol": "star-open", "size": 15, "color": look.color, "line": {"width": 2, "color": look.color}},
        "hovertemplate": f"<b>{look.name}</b>: {point.value:.1%}<br>{say(point.measure)}<br>{point.reported}"
        "<extra></extra>",
    }  # fmt: skip


def _frame(title: str, name: str) -> dict[str, Any]:
    return {
        "height": 400, "uirevision": name, "hovermode": "closest", "meta": {},
        "margin": {"l": 12, "r": 12, "t": 12, "b": 12},
        "legend": {"orientation": "h", "x": 0, "y": -0.26, "yanchor": "top"},
        "yaxis": {"title": {"text": title}},
    }  # fmt: skip


def _half() -> dict[str, Any]:
    line = {"color": MUTED, "width": 1.5, "dash": "dot"}
    label = {"text": say("guessing 50%"), "textposition": "start", "font": {"color": MUTED, "size": 11}}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0.5, "y1": 0.5, "line": line, "label": label}
