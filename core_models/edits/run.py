"""Reading with edits: the cells' own equations in a loop over steps, with what is held or changed put in between.

    edited_trace(network, ids, tokens, stack)   everything that happens in one edited reading, as a Trace
    edited_answers(network, ids, stacks)        the logit of many edited readings, read side by side

Gates are held before the state is made from them; states are changed after the step, so that everything later, in the
layers above too, reads the changed ones. The network is only read, never written to.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from core_models.cells import Unrolled
from core_models.cells.cell import Hold
from core_models.cells.unrolled import Past
from core_models.edits.edit import (
    DeleteToken,
    Edit,
    Limits,
    MaskToken,
    ReplaceToken,
    Stack,
    Transplant,
    check,
    kept_steps,
)
from core_models.edits.plan import Change, Rows, States, plan_changes, plan_holds, plan_rows, pool_edits
from core_models.edits.readout import Pools, edit_weights, read_answers, read_contexts
from core_models.networks.classifier import ATTENTION, EMBEDDING, READOUT, SequenceClassifier
from core_models.trace import Tokens, Trace
from core_models.tracing import Layer, PlainLayer, Replay, as_entries, layers_of, replay

NUMBERS_TOGETHER = 1_000_000
"""Values of one layer's state in all rows and steps that are computed at once; bounds memory."""


def limits_of(network: SequenceClassifier, steps: int) -> Limits:
    """What an edit of one reading of ``steps`` tokens must fit."""
    layers = [layer for directions in layers_of(network.rnn) for layer in directions]
    gates = {layer.site: tuple(part.key for part in layer.cell.parts) for layer in layers}
    size, words = network.rnn.hidden_size, network.embedding.num_embeddings
    attends = network.attention is not None or isinstance(network.rnn, Unrolled)
    return Limits(steps, size, gates, words, attends)


@torch.no_grad()
def edited_trace(
    network: SequenceClassifier, ids: Sequence[int], tokens: Tokens, stack: Stack, *, name: str = ""
) -> Trace:
    """Everything computed on one text under a stack of edits; steps are the tokens that are left.

    Raises:
        EditError: if an edit does not fit, or nothing is left to read.
    """
    _check([stack], network, len(ids))
    rows = plan_rows(ids, [stack])
    values = _run(network, rows, [stack], whole=True)
    states = _top(network, values)
    if network.architecture.bidirectional:
        logits = _answer_prefixes(network, ids, stack)
    else:
        found, logits = read_contexts(network, states, rows, [pool_edits(stack)])
        values |= {(ATTENTION, key): value for key, value in found.items()}
        logits = logits[0]
    values = {address: value[0] for address, value in values.items()}
    values |= {(READOUT, "logit"): logits, (READOUT, "probability"): torch.sigmoid(logits)}
    cells = {layer.site: layer.cell.convention for depth in layers_of(network.rnn) for layer in depth}
    if network.join.convention is not None:
        cells[ATTENTION] = network.join.convention
    return Trace(edited_tokens(tokens, stack), as_entries(values), cells, name)


@torch.no_grad()
def edited_answers(
    network: SequenceClassifier, ids: Sequence[int], stacks: Sequence[Stack], ends: Sequence[int] | None = None
) -> Tensor:
    """The logit of one text under each stack of edits, ``[stack]``, float32 on the CPU.

    Args:
        ends: how many tokens of the text are read under each stack; all if None.

    Raises:
        EditError: if an edit does not fit, or leaves nothing to read.
    """
    _check(stacks, network, len(ids))
    found = []
    for start, stop in parts_of(network, len(ids), len(stacks)):
        some, lasts = stacks[start:stop], ends[start:stop] if ends else None
        rows = plan_rows(ids, some, lasts)
        states = _top(network, _run(network, rows, some, whole=False))
        found.append(read_answers(network, states, rows, [pool_edits(stack) for stack in some]))
    return torch.cat(found).float().cpu()


