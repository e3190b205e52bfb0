r"""What one unit does all over a corpus: where it is strongest, to what it responds, and in words what it follows.

A description is picked from a closed list of things that are true, or counted, of every token. The unit's score for one
is |2 AUC − 1| or |r|, as in core_models.explain.probing.unit_selectivity, the smaller of those on the two halves of the
corpus; the one that is described is picked on the first half. It is given only where its score is above luck's best by
``MARGIN``: the largest of

* the scores of the same unit turned round the corpus, each with its own best of the list;
* the best score that any unit of untrained networks of the same shape has for the same thing.

The second is severe: what a random network follows too, as it follows each word by its embedding, describes no unit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core_models.corpus.places import Floats, Ints
from core_models.explain.probing.unit_selectivity import Columns
from core_models.explain.probing.unit_selectivity import Floats as Labels

MARGIN = 0.2
"""By how much a description has to beat luck's best."""

TURNS = 12
"""How often a unit is turned round the corpus."""

RAREST = 20
"""Tokens of a half that a property has to be true of, and false of, to be a candidate."""


@dataclass(frozen=True)
class Description:
    """What a unit follows.

    Attributes:
        name: of the property.
        score: the smaller of those on both halves, 0 to 1.
        luck: the best score of luck.
        sign: 1 where the unit rises with the property, −1 where it falls.
    """

    name: str
    score: float
    luck: float
    sign: int

    @property
    def holds(self) -> bool:
        """Whether it beats luck."""
        return self.score >= self.luck + MARGIN


@dataclass(frozen=True)
class Track:
    """Something that is true, or counted, of every token of a corpus, ``[token]``."""

    name: str
    values: Labels
    binary: bool = True

    @property
    def varies(self) -> bool:
        """Whether it varies enough in both halves to be followed."""
        middle = len(self.values) // 2
        for half in (self.values[:middle], self.values[middle:]):
            yes = float((half > 0).sum())
            if min(yes, len(half) - yes) < RAREST:
                return False
        return True


def describe(values: Floats, tracks: Sequence[Track], untrained: Mapping[str, float]) -> Description | None:
    """The property that a unit follows best, beside luck; None where no property varies.

    Args:
        values: of the unit, ``[token]``.
        tracks: the candidates.
        untrained: the best score of untrained units by name of the property, see ``best_scores``.
    """
    known = [track for track in tracks if track.varies]
    if not known or np.ptp(values) == 0.0:
        return None
    picked, score, sign = _pick(values, known)
    draw = np.random.default_rng(0)
    offsets = draw.integers(len(values) // 10, len(values) - len(values) // 10, size=TURNS)
    turned = max(_pick(np.roll(values, offset), known)[1] for offset in offsets.tolist())
    return Description(picked.name, score, max(turned, untrained.get(picked.name, 0.0)), sign)


def _pick(values: Floats, tracks: Sequence[Track]) -> tuple[Track, float, int]:
    columns = Columns(values[:, None].astype(np.float64))
    first = [float(columns.scores(track.values, track.binary, 0)[0]) for track in tracks]
    best = tracks[int(np.argmax(np.abs(first)))]
    return best, float(_held(columns, best)[0]), 1 if max(first, key=abs) >= 0.0 else -1


def _held(columns: Columns, track: Track) -> Labels:
    """Score of every unit that holds on both halves, with one sign, ``[unit]``."""
    first, second = (columns.scores(track.values, track.binary, half) for half in (0, 1))
    sign = np.where(first >= 0.0, 1.0, -1.0)
    return np.maximum(0.0, np.minimum(sign * first, sign * second))


def best_scores(
    values: Floats, tracks: Sequence[Track], told: Callable[[float], None] = lambda _: None
) -> dict[str, float]:
    """The best score that any unit has for each property that varies, by its name.

    Args:
        values: ``[token, unit]``.
        tracks: the properties.
        told: is called with the share that is done.
    """
    columns, known, found = Columns(values.astype(np.float64)), [track for track in tracks if track.varies], {}
    for at, track in enumerate(known):
        found[track.name] = float(_held(columns, track).max())
        told((at + 1) / len(known))
    return found


def strongest(values: Floats, bounds: Ints, count: int, *, largest: bool = True) -> Ints:
    """Tokens with the largest (or smallest) values of a unit ``[token]``, one of every document, the first first."""
    key = values if largest else -values
    document = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    order = np.lexsort((np.arange(len(key)), -key))
    first = np.unique(document[order], return_index=True)[1]
    return order[np.sort(first)][:count]


def drawn(bounds: Ints, count: int, *, seed: int = 0) -> Ints:
    """Tokens drawn at random, in the order of the text."""
    total = int(bounds[-1])
    return np.sort(np.random.default_rng(seed).choice(total, size=min(count, total), replace=False))


@dataclass(frozen=True)
class Response:
    """Mean of a unit's values over the tokens of one name, with half the width of its 95% interval."""

    name: str
    count: int
    mean: float
    half: float


def responses(values: Floats, names: Sequence[str], *, rarest: int = 5) -> list[Response]:
    """The response to every name that occurs often enough, the largest mean first.

    Args:
        values: of the unit, ``[token]``.
        names: of every token.
        rarest: tokens of a name at least.
    """
    found, place = np.unique(np.asarray(names, dtype=object).astype(str), return_inverse=True)
    counts = np.bincount(place)
    sums, squares = np.bincount(place, values.astype(np.float64)), np.bincount(place, values.astype(np.float64) ** 2)
    mean = sums / counts
    spread = np.sqrt(np.maximum(squares / counts - mean**2, 0.0) / np.maximum(counts - 1, 1))
    kept = np.flatnonzero(counts >= rarest)
    order = kept[np.argsort(-mean[kept], kind="stable")]
    return [Response(str(found[at]), int(counts[at]), float(mean[at]), 1.96 * float(spread[at])) for at in order]
