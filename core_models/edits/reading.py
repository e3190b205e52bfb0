"""Sequences read under edits: what is read, and the recurrence in a loop with what is held or changed put in between.

Gates are held before the state is made from them; states are changed after the step, so that everything later, in the
layers above too, reads the changed ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core_models.cells.steps import gather
from core_models.edits.attention import edit_weights
from core_models.edits.edit import Edit, MaskToken, ReplaceToken, Stack, Transplant, kept_steps
from core_models.edits.plan import Change, Rows, States, plan_changes, plan_holds, pool_edits
from core_models.encoded import Encoded
from core_models.inputs.input import NEIGHBOURS
from core_models.networks.reader import Reader
from core_models.trace import Site, Tokens
from core_models.tracing import Layer, Replay


@dataclass(frozen=True)
class Changes:
    """What is held and changed at one site, in every row.

    Attributes:
        holds: by gate, the value at which it is held, ``[row, step, unit]`` in reading order; NaN where it is not.
        states: changes of its states.
    """

    holds: States
    states: list[Change]

    @classmethod
    def planned(
        cls,
        rows: Rows,
        stacks: Sequence[Stack],
        site: Site,
        units: int,
        like: Tensor,
        donors: dict[Edit, States] | None = None,
    ) -> Changes:
        """Those that stacks of edits ask for, a stack a row, on the device of ``like``."""
        holds = {k: v.to(like) for k, v in plan_holds(rows, stacks, site, units).items()}
        return cls(holds, [c.to(like) for c in plan_changes(rows, stacks, site, units, donors or {})])

    def hold(self, step: int, key: str, computed: Tensor) -> Tensor:
        """What a gate or candidate is to be, ``[row, unit]``."""
        if key not in self.holds:
            return computed
        held = self.holds[key][:, step]
        return torch.where(held.isnan(), computed, held)

    def change(self, step: int, after: States, before: Mapping[str, Tensor]) -> States:
        """What the states after a step are to be, ``[row, unit]``."""
        for change in self.states:
            after = change.apply(step, after, dict(before))
        return after


def edited_tokens(tokens: Tokens, stack: Stack) -> Tokens:
    """The tokens that are read under a stack of edits; without their places in the text where one of them differs."""
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
    if (labels, ids, len(kept)) == (list(tokens.labels), list(tokens.ids), len(tokens)):
        return tokens
    left = tuple(ids[step] for step in kept) if ids else ()
    return Tokens(tuple(labels[step] for step in kept), noun=tokens.noun, ids=left)


def embedded(network: Reader, rows: Rows) -> Tensor:
    """Embedded steps of every row, ``[row, step, feature]``."""
    device = next(network.parameters()).device
    return network.input.embed(rows.content.to(device)).masked_fill(rows.zeros.to(device)[..., None], 0.0)


def read(network: Reader, x: Tensor, rows: Rows, stacks: Sequence[Stack], initial: Replay, *, whole: bool) -> Replay:
    """Hidden states of every layer, ``[row, step, unit]``; if ``whole``, everything else of every layer too."""
    values: Replay = {network.input.address: x} if whole else {}
    x = network.input.look(x, rows.lengths)
    if whole and network.input.neighbours is not None:
        values[NEIGHBOURS, "local_features"] = x
    donors, units = _donated(network, stacks), network.rnn.hidden_size
    for directions in network.layers:
        for layer in directions:
            changes = Changes.planned(rows, stacks, layer.site, units, x, donors)
            found = ChangedLayer(rows, stacks, layer, changes).read(x, initial, whole=whole)
            values |= {(layer.site, key): value for key, value in found.items()}
        x = torch.cat([values[layer.site, "hidden_state"] for layer in directions], dim=-1)
    return values


def _donated(network: Reader, stacks: Sequence[Stack]) -> dict[Edit, States]:
    """By transplant, the states ``[unit]`` of the other text, read as it is."""
    found: dict[Edit, States] = {}
    for edit in {edit for stack in stacks for edit in stack if isinstance(edit, Transplant)}:
        numbered = Tokens(("",) * len(edit.donor), ids=edit.donor)
        values = network.replay(network.input.embed(network.input.tensor(Encoded(numbered))))
        keys = next(layer.cell.states for depth in network.layers for layer in depth if layer.site == edit.site)
        found[edit] = {key: values[edit.site, key][edit.donor_step] for key in keys}
    return found


@dataclass(frozen=True)
class ChangedLayer:
    """One layer in one direction as it is read under the edits of every row.

    Attributes:
        rows: what is read.
        stacks: the edits, a stack a row.
        layer: where.
        changes: what is held and changed there.
    """

    rows: Rows
    stacks: Sequence[Stack]
    layer: Layer
    changes: Changes

    def read(self, x: Tensor, initial: Replay, *, whole: bool) -> States:
        """Hidden states ``[row, step, unit]`` from inputs ``[row, step, feature]``; if ``whole``, all else too."""
        layer, backward = self.layer, self.layer.site.direction == "backward"
        before = {
            key: initial.get((layer.site, key), x.new_zeros(layer.weights.size_of(key))).expand(len(x), -1)
            for key in layer.cell.states
        }
        read = self.rows.in_reading_order(x, backward)
        steps = list(layer.steps(read, before, hold=self.changes.hold, change=self.changes.change, weigh=self.weigh))
        found = gather(steps if whole else [{"hidden_state": step["hidden_state"]} for step in steps])
        if whole and layer.module is not None:
            weights = found["attention_weights"]
            found["attention_mask"] = layer.module.mask(len(steps)).to(x.device).expand_as(weights)
        return {key: self.rows.in_reading_order(v, backward) if v.ndim == 3 else v for key, v in found.items()}

    def weigh(self, step: int, weights: Tensor) -> Tensor:
        """What the attention of a step over those before it is to be, ``[row, head, 1, key]``."""
        asked = torch.full((len(weights), 1), weights.shape[-1] - 1)
        return edit_weights(weights, asked, self.rows, [pool_edits(stack) for stack in self.stacks])
