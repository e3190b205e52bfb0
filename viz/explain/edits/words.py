"""Edits in words, plain text."""

from __future__ import annotations

from dataclasses import replace

from core_models.edits.edit import (
    DECODER,
    Begin,
    ChangeState,
    DeleteToken,
    Edit,
    HoldGate,
    MaskToken,
    PoolAttention,
    ReplaceToken,
    Rescore,
    SetValue,
    Some,
    Transplant,
)
from core_models.edits.limits import Limits
from core_models.language import mark, say
from core_models.trace import Site, Tokens
from core_models.vocabulary import quantity
from viz.figures.parts.token_axis import numbered, spell

STATES = {
    "zero": mark("set to zero"),
    "freeze": mark("kept as before the step"),
    "shuffle": mark("shuffled across the units"),
}
SCORES = {"dot": mark("dot product"), "scaled_dot": mark("scaled dot product")}
ATTENTION = {
    "uniform": mark("attention is spread evenly over all {noun}s"),
    "permuted": mark("attention’s weights are permuted among the {noun}s (order {seed})"),
    "drawn": mark("attention is set by hand"),
}
FEW, LONGEST = 3, 60
"""Units or tokens that are named one by one, more are counted; characters of another text that are shown."""


def describe(edit: Edit, tokens: Tokens, limits: Limits, written: Tokens | None = None) -> str:
    """One edit as a phrase.

    Args:
        edit: the edit.
        tokens: of the input.
        limits: of the network and the input, to say which layer is meant where there are several.
        written: tokens of what is written for it, if there are some.
    """
    at = replace(written, noun=mark("written token")) if written else tokens
    if isinstance(edit, HoldGate | ChangeState) and edit.site == DECODER:
        tokens = at
    match edit:
        case HoldGate():
            return say(
                "{gate} held at {value:g} {units} {tokens}",
                gate=quantity(edit.gate).label, value=edit.value, units=_units(edit.units),
                tokens=_tokens(edit.steps, tokens) + _layer(edit.site, limits),
            )  # fmt: skip
        case ChangeState():
            how = say("{how} (order {n})", how=say(STATES[edit.how]), n=edit.seed)
            return say(
                "state {how} {units} {tokens}",
                how=how if edit.how == "shuffle" else say(STATES[edit.how]), units=_units(edit.units),
                tokens=_tokens(edit.steps, tokens) + _layer(edit.site, limits),
            )  # fmt: skip
        case Transplant():
            parts = {
                "after": _token(edit.step, tokens), "text": spell(edit.text, LONGEST), "noun": say(tokens.noun),
                "n": edit.donor_step + 1,
            }  # fmt: skip
            goes_on = (
                say("after {after}, the state of “{text}” at its {noun} {n} goes on", **parts)
                if edit.units is None
                else say("after {after}, the state {units} of “{text}” at its {noun} {n} goes on",
                         units=_units(edit.units), **parts)
            )  # fmt: skip
            return goes_on + _layer(edit.site, limits)
        case DeleteToken():
            return say("{token} is deleted", token=_token(edit.step, tokens))
        case ReplaceToken():
            return say("{token} is replaced by “{word}”", token=_token(edit.step, tokens), word=edit.word)
        case MaskToken():
            token = _token(edit.step, tokens)
            if edit.unknown is None:
                return say("{token} is read as a vector of zeros", token=token)
            return say("{token} is read as an unknown {noun}", token=token, noun=say(tokens.noun))
        case SetValue():
            value = say("its mean") if edit.value is None else f"{edit.value:g}"
            where = {"channels": _channels(edit.channels, limits), "tokens": _tokens(edit.steps, tokens)}
            return say("{channels} set to {value} {tokens}", value=value, **where)
        case PoolAttention():
            when = "" if edit.steps is None else f" {_tokens(edit.steps, at)}"
            if edit.how == "one":
                return say("attention looks at {token} alone", token=_token(edit.position, tokens)) + when
            return say(ATTENTION[edit.how], seed=edit.seed, noun=say(tokens.noun)) + when
        case Rescore():
            if edit.score is None:
                return say("attention compares by its own score, at temperature {heat:g}", heat=edit.temperature)
            return say(
                "attention compares by the {score}, at temperature {heat:g}",
                score=say(SCORES[edit.score]), heat=edit.temperature,
            )  # fmt: skip
        case Begin():
            return say("the answer begins with “{text}”", text=spell(edit.text, LONGEST))


