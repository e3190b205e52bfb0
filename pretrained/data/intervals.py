"""How sure a measured share is."""

from __future__ import annotations

import math


def wilson_interval(share: float, count: int) -> tuple[float, float]:
    """95% confidence interval of a share of ``count`` trials (Wilson 1927)."""
    z = 1.959964
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return middle - half, middle + half
