"""A recurrence that begins from states of its own, such as those that a network has learnt.

The states stand in for zeros wherever the module is called without any. They are given by a hook, so that the module
is torch's own, and what torch computes is what is traced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from core_models.encoded import State

Module = TypeVar("Module", bound=nn.Module)


class Begun:
    """Called before a recurrence: gives it its states where it was given none.

    Attributes:
        states: h, and for an LSTM c, ``[layers * directions, unit]``.
    """

    def __init__(self, states: Sequence[Tensor]) -> None:
        self.states = tuple(states)

    def __call__(self, module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Arguments with the states among them."""
        x, *given = (*args, *kwargs.values())
        if any(part is not None for part in given):
            return None
        values = x.data if isinstance(x, PackedSequence) else x
        states = tuple(part.to(values) for part in self.states)
        if isinstance(x, PackedSequence) or x.ndim == 3:
            first = getattr(module, "batch_first", False)
            batch = int(x.batch_sizes[0]) if isinstance(x, PackedSequence) else x.shape[0 if first else 1]
            states = tuple(part[:, None].repeat(1, batch, 1) for part in states)
        first, *others = states
        return (x, states if others else first), {}


def beginning(module: Module, states: Sequence[Tensor]) -> Module:
    """The module, which begins from these states where they are not all zero."""
    if any(part.any() for part in states):
        module.register_forward_pre_hook(Begun(states), with_kwargs=True)
    return module


def begins(module: nn.Module) -> State:
    """The states that a module begins from by itself, as it takes them for an unbatched input; None for zeros."""
    hook = next((hook for hook in module._forward_pre_hooks.values() if isinstance(hook, Begun)), None)
    if hook is None:
        return None
    first, *others = hook.states
    return hook.states if others else first
