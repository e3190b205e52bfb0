"""The trace of a person's own recurrent module: of whatever its own ``forward`` has torch compute.

The module is called once as it is, subclass, hooks and parametrisations included, in ``eval()``; the kernel that it
calls is traced with the inputs, weights and states that it was given (core_models.own.kernel). So a module that changes
its input or its weights on the way is traced rightly, and one that changes its output, or calls no kernel at all, is
refused by a sentence. The module is left as it was (core_models.own.untouched).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence
from torch.optim.swa_utils import AveragedModel

from core_models.cells.looped import Looped
from core_models.language import say
from core_models.own.begun import begins
from core_models.own.given import Given, given, tensor_of
from core_models.own.kernel import KERNELS, Kernel, joined, seen
from core_models.own.seeing import Stack, seeing
from core_models.own.traced import TOLERANCE, OwnError, OwnTrace, trace_of, traces_of
from core_models.own.untouched import untouched
from core_models.trace import Tokens
from core_models.tracing import replay

WRAPPERS = (nn.DataParallel, nn.parallel.DistributedDataParallel, AveragedModel)
"""Modules that compute what the one within them does."""

Named = Tokens | Sequence[str] | None


def trace(
    module: nn.Module,
    x: Any,
    *,
    state: Any = None,
    lengths: Any = None,
    tokens: Named | Sequence[Named] = None,
    name: str = "",
) -> Any:
    """Every gate, candidate and state of an ``nn.RNN``, ``GRU``, ``LSTM``, or of a cell of theirs, on an input.

    Args:
        module: the module; any depth, direction, projection and number type, ``batch_first`` or not, compiled or not,
            within what runs it on several devices or averages it.
        x: ``[step, feature]``, a padded batch as the module takes it, a list of sequences, or a ``PackedSequence``, as
            tensors, arrays or lists of any number type.
        state: states before the first step as the module takes them; zeros if None.
        lengths: steps of each sequence of a padded batch. Padding is then not read: the backward direction begins at
            each sequence's own last step.
        tokens: names of the steps; for a batch a list of them, one for each sequence. Numbered if None.
        name: of the model, for titles and file names.

    Returns:
        An ``OwnTrace``, or for a batch a list of them, one for each sequence.

    Raises:
        TypeError: if the module is no recurrence; OwnError (a ValueError): if it or the input cannot be traced truly.
    """
    if isinstance(module, Looped):
        return _trace_looped(module, x, state, tokens, name)
    plain = recurrence_of(module)
    name = name or type(plain).__name__
    ready = given(plain, x, state, lengths)
    kernel = run(plain, ready, name)
    found = traces_of(kernel, names_of(tokens, one=ready.one), name)
    return found[0] if ready.one else found


def _trace_looped(module: Looped, x: Any, state: Any, tokens: Any, name: str) -> OwnTrace:
    """A recurrence of core_models.cells, which its equations alone compute, on one sequence."""
    name = name or module.cell.convention.name
    read, state = tensor_of(x, "x", next(module.parameters())), begins(module) if state is None else state
    (named,) = names_of(tokens, one=True)
    return trace_of(module, read, state, replay(module, read, state=state), named, name)


def recurrence_of(module: nn.Module) -> nn.RNNBase | nn.RNNCellBase:
    """The module itself, without what a compiler, ``DataParallel`` or an average of weights wrapped around it.

    Raises:
        TypeError, OwnError: if it is none that can be traced; the message says what can be done.
    """
    plain = getattr(module, "_orig_mod", module)
    while isinstance(plain, WRAPPERS):
        plain = plain.module
    kind = type(plain).__name__
    if ".quantized" in type(plain).__module__:
        raise OwnError(
            say(
                "{kind}: a quantised module computes in whole numbers, by a kernel that shows no gates: "
                "trace the float module that it was made from, and hold their outputs against each other "
                "with gs.compare",
                kind=kind,
            )
        )
    if isinstance(plain, torch.jit.ScriptModule):
        raise OwnError(
            say("{kind}: a scripted module cannot be looked into: trace the module that it was made from", kind=kind)
        )
    if not isinstance(plain, nn.RNNBase | nn.RNNCellBase):
        held = [path for path, part in plain.named_modules() if isinstance(part, nn.RNNBase | nn.RNNCellBase)] if (
            isinstance(plain, nn.Module)
        ) else []  # fmt: skip
        way = (
            f"{', '.join(held[:4])} inside: log = gs.watch(model, batch) traces what is inside"
            if held
            else "none inside: a recurrence that is written out by hand does not say which of its numbers are gates; "
            "copy its weights into a stock module (gatescope's page “Your model” shows how each library orders them)"
        )
        raise TypeError(f"trace: expected a torch.nn.RNN, GRU, LSTM or a cell of theirs, got {kind} with {way}")
    for key, value in plain.named_parameters():
        if value.is_meta or isinstance(value, nn.UninitializedParameter):
            raise OwnError(
                say(
                    "{kind}: its weights ({key}) have no numbers yet: load them first "
                    "(module.to_empty(device='cpu'), then module.load_state_dict(...))",
                    kind=kind,
                    key=key,
                )
            )
        if value.dtype not in TOLERANCE:
            raise OwnError(
                say(
                    "{kind}: expected weights in floating point, got {dtype}: call module.float() first",
                    kind=kind,
                    dtype=value.dtype,
                )
            )
    return plain


def is_recurrence(module: nn.Module) -> bool:
    """Whether a module is one that ``trace`` takes, or refuses for a reason of its own."""
    try:
        recurrence_of(module)
    except TypeError:
        return isinstance(module, Looped)
    except OwnError:
        pass
    return True


def run(module: nn.RNNBase | nn.RNNCellBase, ready: Given, name: str) -> Kernel:
    """The kernel that the module's own forward has torch compute, held to what the module returns."""
    calls: list[Kernel] = []
    stack = Stack()

    def note(_: str, function: str, args: Any, kwargs: Any, result: Any) -> Any:
        if function.removesuffix("_cell") in KERNELS:
            calls.append(replace(seen(function, args, result), order=stack.order))
        return result

    with untouched(module), seeing(module, note, stack):
        if isinstance(module, nn.RNNCellBase):
            return _run_cell(module, ready, calls, name)
        result = module(ready.x) if ready.state is None else module(ready.x, ready.state)
    if len(calls) != 1:
        raise OwnError(
            say(
                "{name}: its forward calls {n} of torch's recurrent kernels, where a stock module calls one: "
                "its gates are computed elsewhere. Give its weights to a stock module, or trace those inside: "
                "log = gs.watch(model, batch)",
                name=name,
                n=len(calls) or "none",
            )
        )
    _check_output(calls[0], result[0] if isinstance(result, tuple) else result, name)
    return calls[0]


