"""What a person gives to be read, as the module takes it: tensors, arrays, lists, any number type, padded or packed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence

from core_models.encoded import State
from core_models.language import say
from core_models.own.traced import OwnError


@dataclass(frozen=True, eq=False)
class Given:
    """An input that a module can be called with.

    Attributes:
        x: ``[step, feature]``, or with a batch axis where the module has it, or packed.
        state: states before the first step as the module takes them; None for zeros.
        one: whether it is one sequence without a batch axis.
    """

    x: Tensor | PackedSequence
    state: State
    one: bool


def tensor_of(values: Any, what: str, like: Tensor) -> Tensor:
    """Numbers as a tensor of another one's type and device.

    Raises:
        OwnError: if they are no real numbers, not finite, or too large for the type.
    """
    try:
        found = values.detach() if isinstance(values, Tensor) else torch.from_numpy(_native(np.array(values)))
    except (TypeError, ValueError) as error:
        raise OwnError(
            say("{what}: expected numbers in a tensor, an array or nested lists, got {error}", what=what, error=error)
        ) from None
    if found.is_complex() or found.is_sparse or found.is_quantized:
        raise OwnError(
            say(
                "{what}: expected plain real numbers, got {dtype}: convert them to {dtype_2} first",
                what=what,
                dtype=found.dtype,
                dtype_2=like.dtype,
            )
        )
    if found.is_meta:
        raise OwnError(say("{what}: expected numbers, got a tensor on the meta device, which has none", what=what))
    typed = found.to(like)
    if not typed.isfinite().all():
        place = tuple((~typed.isfinite()).nonzero()[0].tolist())
        number = found[place].item()
        limit = "a finite number" if not np.isfinite(number) else f"a number that {typed.dtype} can hold"
        raise OwnError(f"{what}: expected {limit}, got {number:g} at {list(place)}")
    return typed


def _native(values: np.ndarray) -> np.ndarray:
    """Numbers with their bytes in this machine's order."""
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def given(module: nn.RNNBase | nn.RNNCellBase, x: Any, state: Any = None, lengths: Any = None) -> Given:
    """An input and a state as a module can be called with them.

    Args:
        module: the module.
        x: ``[step, feature]``; with a batch axis; a list of sequences; or a ``PackedSequence``.
        state: states before the first step as the module takes them, with or without a batch axis; zeros if None.
        lengths: steps of each sequence of a padded batch; all of them if None.

    Raises:
        OwnError: if they do not fit the module; the message says what was expected.
    """
    like = next(module.parameters())
    if isinstance(x, PackedSequence):
        _check(module, tuple(x.data.shape), 2, "packed sequences")
        return Given(x._replace(data=tensor_of(x.data, "x", like)), _state(module, state, like, len_of(x)), one=False)
    if _ragged(x):
        parts = [tensor_of(part, f"x[{number}]", like) for number, part in enumerate(x)]
        for part in parts:
            _check(module, tuple(part.shape), 2, "sequences")
        return Given(pack_sequence(parts, enforce_sorted=False), _state(module, state, like, len(parts)), one=False)
    values = tensor_of(x, "x", like)
    _check(module, tuple(values.shape), values.ndim if values.ndim in (2, 3) else 2, "a sequence [step, feature]")
    first = getattr(module, "batch_first", False)
    if values.ndim == 2:
        if lengths is not None:
            raise OwnError(say("lengths: expected a padded batch with them, got one sequence [step, feature]"))
        return Given(values, _state(module, state, like, None), one=True)
    batch = values.shape[0 if first else 1]
    begun = _state(module, state, like, batch)
    if lengths is None:
        return Given(values, begun, one=False)
    return Given(_packed(values, lengths, batch, first), begun, one=False)


def _packed(values: Tensor, lengths: Any, batch: int, first: bool) -> PackedSequence:
    counts, longest = [int(length) for length in lengths], values.shape[1 if first else 0]
    if len(counts) != batch or not all(1 <= count <= longest for count in counts):
        raise OwnError(
            say(
                "lengths: expected {batch} numbers from 1 to {longest}, one for each sequence, got {counts}",
                batch=batch,
                longest=longest,
                counts=counts,
            )
        )
    return pack_padded_sequence(values, torch.tensor(counts), batch_first=first, enforce_sorted=False)


def _ragged(x: Any) -> bool:
    """Whether it is a list of sequences, which may differ in length."""
    if not isinstance(x, Sequence) or isinstance(x, str) or not x:
        return False
    return all(np.ndim(part) == 2 if not isinstance(part, Tensor) else part.ndim == 2 for part in x)


def len_of(packed: PackedSequence) -> int:
    """Number of sequences."""
    return int(packed.batch_sizes[0])


def _check(module: nn.RNNBase | nn.RNNCellBase, shape: tuple[int, ...], axes: int, what: str) -> None:
    size = module.input_size
    if len(shape) != axes or shape[-1] != size or 0 in shape:
        name = type(module).__name__
        raise OwnError(
            say(
                "x: expected {what} of {size} features each, for {name} reads [step, {size}], got shape {list}",
                what=what,
                size=size,
                name=name,
                list=list(shape),
            )
        )


def _state(module: nn.Module, state: Any, like: Tensor, batch: int | None) -> State:
    """States ``[layers * directions, (batch,) unit]``; of a cell ``[(batch,) unit]``, kept with one layer here."""
    if state is None:
        return None
    several = isinstance(module, nn.LSTM | nn.LSTMCell)
    parts = list(state) if several else [state[0] if isinstance(state, tuple | list) and len(state) == 1 else state]
    ready = []
    for number, (part, size) in enumerate(zip(parts, _sizes(module), strict=False)):
        values = tensor_of(part, "state", like)
        layers: Any = getattr(module, "num_layers", 1)
        rows = layers * (2 if getattr(module, "bidirectional", False) else 1)
        shape = (rows, size) if batch is None else (rows, batch, size)
        if values.numel() != int(np.prod(shape)) or values.shape[-1] != size:
            raise OwnError(
                say(
                    "state: expected shape {list} in part {number}, got {list_2}",
                    list=list(shape),
                    number=number + 1,
                    list_2=list(values.shape),
                )
            )
        ready.append(values.reshape(shape))
    if len(ready) != len(_sizes(module)) or len(parts) != len(ready):
        raise OwnError(
            say("state: expected {n} tensors (h, and for an LSTM c), got {n_2}", n=len(_sizes(module)), n_2=len(parts))
        )
    return tuple(ready) if several else ready[0]


def _sizes(module: nn.Module) -> list[int]:
    units: Any = module.hidden_size
    projected: Any = getattr(module, "proj_size", 0)
    return [projected or units, units] if isinstance(module, nn.LSTM | nn.LSTMCell) else [units]
