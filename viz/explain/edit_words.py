"""Edits in words, plain text."""

from __future__ import annotations

from collections.abc import Sequence

from core_models.edits.edit import (
    ChangeState,
    DeleteToken,
    Edit,
    HoldGate,
    Limits,
    MaskToken,
    PoolAttention,
    ReplaceToken,
    Some,
    Transplant,
)
from core_models.trace import Site
from core_models.vocabulary import quantity

STATES = {
    "zero": "set to zero",
    "freeze": "kept as before the step",
    "shuffle": "shuffled among the units",
}
ATTENTION = {
    "uniform": "attention looks at all tokens alike",
    "permuted": "attention’s weights are permuted among the tokens (order {seed})",
    "drawn": "attention is drawn by hand",
}
FEW = 3
"""Units or tokens that are named one by one; more are counted."""


def describe(edit: Edit, labels: Sequence[str], limits: Limits) -> str:
    """One edit as a phrase.

    Args:
        labels: the tokens of the text.
        limits: of the network and the text, to say which layer is meant where there are several.
    """
    match edit:
        case HoldGate():
            where = f"{_units(edit.units)} {_tokens(edit.steps, labels)}{_layer(edit.site, limits)}"
            return f"{quantity(edit.gate).label} held at {edit.value:g} {where}"
        case ChangeState():
            where = f"{_units(edit.units)} {_tokens(edit.steps, labels)}{_layer(edit.site, limits)}"
            order = f" (order {edit.seed})" if edit.how == "shuffle" else ""
            return f"state {STATES[edit.how]}{order} {where}"
        case Transplant():
            units = "" if edit.units is None else f" {_units(edit.units)}"
            after = f"after {_token(edit.step, labels)}, the state{units} of “{edit.text}” at its token"
            return f"{after} {edit.donor_step + 1} goes on{_layer(edit.site, limits)}"
        case DeleteToken():
            return f"{_token(edit.step, labels)} is deleted"
        case ReplaceToken():
            return f"{_token(edit.step, labels)} is replaced by “{edit.word}”"
        case MaskToken():
            instead = "a vector of zeros" if edit.unknown is None else "an unknown word"
            return f"{_token(edit.step, labels)} is read as {instead}"
        case PoolAttention(how="one"):
            return f"attention looks at {_token(edit.position, labels)} alone"
        case PoolAttention():
            return ATTENTION[edit.how].format(seed=edit.seed)


def brief(edit: Edit, labels: Sequence[str], limits: Limits) -> str:
    """One edit of a sweep in few words, for an axis; the longer phrase if there are none."""
    layer = ""
    if isinstance(edit, HoldGate | ChangeState) and len(limits.gates) > 1:
        both = any(site.direction == "backward" for site in limits.gates)
        arrow = {"forward": " →", "backward": " ←"}[edit.site.direction] if both else ""
        layer = f", layer {edit.site.layer + 1}{arrow}"
    match edit:
        case HoldGate(units=(unit,), steps=None):
            return f"{quantity(edit.gate).symbol} = {edit.value:g}, unit {unit}{layer}"
        case HoldGate(units=None, steps=(step,)):
            return f"{quantity(edit.gate).symbol} = {edit.value:g} at {step + 1} {labels[step]}{layer}"
        case HoldGate(units=None, steps=None):
            return f"{quantity(edit.gate).symbol} = {edit.value:g} always{layer}"
        case ChangeState(how="zero", units=(unit,), steps=None):
            return f"unit {unit} = 0{layer}"
        case DeleteToken():
            return f"without {edit.step + 1} {labels[edit.step]}"
        case MaskToken():
            return f"unknown {edit.step + 1} {labels[edit.step]}"
    return describe(edit, labels, limits)


def _layer(site: Site, limits: Limits) -> str:
    return f" ({site.label})" if len(limits.gates) > 1 else ""


def _units(units: Some) -> str:
    if units is None:
        return "in all units"
    if len(units) > FEW:
        return f"in {len(units)} units"
    return f"in unit{'s' if len(units) > 1 else ''} {', '.join(map(str, units))}"


def _tokens(steps: Some, labels: Sequence[str]) -> str:
    if steps is None:
        return "at all tokens"
    if len(steps) > FEW:
        return f"at {len(steps)} tokens"
    return "at " + ", ".join(_token(step, labels) for step in steps)


def _token(step: int, labels: Sequence[str]) -> str:
    return f"token {step + 1} “{labels[step]}”"
