"""How long a network takes for one answer, measured here and now."""

from __future__ import annotations

from statistics import median
from time import perf_counter

import torch

from core_models.encoded import Encoded
from pretrained.trained import Trained

REPEATS = 7


@torch.no_grad()
def milliseconds(model: Trained, encoded: Encoded, repeats: int = REPEATS) -> float:
    """Median time of ``repeats`` answers to one input, in milliseconds, after one that is not counted.

    Timed is the bare forward pass from the input to raw outputs, as in use: nothing is traced.
    """
    content, lengths = model.padded([encoded])
    times = []
    for _ in range(repeats + 1):
        start = perf_counter()
        for outputs in model.network(content, lengths).values():
            outputs.cpu()
        times.append(1e3 * (perf_counter() - start))
    return median(times[1:])
