"""One product in a sum, the unit in which every explained number is spelled out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Term:
    """One product in a sum: ``weight * factor = product``; ``source`` groups terms for colour."""

    source: str
    name: str
    weight: float
    factor: float
    product: float


def weighted(source: str, name: str, weights: np.ndarray, factors: np.ndarray, scale: float = 1.0) -> list[Term]:
    """One term for each pair of ``weights`` and ``factors``; ``name`` has a place ``{}`` for the index."""
    pairs = zip(weights.tolist(), factors.tolist(), strict=True)
    return [Term(source, name.format(i), w * scale, x, w * scale * x) for i, (w, x) in enumerate(pairs)]
