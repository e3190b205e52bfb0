"""The GRU of the textbooks, made of weights whose z = 1 keeps the past."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core_models.cells.looped import Looped
from core_models.cells.reset_before import ResetBeforeCell


def textbook(parts: Sequence[Sequence[Tensor]], features: int, units: int) -> nn.Module:
    """A GRU whose reset gate acts before the product, in the convention where z = 1 overwrites."""
    made = Looped(ResetBeforeCell(), features, units, bidirectional=len(parts) == 2).requires_grad_(False).eval()
    sign = torch.ones(3, 1)
    sign[1] = -1.0
    for (w_x, w_h, b_x, b_h), tail in zip(parts, ("l0", "l0_reverse"), strict=False):
        rows = sign.repeat_interleave(units, 0).to(w_x)
        values = {"weight_ih": w_x * rows, "weight_hh": w_h * rows, "bias_ih": (b_x + b_h) * rows[:, 0]}
        for key, value in values.items():
            getattr(made, f"{key}_{tail}").copy_(value)
    return made
