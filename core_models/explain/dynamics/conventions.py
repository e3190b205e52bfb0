r"""The same GRU weights read by three conventions, to see on one text where they part.

    reset after    n = tanh(W x + b_i + r ⊙ (U h + b_h)),  z = 1 keeps      torch.nn.GRU
    reset before   n = tanh(W x + U (r ⊙ h) + b_i + b_h),  z = 1 keeps      Cho et al. 2014, arXiv 1406.1078, eq. 8
    z reversed     as the network computes r and n, but h = z ⊙ n + (1 - z) ⊙ h where it was trained with the opposite

The first two differ in one place; the third is what happens to a network whose weights are loaded by code that takes z
the other way round. A network is always compared with the convention that it was trained in.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core_models.cells.recurrence import Recurrent, recurrence
from core_models.heads.classes import READOUT, ClassHead
from core_models.language import mark
from core_models.networks.sequence import SequenceNetwork
from core_models.trace import Site, Trace
from core_models.tracing import cell_of, replay

OWN, OTHER_RESET, OTHER_UPDATE = mark("as trained"), mark("reset on the other side"), mark("update gate reversed")
OTHER = "gru_reset_before"
"""Key of the cell whose reset gate acts before the product."""

RNN = Site("rnn")


@dataclass(frozen=True)
class Reading:
    """One convention's reading of a text.

    Attributes:
        name: which convention.
        states: hidden state after every token, ``[step, unit]``.
        probability: answer after every token, ``[step]``.
    """

    name: str
    states: NDArray[np.float32]
    probability: NDArray[np.float32]


def has_conventions(network: SequenceNetwork) -> bool:
    """Whether the network is one layer of a GRU, read forward, in either convention, that tells two classes apart."""
    rnn, head = network.rnn, network.head(network.running) if network.running else None
    if not (isinstance(head, ClassHead) and head.binary):
        return False
    return cell_of(rnn).convention.key in ("gru", OTHER) and rnn.num_layers == 1 and not rnn.bidirectional


@torch.no_grad()
def read_by_conventions(network: SequenceNetwork, trace: Trace) -> tuple[Reading, Reading, Reading]:
    """The trace's own reading, with the reset on the other side, and with the update gate reversed.

    Args:
        network: a network for which ``has_conventions`` holds.
        trace: what it computed on a text.

    Raises:
        TypeError: if the network is not such a GRU.
    """
    rnn = network.rnn
    if not has_conventions(network):
        raise TypeError(
            f"conventions: expected one layer of a GRU read forward and two classes, got {type(rnn).__name__}"
        )
    x = torch.from_numpy(trace.array(*network.input.address).copy()).to(_stacks(rnn)[0].device)
    other = _reset_after(rnn) if cell_of(rnn).convention.key == OTHER else _reset_before(rnn)
    own = Reading(OWN, trace.array(RNN, "hidden_state"), trace.array(READOUT, "probability"))
    return own, _reading(network, other, OTHER_RESET, x), _reading(network, _reversed(rnn), OTHER_UPDATE, x)


def _reading(network: SequenceNetwork, rnn: Recurrent, name: str, x: Tensor) -> Reading:
    states = replay(rnn, network.input.look(x[None])[0])[RNN, "hidden_state"]
    said = network.conclude_trace(states, x, x, network.before({}))
    probability = said[READOUT, "probability"]
    return Reading(name, states.cpu().numpy(), probability.cpu().numpy())


def _reset_before(rnn: Recurrent) -> Recurrent:
    """torch's weights in the textbook cell: biases joined, z turned round so that it still keeps what it kept."""
    other = recurrence(OTHER, rnn.input_size, rnn.hidden_size)
    w_x, w_h, b_x, b_h = (_turned(stack) for stack in _stacks(rnn))
    return _filled(other, w_x, w_h, b_x + b_h)


def _reset_after(rnn: Recurrent) -> Recurrent:
    """Textbook weights in torch's cell, z turned round."""
    return _filled(recurrence("gru", rnn.input_size, rnn.hidden_size), *(_turned(stack) for stack in _stacks(rnn)))


def _reversed(rnn: Recurrent) -> Recurrent:
    """The same cell with the update gate turned round: 1 - z in the place of z."""
    return _filled(copy.deepcopy(rnn), *(_turned(stack) for stack in _stacks(rnn)))


def _stacks(rnn: Recurrent) -> list[Tensor]:
    """Input and recurrent weights, input and recurrent biases; zeros where the module has no bias."""
    held = dict(rnn.named_parameters()) | dict(rnn.named_buffers())
    zeros = torch.zeros_like(held["weight_ih_l0"][:, 0])
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    return [held.get(name, zeros) for name in names]


def _filled(rnn: Recurrent, *stacks: Tensor) -> Recurrent:
    """The module with these stacks in the place of its own, on their device."""
    rnn = rnn.to(stacks[0])
    for stack, value in zip(_stacks(rnn), stacks, strict=False):
        stack.copy_(value)
    return rnn


def _turned(stack: Tensor) -> Tensor:
    """Rows stacked as r, z, n with those of z negated: σ(-a) = 1 - σ(a)."""
    r, z, n = stack.chunk(3)
    return torch.cat([r, -z, n])
