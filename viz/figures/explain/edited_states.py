"""What the edits did to every unit: edited less original state at every token, and how far apart they are in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.explain.dynamics.divergence import MISSING
from core_models.language import say
from core_models.trace import Site
from core_models.vocabulary import Kind, quantity
from viz.figures.compare.comparison import Comparison, tabulate
from viz.figures.compare.marks import axes
from viz.figures.parts.token_axis import counts, label_axis, label_ticks, numbered
from viz.theme import MARK, SIGNED_COLORS, Scale, assemble

SAME = 1e-5
"""States that differ by less are the same: more is never due to rounding in single precision."""

MOVED = 0.01
"""A change of a probability that is worth a word."""

MOST_ROW_LABELS = 20


@dataclass(frozen=True, eq=False)
class Delta:
    """Edited less original values of one state at one site, ``[column, unit]``; NaN where a reading lacks the token."""

    site: Site
    key: str
    change: NDArray[np.float32]

    @property
    def distance(self) -> NDArray[np.float32]:
        """Euclidean distance of the two states, ``[column]``."""
        return np.sqrt((self.change.astype(np.float64) ** 2).sum(axis=1)).astype(np.float32)


def measure(comparison: Comparison, site: Site, key: str = "hidden_state") -> Delta:
    """What the second trace's state is more than the first one's, at one site."""
    first, second = (comparison.place(n, trace.array(site, key)) for n, trace in enumerate(comparison.traces))
    return Delta(site, key, second - first)


def how_to_read(delta: Delta) -> str:
    """Rows, their order, colours, the strip, and what is blank."""
    return say(
        "Each row is one unit, the most affected on top; the colour is the edited {label} minus "
        "the original: blue is higher, orange lower, grey the same. The line on top is the "
        "Euclidean distance of the two states. Blank: only one reading has the token.",
        label=quantity(delta.key).label,
    )


def draw(comparison: Comparison, delta: Delta) -> go.Figure:
    """Heatmap of differences (curve 0), row ``i`` being unit ``layout.meta["units"][i]``; above it their distance."""
    largest = np.nanmax(np.abs(delta.change), axis=0, initial=0.0)
    units = np.argsort(-largest, kind="stable")
    names, reach = [str(unit) for unit in units.tolist()], float(largest.max())
    frame = axes(comparison, say("token"))
    frame["meta"] |= {"units": units.tolist(), "pick": "cell"}
    frame["meta"]["ticks"].append(label_ticks("y", names))
    layout = {
        "height": 470,
        "uirevision": f"edited-states-{delta.site.key}-{delta.key}",
        "hovermode": "closest",
        "showlegend": False,
        **frame,
        "yaxis": {
            **label_axis(names, say("unit (most affected first)"), downward=True, most=MOST_ROW_LABELS),
            "domain": [0.0, 0.78],
        },
        "yaxis2": {
            "title": {"text": say("distance")}, "domain": [0.84, 1.0], "anchor": "x", "nticks": 3, "fixedrange": True,
            "range": [0, 1.12 * max(float(np.nanmax(delta.distance, initial=0.0)), SAME)],
        },
    }  # fmt: skip
    note = say("±{reach:.3g} = largest |difference|", reach=reach) if reach > SAME else say("nothing differs")
    reach = reach if reach > SAME else 1.0
    scale = Scale(SIGNED_COLORS, -reach, reach, note)
    cells = {
        "type": "heatmap",
        "name": say("difference"),
        "z": np.ascontiguousarray(delta.change.T[units]),
        "customdata": np.tile(counts(len(comparison)), (len(units), 1)),
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(f"Δ {quantity(delta.key).label}", len=0.8, y=0.4),
        "hoverongaps": False,
        "hovertemplate": f"{say('token')} %{{customdata}}: <b>%{{x}}</b><br>{say('unit')} %{{y}}<br>"
        f"{say('edited − original')} = %{{z:+.6f}}<extra></extra>",
    }
    return assemble([cells, _line(delta)], layout)


def numbers(comparison: Comparison, delta: Delta) -> pd.DataFrame:
    """One row for each column: the distance, and the difference of every unit."""
    units = {f"unit_{unit}": values for unit, values in enumerate(delta.change.T)}
    return tabulate(comparison, {"distance": delta.distance, **units})


def first_differing(comparison: Comparison) -> int | None:
    """First column in which a token differs, or any state, context or answer that both readings have there."""
    apart = (comparison.steps == MISSING).any(axis=0)
    apart[comparison.changed()] = True
    original = comparison.traces[0]
    rows = [row for row in original.find(Kind.STATE, Kind.CONTEXT, Kind.OUTPUT, Kind.LABEL) if row[1].dims[0] == "step"]
    for site, row in rows:
        change = np.nan_to_num(np.abs(measure(comparison, site, row.key).change))
        apart |= change.reshape(len(change), -1).max(axis=1) > SAME
    return int(apart.argmax()) if apart.any() else None


def describe(comparison: Comparison, answers: NDArray[np.float32] | None, end: str) -> str:
    """In plain text: where the readings first differ, where the answer first moves, and what it is in the end.

    Args:
        comparison: of the original and the edited reading.
        answers: the probability after each step, ``[trace, column]``; None if it is not known.
        end: what it is in the end, a sentence.
    """
    first, noun = first_differing(comparison), comparison.traces[0].tokens.noun
    if first is None:
        return f"{say('Nothing changes: the edits set values that were there anyway.')} {end}"
    start = {"place": numbered(noun, first, comparison.labels[first])}
    if answers is None:
        return f"{say('The first difference is at {place}.', **start)} {end}"
    moved = np.flatnonzero(np.abs(answers[1] - answers[0]) > MOVED)
    if not len(moved):
        said = say(
            "The first difference is at {place}; no answer changes by more than {moved:g}.",
            moved=MOVED, **start,
        )  # fmt: skip
        return f"{said} {end}"
    place = int(moved[0])
    said = (
        say(
            "The first difference is at {place}; the answer first changes by more than {moved:g} there too.",
            moved=MOVED, **start,
        )
        if place == first
        else say(
            "The first difference is at {place}; the answer first changes by more than {moved:g} at {there}.",
            moved=MOVED, there=numbered(noun, place, comparison.labels[place]), **start,
        )
    )  # fmt: skip
    return f"{said} {end}"


def _line(delta: Delta) -> dict[str, Any]:
    steps = len(delta.change)
    return {
        "type": "scatter",
        "name": say("distance"),
        "yaxis": "y2",
        "mode": "lines+markers",
        "connectgaps": True,
        "x": np.arange(steps, dtype=np.float32),
        "y": delta.distance,
        "customdata": counts(steps),
        "line": {"color": MARK, "width": 2},
        "marker": {"size": 5 if steps < 80 else 2},
        "hovertemplate": f"%{{x}}<br>{say('distance of the states')} = %{{y:.6f}}<extra></extra>",
    }
