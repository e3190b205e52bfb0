r"""Which units follow a property of a text, and how much of it a linear probe finds in all units together.

For a property that is yes or no a unit's score is its AUC: the chance that it is larger at a random yes than at a
random no (Mann & Whitney 1947); for one that is a number, Pearson's correlation. Both are turned so that 1 is a unit
that follows exactly, up or down, and 0 one that knows nothing: |2 AUC - 1| and |r|.

The best of hundreds of units looks good by luck. So a unit is picked on the first half of the text and scored on the
second, and the same search is made for the same labels turned round the text by a third and two thirds of it, which
keep their rate and their pace but say nothing of the place: a unit is *present* if it beats the best of these.

A probe is a ridge regression from all units to the label, fitted on the first half and scored on the second. What it
finds may be its own skill: beside it stand a probe of the present character alone, and a control task (Hewitt & Liang
2019, arXiv 1909.03368, section 2) in which every distinct stretch of four characters has a random label of the same
rate, so that only rote helps. Their difference is the probe's selectivity.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core_models.explain.attribution.ranks import mean_ranks

Floats = NDArray[np.float64]
RIDGE = 1e-2
"""Weight of the penalty, times the number of places."""

STRETCH = 4
"""Characters whose label the control task makes up."""


@dataclass(frozen=True)
class Follower:
    """A unit and how well it follows.

    Attributes:
        unit: number of the column.
        score: on the second half, 0 to 1.
        sign: 1 if it rises with the property, -1 if it falls.
    """

    unit: int
    score: float
    sign: int


@dataclass(frozen=True)
class ProbeScores:
    """Scores of linear probes on the second half, 0 to 1.

    Attributes:
        units: of all units.
        character: of the present character alone.
        control: of all units on the control task.
    """

    units: float
    character: float
    control: float


class Columns:
    """Values of many units at every place of a text, ready to be held against one property after another.

    Args:
        values: ``[place, unit]``.
    """

    def __init__(self, values: Floats) -> None:
        self.middle = len(values) // 2
        self.halves = values[: self.middle], values[self.middle :]

    @cached_property
    def ranks(self) -> tuple[Floats, Floats]:
        """Rank of every value among those of its unit and half."""
        first, second = (np.apply_along_axis(mean_ranks, 0, half) for half in self.halves)
        return first, second

    @cached_property
    def _scaled(self) -> tuple[Floats, Floats, Floats]:
        """Both halves in units of the first half's spread, and the first one's products with itself, penalised."""
        first, second = self.halves
        mean, spread = first.mean(0), first.std(0) + 1e-9
        x = (first - mean) / spread
        return x, (second - mean) / spread, x.T @ x + RIDGE * len(x) * np.eye(x.shape[1])

    def scores(self, labels: Floats, binary: bool, half: int) -> Floats:
        """2 AUC - 1 or Pearson's r of every unit with ``labels`` of the whole text, on its half 0 or 1."""
        columns = (self.ranks if binary else self.halves)[half]
        return signed_scores(columns, (labels[: self.middle], labels[self.middle :])[half], binary)

    def best(self, labels: Floats, binary: bool, count: int = 5) -> list[Follower]:
        """The units that follow best on the first half, with their scores on the second, the best of these first."""
        first, second = self.scores(labels, binary, 0), self.scores(labels, binary, 1)
        picked = np.argsort(-np.abs(first), kind="stable")[:count]
        signs = np.sign(first).astype(int)
        found = [Follower(int(u), max(0.0, float(second[u] * signs[u])), int(signs[u])) for u in picked]
        return sorted(found, key=lambda follower: -follower.score)

    def luck(self, labels: Floats, binary: bool) -> float:
        """The score that the same search reaches for labels turned round the text, which say nothing of the place."""
        turned = (np.roll(labels, len(labels) * part // 3) for part in (1, 2))
        return max(self.best(wrong, binary)[0].score for wrong in turned)

    def probed(self, labels: Floats, binary: bool) -> float:
        """Score of a linear probe of all units."""
        x, other, products = self._scaled
        wanted = labels[: self.middle] - labels[: self.middle].mean()
        guessed = other @ np.linalg.solve(products, x.T @ wanted)
        ranked = mean_ranks(guessed) if binary else guessed
        return max(0.0, float(signed_scores(ranked[:, None], labels[self.middle :], binary)[0]))


def signed_scores(columns: Floats, labels: Floats, binary: bool) -> Floats:
    """2 AUC - 1 of every column of ranks, or Pearson's r of every column of values; 0 where one is constant."""
    centred, wanted = columns - columns.mean(0), labels - labels.mean()
    if binary:
        yes = float(labels.sum())
        no = len(labels) - yes
        return 2.0 * (labels @ centred) / (yes * no) if yes and no else np.zeros(columns.shape[1])
    sizes = np.sqrt((centred**2).sum(0) * (wanted**2).sum())
    return np.divide(wanted @ centred, sizes, out=np.zeros(columns.shape[1]), where=sizes > 0)


def probe(columns: Columns, alone: Columns, text: str, labels: Floats, binary: bool) -> ProbeScores:
    """Linear probes of ``labels``: from all units, from the present character (``one_hot``), and the control task."""
    made_up = control_labels(text, labels)
    return ProbeScores(columns.probed(labels, binary), alone.probed(labels, binary), columns.probed(made_up, binary))


def one_hot(text: str) -> Columns:
    """One column for each character that occurs, 1 where it stands."""
    place = {character: at for at, character in enumerate(sorted(set(text)))}
    return Columns(np.eye(len(place))[[place[character] for character in text]])


def control_labels(text: str, labels: Floats) -> Floats:
    """One label for every distinct stretch of four characters, drawn from those of the text by its checksum."""
    stretches = (text[max(0, at - STRETCH + 1) : at + 1] for at in range(len(text)))
    return np.array([labels[zlib.crc32(stretch.encode()) % len(labels)] for stretch in stretches])
