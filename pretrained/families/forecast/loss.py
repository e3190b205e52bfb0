"""What a forecaster is trained for: the centre by the measure that the task is scored by, the ends as quantiles.

    pinball_q(y, ŷ) = max(q (y - ŷ), (q - 1) (y - ŷ))       Koenker & Bassett 1978

The centre is trained to be the mean where the score is a squared error, and the median where it is an absolute one: no
other centre can do best in it (Gneiting 2011, "Making and evaluating point forecasts", JASA 106).
"""

from __future__ import annotations

import torch
from torch import Tensor

QUANTILES = (0.1, 0.9)
"""What share of the values should fall below the lower and the upper end of the interval."""


def forecast_loss(answer: Tensor, targets: Tensor, absolute: bool) -> Tensor:
    """Mean loss of ``answer`` ``[batch, horizon, 3]`` over what was observed of ``targets`` ``[batch, horizon]``."""
    seen = ~targets.isnan()
    centre, ends, came = answer[..., 0][seen], answer[..., 1:], targets[seen]
    miss = came - centre
    loss = (miss.abs() if absolute else miss.square()).mean()
    offsets = (ends - answer[..., :1])[seen]
    for place, share in enumerate(QUANTILES):
        over = came - (centre.detach() + offsets[:, place])
        loss = loss + torch.maximum(share * over, (share - 1.0) * over).mean()
    return loss
