"""Gradient flow: how much of a change of the state after each token still reaches the end, and what took the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core_models.explain.memory.fading import Doubles, StateGradients
from core_models.language import mark, say
from core_models.vocabulary import quantity
from viz.figures.parts.log_axis import log_axis
from viz.figures.parts.token_axis import counts, escape, label_axis, label_ticks
from viz.theme import LINES, MARK, MUTED, assemble

HEIGHT = 640
AFTER, BEFORE, BESIDE, GATE, CEILING, SLOPE = MARK, MUTED, LINES[1], LINES[5], LINES[2], LINES[3]
"""The trained network, the untrained one, another network, the gate's own path, ‖J‖, and the squashing's slope."""

Beside = tuple[str, StateGradients]
"""Another network's title and its gradients on the same tokens."""


def draw_gradient_flow(
    labels: Sequence[str],
    after: StateGradients,
    before: StateGradients,
    key: str,
    beside: Beside | None = None,
    *,
    noun: str = "token",
) -> go.Figure:
    """Above, the gradient's norm at every token; below, the factors of single tokens that it is made of.

    Args:
        labels: tokens as the axis shows them, plain text.
        after: of the trained network.
        before: of the same network before training.
        key: quantity key of the state whose derivative is shown.
        beside: another network, to compare.
        noun: what a token is called.
    """
    lines = _norms(after, before, key, beside)
    steps, passed = _factors(after), after.passed(key)
    symbol = quantity(key).symbol[0]
    shown = [line["y"] for line in lines if line["name"] != say(CEILING_NAME)]
    layout = {
        "height": HEIGHT,
        "uirevision": f"gradient_flow-{after.site.key}-{key}-{len(labels)}",
        "hovermode": "x",
        "margin": {"l": 12, "r": 12, "t": 32, "b": 12},
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.06,
            "yanchor": "bottom",
            "itemsizing": "trace",
            "itemwidth": 44,
        },
        "xaxis": {**label_axis(labels, say("{noun} s (on top: lag T − s)", noun=say(noun))), "anchor": "y2"},
        "xaxis2": _lag_axis(after),
        "yaxis": {**log_axis(f"‖∂{symbol}<sub>T</sub> / ∂{symbol}<sub>s</sub>‖", shown), "domain": [0.42, 1]},
        "yaxis2": {
            **log_axis(say("factor of one {noun}", noun=say(noun)), [passed, *(line["y"] for line in steps)]),
            "domain": [0, 0.34],
        },
        "shapes": [_one("y"), _one("y2")],
        "meta": {"link": {"axis": "x"}, "ticks": [label_ticks("x", labels)]},
    }
    return assemble([*lines, _bars(passed), *steps], layout)


CEILING_NAME = mark("product of ‖J‖: no gradient can be larger")


def best_keeper(gradients: StateGradients) -> int | None:
    """The unit whose keeping gate alone carries most of the way back to the token read first; None without a gate."""
    paths = gradients.kept_paths
    return None if paths is None else int(paths[gradients.lags.argmax()].argmax())


def _norms(after: StateGradients, before: StateGradients, key: str, beside: Beside | None) -> list[dict[str, Any]]:
    lags = after.lags
    lines = [
        _line(say("after training"), after.norms[key], lags, AFTER, "solid", 3, "y"),
        _line(say("before training"), before.norms[key], lags, BEFORE, "dash", 2.5, "y") | {"xaxis": "x2"},
    ]
    if beside:
        title, other = beside
        norm = _at_same_lags(other, key, after)
        symbol = quantity(other.convention.memory).symbol
        name = say("{model}, trained", model=escape(title))
        if key not in other.norms:
            name = say("{model}, trained (its {symbol})", model=escape(title), symbol=symbol)
        lines.append(_line(name, norm, lags, BESIDE, "dashdot", 2.5, "y"))
    if after.kept_path is not None:
        lines.append(_line(say("the gate’s path alone: largest product"), after.kept_path, lags, GATE, "dot", 3, "y"))
    if after.bound is not None:
        lines.append(_line(say(CEILING_NAME), after.bound, lags, CEILING, "longdash", 1.5, "y"))
    return lines


def _at_same_lags(other: StateGradients, key: str, after: StateGradients) -> Doubles:
    """Another network's norms, turned round where it reads the other way, so that equal lags stand at one place."""
    norms = other.norms.get(key, other.memory)
    return norms if other.site.direction == after.site.direction else norms[::-1]


