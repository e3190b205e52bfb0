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
    Limits,
    MaskToken,
    PoolAttention,
    ReplaceToken,
    Rescore,
    SetValue,
    Some,
    Transplant,
)
from core_models.trace import Site, Tokens
from core_models.vocabulary import quantity
from viz.figures.parts.token_axis import numbered, spell

STATES = {
    "zero": "set to zero",
    "freeze": "kept as before the step",
    "shuffle": "shuffled across the units",
}
SCORES = {"dot": "dot product", "scaled_dot": "scaled dot product"}
ATTENTION = {
    "uniform": "attention is spread evenly over all {noun}s",
    "permuted": "attention’s weights are permuted among the {noun}s (order {seed})",
    "drawn": "attention is set by hand",
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
    at = replace(written, noun="written token") if written else tokens
    if isinstance(edit, HoldGate | ChangeState) and edit.site == DECODER:
        tokens = at
    match edit:
        case HoldGate():
            where = f"{_units(edit.units)} {_tokens(edit.steps, tokens)}{_layer(edit.site, limits)}"
            return f"{quantity(edit.gate).label} held at {edit.value:g} {where}"
        case ChangeState():
            where = f"{_units(edit.units)} {_tokens(edit.steps, tokens)}{_layer(edit.site, limits)}"
            order = f" (order {edit.seed})" if edit.how == "shuffle" else ""
            return f"state {STATES[edit.how]}{order} {where}"
        case Transplant():
            units = "" if edit.units is None else f" {_units(edit.units)}"
            after = f"after {_token(edit.step, tokens)}, the state{units} of “{spell(edit.text, LONGEST)}” at its"
            return f"{after} {tokens.noun} {edit.donor_step + 1} goes on{_layer(edit.site, limits)}"
        case DeleteToken():
            return f"{_token(edit.step, tokens)} is deleted"
        case ReplaceToken():
            return f"{_token(edit.step, tokens)} is replaced by “{edit.word}”"
        case MaskToken():
            instead = "a vector of zeros" if edit.unknown is None else f"an unknown {tokens.noun}"
            return f"{_token(edit.step, tokens)} is read as {instead}"
        case SetValue():
            value = "its mean" if edit.value is None else f"{edit.value:g}"
            return f"{_channels(edit.channels, limits)} set to {value} {_tokens(edit.steps, tokens)}"
        case PoolAttention():
            when = "" if edit.steps is None else f" {_tokens(edit.steps, at)}"
            if edit.how == "one":
                return f"attention looks at {_token(edit.position, tokens)} alone{when}"
            return ATTENTION[edit.how].format(seed=edit.seed, noun=tokens.noun) + when
        case Rescore():
            how = "its own score" if edit.score is None else f"the {SCORES[edit.score]}"
            return f"attention compares by {how}, at temperature {edit.temperature:g}"
        case Begin():
            return f"the answer begins with “{spell(edit.text, LONGEST)}”"


def brief(edit: Edit, tokens: Tokens, limits: Limits, written: Tokens | None = None) -> str:
    """One edit of a sweep in few words, for an axis; the longer phrase if there are none."""
    layer = ""
    if isinstance(edit, HoldGate | ChangeState) and edit.site == DECODER:
        tokens, layer = written or tokens, ", decoder"
    elif isinstance(edit, HoldGate | ChangeState) and len(limits.gates) > 1:
        both = any(site.direction == "backward" for site in limits.gates)
        arrow = {"forward": " →", "backward": " ←"}[edit.site.direction] if both else ""
        layer = f", layer {edit.site.layer + 1}{arrow}"
    match edit:
        case HoldGate(units=(unit,), steps=None):
            return f"{quantity(edit.gate).symbol} = {edit.value:g}, unit {unit}{layer}"
        case HoldGate(units=None, steps=(step,)):
            return f"{quantity(edit.gate).symbol} = {edit.value:g} at {step + 1} {tokens.labels[step]}{layer}"
        case HoldGate(units=None, steps=None):
            return f"{quantity(edit.gate).symbol} = {edit.value:g} always{layer}"
        case ChangeState(how="zero", units=(unit,), steps=None):
            return f"unit {unit} = 0{layer}"
        case DeleteToken():
            return f"without {edit.step + 1} {tokens.labels[edit.step]}"
        case SetValue(steps=(step,), channels=None, value=None):
            return f"mean at {step + 1} {tokens.labels[step]}"
        case MaskToken():
            return f"unknown {edit.step + 1} {tokens.labels[edit.step]}"
    return describe(edit, tokens, limits, written)


def _channels(channels: Some, limits: Limits) -> str:
    if channels is None:
        return "the value" if limits.channels == 1 else "every channel"
    return f"channel{'s' if len(channels) > 1 else ''} {', '.join(str(channel + 1) for channel in channels)}"


def _many(steps: tuple[int, ...], tokens: Tokens) -> str:
    """Steps that are not named one by one; a stretch by its ends."""
    if steps == tuple(range(steps[0], steps[-1] + 1)):
        return f"from {_token(steps[0], tokens)} to {_token(steps[-1], tokens)}"
    return f"at {len(steps)} {tokens.noun}s"


def _layer(site: Site, limits: Limits) -> str:
    return f" ({site.label})" if len(limits.gates) > 1 else ""


def _units(units: Some) -> str:
    if units is None:
        return "in all units"
    if len(units) > FEW:
        return f"in {len(units)} units"
    return f"in unit{'s' if len(units) > 1 else ''} {', '.join(map(str, units))}"


def _tokens(steps: Some, tokens: Tokens) -> str:
    if steps is None:
        return f"at all {tokens.noun}s"
    if len(steps) > FEW:
        return _many(steps, tokens)
    return "at " + ", ".join(_token(step, tokens) for step in steps)


def _token(step: int, tokens: Tokens) -> str:
    if step >= len(tokens):
        return f"{tokens.noun} {step + 1}"
    return numbered(tokens.noun, step, tokens.labels[step])
