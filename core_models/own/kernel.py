"""Torch's recurrent kernels, seen at work: what went in, with which weights, and what came out.

Every ``nn.RNN``, ``GRU``, ``LSTM`` and their cells end in one call of a function of torch, whatever a subclass, a hook
or a parametrisation did before. That call is what is traced, so that what is traced is what was computed: the weights
are those that the kernel was given, and the hidden states of the topmost layer are those that it returned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

KERNELS: Mapping[str, Callable[..., nn.RNNBase]] = {
    "gru": nn.GRU,
    "lstm": nn.LSTM,
    "rnn_tanh": nn.RNN,
    "rnn_relu": partial(nn.RNN, nonlinearity="relu"),
}
"""By the name of torch's function, the module that calls it; a function for one step has ``_cell`` behind its name."""


@dataclass(frozen=True, eq=False)
class One:
    """One sequence of a batch.

    Attributes:
        x: input, ``[step, feature]``.
        initial: states before it, ``[layers * directions, unit]`` each.
        hidden: hidden states of every layer, ``[step, directions * unit]``.
    """

    x: Tensor
    initial: tuple[Tensor, ...]
    hidden: tuple[Tensor, ...]

    @property
    def state(self) -> Tensor | tuple[Tensor, ...]:
        """States before it as a module takes them."""
        first, *others = self.initial
        return self.initial if others else first

    def cpu(self) -> One:
        """The same on the CPU."""
        return One(self.x.cpu(), tuple(part.cpu() for part in self.initial), tuple(part.cpu() for part in self.hidden))


@dataclass(frozen=True, eq=False)
class Kernel:
    """One run of a kernel over a batch of sequences.

    Attributes:
        name: of the function, one of ``KERNELS``.
        weights: as it takes them: for each layer and direction W_ih, W_hh, biases if there are some, W_hr if there is.
        biases: whether there are biases.
        layers: number of layers.
        both: whether each is read in both directions.
        x: input, ``[step, batch, feature]``, or ``[row, feature]`` where the batch is packed.
        sizes: sequences at each step, where the batch is packed; else None.
        initial: states before the first step, ``[layers * directions, batch, unit]`` each.
        hidden: hidden states of the topmost layer, as ``x``.
        dropped: probability with which values between layers were dropped in this run.
        order: place of each sequence of the batch as the person gave it; None where it is the batch's own.
        batch_first: whether the kernel itself was given and returned the batch axis first.
        ends: states after the last step, as ``initial``.
        stepped: whether it was a cell, which reads one step.
        autocast: whether it ran under autocast, which rounds inside the kernel.
    """

    name: str
    weights: tuple[Tensor, ...]
    biases: bool
    layers: int
    both: bool
    x: Tensor
    sizes: Tensor | None
    initial: tuple[Tensor, ...]
    hidden: Tensor
    dropped: float = 0.0
    order: Tensor | None = None
    batch_first: bool = False
    ends: tuple[Tensor, ...] = ()
    stepped: bool = False
    autocast: bool = False

    @property
    def single(self) -> bool:
        """Whether it read one step, from which a next one can go on."""
        return self.stepped or (self.sizes is None and len(self.x) == 1 and not self.both)

    def module(self) -> nn.RNNBase:
        """A stock module on the CPU with the weights that were used, which it shares with nobody."""
        return module_of(self.name, self.weights, self.biases, self.layers, self.both)

    def _by_place(self) -> list[tuple[Tensor, ...]]:
        return _by_place(self.weights, self.layers, self.both)

    def sequences(self) -> list[One]:
        """The sequences of the batch, in the order in which the person gave them."""
        levels = [self._apart(level) for level in self.levels()]
        order = range(len(levels[0])) if self.order is None else self.order.tolist()
        states = [part.unbind(1) for part in self.initial]
        return [
            One(levels[0][row], tuple(part[row] for part in states), tuple(level[row] for level in levels[1:]))
            for row in order
        ]

    def levels(self) -> list[Tensor]:
        """The input and, as it, the hidden states of every layer; lower ones are computed by the same kernel again."""
        x, found, ways = self.x, [], 2 if self.both else 1
        for depth in range(self.layers - 1):
            states = [part[depth * ways : (depth + 1) * ways] for part in self.initial]
            packed = (self.sizes,) if self.sizes is not None else ()
            weights = [part for place in self._by_place()[depth * ways : (depth + 1) * ways] for part in place]
            settings = (weights, self.biases, 1, 0.0, False, self.both, *(() if packed else (False,)))
            x = _function(self.name)(x, *packed, states if len(states) > 1 else states[0], *settings)[0]
            found.append(x)
        return [self.x, *found, self.hidden]

    def _apart(self, values: Tensor) -> list[Tensor]:
        """Values of each sequence of the batch, ``[step, ...]``."""
        if self.sizes is None:
            return list(values.unbind(1))
        padded, lengths = pad_packed_sequence(PackedSequence(values, self.sizes))
        return [padded[:length, row] for row, length in enumerate(lengths.tolist())]


