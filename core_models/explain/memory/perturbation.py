"""How long a unit remembers, measured: nudge it after one token and watch the nudge fade.

    s̃_s = s_s + ε e_u,   s̃_t = F_t(s̃_{t-1}),   left after t - s tokens: |s̃_t,u - s_t,u| / ε  and  ‖s̃_t - s_t‖ / ε

Every unit is nudged in a run of its own; all runs go on side by side as one batch, with the undisturbed one among them.
The nudge is given to the state that holds the cell's memory (c of an LSTM, else h), and watched there. For small ε this
is a column of the derivative that core_models.explain.dynamics.gradient_flow computes; for larger ones it is what
really happens.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core_models.cells.recurrence import Recurrent
from core_models.explain.dynamics.recurrence import unroll
from core_models.explain.memory.fading import Fading
from core_models.trace import Site
from core_models.tracing import State

SIZE = 0.01
"""The nudge if no other is asked for, in units of the state (h lies within [-1, 1])."""


@torch.no_grad()
def perturb(
    module: Recurrent, x: Tensor, start: int, *, site: Site | None = None, size: float = SIZE, state: State = None
) -> Fading:
    """Nudge each unit of a layer after the token at ``start`` and follow the nudge to the end of the input.

    Args:
        module: a recurrence that attends to nothing; it is not touched.
        x: its input, ``[step, feature]``.
        start: position of the token, counted from 0 on the token axis.
        site: layer and direction; the last layer, read forward, if None.
        size: ε, positive or negative.
        state: states of all layers before the first step, as ``core_models.tracing.replay`` takes them; zeros if None.

    Raises:
        TypeError, ValueError: if the module, the input, the site, ``start`` or ``size`` cannot be used.
    """
    if not 0 <= start < len(x):
        raise ValueError(f"perturb: expected a token from 0 to {len(x) - 1}, got {start}")
    if not (np.isfinite(size) and size):
        raise ValueError(f"perturb: expected a nudge other than 0, got {size}")
    run = unroll(module, x, site, state)
    memory, units = run.places[run.cell.convention.memory], run.layer.weights.hidden
    first = run.read_at(start) + 1
    nudged = run.states[first].repeat(units + 1, 1)
    nudged[1:, memory] += size * torch.eye(units, dtype=nudged.dtype)
    own, whole = [], []
    for step in range(first, len(run) + 1):
        deviation = nudged[1:, memory] - nudged[:1, memory]
        own.append(deviation.diagonal().abs() / abs(size))
        whole.append(deviation.norm(dim=1) / abs(size))
        if step < len(run):
            nudged = run.step(nudged, run.from_input[step])
    return Fading(run.layer.site, start, size, torch.stack(own).numpy(), torch.stack(whole).numpy())