def parts_of(network: SequenceClassifier, steps: int, count: int) -> list[tuple[int, int]]:
    """Start and end of the parts in which ``count`` readings of ``steps`` tokens are computed."""
    size = max(1, NUMBERS_TOGETHER // (steps * network.rnn.hidden_size))
    return [(start, min(start + size, count)) for start in range(0, count, size)]


def edited_tokens(tokens: Tokens, stack: Stack) -> Tokens:
    """The tokens that are read under a stack of edits, without their places in the text."""
    labels = list(tokens.labels)
    for edit in stack:
        if isinstance(edit, ReplaceToken):
            labels[edit.step] = edit.word or f"id {edit.token}"
        elif isinstance(edit, MaskToken):
            labels[edit.step] = "(zeros)" if edit.unknown is None else "(unknown)"
    return Tokens(tuple(labels[step] for step in kept_steps(stack, len(tokens))))


def reads_otherwise(stack: Stack) -> bool:
    """Whether a stack changes which tokens are read."""
    return any(isinstance(edit, DeleteToken | ReplaceToken | MaskToken) for edit in stack)


def _check(stacks: Sequence[Stack], network: SequenceClassifier, steps: int) -> None:
    limits = limits_of(network, steps)
    for stack in stacks:
        for edit in stack:
            check(edit, limits)


def _answer_prefixes(network: SequenceClassifier, ids: Sequence[int], stack: Stack) -> Tensor:
    """Logit after every token that is left, each prefix read anew."""
    ends = [step + 1 for step in kept_steps(stack, len(ids))]
    return edited_answers(network, ids, [stack] * len(ends), ends)


def _top(network: SequenceClassifier, values: Replay) -> Tensor:
    """States of the topmost layer, directions joined, ``[row, step, unit]``."""
    return torch.cat([values[layer.site, "hidden_state"] for layer in layers_of(network.rnn)[-1]], dim=-1)


def _run(network: SequenceClassifier, rows: Rows, stacks: Sequence[Stack], *, whole: bool) -> Replay:
    """Hidden states of every layer, ``[row, step, unit]``; if ``whole``, everything else of every layer too."""
    ids = rows.ids.to(network.embedding.weight.device)
    x = network.embedding(ids).masked_fill(rows.zeros.to(ids.device)[..., None], 0.0)
    values: Replay = {(EMBEDDING, "embedding"): x} if whole else {}
    donors = _donated(network, stacks)
    units = network.rnn.hidden_size
    for directions in layers_of(network.rnn):
        for layer in directions:
            holds = {k: v.to(x) for k, v in plan_holds(rows, stacks, layer.site, units).items()}
            changes = [c.to(x) for c in plan_changes(rows, stacks, layer.site, units, donors)]
            if isinstance(network.rnn, Unrolled):
                pools = [pool_edits(stack) for stack in stacks]
                found = _run_unrolled(network.rnn, x, holds, changes, whole, rows, pools)
            else:
                found = _run_stock(layer, x, rows, holds, changes, whole)
            values |= {(layer.site, key): value for key, value in found.items()}
        x = torch.cat([values[layer.site, "hidden_state"] for layer in directions], dim=-1)
    return values


def _donated(network: SequenceClassifier, stacks: Sequence[Stack]) -> dict[Edit, States]:
    """By transplant, the states ``[unit]`` of the other text, read as it is."""
    found: dict[Edit, States] = {}
    for edit in {edit for stack in stacks for edit in stack if isinstance(edit, Transplant)}:
        device = network.embedding.weight.device
        values = replay(network.rnn, network.embedding(torch.tensor(edit.donor, device=device)))
        keys = _states(network, edit)
        found[edit] = {key: values[edit.site, key][edit.donor_step] for key in keys}
    return found


def _states(network: SequenceClassifier, edit: Transplant) -> tuple[str, ...]:
    layers = [layer for directions in layers_of(network.rnn) for layer in directions]
    return next(layer.cell.states for layer in layers if layer.site == edit.site)


def _run_stock(layer: Layer, x: Tensor, rows: Rows, holds: States, changes: list[Change], whole: bool) -> States:
    if not isinstance(layer, PlainLayer):
        raise TypeError(f"edited: expected a cell that can be run step by step, got {layer.cell.convention.name}")
    backward = layer.site.direction == "backward"
    read = rows.in_reading_order(x, backward)
    from_input = layer.weights.project(read.flatten(0, 1)).view(*read.shape[:2], -1)
    state: States = dict.fromkeys(layer.cell.states, x.new_zeros(len(x), layer.weights.hidden))
    steps: list[States] = []
    for step in range(x.shape[1]):
        now = {key: values[:, step] for key, values in holds.items()}
        gates = layer.cell.gates(from_input[:, step], state["hidden_state"], layer.weights, _holder(now))
        after = dict(layer.cell.update(gates, state))
        for change in changes:
            after = change.apply(step, after, state)
        state = after
        steps.append(gates | state if whole else {"hidden_state": state["hidden_state"]})
    found = {key: torch.stack([step[key] for step in steps], dim=1) for key in steps[0]}
    return {key: rows.in_reading_order(value, backward) for key, value in found.items()}


def _holder(held: States) -> Hold:
    """What holds gates at the values of one step, by quantity key; NaN leaves a value as it was computed."""

    def hold(key: str, computed: Tensor) -> Tensor:
        return torch.where(held[key].isnan(), computed, held[key]) if key in held else computed

    return hold


def _run_unrolled(
    module: Unrolled, x: Tensor, holds: States, changes: list[Change], whole: bool, rows: Rows, pools: Pools
) -> States:
    projected, blank = module.project(x), x.new_zeros(len(x), module.hidden_size)
    state: States = dict.fromkeys(module.cell.states, blank)
    states = blank[:, None][:, :0]
    steps: list[States] = []
    for step in range(x.shape[1]):
        hold = _holder({key: values[:, step, None] for key, values in holds.items()})
        inputs = x[:, : step + 1] if module.includes_now else x[:, :step]
        weigh = partial(edit_weights, rows=rows, pools=pools, queries=[[inputs.shape[1] - 1]] * len(pools))
        found = module.values(
            projected[:, step, None], Past(state[module.carries][:, None], states, inputs, None, hold, weigh)
        )
        after = {key: found[key][:, 0] for key in module.cell.states}
        for change in changes:
            after = change.apply(step, after, state)
        state = after
        states = torch.cat([states, state["hidden_state"][:, None]], dim=1)
        steps.append(found | {key: value[:, None] for key, value in state.items()})
    kept = [key for key in steps[0] if steps[0][key].ndim == 3] if whole else ["hidden_state"]
    values = {key: torch.cat([step[key] for step in steps], dim=1) for key in kept}
    return values | _attention_inside(module, x, steps, values) if whole else values


def _attention_inside(module: Unrolled, x: Tensor, steps: list[States], values: States) -> States:
    """Attention of every step over what was read before, ``[row, head, query, key]``; 0 where nothing was."""
    count = len(steps)
    mask = torch.ones(count, count, dtype=torch.bool, device=x.device).tril(0 if module.includes_now else -1)

    def grown(key: str) -> Tensor:
        rows = [torch.nn.functional.pad(step[key], (0, count - step[key].shape[-1])) for step in steps]
        return torch.cat(rows, dim=-2)

    weights = grown("attention_weights")
    return {
        "attention_scores": grown("attention_scores"),
        "attention_weights": weights,
        "attention_mask": mask.expand_as(weights),
    }
