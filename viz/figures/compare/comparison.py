"""Several traces side by side on one axis of tokens: what every figure of the Compare page draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.explain.dynamics.divergence import MISSING, Steps, align
from core_models.trace import Array, Site, Trace
from viz.figures.parts.token_axis import spell
from viz.figures.trace import prediction
from viz.theme import LINES

DASHES, SYMBOLS = ("solid", "dash", "dot", "dashdot"), ("circle", "square", "diamond", "x")
LABEL_HEIGHT = 15
"""Pixels of one label at a line's end."""


@dataclass(frozen=True)
class Style:
    """How one of the compared traces is drawn in every figure: told apart by colour, dashes and marker alike."""

    color: str
    dash: str
    symbol: str


STYLES = tuple(
    Style(LINES[place], dash, symbol) for place, dash, symbol in zip((2, 5, 6, 3), DASHES, SYMBOLS, strict=True)
)
"""Styles in the order of the traces; blue and orange stay the colours of the classes."""


NUMBERS = ("frame", "input_values")
"""Quantities of an input that consists of numbers."""


@dataclass(frozen=True)
class Words:
    """What the answers of a task are called, in the order of the networks' outputs; empty where it has none.

    Attributes:
        classes: of the whole input.
        labels: of a token.
    """

    classes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Comparison:
    """Traces on one axis of columns: of several models on one input, or of one model on two inputs.

    Attributes:
        traces: what is compared.
        names: what the traces are called on screen, plain text.
        steps: step of each trace in each column, ``[trace, column]``; ``MISSING`` where it has none.
        labels: what stands at each column on an axis, plain text.
        styles: how each trace is drawn.
        words: what the answers are called.
    """

    traces: tuple[Trace, ...]
    names: tuple[str, ...]
    steps: Steps
    labels: tuple[str, ...]
    styles: tuple[Style, ...] = STYLES
    words: Words = Words()

    def __len__(self) -> int:
        """Number of columns."""
        return self.steps.shape[1]

    @property
    def noun(self) -> str:
        """What a step is called."""
        return self.traces[0].tokens.noun

    @property
    def whole(self) -> bool:
        """Whether every trace has a token in every column."""
        return bool((self.steps != MISSING).all())

    def place(self, number: int, values: Array) -> Array:
        """Values ``[step, ...]`` of trace ``number`` by column, ``[column, ...]``; NaN where it has no token."""
        steps = self.steps[number]
        if self.whole:
            return values
        found = np.full((len(steps), *values.shape[1:]), np.nan, dtype=np.float32)
        found[steps != MISSING] = values[steps[steps != MISSING]]
        return found

    def shared(self) -> NDArray[np.bool_]:
        """Columns that every trace has."""
        return (self.steps != MISSING).all(axis=0)

    def changed(self) -> NDArray[np.intp]:
        """Columns in which the traces did not read the same, capitals ignored."""
        return np.flatnonzero([len(set(self._read(column))) > 1 for column in range(len(self))])

    def _read(self, column: int) -> list[tuple[str, bytes] | None]:
        """What each trace read in a column: the token, and its numbers where it has some; None where it has none."""
        steps = self.steps[:, column].tolist()
        found = zip(self.traces, steps, strict=True)
        return [None if step == MISSING else _read_at(trace, step) for trace, step in found]


def _read_at(trace: Trace, step: int) -> tuple[str, bytes]:
    values = b"".join(trace.array(site, key)[step].tobytes() for site, key in trace if key in NUMBERS)
    return trace.tokens.labels[step].casefold(), values


def compare_models(
    traces: Sequence[Trace], names: Sequence[str], styles: Sequence[Style] = STYLES, words: Words = Words()
) -> Comparison:
    """Several models on one input: column ``t`` is token ``t``.

    Raises:
        ValueError: if the traces are not of the same tokens.
    """
    tokens = traces[0].tokens
    if any(trace.tokens.labels != tokens.labels for trace in traces):
        raise ValueError("comparison: expected traces of the same tokens, got different ones")
    steps = np.broadcast_to(np.arange(len(tokens), dtype=np.intp), (len(traces), len(tokens)))
    labels = tuple(spell(label) for label in tokens.labels)
    return Comparison(tuple(traces), tuple(names), steps, labels, tuple(styles), words)


def compare_inputs(
    first: Trace, second: Trace, names: tuple[str, str], steps: Steps | None = None, words: Words = Words()
) -> Comparison:
    """One model on two inputs, aligned as in ``core_models.explain.dynamics.divergence`` unless ``steps`` says how."""
    a, b = first.tokens.labels, second.tokens.labels
    steps = align(a, b) if steps is None else steps
    labels = tuple(_label(a[i] if i != MISSING else "", b[j] if j != MISSING else "") for i, j in steps.T)
    return Comparison((first, second), names, steps, labels, words=words)


def _label(first: str, second: str) -> str:
    """A token of both texts as it is; ``−word`` or ``+word`` if one of them lacks it; else what became of what."""
    if not second:
        return f"−{spell(first)}"
    if not first:
        return f"+{spell(second)}"
    return spell(first) if first.casefold() == second.casefold() else f"{spell(first, 8)}→{spell(second, 8)}"


def answers(comparison: Comparison) -> NDArray[np.float32] | None:
    """Probability of the second of two classes after each token, ``[trace, column]``; None if a trace holds none."""
    rows = []
    for number, trace in enumerate(comparison.traces):
        found = prediction.targets(trace)
        if not found:
            return None
        rows.append(comparison.place(number, trace.array(found[0].site, found[0].key)))
    return np.stack(rows)


def last_forward(sites: Sequence[Site]) -> Site | None:
    """The topmost of these sites that reads forward, or the last if none does; None if there is no site."""
    forward = [site for site in sites if site.direction == "forward"]
    return (forward or [*sites] or [None])[-1]


def tabulate(comparison: Comparison, values: Mapping[str, NDArray[np.floating]]) -> pd.DataFrame:
    """One row for each column: its number from 1, what stands there, and the values ``[column]`` by name."""
    numbers = np.arange(1, len(comparison) + 1)
    shown = {str(name): row for name, row in values.items()}
    return pd.DataFrame({"column": numbers, "token": list(comparison.labels), **shown})


def label_ends(ends: Sequence[tuple[float, str, str]], span: float, height: float) -> list[dict[str, Any]]:
    """Annotations right of the plot, moved apart where they would cover one another.

    Args:
        ends: height in the axis's units, words and colour of each.
        span: range of the axis.
        height: pixels of the plot.
    """
    ideal = np.array([value for value, _, _ in ends]) / span * height
    order = np.argsort(ideal, kind="stable")
    placed = ideal[order].copy()
    for i in range(1, len(placed)):
        placed[i] = max(placed[i], placed[i - 1] + LABEL_HEIGHT)
    placed -= (placed - ideal[order]).mean()
    found = []
    for rank, number in enumerate(order.tolist()):
        value, words, color = ends[number]
        shift = round(float(placed[rank] - ideal[number]), 1)
        place = {"xref": "paper", "x": 1, "y": value, "yshift": shift, "xanchor": "left", "xshift": 6}
        found.append({**place, "text": words, "showarrow": False, "font": {"color": color, "size": 13}})
    return found