def brief(edit: Edit, tokens: Tokens, limits: Limits, written: Tokens | None = None) -> str:
    """One edit of a sweep in few words, for an axis; the longer phrase if there are none."""
    layer = ""
    if isinstance(edit, HoldGate | ChangeState) and edit.site == DECODER:
        tokens, layer = written or tokens, say(", decoder")
    elif isinstance(edit, HoldGate | ChangeState) and len(limits.gates) > 1:
        both = any(site.direction == "backward" for site in limits.gates)
        arrow = {"forward": " →", "backward": " ←"}[edit.site.direction] if both else ""
        layer = say(", layer {n}{arrow}", n=edit.site.layer + 1, arrow=arrow)
    match edit:
        case HoldGate(units=(unit,), steps=None):
            return say("{held}, unit {n}", held=_held(edit), n=unit) + layer
        case HoldGate(units=None, steps=(step,)):
            return say("{held} at {n} {token}", held=_held(edit), n=step + 1, token=tokens.labels[step]) + layer
        case HoldGate(units=None, steps=None):
            return say("{held} always", held=_held(edit)) + layer
        case ChangeState(how="zero", units=(unit,), steps=None):
            return say("unit {n} = 0", n=unit) + layer
        case DeleteToken():
            return say("without {n} {token}", n=edit.step + 1, token=tokens.labels[edit.step])
        case SetValue(steps=(step,), channels=None, value=None):
            return say("mean at {n} {token}", n=step + 1, token=tokens.labels[step])
        case MaskToken():
            return say("unknown {n} {token}", n=edit.step + 1, token=tokens.labels[edit.step])
    return describe(edit, tokens, limits, written)


def _held(edit: HoldGate) -> str:
    return f"{quantity(edit.gate).symbol} = {edit.value:g}"


def _channels(channels: Some, limits: Limits) -> str:
    if channels is None:
        return say("the value") if limits.channels == 1 else say("every channel")
    numbers = say(", ").join(str(channel + 1) for channel in channels)
    return say("channels {numbers}", numbers=numbers) if len(channels) > 1 else say("channel {n}", n=numbers)


def _many(steps: tuple[int, ...], tokens: Tokens) -> str:
    """Steps that are not named one by one; a stretch by its ends."""
    if steps == tuple(range(steps[0], steps[-1] + 1)):
        return say("from {first} to {last}", first=_token(steps[0], tokens), last=_token(steps[-1], tokens))
    return say("at {n} {noun}s", n=len(steps), noun=say(tokens.noun))


def _layer(site: Site, limits: Limits) -> str:
    return f" ({site.label})" if len(limits.gates) > 1 else ""


def _units(units: Some) -> str:
    if units is None:
        return say("in all units")
    if len(units) > FEW:
        return say("in {n} units", n=len(units))
    numbers = say(", ").join(map(str, units))
    return say("in units {numbers}", numbers=numbers) if len(units) > 1 else say("in unit {n}", n=numbers)


def _tokens(steps: Some, tokens: Tokens) -> str:
    if steps is None:
        return say("at all {noun}s", noun=say(tokens.noun))
    if len(steps) > FEW:
        return _many(steps, tokens)
    return say("at {tokens}", tokens=say(", ").join(_token(step, tokens) for step in steps))


def _token(step: int, tokens: Tokens) -> str:
    if step >= len(tokens):
        return say("{noun} {n}", noun=say(tokens.noun), n=step + 1)
    return numbered(tokens.noun, step, tokens.labels[step])
