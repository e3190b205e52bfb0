"""Axes for what spans many powers of ten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SMALLEST_SPAN = 1.0
"""Powers of ten that an axis shows at least, so that rounding errors do not look like mountains."""


def log_axis(title: str, values: Sequence[NDArray[np.floating]]) -> dict[str, Any]:
    """Layout of a logarithmic axis that holds every positive number of ``values``, with 1 among them."""
    found = np.concatenate([np.ravel(part).astype(np.float64) for part in values] or [np.ones(1)])
    logs = np.append(np.log10(found[(found > 0) & np.isfinite(found)]), 0.0)
    low, high = float(logs.min()), float(logs.max())
    pad = max(0.06 * (high - low), (SMALLEST_SPAN - (high - low)) / 2, 0.05)
    span = high - low + 2 * pad
    ticks = {"dtick": max(1, round(span / 6))} if span >= 2.5 else {"dtick": "D2"}
    return {
        "title": {"text": title},
        "type": "log",
        "range": [low - pad, high + pad],
        "exponentformat": "power",
        "minor": {"showgrid": False},
        **ticks,
    }
