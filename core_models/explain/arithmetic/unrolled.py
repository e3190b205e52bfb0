"""The arithmetic behind the numbers of a recurrence that attends over its own past."""

from __future__ import annotations

import numpy as np
import torch

from core_models.cells import Unrolled
from core_models.explain.arithmetic.cell import Arithmetic, explain_cell
from core_models.explain.arithmetic.pooling import explain_context, explain_mask, explain_score, explain_weight
from core_models.trace import Trace
from core_models.tracing import Layer
from core_models.vocabulary import Kind, quantity


@torch.no_grad()
def explain_unrolled(
    module: Unrolled, layer: Layer, trace: Trace, x: np.ndarray, key: str, step: int, unit: int, head: int
) -> Arithmetic:
    """Arithmetic of one number of an ``Unrolled`` recurrence; arguments as for ``explain_cell``.

    For attention, ``step`` is the token that reads and ``unit`` the token looked at.

    Raises:
        KeyError: if the recurrence does not compute ``key``.
    """
    kind, score = quantity(key).kind, module.score
    if kind not in (Kind.SCORE, Kind.WEIGHT, Kind.MASK, Kind.CONTEXT):
        return explain_cell(layer, trace, x, key, step, unit)
    if kind in (Kind.WEIGHT, Kind.MASK):
        return (explain_mask if kind == Kind.MASK else explain_weight)(layer.site, trace, step, unit, head)
    states = trace.array(layer.site, "hidden_state")
    keys = module.squash(torch.from_numpy(x.copy())).numpy() if module.keys == "input" else states
    if kind == Kind.CONTEXT:
        return explain_context(score, layer.site, trace, keys, step, unit, key)
    asking = states if module.includes_now else np.concatenate([np.zeros_like(states[:1]), states[:-1]])
    return explain_score(score, layer.site, trace, keys, step, unit, head, asking)
