"""What the views of units share: what in a trace has a value for each unit at each token, and the words for gates."""

from __future__ import annotations

from core_models.language import say
from core_models.trace import Trace
from core_models.vocabulary import Kind
from viz.view import Target

KINDS = (Kind.GATE, Kind.CANDIDATE, Kind.STATE, Kind.PREACTIVATION, Kind.CONTEXT, Kind.EMBEDDING, Kind.INPUT)


def row_targets(trace: Trace) -> tuple[Target, ...]:
    """Everything with one value for each unit, or each feature of the embedding, at each token."""
    found = trace.find(*KINDS)
    return tuple(Target(site, row.key) for site, row in found if len(row.dims) == 2 and row.dims[0] == "step")


def unit_targets(trace: Trace) -> tuple[Target, ...]:
    """Everything with one value for each unit at each token."""
    return tuple(target for target in row_targets(trace) if target.quantity.dims == ("step", "unit"))


def explain_gate(trace: Trace, target: Target) -> str:
    """One sentence: what 1 and 0 do, in the convention of the cell at the target."""
    convention, row = trace.cells.get(target.site), target.quantity
    effect = convention.effects.get(target.key) if convention else None
    if convention is None or effect is None:
        return say("At 1 the {label} is open, at 0 closed.", label=row.label)
    return say(
        "In this {name}, at 1 the {label} {at_one}; at 0 it {at_zero}.",
        name=say(convention.name),
        label=row.label,
        at_one=say(effect.at_one),
        at_zero=say(effect.at_zero),
    )
