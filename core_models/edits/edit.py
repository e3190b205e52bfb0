"""What-ifs as data: what is changed about one reading of one text. The network itself is never changed.

    HoldGate(Site("rnn"), "reset_gate", 0.0)                    every reset gate is held shut
    HoldGate(Site("rnn"), "forget_gate", 1.0, (7,), (3, 4))     unit 7 forgets nothing at tokens 3 and 4
    ChangeState(Site("rnn"), "zero", (7,))                      unit 7 is removed
    Transplant(Site("rnn"), 3, donor=(12, 40), donor_step=1)    after token 3, the state of another text goes on
    DeleteToken(2), ReplaceToken(2, 88), MaskToken(2)
    SetValue((3, 4, 5), channels=(0,))                          a stretch of a series or sound becomes its mean
    PoolAttention("one", position=4)                            the readout looks at token 4 alone
    PoolAttention("one", position=4, steps=(2,))                a decoder does while it writes token 2 of the target
    Rescore("dot", 2.0)                                         a decoder compares by another score, softened

A list of them is a stack: they are applied in order, each to what those before it left. Steps are positions in the text
as it was typed, counted from 0, whatever tokens are deleted; at a decoder they are those of the target. Units and steps
of None mean all of them.
core_models.edits.run applies them. Needs no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core_models.language import say
from core_models.trace import Site

Some = tuple[int, ...] | None
"""Units or steps, counted from 0; None means all."""

StateChange = Literal["zero", "freeze", "shuffle"]
Pooling = Literal["uniform", "one", "permuted", "drawn"]

DECODER = Site("decoder")
"""Where a target is written: steps there are those of the target."""

FREE_SCORES = ("dot", "scaled_dot")
"""Scores without a parameter, which can stand in for a trained one."""

STATE_CHANGES: tuple[StateChange, ...] = ("zero", "freeze", "shuffle")
POOLINGS: tuple[Pooling, ...] = ("uniform", "one", "permuted", "drawn")


class EditError(ValueError):
    """An edit that cannot be made on this network and text; the message says why."""


@dataclass(frozen=True)
class HoldGate:
    """A gate (or candidate) is held at a value."""

    site: Site
    gate: str
    value: float
    units: Some = None
    steps: Some = None


@dataclass(frozen=True)
class ChangeState:
    """All that a layer hands to the next step is set to zero, kept as before the step, or shuffled among the units.

    Attributes:
        seed: which of the orders, where units are shuffled; the same at every step.
    """

    site: Site
    how: StateChange
    units: Some = None
    steps: Some = None
    seed: int = 0


@dataclass(frozen=True)
class Transplant:
    """After a step, units take the state that they have in another text after one of its own steps.

    Attributes:
        donor: token ids of the other text.
        donor_step: its token, counted from 0.
        text: the other text as typed, for people.
    """

    site: Site
    step: int
    donor: tuple[int | tuple[int, ...], ...]
    donor_step: int
    units: Some = None
    text: str = ""


@dataclass(frozen=True)
class DeleteToken:
    """The text is read without the token."""

    step: int


@dataclass(frozen=True)
class ReplaceToken:
    """Another token is read in the token's place; ``word`` is how it is spelt.

    Attributes:
        token: its id, or its ids where several columns are read.
        typed: whether the word, typed in its place, would be read as that token.
    """

    step: int
    token: int | tuple[int, ...]
    word: str = ""
    typed: bool = True


@dataclass(frozen=True)
class MaskToken:
    """The token is read as the id that stands for unknown words, or as a vector of zeros where that is None."""

    step: int
    unknown: int | None = None


@dataclass(frozen=True)
class SetValue:
    """Numbers that were read are set to a value, or each to the mean of its channel over the whole input if None.

    Attributes:
        steps: which steps.
        channels: which channels, counted from 0.
        value: in the unit in which the network reads them.
    """

    steps: Some = None
    channels: Some = None
    value: float | None = None


@dataclass(frozen=True)
class PoolAttention:
    """Attention at every token, over those read so far; all heads get the same, or are permuted alike.

    It is the readout's, or that inside the recurrence, which then reads on from what it was made to look at; or a
    decoder's, which looks at all that was read.

    Attributes:
        how: all alike, on one token alone, the network's own weights permuted among the tokens, or drawn by hand.
        position: the token looked at alone; a reader that comes before it keeps its own weights.
        weights: amounts drawn by hand, ``[token]``, shared out among the tokens read so far in proportion.
        seed: which of the permutations.
        steps: at which steps it looks so.
    """

    how: Pooling
    position: int = 0
    weights: tuple[float, ...] = ()
    seed: int = 0
    steps: Some = None


@dataclass(frozen=True)
class Rescore:
    """A decoder compares its states by another score, or by its own, and the scores are divided by a temperature.

    Attributes:
        score: one of ``FREE_SCORES``; None for its own.
        temperature: above 1 softens the weights, below 1 sharpens them.
    """

    score: str | None = None
    temperature: float = 1.0


@dataclass(frozen=True)
class Begin:
    """A target begins with these tokens, whatever the network would have written.

    Attributes:
        tokens: ids of the target.
        text: what they spell, for people.
    """

    tokens: tuple[int, ...]
    text: str = ""


Edit = (
    HoldGate
    | ChangeState
    | Transplant
    | DeleteToken
    | ReplaceToken
    | MaskToken
    | SetValue
    | PoolAttention
    | Rescore
    | Begin
)
Stack = Sequence[Edit]


def kept_steps(stack: Stack, steps: int) -> tuple[int, ...]:
    """Positions of the tokens that a stack leaves in the text.

    Raises:
        EditError: if it deletes them all.
    """
    gone = {edit.step for edit in stack if isinstance(edit, DeleteToken)}
    kept = tuple(step for step in range(steps) if step not in gone)
    if not kept:
        raise EditError(say("edit: expected a text with at least one token, got one whose tokens are all deleted"))
    return kept
