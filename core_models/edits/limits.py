"""What an edit must fit, and the sentence with which one that does not fit is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from core_models.edits.edit import (
    DECODER,
    FREE_SCORES,
    POOLINGS,
    STATE_CHANGES,
    Begin,
    ChangeState,
    DeleteToken,
    Edit,
    EditError,
    HoldGate,
    MaskToken,
    PoolAttention,
    ReplaceToken,
    Rescore,
    SetValue,
    Some,
    Transplant,
)
from core_models.language import mark, say
from core_models.trace import Site
from core_models.vocabulary import quantity


@dataclass(frozen=True)
class Limits:
    """What an edit must fit.

    Attributes:
        steps: number of tokens.
        units: number of units of every layer.
        gates: by layer and direction, the quantity keys that can be held.
        vocabulary: number of ids of each column; none where the input is numbers.
        channels: numbers of a step; 0 where the input is tokens.
        attends: whether the readout or the recurrence attends to older tokens.
        shortens: whether the network can read an input with a step left out.
        written: steps of the target, where one is written; else 0.
        decoder_units: number of units of the decoder; 0 where there is none.
        targets: number of ids of the target; 0 where none is written.
    """

    steps: int
    units: int
    gates: Mapping[Site, tuple[str, ...]]
    vocabulary: tuple[int, ...]
    channels: int
    attends: bool
    shortens: bool
    written: int = 0
    decoder_units: int = 0
    targets: int = 0

    def steps_at(self, site: Site) -> int:
        """Number of steps of a site."""
        return self.written if site == DECODER else self.steps

    def units_at(self, site: Site) -> int:
        """Number of units of a site."""
        return self.decoder_units if site == DECODER else self.units

    @property
    def looks(self) -> int:
        """Number of steps at which attention looks."""
        return self.written if self.decoder_units else self.steps


def check(edit: Edit, limits: Limits) -> None:
    """Refuse an edit that does not fit.

    Raises:
        EditError: with what was expected, and what came.
    """
    if isinstance(edit, HoldGate | ChangeState | Transplant):
        if edit.site not in limits.gates:
            raise EditError(say("edit: expected a layer of this network, got {key}", key=edit.site.key))
        _check_numbers(mark("unit"), edit.units, limits.units_at(edit.site))
    if isinstance(edit, HoldGate | ChangeState):
        _check_numbers(mark("token"), edit.steps, limits.steps_at(edit.site))
    match edit:
        case HoldGate():
            _check_value(edit, limits)
        case ChangeState():
            _check_choice(mark("change of state"), edit.how, STATE_CHANGES)
        case Transplant():
            if edit.site == DECODER:
                raise EditError(say("edit: expected a layer that reads, got the one that writes"))
            _check_numbers(mark("token"), (edit.step,), limits.steps)
            _check_numbers(mark("token of the other text"), (edit.donor_step,), len(edit.donor))
            _check_ids(edit.donor, limits)
            if not limits.shortens and len(edit.donor) != limits.steps:
                raise EditError(
                    say("edit: expected another text of {steps} tokens, got {n}", steps=limits.steps, n=len(edit.donor))
                )
        case DeleteToken():
            _check_numbers(mark("token"), (edit.step,), limits.steps)
            if not limits.shortens:
                raise EditError(
                    say("edit: expected a network that reads inputs of any length, got one of a fixed length")
                )
        case ReplaceToken():
            _check_numbers(mark("token"), (edit.step,), limits.steps)
            _check_ids((edit.token,), limits)
        case MaskToken():
            _check_numbers(mark("token"), (edit.step,), limits.steps)
            if edit.unknown is not None:
                _check_ids(((edit.unknown,) * len(limits.vocabulary),), limits)
        case SetValue():
            if not limits.channels:
                raise EditError(say("edit: expected a network that reads numbers, got one that reads tokens"))
            _check_numbers(mark("step"), edit.steps, limits.steps)
            _check_numbers(mark("channel"), edit.channels, limits.channels)
            if edit.value is not None and not isfinite(edit.value):
                raise EditError(say("edit: expected a number, got {value}", value=edit.value))
        case PoolAttention():
            _check_attention(edit, limits)
        case Rescore():
            _check_score(edit, limits)
        case Begin():
            if not limits.targets:
                raise EditError(say("edit: expected a network that writes, got one that reads only"))
            _check_numbers(mark("token id"), edit.tokens, limits.targets)
            if len(edit.tokens) > limits.written:
                raise EditError(
                    say("edit: expected at most {written} tokens, got {n}", written=limits.written, n=len(edit.tokens))
                )


def _check_ids(ids: Sequence[int | tuple[int, ...]], limits: Limits) -> None:
    """Refuse ids that the network does not have."""
    if limits.channels:
        raise EditError(say("edit: expected a network that reads tokens, got one that reads numbers"))
    for some in ids:
        row = some if isinstance(some, tuple) else (some,)
        if len(row) != len(limits.vocabulary):
            raise EditError(say("edit: expected {n} ids of a token, got {n_2}", n=len(limits.vocabulary), n_2=len(row)))
        for number, count in zip(row, limits.vocabulary, strict=True):
            _check_numbers(mark("token id"), (number,), count)


def _check_value(edit: HoldGate, limits: Limits) -> None:
    if edit.gate not in limits.gates[edit.site]:
        held = ", ".join(limits.gates[edit.site])
        raise EditError(
            say("edit: expected one of {held} at {key}, got {gate!r}", held=held, key=edit.site.key, gate=edit.gate)
        )
    row = quantity(edit.gate)
    if not (isfinite(edit.value) and row.low <= edit.value <= row.high):
        raise EditError(
            say(
                "edit: expected a {name} in [{low:g}, {high:g}], got {value:g}",
                name=say(row.name),
                low=row.low,
                high=row.high,
                value=edit.value,
            )
        )


def _check_attention(edit: PoolAttention, limits: Limits) -> None:
    if not limits.attends:
        raise EditError(say("edit: expected a network that attends, got one without attention"))
    _check_choice(mark("attention"), edit.how, POOLINGS)
    _check_numbers(mark("step"), edit.steps, limits.looks)
    if edit.how == "one":
        _check_numbers(mark("token"), (edit.position,), limits.steps)
    if edit.how == "drawn":
        fits = len(edit.weights) == limits.steps and all(isfinite(w) and w >= 0.0 for w in edit.weights)
        if not fits or not sum(edit.weights) > 0.0:
            raise EditError(
                say(
                    "edit: expected {steps} weights that are not negative and not all 0, got {n}",
                    steps=limits.steps,
                    n=len(edit.weights),
                )
            )


def _check_score(edit: Rescore, limits: Limits) -> None:
    if not (limits.attends and limits.decoder_units):
        raise EditError(say("edit: expected a decoder that attends, got a network without one"))
    if edit.score is not None:
        _check_choice(mark("score"), edit.score, FREE_SCORES)
    if not (isfinite(edit.temperature) and edit.temperature > 0.0):
        raise EditError(say("edit: expected a temperature above 0, got {temperature:g}", temperature=edit.temperature))


def _check_numbers(what: str, numbers: Some, count: int) -> None:
    if numbers is not None and (not numbers or not all(0 <= number < count for number in numbers)):
        got = ", ".join(map(str, numbers)) or "none"
        raise EditError(
            say("edit: expected a {what} from 0 to {count}, got {got}", what=say(what), count=count - 1, got=got)
        )


def _check_choice(what: str, chosen: str, options: Sequence[str]) -> None:
    if chosen not in options:
        raise EditError(
            say(
                "edit: expected as {what} one of {options}, got {chosen!r}",
                what=say(what),
                options=", ".join(options),
                chosen=chosen,
            )
        )
