"""What-ifs on a person's own recurrence: its equations in a loop over steps, with edits put in between.

    run(module, x, edits=[HoldGate(Site("rnn"), "update_gate", 0.0)])           a trace, as it would have been
    with watch(model, change=changing({"encoder.rnn": [HoldGate(...)]})): ...   the whole model reads the edited states

The module itself is only read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_sequence

from core_models.edits.edit import ChangeState, HoldGate, Stack
from core_models.edits.limits import Limits, check
from core_models.edits.plan import plan_rows
from core_models.edits.reading import ChangedLayer, Changes, edited_tokens
from core_models.encoded import State
from core_models.language import say
from core_models.own.given import given
from core_models.own.kernel import Kernel
from core_models.own.trace import Named, names_of, recurrence_of
from core_models.own.trace import run as run_kernel
from core_models.own.traced import OwnError, OwnTrace, trace_of
from core_models.tracing import Replay, exactly, plain_layers, states_by_site
from core_models.watching import Change


@torch.no_grad()
def run(
    module: nn.Module, x: Any, *, edits: Stack = (), state: Any = None, tokens: Named = None, name: str = ""
) -> OwnTrace:
    """One sequence read by a recurrent module under edits.

    Args:
        module, x, state, tokens, name: as for ``trace``; ``x`` is one sequence, ``[step, feature]``.
        edits: applied in order; see core_models.edits.edit.

    Raises:
        EditError: if an edit does not fit; TypeError, OwnError: if the module or the input cannot be traced.
    """
    plain = recurrence_of(module)
    name = name or type(plain).__name__
    ready = given(plain, x, state)
    if not ready.one:
        raise OwnError(say("run: expected one sequence [step, feature], got a batch: give its sequences one by one"))
    kernel = run_kernel(plain, ready, name)
    rnn, (one,) = kernel.module(), [part.cpu() for part in kernel.sequences()]
    before = None if state is None else one.state
    (named,) = names_of(tokens, one=True)
    made = trace_of(rnn, one.x, before, {}, named, name)
    values, read = edited(rnn, one.x, before, edits)
    return trace_of(rnn, read, before, values, edited_tokens(made.tokens, edits), name)


def edited(rnn: nn.RNNBase, x: Tensor, state: State, stack: Stack) -> tuple[Replay, Tensor]:
    """Every quantity of one sequence under edits, ``[step, unit]``, and the input that was read.

    Raises:
        EditError: if an edit does not fit.
    """
    if rnn.proj_size and any(isinstance(edit, ChangeState) for edit in stack):
        raise OwnError(
            say(
                "run: in an LSTM with a projection h and c have other units, so that no unit of both can be changed: "
                "hold its gates instead"
            )
        )
    layers = plain_layers(rnn)
    gates = {layer.site: tuple(part.key for part in layer.cell.parts) for some in layers for layer in some}
    limits = Limits(len(x), rnn.hidden_size, gates, (), rnn.input_size, False, True)
    for edit in stack:
        check(edit, limits)
    rows, initial, values = plan_rows(x, [stack]), states_by_site(rnn, state), {}
    level = read = rows.content.masked_fill(rows.zeros[..., None], 0.0)
    with exactly():
        for directions in layers:
            for layer in directions:
                changes = Changes.planned(rows, [stack], layer.site, rnn.hidden_size, x)
                found = ChangedLayer(rows, [stack], layer, changes).read(level, initial, whole=True)
                values |= {(layer.site, key): value for key, value in found.items()}
            level = torch.cat([values[layer.site, "hidden_state"] for layer in directions], dim=-1)
    return {address: value[0] for address, value in values.items()}, read[0]


def changing(edits: Mapping[str, Sequence[HoldGate | ChangeState]]) -> Change:
    """What recurrences inside a model are to return under edits, by name of the module.

    Gates and states of a whole recurrence can be edited, not those of a cell that is stepped by the person's own loop.
    """

    @torch.no_grad()
    def change(name: str, kernel: Kernel, result: Any) -> Any:
        stack = edits.get(name, ())
        if not stack:
            return result
        if kernel.stepped:
            raise OwnError(say("{name}: expected a recurrence over all steps to edit, got a cell", name=name))
        return _edited_batch(kernel, stack, result)

    return change


def _edited_batch(kernel: Kernel, stack: Stack, result: Sequence[Any]) -> tuple[Tensor, ...]:
    """The kernel's own result with every sequence of its batch read under the same edits."""
    rnn, runs = kernel.module(), []
    layers = plain_layers(rnn)
    for one in replace(kernel, order=None).sequences():
        here = one.cpu()
        runs.append(edited(rnn, here.x, here.state, stack)[0])
    top = [torch.cat([values[layer.site, "hidden_state"] for layer in layers[-1]], dim=-1) for values in runs]
    own: Tensor = result[0]
    out = torch.stack(top, dim=0 if kernel.batch_first else 1) if kernel.sizes is None else pack_sequence(top).data
    ends = [
        torch.stack([
            torch.stack([values[layer.site, key][0 if layer.site.direction == "backward" else -1] for values in runs])
            for some in layers for layer in some
        ])
        for key in layers[0][0].cell.states
    ]  # fmt: skip
    return tuple(part.to(own) for part in (out, *ends))
