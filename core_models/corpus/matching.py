"""The same unit in another network: which of its units goes with one of these over a corpus, and how well luck does.

Two networks that learned the same from other first weights number their units anyhow. Units are matched by Pearson's
correlation of their values over the same tokens, up or down (Li et al. 2016, *Convergent Learning*, arXiv 1511.07543,
section 3.1). The best of hundreds of units goes with anything to some degree: luck is what the same search finds for
the unit's values turned round the corpus, which keep their pace but stand at other tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core_models.corpus.places import Floats, Ints

TURNS = 50
"""How often a unit is turned round the corpus."""


@dataclass(frozen=True)
class Match:
    """The unit of another network that goes best with one.

    Attributes:
        unit: its number.
        r: the correlation.
        luck: the largest size of a correlation that turned values have with any unit.
    """

    unit: int
    r: float
    luck: float

    @property
    def holds(self) -> bool:
        """Whether it beats luck."""
        return abs(self.r) > self.luck


def match(values: Floats, others: Floats, *, seed: int = 0) -> Match:
    """The unit of another network that goes best with a unit.

    Args:
        values: of the unit, ``[token]``.
        others: of all units of the other network at the same tokens, ``[token, unit]``.
        seed: of the turns.
    """
    scaled, own = _scaled(others), _scaled(values[:, None])[:, 0]
    found, count = own @ scaled, len(values)
    best = int(np.abs(found).argmax())
    offsets = np.random.default_rng(seed).integers(count // 10, count - count // 10, size=TURNS).tolist()
    turned = np.stack([np.roll(own, offset) for offset in offsets])
    return Match(best, float(found[best]), float(np.abs(turned @ scaled).max()))


def best_matches(one: Floats, other: Floats) -> tuple[Ints, Floats]:
    """For every unit of ``one`` the unit of ``other`` that goes best with it, and the correlation, ``[unit]`` each."""
    found = _scaled(one).T @ _scaled(other)
    best = np.abs(found).argmax(axis=1)
    return best.astype(np.int64), found[np.arange(len(best)), best].astype(np.float32)


def _scaled(values: Floats) -> Floats:
    """Columns less their means, of length 1; a constant one is all zeros."""
    centred = values - values.mean(axis=0, dtype=np.float64).astype(np.float32)
    length = np.sqrt((centred.astype(np.float64) ** 2).sum(axis=0))
    return (centred / np.where(length > 1e-6, length, np.inf)).astype(np.float32)
