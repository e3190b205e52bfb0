"""First weights of recurrent layers: orthogonal recurrent blocks, and gates that begin by keeping the past."""

from __future__ import annotations

import torch
from torch import nn

from core_models.cells.cell import Described


def begin_recurrence(module: nn.Module, cell: Described, size: int) -> None:
    """Set recurrent blocks of ``size`` units orthogonal, and the bias of gates that decide what survives to keep it."""
    keeps = {cell.row_of(gate): keep for gate, keep in cell.convention.keeps_past.items()}
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if name.startswith("weight_hh"):
                for block in parameter.split(size):
                    nn.init.orthogonal_(block)
            elif name.startswith("bias_ih"):
                for row, keep in keeps.items():
                    parameter[row * size : (row + 1) * size].fill_(1.0 if keep else -1.0)
