"""Whether a network that was read from a file computes what the original did, on one input and its output.

Where it does not, the usual ways in which weights are read wrongly are tried one by one: gates in another order, a
recurrent matrix transposed, z for 1 − z, the reset gate on the other side of the product, directions exchanged. The one
under which the output is met is named.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core_models.cells.looped import Looped
from core_models.cells.reset_before import ResetBeforeCell
from core_models.encoded import Encoded
from core_models.language import mark, say
from core_models.networks.sequence import SequenceNetwork
from core_models.own.begun import beginning, begins
from core_models.own.traced import OwnError
from core_models.tracing import cell_of
from core_models.vocabulary import quantity

TOLERANCE = 1e-4
"""Largest difference, as a share of the largest value, up to which outputs are the same: float32 by another route."""

ROUNDED = 1e-2
"""The same where the original computes with weights and inputs in 8 bits."""


@dataclass(frozen=True)
class Proof:
    """How far an output is from the original's.

    Attributes:
        what: what the original's output was held against, in words.
        largest: the largest difference.
        step: where it is, counted from 0; None where the output is one of the whole.
        agrees: whether it is within the tolerance.
        hint: how the weights would have to be read for the outputs to agree, if that is found; else empty.
    """

    what: str
    largest: float
    step: int | None
    agrees: bool
    hint: str = ""


@torch.no_grad()
def prove(
    network: SequenceNetwork, encoded: Encoded, output: NDArray[np.floating], tolerance: float = TOLERANCE
) -> Proof:
    """Hold an output of the original against this network's.

    Args:
        network: the network, see core_models.own.network.
        encoded: what the original read.
        output: ``[step, number]`` or ``[number]``: states or numbers at every step or the last, scores or
            probabilities.
        tolerance: largest difference, as a share of the largest value, up to which outputs are the same.

    Raises:
        OwnError: if the output is not finite, or of a shape that nothing in the network has.
    """
    given = np.squeeze(np.asarray(output, dtype=np.float64))
    if not np.isfinite(given).all():
        raise OwnError(say("output: expected finite numbers, got others"))
    fitting = {what: values for what, values in _outputs(network, encoded).items() if _alike(values, given)}
    if not fitting:
        shapes = ", ".join(f"{what} {list(values.shape)}" for what, values in _outputs(network, encoded).items())
        raise OwnError(
            say(
                "output: expected a shape that the network gives ({shapes}), got {list}",
                shapes=shapes,
                list=list(given.shape),
            )
        )
    reach = tolerance * max(1.0, float(np.abs(given).max()))
    gaps = {what: np.abs(np.squeeze(values) - given) for what, values in fitting.items()}
    what = min(gaps, key=lambda each: float(gaps[each].max()))
    gap = gaps[what]
    step = int(np.unravel_index(int(gap.argmax()), gap.shape)[0]) if "every step" in what and gap.ndim else None
    largest = float(gap.max())
    if largest <= reach:
        return Proof(what, largest, step, agrees=True)
    for hint, other in _misread(network):
        found = {name: values for name, values in _outputs(other, encoded).items() if name in fitting}
        if any(float(np.abs(np.squeeze(values) - given).max()) <= reach for values in found.values()):
            return Proof(what, largest, step, agrees=False, hint=hint)
    return Proof(what, largest, step, agrees=False)


def _alike(values: NDArray[np.float64], given: NDArray[np.float64]) -> bool:
    return np.squeeze(values).shape == given.shape


def _outputs(network: SequenceNetwork, encoded: Encoded) -> dict[str, NDArray[np.float64]]:
    """Everything that an original may have returned, by what it is."""
    x = network.input.embed(network.input.tensor(encoded))[None]
    lengths = torch.tensor([x.shape[1]])
    states = network.recur(x, lengths)[0]
    found = {mark("states after every step"): states[0], mark("the last state"): network.ends(states, lengths)[0]}
    for name, raw in network.conclude(states, x, lengths).items():
        if name == "numbers":
            found |= {mark("numbers at every step"): raw[0], mark("numbers at the last step"): raw[0, -1]}
        else:
            found |= {mark("scores of the classes"): raw[0], mark("their probabilities"): torch.softmax(raw[0], dim=-1)}
            if raw.shape[1] == 2:
                found |= {
                    mark("the score of the second class"): raw[0, 1:],
                    mark("its probability"): torch.sigmoid(raw[0, 1:]),
                }
    return {what: values.double().numpy() for what, values in found.items()}


@torch.no_grad()
def _misread(network: SequenceNetwork) -> Iterator[tuple[str, SequenceNetwork]]:
    """The network with its weights read otherwise, each with what would then have been wrong."""
    rnn, cell = network.rnn, cell_of(network.rnn)
    names, count = [say(quantity(part.key).name) for part in cell.parts], len(cell.parts)
    for order in permutations(range(count)):
        if list(order) != sorted(order):
            listed = say(", ").join(names[place] for place in order)
            yield (
                say("the original's gates stand in another order: {listed}", listed=listed),
                _changed(network, lambda _, values, order=order: _reordered(values, order)),
            )
    yield (
        mark("the original's recurrent matrices are these transposed"),
        _changed(network, lambda name, values: _transposed(values) if "weight_hh" in name else values),
    )
    if "update_gate" in cell.convention.keeps_past:
        place = next(at for at, part in enumerate(cell.parts) if part.key == "update_gate")
        yield (
            mark("the original's update gate is 1 less this one: z and 1 − z are exchanged"),
            _changed(network, lambda _, values: _negated(values, place, count)),
        )
    if isinstance(rnn, nn.GRU):
        yield (
            mark("the original's reset gate acts before the product with the recurrent matrix"),
            _reset_before(network, rnn),
        )
    if rnn.bidirectional:
        other = copy.deepcopy(network)
        held = dict(rnn.named_parameters())
        for name, values in other.rnn.named_parameters():
            twin = name.removesuffix("_reverse") if name.endswith("_reverse") else f"{name}_reverse"
            values.copy_(held[twin])
        yield mark("the original's two directions are exchanged"), other


def _changed(network: SequenceNetwork, change: Callable[[str, Tensor], Tensor]) -> SequenceNetwork:
    other = copy.deepcopy(network)
    for name, values in other.rnn.named_parameters():
        values.copy_(change(name, values))
    return other


def _reordered(values: Tensor, order: tuple[int, ...]) -> Tensor:
    blocks = values.chunk(len(order))
    return torch.cat([blocks[place] for place in order])


def _transposed(values: Tensor) -> Tensor:
    return torch.cat([block.T for block in values.split(values.shape[1])])


def _negated(values: Tensor, place: int, count: int) -> Tensor:
    blocks = list(values.chunk(count))
    blocks[place] = -blocks[place]
    return torch.cat(blocks)


def _reset_before(network: SequenceNetwork, rnn: nn.GRU) -> SequenceNetwork:
    """The same weights with the reset gate inside; z = 1 overwrites there, so that its weights change their sign."""
    other = copy.copy(network)
    other._modules = dict(network._modules)
    made = Looped(
        ResetBeforeCell(), rnn.input_size, rnn.hidden_size, num_layers=rnn.num_layers, bidirectional=rnn.bidirectional
    )
    held = dict(rnn.named_parameters())
    for name, values in made.named_parameters():
        source = held.get(name, torch.zeros_like(values))
        if name.startswith("bias_ih"):
            source = source + held.get(name.replace("bias_ih", "bias_hh"), torch.zeros_like(values))
        values.copy_(_negated(source, 1, 3))
    state = begins(rnn)
    other.rnn = beginning(made.requires_grad_(False).eval(), [state] if isinstance(state, Tensor) else [])
    return other
