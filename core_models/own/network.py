r"""A person's own recurrence as a network that all tools of this package take: input, recurrence and a readout.

    x_t    numbers as they are, or E[word_t] with the file's own table of vectors, or one-hot
    h_t    the recurrence, untouched
    y      classes of the whole from the last state; or numbers at every step, W h_t + b, or the states themselves

The network is laid out without weights and then filled, so that no random number is drawn.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core_models.cells.looped import Looped
from core_models.heads import ClassHead
from core_models.inputs import TokenInput
from core_models.language import say
from core_models.networks.architecture import Architecture
from core_models.networks.sequence import SequenceNetwork
from core_models.own.files.load import Contents
from core_models.own.traced import OwnError
from core_models.tracing import cell_of

MOST_OUTPUTS = 512
"""Outputs of a readout at most."""


@dataclass(frozen=True, eq=False)
class Readout:
    """A linear map from states.

    Attributes:
        weight: ``[output, unit]``.
        bias: ``[output]``.
        classes: whether its outputs are the scores of classes of the whole sequence; of one output, the log-odds of the
            second of two classes. Else they are numbers at every step.
    """

    weight: Tensor
    bias: Tensor
    classes: bool = False

    @property
    def count(self) -> int:
        """Classes, or numbers."""
        return 2 if self.classes and len(self.weight) == 1 else len(self.weight)


@torch.no_grad()
def network_of(
    module: nn.Module, *, embedding: Tensor | None = None, unknown: int = 1, readout: Readout | None = None
) -> SequenceNetwork:
    """The network, in ``eval()`` and float32.

    Args:
        module: the recurrence, as core_models.own.files.load gives it; it becomes part of the network.
        embedding: vectors of words, ``[word, feature]``; None where numbers are read.
        unknown: id of the word that stands for all that are not known.
        readout: what reads the states; None gives the states themselves.

    Raises:
        OwnError: if the parts do not fit each other, or states are projected.
    """
    if not isinstance(module, nn.RNNBase | Looped):
        raise OwnError(say("expected a recurrence, got {name}", name=type(module).__name__))
    if getattr(module, "proj_size", 0):
        raise OwnError(
            say(
                "this LSTM projects its states (proj_size), which is traced in code alone: gs.trace(module, "
                "x), or gatescope trace FILE NUMBERS"
            )
        )
    units = module.hidden_size * (2 if module.bidirectional else 1)
    key = cell_of(module).convention.key
    architecture = Architecture(
        key.removesuffix("_relu"), module.hidden_size, 0 if embedding is None else embedding.shape[1],
        module.num_layers, module.bidirectional, "relu" if key.endswith("_relu") else "tanh",
    )  # fmt: skip
    read = None if readout is None else readout.weight
    for name, part, size in (("vectors", embedding, module.input_size), ("readout", read, units)):
        if part is not None and part.shape[1] != size:
            raise OwnError(
                say(
                    "{name}: expected {size} columns, as the recurrence has it, got {shape}",
                    name=name,
                    size=size,
                    shape=part.shape[1],
                )
            )
    count = readout.count if readout else units
    outputs = {"answer" if readout and readout.classes else "numbers": count}
    inputs = module.input_size if embedding is None else (len(embedding),)
    with torch.device("meta"):
        made = SequenceNetwork(architecture, inputs, outputs, unknown=unknown)
    made = made.to_empty(device="cpu")
    made.rnn = module.float()
    if embedding is not None and isinstance(made.input, TokenInput):
        made.input.embedding.weight.copy_(embedding)
    given = readout or Readout(torch.eye(units), torch.zeros(units))
    for head in map(made.head, made.heads):
        weight, bias = given.weight.float(), given.bias.float()
        if isinstance(head, ClassHead) and head.binary and len(weight) == 2:
            weight, bias = weight[1:] - weight[:1], bias[1:] - bias[:1]
        head.readout.weight.copy_(weight)
        head.readout.bias.copy_(bias)
    return made.requires_grad_(False).eval()


@torch.no_grad()
def untrained_like(network: SequenceNetwork, seed: int = 0) -> SequenceNetwork:
    """The same network with a recurrence, and a readout of its own, as torch would begin them; vectors are kept.

    Weights are drawn evenly from ±1/√units, and from ±1/√features for the readout, as torch.nn does.
    """
    made, draw = copy.deepcopy(network), torch.Generator().manual_seed(seed)
    reach = 1.0 / math.sqrt(network.architecture.hidden)
    for values in made.rnn.parameters():
        values.uniform_(-reach, reach, generator=draw)
    for head in map(made.head, made.heads):
        readout = head.readout
        if not torch.equal(readout.weight, torch.eye(*readout.weight.shape)):
            reach = 1.0 / math.sqrt(readout.in_features)
            readout.weight.uniform_(-reach, reach, generator=draw)
            readout.bias.uniform_(-reach, reach, generator=draw)
    return made


def vectors_in(contents: Contents, features: int) -> dict[str, Tensor]:
    """Tables that may be vectors of words, ``[word, feature]``, by name, the largest first."""
    found = {name: value for name, value in contents.tensors.items() if value.ndim == 2 and value.shape[1] == features}
    return dict(sorted(found.items(), key=lambda each: -len(each[1])))


def readouts_in(contents: Contents, units: int) -> dict[str, tuple[Tensor, Tensor]]:
    """Matrices that may read states of so many units, ``[output, unit]``, each with its bias, by name."""
    found = {}
    for name, value in contents.tensors.items():
        if value.ndim != 2 or units not in value.shape:
            continue
        forward = value.shape[1] == units and (contents.rows_first or value.shape[0] != units)
        weight = value if forward else value.T
        if len(weight) <= MOST_OUTPUTS:
            found[name] = weight, _bias(contents.tensors, name, len(weight))
    return found


def _bias(tensors: Mapping[str, Tensor], name: str, count: int) -> Tensor:
    """The bias that stands beside a matrix in a file; zeros where there is none."""
    beside = re.sub(r"(weight|kernel)$", "bias", name), re.sub(r"(vars/)0$", r"\g<1>1", name)
    held = next((tensors[other] for other in beside if other != name and other in tensors), None)
    return held if held is not None and held.shape == (count,) else torch.zeros(count)