def _factors(after: StateGradients) -> list[dict[str, Any]]:
    lines = []
    if after.steps is not None:
        lines.append(_line(say("‖J‖ of one step"), after.steps, after.lags, CEILING, "longdash", 1.5, "y2"))
    unit = best_keeper(after)
    if after.kept is not None and unit is not None:
        gate, keeps = next(iter(after.convention.keeps_past.items()))
        share = quantity(gate).symbol if keeps else f"1 − {quantity(gate).symbol}"
        if after.convention.shared and after.convention.writes:
            share += f" / ({share} + {quantity(after.convention.writes).symbol})"
        name = say("{share} of unit {unit}, which keeps the most", share=share, unit=unit)
        lines.append(_line(name, after.kept[:, unit], after.lags, GATE, "dot", 3, "y2"))
    if after.slopes is not None:
        name = say("mean slope of the activation function")
        lines.append(_line(name, after.slopes.mean(axis=1), after.lags, SLOPE, "dot", 3, "y2"))
    return lines


def tabulate_gradients(
    labels: Sequence[str], after: StateGradients, before: StateGradients, key: str, beside: Beside | None = None
) -> pd.DataFrame:
    """The drawn numbers, one row a token."""
    table = {
        "token": list(labels),
        "lag": after.lags,
        say("after training"): after.norms[key],
        say("before training"): before.norms[key],
        say("factor of this token"): after.passed(key),
    }
    if after.steps is not None:
        table |= {say("norm of J"): after.steps, say("product of norms of J"): after.bound}
    if after.kept_path is not None:
        table[say("largest product of the keeping gate")] = after.kept_path
    if beside:
        table[f"{beside[0]}, trained"] = _at_same_lags(beside[1], key, after)
    return pd.DataFrame(table)


def _line(name: str, values: Doubles, lags: Any, color: str, dash: str, width: float, axis: str) -> dict[str, Any]:
    """A line in double precision: what vanishes is soon smaller than a float32 can be."""
    steps = len(values)
    return {
        "type": "scatter",
        "name": name,
        "mode": "lines+markers" if steps <= 80 else "lines",
        "x": np.arange(steps, dtype=np.float32),
        "y": np.ascontiguousarray(values),
        "yaxis": axis,
        "customdata": np.stack([counts(steps), lags], axis=1).astype(np.float32),
        "line": {"color": color, "width": width, "dash": dash},
        "marker": {"size": 5, "color": color},
        "connectgaps": False,
        "hovertemplate": say(
            "step %{{customdata[0]:d}}, lag %{{customdata[1]:d}}: {name} %{{y:.3e}}<extra></extra>", name=name
        ),
    }


def _bars(passed: Doubles) -> dict[str, Any]:
    """Bars from 1 up to the factors that grew the gradient and down to those that shrank it."""
    steps = len(passed)
    return {
        "type": "bar",
        "name": say("factor of each step: after training"),
        "x": np.arange(steps, dtype=np.float32),
        "y": passed - 1.0,
        "base": 1.0,
        "yaxis": "y2",
        "customdata": np.stack([counts(steps), passed], axis=1),
        "marker": {"color": AFTER, "opacity": 0.55},
        "hovertemplate": say("step %{customdata[0]:d}: multiplies the gradient by %{customdata[1]:.4g}<extra></extra>"),
    }


def _lag_axis(gradients: StateGradients) -> dict[str, Any]:
    """The same axis once more, counted from the end: every so many tokens, its lag."""
    lags = gradients.lags
    every = next(step for step in (1, 2, 5, 10, 20, 50, 100) if len(lags) / step <= 9)
    at = np.flatnonzero(lags % every == 0)
    return {
        "overlaying": "x",
        "matches": "x",
        "side": "top",
        "anchor": "y",
        "tickmode": "array",
        "tickvals": at.tolist(),
        "ticktext": [say("lag {n}", n=lags[place]) if place in (at[0], at[-1]) else str(lags[place]) for place in at],
        "showgrid": False,
        "zeroline": False,
    }


def _one(axis: str) -> dict[str, Any]:
    """A thin line at 1: nothing lost, nothing gained."""
    line = {"color": MUTED, "width": 1, "dash": "dot"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": axis, "y0": 1, "y1": 1, "line": line,
            "layer": "below"}  # fmt: skip
