"""Reading with edits: the cells' own equations in a loop over steps, with what is held or changed put in between.

    run(network, encoded, stack)                      everything that happens in one reading, as a Trace
    edited_outputs(network, encoded, stacks, target)  one output in many edited readings, read side by side

Gates are held before the state is made from them; states are changed after the step, so that everything later, in the
layers above too, reads the changed ones. The network is only read, never written to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from core_models.cells.steps import gather
from core_models.edits.attention import edit_weights
from core_models.edits.edit import (
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
from core_models.encoded import Encoded
from core_models.inputs import TokenInput
from core_models.inputs.input import NEIGHBOURS
from core_models.networks.sequence import SequenceNetwork
from core_models.target import Target
from core_models.trace import Site, Tokens, Trace
from core_models.tracing import Layer, Replay, as_entries, layers_of, replay

NUMBERS_TOGETHER = 1_000_000
"""Values of one layer's state in all rows and steps that are computed at once; bounds memory."""


def limits_of(network: SequenceNetwork, steps: int) -> Limits:
    """What an edit of one reading of ``steps`` tokens must fit."""
    layers = [layer for directions in layers_of(network.rnn) for layer in directions]
    gates = {layer.site: tuple(part.key for part in layer.cell.parts) for layer in layers}
    attends = network.attention is not None or network.attends_inside
    tokens = network.input if isinstance(network.input, TokenInput) else None
    channels = 0 if tokens else network.input.channels
    sizes = tokens.sizes if tokens else ()
    return Limits(steps, network.rnn.hidden_size, gates, sizes, channels, attends, network.input.shortens)


@torch.no_grad()
def run(network: SequenceNetwork, encoded: Encoded, stack: Stack = (), *, name: str = "") -> Trace:
    """Everything computed on one input, under a stack of edits if there are some; steps are the tokens that are left.

    Raises:
        EditError: if an edit does not fit, or nothing is left to read.
        ValueError: if impossible values come out.
    """
    if not stack:
        return network.trace(encoded, name=name)
    _check([stack], network, len(encoded))
    rows = plan_rows(network.input.tensor(encoded).cpu(), [stack])
    initial = network.initial(encoded.state)
    x = _embedded(network, rows)
    values = _run(network, x, rows, [stack], initial, whole=True)
    weigh = _weigh(network, rows, [stack])
    states, content = network.top(values)[0], rows.content[0].to(x.device)
    prefixes = partial(_prefix_outputs, network, encoded, stack)
    found = {address: value[0] for address, value in values.items()}
    found |= network.conclude_trace(states, x[0], content, network.before(initial), weigh, prefixes)
    tokens = edited_tokens(encoded.tokens, stack)
    return Trace(tokens, as_entries(found), network.conventions, name, initial=as_entries(initial))


@torch.no_grad()
def edited_outputs(
    network: SequenceNetwork,
    encoded: Encoded,
    stacks: Sequence[Stack],
    target: Target,
    ends: Sequence[int] | None = None,
) -> Tensor:
    """One output of a network under each stack of edits, ``[stack]``, float32 on the CPU.

    NaN where the edits leave out the token that it is said of; what comes next is then read after the token before.

    Args:
        network: the network.
        encoded: one input.
        stacks: one stack of edits for each reading.
        target: which output.
        ends: how many tokens of the input are read under each stack; all if None.

    Raises:
        EditError: if an edit does not fit, or leaves nothing to read.
    """
    _check(stacks, network, len(encoded))
    content, found = network.input.tensor(encoded).cpu(), []
    for start, stop in parts_of(network, len(encoded), len(stacks)):
        some = stacks[start:stop]
        raw, missing = _raw_outputs(network, encoded, content, some, target, ends[start:stop] if ends else None)
        said = network.head(target.head).scalar(raw, target.index, target.against)
        found.append(said.float().cpu().masked_fill(missing, torch.nan))
    return torch.cat(found)


