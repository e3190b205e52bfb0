"""While a block runs, every recurrent kernel that torch calls is seen, and by which module it was called."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import nn
from torch._C._functorch import is_functorch_wrapped_tensor
from torch.nn.utils.rnn import PackedSequence
from torch.overrides import TorchFunctionMode

from core_models.own.kernel import KERNELS

Seen = Callable[[str, str, Any, Any, Any], Any]
"""By name of the module, of the function, its arguments, its keywords and its result; returns what the result is."""

ATTENDING = ("multi_head_attention_forward", "scaled_dot_product_attention", "softmax")
MASKING = (
    "where",
    "lerp",
    *(form for name in ("mul", "add") for form in (name, f"__{name}__", f"__r{name}__", f"{name}_")),
)
"""Functions by which a loop holds or clears the states of some sequences."""

WATCHED = frozenset((*KERNELS, *(f"{name}_cell" for name in KERNELS), *ATTENDING, *MASKING))


class Stack:
    """The modules that run just now, by name, with the places of the sequences of a packed input."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.orders: list[torch.Tensor | None] = []

    @property
    def name(self) -> str:
        """The innermost one; empty outside all of them."""
        return self.names[-1] if self.names else ""

    @property
    def order(self) -> torch.Tensor | None:
        """Where each sequence that the person gave stands in the packed batch."""
        return next((order for order in self.orders[::-1] if order is not None), None)

    def enter(self, name: str, inputs: tuple[Any, ...]) -> None:
        """A module begins."""
        packed = next((part for part in inputs if isinstance(part, PackedSequence)), None)
        self.names.append(name)
        self.orders.append(None if packed is None else packed.unsorted_indices)

    def leave(self) -> None:
        """It is done."""
        self.names.pop()
        self.orders.pop()


class _Mode(TorchFunctionMode):
    def __init__(self, seen: Seen, stack: Stack, every: bool) -> None:
        super().__init__()
        self.seen, self.stack, self.every = seen, stack, every

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", "").partition(".")[0]  # an exported program says gru.input
        if not self.every and name not in WATCHED:
            return result
        return self.seen(self.stack.name, name, args, kwargs or {}, result)


@contextmanager
def seeing(model: nn.Module, seen: Seen, stack: Stack, *, every: bool = False) -> Iterator[None]:
    """Tell ``seen`` of every kernel, or of every function of torch, that is called while the block runs.

    A compiled model runs as it was written in the block, for compiled code calls no kernels that could be seen.
    """
    handles = []
    for name, part in model.named_modules():
        if isinstance(part, torch.jit.ScriptModule):  # takes no hooks, and calls no kernels that could be seen
            continue
        plain = name.replace("_orig_mod.", "").removesuffix("_orig_mod").rstrip(".")
        handles.append(part.register_forward_pre_hook(_entering(stack, plain), prepend=True))
        handles.append(part.register_forward_hook(lambda *_: stack.leave(), always_call=True))
    try:
        with as_written(), _Mode(seen, stack, every):
            yield
    finally:
        for handle in handles:
            handle.remove()


def closed(module: nn.Module) -> str:
    """Why nothing can be seen of what a module computes; empty where it can."""
    if isinstance(module, torch.jit.ScriptModule):
        return "is scripted and cannot be looked into: watch the model that it was made from"
    if ".quantized" in type(module).__module__:
        return "is quantised and shows no gates: watch the float model, and hold their outputs together with gs.compare"
    return ""


WRAPPED = "runs within torch.vmap or torch.func.grad, which hide the numbers: call it outside of them"


def hidden(args: Any) -> bool:
    """Whether a function was called with values that stand for others."""
    return any(isinstance(part, torch.Tensor) and is_functorch_wrapped_tensor(part) for part in args[:2])


def as_written() -> AbstractContextManager[object]:
    """Within it compiled code runs as it was written; where nothing was compiled, the compiler is not even loaded."""
    return torch.compiler.set_stance("force_eager") if "torch._dynamo" in sys.modules else nullcontext()


def _entering(stack: Stack, name: str) -> Callable[[nn.Module, tuple[Any, ...]], None]:
    return lambda module, inputs: stack.enter(name, inputs)
