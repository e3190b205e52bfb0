"""Derivatives of the last state by earlier ones, as products of the steps' own."""

from __future__ import annotations

import torch
from torch import Tensor

from core_models.explain.dynamics.gradient_flow import step_jacobians
from core_models.explain.dynamics.recurrence import Recurrence


def gradient_matrices(run: Recurrence) -> Tensor:
    """∂s_T/∂s_s for every s in reading order, ``[step, state, state]``: row = part of s_T, column = part of s_s."""
    found = [torch.eye(run.size, dtype=run.states.dtype)]
    for jacobian in step_jacobians(run)[1:].flip(0):
        found.append(found[-1] @ jacobian)
    return torch.stack(found[::-1])