def _raw_outputs(
    network: SequenceNetwork,
    encoded: Encoded,
    content: Tensor,
    stacks: Sequence[Stack],
    target: Target,
    ends: Sequence[int] | None,
) -> tuple[Tensor, Tensor]:
    """Raw outputs of the target's head, ``[stack, ...]``, and where there is nothing to say it of, ``[stack]``."""
    rows = plan_rows(content, stacks, ends)
    x = _embedded(network, rows)
    states = network.top(_run(network, x, rows, stacks, network.initial(encoded.state), whole=False))
    at, missing = _places(network, rows, target)
    return network.output(target.head, states, x, rows.lengths, at, _weigh(network, rows, stacks)), missing


def _places(network: SequenceNetwork, rows: Rows, target: Target) -> tuple[Tensor | None, Tensor]:
    """The step of each row at which the target is said (None: of the whole), and which rows lack it."""
    if target.step is None:
        return None, torch.zeros(len(rows.kept), dtype=torch.bool)
    step, follows = target.step, target.head == "next_token"
    places = [sum(kept <= step for kept in row) - 1 for row in rows.kept]
    missing = [place < 0 or not (follows or row[place] == step) for place, row in zip(places, rows.kept, strict=True)]
    return torch.tensor(places).clamp(min=0), torch.tensor(missing)