def _run_cell(module: nn.RNNCellBase, ready: Given, calls: list[Kernel], name: str) -> Kernel:
    """A cell stepped over every step of the input."""
    if isinstance(ready.x, PackedSequence):
        raise OwnError(
            say("{name}: a cell reads one step at a time: give it sequences of one length, or one by one", name=name)
        )
    state: Any = ready.state
    if state is not None:
        state = tuple(part[0] for part in state) if isinstance(state, tuple) else state[0]
    for step, values in enumerate(ready.x):
        state = module(values, state)
        if len(calls) != step + 1:
            raise OwnError(
                say(
                    "{name}: its forward calls {n} of torch's kernels in {step} steps: not traced",
                    name=name,
                    n=len(calls),
                    step=step + 1,
                )
            )
        _check_output(calls[-1], state[0] if isinstance(state, tuple) else state, name)
    return joined(calls)


def _check_output(kernel: Kernel, result: Any, name: str) -> None:
    """Refuse a module that returns something else than the kernel did."""
    values = result.data if isinstance(result, PackedSequence) else result
    if not isinstance(values, Tensor) or values.numel() != kernel.hidden.numel():
        raise OwnError(
            say(
                "{name}: its output is not that of the recurrence inside it: trace that one with gs.watch(model)",
                name=name,
            )
        )
    own, found = values.detach().reshape(-1), kernel.hidden
    if kernel.sizes is None and values.shape[:2] != found.shape[:2] and values.ndim == 3:
        found = found.transpose(0, 1)
    if not (own.isfinite().all() and found.isfinite().all()):
        raise OwnError(
            say(
                "{name}: its own output is not finite: the module itself overflows on this input (check the "
                "input and the weights for values that are too large)",
                name=name,
            )
        )
    gap = float((own - found.reshape(-1)).abs().max())
    if not gap <= TOLERANCE[found.dtype] * max(1.0, float(found.abs().max())):
        raise OwnError(
            say(
                "{name}: its own output differs by {gap:.2g} from the recurrence inside it (a forward of its "
                "own, or a hook on its output, changes it): remove that, or trace what it calls with "
                "gs.watch(model)",
                name=name,
                gap=gap,
            )
        )


def names_of(tokens: Any, *, one: bool) -> list[Tokens | None]:
    """Names of the steps of every sequence."""
    rows = [tokens] if one or tokens is None else list(tokens)
    return [row if isinstance(row, Tokens) or row is None else Tokens(tuple(map(str, row))) for row in rows]
