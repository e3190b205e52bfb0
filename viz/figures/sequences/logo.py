"""A sequence as a logo: letters as high as they matter (Schneider & Stephens 1990, doi 10.1093/nar/18.20.6097).

Here a letter's height is a number of this network on this sequence: the attention that it gets, or what it was worth
to an answer, below the line where it spoke against it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import say
from viz.figures.parts.token_axis import label_axis, label_ticks
from viz.theme import LINES, MUTED, SIGNED_COLORS, Scale, assemble

BASES = "ACGT"
COLORS: Mapping[str, str] = {"A": LINES[5], "C": LINES[0], "G": LINES[1], "T": LINES[6]}
"""Colour of each base; any other letter is grey."""

LEAST_WIDTH = 860
"""Pixels below which sixty letters cannot be told apart."""


def _arc(start: float, end: float, radius: float) -> list[tuple[float, float]]:
    angles = np.radians(np.linspace(start, end, 16))
    return [(0.5 + radius * float(np.cos(a)), 0.5 + radius * float(np.sin(a))) for a in angles]


SHAPES: Mapping[str, Sequence[tuple[float, float]]] = {
    "A": [(0.0, 0.0), (0.38, 1.0), (0.62, 1.0), (1.0, 0.0), (0.79, 0.0), (0.72, 0.22), (0.28, 0.22), (0.34, 0.4),
          (0.5, 0.84), (0.66, 0.4), (0.34, 0.4), (0.28, 0.22), (0.21, 0.0), (0.0, 0.0)],
    "C": [*_arc(42, 318, 0.5), *_arc(318, 42, 0.29), *_arc(42, 42, 0.5)[:1]],
    "G": [*_arc(42, 325, 0.5), (0.91, 0.52), (0.54, 0.52), (0.54, 0.36), (0.73, 0.36), *_arc(305, 42, 0.29),
          *_arc(42, 42, 0.5)[:1]],
    "T": [(0.39, 0.0), (0.39, 0.8), (0.0, 0.8), (0.0, 1.0), (1.0, 1.0), (1.0, 0.8), (0.61, 0.8), (0.61, 0.0),
          (0.39, 0.0)],
    "": [(0.0, 0.0), (0.0, 1.0), (0.24, 1.0), (0.78, 0.33), (0.78, 1.0), (1.0, 1.0), (1.0, 0.0), (0.76, 0.0),
         (0.22, 0.67), (0.22, 0.0), (0.0, 0.0)],
}  # fmt: skip
"""Outline of each letter in a box of 1 by 1, from the lower left; of any but the four bases an N."""


@dataclass(frozen=True)
class Sites:
    """A sequence with what the network made of each letter.

    Attributes:
        letters: one sign a place.
        junction: places before the one in question.
        attention: weight of every letter, ``[step]``.
        worth: what every letter was worth to the class, in nats of its log-odds, ``[step]``.
        changes: change of the log-odds with each of A, C, G, T in its place, ``[step, base]``.
        query: step whose attention it is.
        class_name: the class in words.
    """

    letters: str
    junction: int
    attention: NDArray[np.floating]
    worth: NDArray[np.floating]
    changes: NDArray[np.floating]
    query: int
    class_name: str

    @property
    def positions(self) -> list[str]:
        """Every place as people count it: −1 is the last before the junction, +1 the first after it; there is no 0."""
        before = [f"−{self.junction - step}" for step in range(self.junction)]
        return before + [f"+{step + 1}" for step in range(len(self.letters) - self.junction)]


def draw(sites: Sites, step: int | None = None) -> go.Figure:
    """Attention (top) and worth (middle) as logos, and what every other letter would change (bottom).

    Args:
        sites: the sequence.
        step: the selected letter.
    """
    names, steps = sites.positions, len(sites.letters)
    largest = float(np.abs(sites.changes).max()) or 1.0
    scale = Scale(SIGNED_COLORS, -largest, largest)
    height = float(sites.attention.max()) * 1.08
    low, high = min(float(sites.worth.min()), 0.0), max(float(sites.worth.max()), 0.0)
    room = 0.08 * (high - low) or 1.0
    layout = {
        "height": 540,
        "uirevision": f"logo-{steps}",
        "hovermode": "closest",
        "barmode": "overlay",
        "bargap": 0.0,
        "xaxis": {**label_axis(names, say("position, counted from the junction")), "anchor": "y3"},
        "yaxis": {
            "title": {"text": say("attention weight")}, "domain": [0.7, 1.0], "range": [0.0, height], "nticks": 4
        },
        "yaxis2": {"title": {"text": say("contribution (nats)")}, "domain": [0.3, 0.64],
                   "range": [low - room, high + room],
                   "nticks": 5, "zeroline": True},
        "yaxis3": {**label_axis(list(BASES), "instead", downward=True), "domain": [0.0, 0.22]},
        "shapes": [_junction(sites.junction), *_selected(step)],
        "annotations": [_asked(sites.junction)],
        "legend": {"y": 1.06},
        "meta": _meta(sites),
    }  # fmt: skip
    hover = [f"{position}: {letter}" for position, letter in zip(names, sites.letters, strict=True)]
    data = [
        _bars(sites.attention, hover, say("attention weight = %{y:.6f}"), "y"),
        _bars(
            sites.worth,
            hover,
            say("contribution to “{class_name}” = %{{y:.4f}} nats", class_name=sites.class_name),
            "y2",
        ),
        _cells(sites, hover, scale),
        *_letters(sites.letters, sites.attention, "y", legend=True),
        *_letters(sites.letters, sites.worth, "y2", legend=False),
        _present(sites),
    ]
    return assemble(data, layout)


def draw_worth(sites: Sites, step: int | None = None) -> go.Figure:
    """Worth alone as a low logo; the arguments are those of ``draw``."""
    names, steps = sites.positions, len(sites.letters)
    low, high = min(float(sites.worth.min()), 0.0), max(float(sites.worth.max()), 0.0)
    room = 0.08 * (high - low) or 1.0
    layout = {
        "height": 190,
        "uirevision": f"worth-{steps}",
        "hovermode": "closest",
        "barmode": "overlay",
        "bargap": 0.0,
        "showlegend": False,
        "margin": {"l": 12, "r": 12, "t": 20, "b": 12},
        "xaxis": {**label_axis(names, ""), "anchor": "y"},
        "yaxis": {"title": {"text": say("nats")}, "range": [low - room, high + room], "nticks": 4, "zeroline": True},
        "shapes": [_junction(sites.junction), *_selected(step)],
        "annotations": [_asked(sites.junction)],
        "meta": _meta(sites),
    }
    hover = [f"{position}: {letter}" for position, letter in zip(names, sites.letters, strict=True)]
    bars = _bars(
        sites.worth, hover, say("contribution to “{class_name}” = %{{y:.4f}} nats", class_name=sites.class_name), "y"
    )
    return assemble([bars, *_letters(sites.letters, sites.worth, "y", legend=False)], layout)


def _meta(sites: Sites) -> dict[str, Any]:
    """What the page has to know: what a pointer lights up, what a click picks, and the place that is opened at."""
    return {
        "link": {"axis": "x"}, "ticks": [label_ticks("x", sites.positions)], "pick": "key", "query": sites.query,
        "steps": len(sites.letters), "least_width": LEAST_WIDTH,
        "open_at": {"axis": "x", "position": sites.junction - 0.5},
    }  # fmt: skip


def _asked(junction: int) -> dict[str, Any]:
    return {"x": junction - 0.5, "y": 1.0, "yref": "paper", "yanchor": "bottom", "text": say("junction?"),
            "showarrow": False}  # fmt: skip


def _bars(heights: NDArray[np.floating], names: Sequence[str], text: str, axis: str) -> dict[str, Any]:
    """Bars that nobody sees, for pointer and click."""
    return {
        "type": "bar",
        "showlegend": False,
        "x": np.arange(len(heights), dtype=np.float32),
        "y": heights.astype(np.float32),
        "yaxis": axis,
        "customdata": list(names),
        "marker": {"color": "rgba(0,0,0,0)", "line": {"width": 0}},
        "hovertemplate": f"<b>%{{customdata}}</b><br>{text}<extra></extra>",
    }


def _letters(letters: str, heights: NDArray[np.floating], axis: str, *, legend: bool) -> list[dict[str, Any]]:
    """One filled curve for each kind of letter."""
    found = []
    for name in [*BASES, ""]:
        places = [step for step, letter in enumerate(letters) if (letter if letter in BASES else "") == name]
        if not places:
            continue
        outline = np.array([*SHAPES[name], (np.nan, np.nan)])
        x = np.concatenate([outline[:, 0] * 0.92 + step - 0.46 for step in places])
        y = np.concatenate([outline[:, 1] * heights[step] for step in places])
        color = COLORS.get(name, MUTED)
        found.append(
            {
                "type": "scatter",
                "name": name or say("not known"),
                "legendgroup": name,
                "showlegend": legend,
                "mode": "lines",
                "x": x.astype(np.float32),
                "y": y.astype(np.float32),
                "yaxis": axis,
                "fill": "toself",
                "fillcolor": color,
                "line": {"width": 0.5, "color": color},
                "hoverinfo": "skip",
            }
        )
    return found


def _cells(sites: Sites, names: Sequence[str], scale: Scale) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "name": say("change"),
        "z": np.ascontiguousarray(sites.changes.T.astype(np.float32)),
        "yaxis": "y3",
        "customdata": np.tile(np.array(names, dtype=object), (len(BASES), 1)),
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(say("change (nats)"), len=0.34, y=0.11),
        "hovertemplate": say("<b>%{customdata}</b>, %{y} instead:<br>log-odds change by %{z:.4f} nats<extra></extra>"),
    }


def _present(sites: Sites) -> dict[str, Any]:
    """A dot on the letter that stands there."""
    steps = [step for step, letter in enumerate(sites.letters) if letter in BASES]
    return {
        "type": "scatter",
        "name": say("is there"),
        "showlegend": True,
        "mode": "markers",
        "hoverinfo": "skip",
        "x": np.array(steps, dtype=np.float32),
        "y": np.array([BASES.index(sites.letters[step]) for step in steps], dtype=np.float32),
        "yaxis": "y3",
        "marker": {"symbol": "circle", "size": 5, "color": "#ffffff", "line": {"width": 1, "color": "#000000"}},
    }


def _junction(junction: int) -> dict[str, Any]:
    line = {"color": MUTED, "width": 2, "dash": "dash"}
    x = junction - 0.5
    return {"type": "line", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def _selected(step: int | None) -> list[dict[str, Any]]:
    if step is None:
        return []
    box = {"type": "rect", "x0": step - 0.5, "x1": step + 0.5, "yref": "paper", "y0": 0, "y1": 1}
    return [{**box, "line": {"width": 1, "color": MUTED}, "fillcolor": MUTED, "opacity": 0.2, "layer": "below"}]


def draw_scan(places: Sequence[int], probability: NDArray[np.floating], names: Sequence[str], at: int) -> go.Figure:
    """The probability of each kind of junction at every place of a long sequence, the chosen place marked.

    Args:
        places: letters before each place.
        probability: of every class but the last, which is none, ``[place, class]``.
        names: of these classes.
        at: the chosen place.
    """
    data = [
        {
            "type": "scatter",
            "name": name,
            "mode": "lines",
            "x": np.array(places, dtype=np.float32),
            "y": probability[:, index].astype(np.float32),
            "line": {"color": LINES[index], "width": 2, "dash": ("solid", "dot")[index % 2]},
            "hovertemplate": say("after letter %{{x}}<br>{name}: p = %{{y:.6f}}<extra></extra>", name=name),
        }
        for index, name in enumerate(names)
    ]
    mark = {"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1, "line": {"color": MUTED, "width": 2}}
    layout = {
        "height": 260,
        "uirevision": f"scan-{len(places)}",
        "hovermode": "closest",
        "showlegend": True,
        "xaxis": {"title": {"text": say("letters before the position")}, "range": [places[0] - 1, places[-1] + 1]},
        "yaxis": {"title": {"text": say("probability")}, "range": [0.0, 1.02], "nticks": 5},
        "shapes": [mark],
        "meta": {},
    }
    return assemble(data, layout)


def tabulate(sites: Sites) -> pd.DataFrame:
    """One row for each letter."""
    table: dict[str, Any] = {
        "place": sites.positions,
        "letter": list(sites.letters),
        "attention": sites.attention,
        "worth": sites.worth,
    }
    return pd.DataFrame(table | {f"{base} instead": sites.changes[:, index] for index, base in enumerate(BASES)})
