"""The small networks that race: one recurrence, one linear readout, equal numbers of parameters.

Only the recurrence differs. How many units it has is solved from the budget of parameters, so that no architecture
wins by size: an LSTM has four weight blocks where a vanilla RNN has one, and gets fewer units for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core_models.cells.attentive import AttentiveRNN
from core_models.cells.recurrence import Recurrent, recurrence
from pretrained.memory.architectures import CELLS
from pretrained.memory.synthetic import Synthetic

ATTENTION = 12
"""Rows of the attention's score matrices."""

KEEPING = {"gru": 1, "lstm": 1}
"""Which block of the stacked biases belongs to the gate that keeps the past: torch stacks r, z, n and i, f, g, o."""


def begin(cell: str, inputs: int, hidden: int, lag: int) -> Recurrent:
    """A recurrent layer of ``hidden`` units, initialised so that it begins by keeping the past, as far as it can.

    Recurrent blocks are orthogonal, for the ReLU RNN the identity with zero biases (Le, Jaitly & Hinton 2015,
    arXiv 1504.00941). The gate that keeps the past has bias log u with u uniform in [1, lag], so that its units begin
    with half-lives spread from one step to the lag, and an LSTM's input gate the opposite bias (Tallec & Ollivier
    2018, arXiv 1804.11188, section 3). Everything else is as a fresh module has it.

    Raises:
        ValueError: if there is no such cell.
    """
    if cell not in CELLS:
        raise ValueError(f"network: expected one of {', '.join(CELLS)}, got {cell!r}")
    made = AttentiveRNN(inputs, hidden, ATTENTION) if cell == "attentive" else recurrence(cell, inputs, hidden)
    given = dict(made.named_parameters())
    with torch.no_grad():
        for block in given["weight_hh_l0"].split(hidden):
            (nn.init.eye_ if cell == "rnn_relu" else nn.init.orthogonal_)(block)
        if cell == "rnn_relu":
            given["bias_ih_l0"].zero_()
            given["bias_hh_l0"].zero_()
        if cell in KEEPING:
            blocks = given["bias_ih_l0"].chunk(3 if cell == "gru" else 4)
            keep = torch.empty(hidden).uniform_(1.0, max(2.0, lag)).log()
            blocks[KEEPING[cell]].copy_(keep)
            if cell == "lstm":
                blocks[0].copy_(-keep)
    return made


class MemoryNetwork(nn.Module):
    """A recurrence and a linear readout of its last state."""

    def __init__(self, cell: str, inputs: int, hidden: int, outputs: int, lag: int) -> None:
        super().__init__()
        self.cell = cell
        self.rnn = begin(cell, inputs, hidden, lag)
        self.readout = nn.Linear(hidden, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Answers ``[sequence, output]`` after the last step of ``x [step, sequence, feature]``."""
        return self.readout(self.states(x)[-1])

    def states(self, x: Tensor) -> Tensor:
        """Hidden states after every step, ``[step, sequence, unit]``."""
        return self.rnn(x)[0]


@dataclass(frozen=True)
class Size:
    """How large one racer is."""

    hidden: int
    parameters: int


def count_parameters(cell: str, inputs: int, hidden: int, outputs: int) -> int:
    """Trainable parameters of a ``MemoryNetwork``."""
    blocks = {"rnn": 1, "rnn_relu": 1, "gru": 3, "lstm": 4}.get(cell)
    readout = (hidden + 1) * outputs
    if blocks is None:
        return hidden * (inputs + 1) + hidden * hidden + 2 * ATTENTION * hidden + ATTENTION + readout
    return blocks * hidden * (inputs + hidden + 2) + readout


def size_for(cell: str, task: Synthetic, budget: int) -> Size:
    """The number of units whose parameters come nearest to ``budget``."""
    counts = {hidden: count_parameters(cell, task.inputs, hidden, task.outputs) for hidden in range(2, 200)}
    hidden = min(counts, key=lambda units: abs(counts[units] - budget))
    return Size(hidden, counts[hidden])


def build(cell: str, task: Synthetic, budget: int, lag: int) -> MemoryNetwork:
    """A fresh network for ``task``; its weights depend on torch's global random state."""
    return MemoryNetwork(cell, task.inputs, size_for(cell, task, budget).hidden, task.outputs, lag)
