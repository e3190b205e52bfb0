"""Targets written under edits: the source is read as every sequence is, and the decoder's steps are changed on the way.

    rewrite(network, encoded, stack)                  everything that happens while a target is written
    edited_logits(network, encoded, stacks, target)   what the output says at one step under each stack
    course_of(network, rows, stacks, steps)           the same changes for a search that writes on by itself

At the decoder steps are those of the target, which is given: what it begins with is not the network's choice. Edits of
the attention hold at the steps that they name, or at all.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core_models.attention import SCORES
from core_models.edits.attention import pool
from core_models.edits.edit import DECODER, Begin, ChangeState, Edit, HoldGate, Rescore, Stack, Transplant
from core_models.edits.plan import Rows, plan_rows, pool_edits
from core_models.edits.reading import Changes, edited_tokens, embedded, read
from core_models.encoded import Encoded
from core_models.networks.translation import Translation, follow
from core_models.networks.translator import Course, Memory, Translator
from core_models.target import Target
from core_models.trace import Tokens
from core_models.tracing import Replay


def begins(stack: Stack) -> tuple[int, ...]:
    """The tokens that the target begins with under a stack; the last edit that says so counts."""
    return next((edit.tokens for edit in reversed(stack) if isinstance(edit, Begin)), ())


def reread(
    network: Translator, encoded: Encoded, stacks: Sequence[Stack], *, whole: bool = False
) -> tuple[Rows, Replay, Memory]:
    """The source read under each stack of edits, side by side, and what the encoder hands to the decoder.

    Args:
        network: the network.
        encoded: the source.
        stacks: one for each row.
        whole: whether every value of the encoder is wanted, ``[row, step, unit]``; then there is one row.
    """
    rows = plan_rows(network.input.tensor(encoded).cpu(), stacks)
    x = embedded(network, rows)
    inside = any(changes_states(edit) for stack in stacks for edit in stack)
    if not inside and not whole:
        return rows, {}, network.remember(network.recur(x, rows.lengths)[0], rows.lengths)
    if inside:
        values = read(network, x, rows, stacks, {}, whole=whole)
    else:
        alone = {network.input.address: x[0]} | network.replay(x[0])
        values = {address: value[None] for address, value in alone.items()}
    return rows, values, network.remember(network.top(values), rows.lengths)


def changes_states(edit: Edit) -> bool:
    """Whether something is held or changed inside the encoder, so that it must be read step by step."""
    return isinstance(edit, HoldGate | ChangeState | Transplant) and edit.site != DECODER


def course_of(network: Translator, rows: Rows, stacks: Sequence[Stack], steps: int) -> Course:
    """What stacks of edits change about the writing of at most ``steps`` tokens.

    Args:
        network: the network.
        rows: of the source, as it is read under each stack.
        stacks: one for each row that is written; one alone holds for all rows.
        steps: of the target.
    """
    bias, units = network.output_bias, network.architecture.hidden
    target = Rows(
        torch.zeros(len(stacks), steps), torch.zeros(len(stacks), steps, dtype=torch.bool),
        torch.full((len(stacks),), steps), (tuple(range(steps)),) * len(stacks),
    )  # fmt: skip
    changes = Changes.planned(target, stacks, DECODER, units, bias)
    pools = [pool_edits(stack) for stack in stacks]
    scores = [[edit for edit in stack if isinstance(edit, Rescore)] for stack in stacks]

    def weigh(step: int, weights: Tensor) -> Tensor:
        weights = weights.clone()
        for row in range(len(weights)):
            place = row % len(stacks)
            for edit in pools[place]:
                if edit.steps is None or step in edit.steps:
                    weights[row, :, 0] = pool(edit, weights[row, :, 0], rows.kept[place])
        return weights

    def compare(computed: Tensor, states: Tensor, query: Tensor) -> Tensor:
        found = list(computed)
        for row in range(len(found)):
            for edit in scores[row % len(stacks)]:
                if edit.score is not None:
                    other = SCORES[edit.score](units).compare(states[row], query[row, None])
                    found[row] = other.expand_as(found[row])
                found[row] = found[row] / edit.temperature
        return torch.stack(found)

    held = any(isinstance(edit, HoldGate) and edit.site == DECODER for stack in stacks for edit in stack)
    return Course(
        hold=changes.hold if held else None,
        change=changes.change if changes.states else None,
        compare=compare if any(scores) else None,
        weigh=weigh if any(pools) else None,
    )


def rewrite(
    network: Translator,
    encoded: Encoded,
    stack: Stack = (),
    target: Sequence[int] | None = None,
    *,
    targets: Tokens | None = None,
    name: str = "",
) -> Translation:
    """Everything computed while a target is written for a source, under a stack of edits.

    Args:
        network: the network.
        encoded: the source.
        stack: the edits.
        target: ids that are written; those given with the source if None.
        targets: names of its tokens.
        name: of the model.

    Raises:
        ValueError: if nothing is written, or an impossible value came out.
    """
    named = targets if target is not None or encoded.written is None else encoded.written
    ids = tuple(target if target is not None else named.numbers if named else ())
    if not ids:
        raise ValueError("edit: expected a target that is written, got none")
    with torch.no_grad():
        rows, values, memory = reread(network, encoded, [stack], whole=True)
        course = course_of(network, rows, [stack], len(ids))
        found = {address: value[0] for address, value in values.items()}
        source, sources = tuple(rows.content[0].tolist()), edited_tokens(encoded.tokens, stack)
        return follow(network, found, memory, source, ids, sources, named, course, stack, name=name)


@torch.no_grad()
def edited_logits(network: Translator, encoded: Encoded, stacks: Sequence[Stack], target: Target) -> Tensor:
    """Logits ``[stack, target id]`` at the step of a target, under each stack, what was written before it given."""
    rows, _, memory = reread(network, encoded, stacks)
    ids, step = written_ids(network, encoded), target.step or 0
    course = course_of(network, rows, stacks, step + 1)
    return network.written_at(memory, ids, torch.full((len(stacks),), step), course)


def written_ids(network: Translator, encoded: Encoded) -> Tensor:
    """Ids of what is written for a source, ``[step]``.

    Raises:
        ValueError: if nothing is.
    """
    if encoded.written is None:
        raise ValueError("translator: expected a source with what is written for it, got the source alone")
    return torch.tensor(encoded.written.ids, device=network.output_bias.device)