def parts_of(network: SequenceNetwork, steps: int, count: int) -> list[tuple[int, int]]:
    """Start and end of the parts in which ``count`` readings of ``steps`` tokens are computed."""
    size = max(1, NUMBERS_TOGETHER // (steps * network.rnn.hidden_size))
    return [(start, min(start + size, count)) for start in range(0, count, size)]


def edited_tokens(tokens: Tokens, stack: Stack) -> Tokens:
    """The tokens that are read under a stack of edits, without their places in the text."""
    labels, ids = list(tokens.labels), list(tokens.ids)
    for edit in stack:
        if isinstance(edit, ReplaceToken):
            labels[edit.step], ids[edit.step] = edit.word or f"id {edit.token}", edit.token
        elif isinstance(edit, MaskToken):
            labels[edit.step] = "(zeros)" if edit.unknown is None else "(unknown)"
            if edit.unknown is not None:
                old = ids[edit.step]
                ids[edit.step] = (edit.unknown,) * len(old) if isinstance(old, tuple) else edit.unknown
    kept = kept_steps(stack, len(tokens))
    left = tuple(ids[step] for step in kept) if ids else ()
    return Tokens(tuple(labels[step] for step in kept), noun=tokens.noun, ids=left)  # type: ignore[arg-type]


def _check(stacks: Sequence[Stack], network: SequenceNetwork, steps: int) -> None:
    limits = limits_of(network, steps)
    for stack in stacks:
        for edit in stack:
            check(edit, limits)


def _prefix_outputs(network: SequenceNetwork, encoded: Encoded, stack: Stack) -> Tensor:
    """Raw outputs of the whole for every prefix of the tokens that are left, each read anew, ``[step, class]``."""
    ends = [step + 1 for step in kept_steps(stack, len(encoded))]
    content, found = network.input.tensor(encoded).cpu(), []
    for start, stop in parts_of(network, len(encoded), len(ends)):
        stacks = [stack] * (stop - start)
        found.append(_raw_outputs(network, encoded, content, stacks, Target("answer", 0), ends[start:stop])[0])
    return torch.cat(found)


def _weigh(network: SequenceNetwork, rows: Rows, stacks: Sequence[Stack]) -> Callable[[Tensor, Tensor], Tensor]:
    pools, both = [pool_edits(stack) for stack in stacks], network.architecture.bidirectional
    return partial(edit_weights, rows=rows, pools=pools, both=both)


def _embedded(network: SequenceNetwork, rows: Rows) -> Tensor:
    """Embedded steps of every row, ``[row, step, feature]``."""
    device = next(network.parameters()).device
    return network.input.embed(rows.content.to(device)).masked_fill(rows.zeros.to(device)[..., None], 0.0)


def _run(
    network: SequenceNetwork, x: Tensor, rows: Rows, stacks: Sequence[Stack], initial: Replay, *, whole: bool
) -> Replay:
    """Hidden states of every layer, ``[row, step, unit]``; if ``whole``, everything else of every layer too."""
    values: Replay = {network.input.address: x} if whole else {}
    x = network.input.look(x, rows.lengths)
    if whole and network.input.neighbours is not None:
        values[NEIGHBOURS, "local_features"] = x
    donors, units = _donated(network, stacks), network.rnn.hidden_size
    for directions in layers_of(network.rnn):
        for layer in directions:
            holds = {k: v.to(x) for k, v in plan_holds(rows, stacks, layer.site, units).items()}
            changes = [c.to(x) for c in plan_changes(rows, stacks, layer.site, units, donors)]
            found = _Changed(rows, stacks, layer, holds, changes).read(x, initial, whole=whole)
            values |= {(layer.site, key): value for key, value in found.items()}
        x = torch.cat([values[layer.site, "hidden_state"] for layer in directions], dim=-1)
    return values


def _donated(network: SequenceNetwork, stacks: Sequence[Stack]) -> dict[Edit, States]:
    """By transplant, the states ``[unit]`` of the other text, read as it is."""
    found: dict[Edit, States] = {}
    for edit in {edit for stack in stacks for edit in stack if isinstance(edit, Transplant)}:
        numbered = Tokens(("",) * len(edit.donor), ids=edit.donor)
        x = network.input.embed(network.input.tensor(Encoded(numbered)))
        values = replay(network.rnn, network.input.look(x[None])[0])
        keys = _states(network, edit.site)
        found[edit] = {key: values[edit.site, key][edit.donor_step] for key in keys}
    return found


def _states(network: SequenceNetwork, site: Site) -> tuple[str, ...]:
    layers = [layer for directions in layers_of(network.rnn) for layer in directions]
    return next(layer.cell.states for layer in layers if layer.site == site)


@dataclass(frozen=True)
class _Changed:
    """One layer in one direction as it is read under the edits of every row.

    Attributes:
        rows: what is read.
        stacks: the edits, a stack a row.
        layer: where.
        holds: by gate, the value at which it is held, ``[row, step, unit]`` in reading order; NaN where it is not.
        changes: of its states.
    """

    rows: Rows
    stacks: Sequence[Stack]
    layer: Layer
    holds: States
    changes: list[Change]

    def read(self, x: Tensor, initial: Replay, *, whole: bool) -> States:
        """Hidden states ``[row, step, unit]`` from inputs ``[row, step, feature]``; if ``whole``, all else too."""
        layer, backward = self.layer, self.layer.site.direction == "backward"
        before = {
            key: initial.get((layer.site, key), x.new_zeros(layer.weights.hidden)).expand(len(x), -1)
            for key in layer.cell.states
        }
        read = self.rows.in_reading_order(x, backward)
        steps = list(layer.steps(read, before, hold=self.hold, change=self.change, weigh=self.weigh))
        found = gather(steps if whole else [{"hidden_state": step["hidden_state"]} for step in steps])
        if whole and layer.module is not None:
            weights = found["attention_weights"]
            found["attention_mask"] = layer.module.mask(len(steps)).to(x.device).expand_as(weights)
        return {key: self.rows.in_reading_order(v, backward) if v.ndim == 3 else v for key, v in found.items()}

    def hold(self, step: int, key: str, computed: Tensor) -> Tensor:
        """What a gate or candidate is to be, ``[row, unit]``."""
        if key not in self.holds:
            return computed
        held = self.holds[key][:, step]
        return torch.where(held.isnan(), computed, held)

    def change(self, step: int, after: States, before: Mapping[str, Tensor]) -> States:
        """What the states after a step are to be, ``[row, unit]``."""
        for change in self.changes:
            after = change.apply(step, after, dict(before))
        return after

    def weigh(self, step: int, weights: Tensor) -> Tensor:
        """What the attention of a step over those before it is to be, ``[row, head, 1, key]``."""
        asked = torch.full((len(weights), 1), weights.shape[-1] - 1)
        return edit_weights(weights, asked, self.rows, [pool_edits(stack) for stack in self.stacks])
