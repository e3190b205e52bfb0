"""Axes for what spans many powers of ten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEW_DECADES = 2.5
"""Powers of ten from which on only whole powers are labelled."""

SMALLEST_SPAN = 0.6
"""Powers of ten that an axis shows at least, so that rounding errors do not look like mountains."""


def log_axis(title: str, values: Sequence[NDArray[np.floating]]) -> dict[str, Any]:
    """Layout of a logarithmic axis that holds every positive number of ``values``, with 1 among them."""
    found = np.concatenate([np.ravel(part).astype(np.float64) for part in values] or [np.ones(1)])
    logs = np.append(np.log10(found[(found > 0) & np.isfinite(found)]), 0.0)
    low, high = float(logs.min()), float(logs.max())
    pad = max(0.06 * (high - low), (SMALLEST_SPAN - (high - low)) / 2, 0.05)
    span = high - low + 2 * pad
    return {
        "title": {"text": title},
        "type": "log",
        "range": [low - pad, high + pad],
        "exponentformat": "power",
        **(_every(round(span / 6)) if span >= FEW_DECADES else _written(low - pad, high + pad)),
    }


def _every(decades: int) -> dict[str, Any]:
    """A label at every power of ten, or at every second, fifth, tenth ..."""
    return {"dtick": next((step for step in (1, 2, 5, 10, 20, 50) if step >= decades), 100)}


def _written(low: float, high: float) -> dict[str, Any]:
    """1, 2 and 5 of every power of ten, as plain numbers."""
    steps = [digit * 10.0**power for power in range(int(low) - 2, int(high) + 2) for digit in (1, 2, 5)]
    return {"tickmode": "array", "tickvals": steps, "ticktext": [f"{step:g}" for step in steps]}