@torch.no_grad()
def module_of(name: str, weights: tuple[Tensor, ...], biases: bool, layers: int, both: bool) -> nn.RNNBase:
    """A stock module on the CPU with copies of some weights; see ``Kernel`` for the arguments.

    Raises:
        RuntimeError, ValueError: if the weights do not fit each other.
    """
    places = _by_place(weights, layers, both)
    projected = len(places[0]) > (4 if biases else 2)
    settings: dict[str, Any] = {"proj_size": places[0][-1].shape[0]} if projected else {}
    hidden = places[0][-1].shape[1] if projected else places[0][1].shape[1]
    made = KERNELS[name](
        weights[0].shape[1], hidden, num_layers=layers, bidirectional=both, bias=biases, device="meta",
        dtype=weights[0].dtype, **settings,
    )  # fmt: skip
    made = made.to_empty(device="cpu").requires_grad_(False).eval()
    for own, used in zip(made.all_weights, places, strict=True):
        for parameter, values in zip(own, used, strict=True):
            if parameter.shape != values.shape:
                raise ValueError(f"expected shape {list(parameter.shape)}, got {list(values.shape)}")
            parameter.copy_(values)
    return made


def _by_place(weights: tuple[Tensor, ...], layers: int, both: bool) -> list[tuple[Tensor, ...]]:
    """The weights of each layer and direction."""
    per = len(weights) // (layers * (2 if both else 1))
    return [weights[at : at + per] for at in range(0, len(weights), per)]


def _function(name: str) -> Callable[..., tuple[Tensor, ...]]:
    return {"gru": torch.gru, "lstm": torch.lstm, "rnn_tanh": torch.rnn_tanh, "rnn_relu": torch.rnn_relu}[name]


Copies = dict[int, tuple[Tensor, int, Tensor]]
"""By identity of a tensor: the tensor, its version when it was copied, and the copy."""


def seen(name: str, args: Sequence[Any], result: Any, copies: Copies | None = None) -> Kernel:
    """What a call of the function ``name`` was; everything is copied, so that nothing later changes it.

    Weights that are among ``copies`` and have not changed since are not copied once more.
    """
    held: Copies = {} if copies is None else copies
    if name.endswith("_cell"):
        return _seen_cell(name.removesuffix("_cell"), args, result, held)
    packed = isinstance(args[1], Tensor) and isinstance(args[3], Sequence)
    x, sizes, (before, weights, biases, layers, dropout, train, both, *first) = (
        (args[0], args[1], args[2:]) if packed else (args[0], None, args[1:])
    )
    hidden = result[0]
    if first and first[0]:
        x, hidden = x.transpose(0, 1), hidden.transpose(0, 1)
    return Kernel(
        name=name,
        weights=tuple(_copy_once(part, held) for part in weights),
        biases=biases,
        layers=layers,
        both=both,
        x=_copy(x),
        sizes=sizes,
        initial=tuple(map(_copy, before if isinstance(before, Sequence) else (before,))),
        hidden=_copy(hidden),
        dropped=dropout if train and layers > 1 else 0.0,
        batch_first=bool(first and first[0]),
        ends=tuple(map(_copy, result[1:])),
        autocast=not x.is_meta and torch.is_autocast_enabled(x.device.type),
    )


def _seen_cell(name: str, args: Sequence[Any], result: Any, copies: Copies) -> Kernel:
    x, before, *weights = args
    parts = before if isinstance(before, Sequence) else (before,)
    initial = tuple(_copy_once(part, copies)[None] for part in parts)
    for part in parts:  # which the next step does not read
        copies.pop(id(part), None)
    ends = [_copy_once(part, copies) for part in ((result,) if isinstance(result, Tensor) else result)]
    given = tuple(part for part in weights if part is not None)
    return Kernel(
        name=name,
        weights=tuple(_copy_once(part, copies) for part in given),
        biases=len(given) == 4,
        layers=1,
        both=False,
        x=_copy(x)[None],
        sizes=None,
        initial=initial,
        hidden=ends[0][None],
        ends=tuple(part[None] for part in ends),
        stepped=True,
        autocast=not x.is_meta and torch.is_autocast_enabled(x.device.type),
    )


def joined(steps: Sequence[Kernel]) -> Kernel:
    """Runs that go on from one another as one run over all of their steps."""
    first, last = steps[0], steps[-1]
    x, hidden = (torch.cat([getattr(step, key) for step in steps]) for key in ("x", "hidden"))
    return replace(first, x=x, hidden=hidden, ends=last.ends)


def _copy_once(values: Tensor, copies: Copies) -> Tensor:
    if values.is_inference():  # has no version that would tell whether it changed
        return _copy(values)
    known = copies.get(id(values))
    if known is None or known[0] is not values or known[1] != values._version:
        known = copies[id(values)] = (values, values._version, _copy(values))
    return known[2]


def _copy(values: Tensor) -> Tensor:
    return values.detach().clone()
