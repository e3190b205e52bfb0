"""Edits worth a click on any input: made from what the network and the trace hold, whatever it reads and answers."""

from __future__ import annotations

import numpy as np
import torch

from core_models.edits.edit import (
    DECODER,
    ChangeState,
    DeleteToken,
    Edit,
    EditError,
    HoldGate,
    PoolAttention,
    SetValue,
    Transplant,
)
from core_models.explain.attribution.methods import gradient_times_input
from core_models.language import say
from core_models.vocabulary import Kind, quantity
from pretrained.task import InputError
from viz.explain.edits.controls import other_text
from viz.explain.edits.text import limits, unknown_at
from viz.explain.target import Question
from viz.figures.parts.token_axis import spell
from viz.run import ModelRun

LONGEST = 30
STRETCH = 10
"""Steps of numbers are changed together, a tenth of the input."""


def examples(question: Question) -> dict[str, tuple[Edit, ...]]:
    """Stacks of edits by their name on screen."""
    asked = question.asked
    fits, middle = limits(asked), (len(asked.encoded) - 1) // 2
    found, sites = _gates(asked), tuple(fits.gates)
    if len(asked.encoded) > 1:
        found |= _without(question)
        reads = [site for site in sites if site != DECODER]
        found[say("Erase the memory half-way")] = tuple(ChangeState(site, "zero", None, (middle,)) for site in reads)
        found[say("Shuffle the units half-way")] = tuple(ChangeState(s, "shuffle", None, (middle,), 1) for s in reads)
        if fits.vocabulary:
            found |= _pasted(asked, middle)
    if fits.attends:
        found[say("Attention: uniform")] = (PoolAttention("uniform"),)
        found[say("Attention: permuted")] = (PoolAttention("permuted", seed=1),)
        found[say("Attention: first {noun} only", noun=say(asked.tokens.noun))] = (PoolAttention("one", position=0),)
    return found


def _gates(asked: ModelRun) -> dict[str, tuple[Edit, ...]]:
    fits, found = limits(asked), {}
    keeping = {gate: keeps for cell in asked.trace.cells.values() for gate, keeps in cell.keeps_past.items()}
    gates = dict.fromkeys(key for keys in fits.gates.values() for key in keys if quantity(key).kind is Kind.GATE)
    for gate in gates:
        sites = [site for site, keys in fits.gates.items() if gate in keys]
        if gate in keeping:
            keep = float(keeping[gate])
            found[say("Never forget")] = tuple(HoldGate(site, gate, keep) for site in sites)
            found[say("Remember nothing")] = tuple(HoldGate(site, gate, 1.0 - keep) for site in sites)
        else:
            name = say(quantity(gate).name)
            found[say("{gate} shut", gate=f"{name[0].upper()}{name[1:]}")] = tuple(
                HoldGate(site, gate, 0.0) for site in sites
            )
    return found


def _without(question: Question) -> dict[str, tuple[Edit, ...]]:
    """The input without what speaks loudest for or against the output."""
    asked, heaviest = question.asked, _heaviest(question)
    fits, tokens = limits(asked), asked.tokens
    name = spell(tokens.labels[heaviest], LONGEST)
    if fits.channels:
        first = min(heaviest, max(0, len(tokens) - len(tokens) // STRETCH))
        steps = tuple(range(first, min(len(tokens), first + max(1, len(tokens) // STRETCH))))
        return {say("A stretch from {name} on at its mean", name=name): (SetValue(steps),)}
    if fits.shortens:
        return {say("Without “{name}”", name=name): (DeleteToken(heaviest),)}
    return {
        say("“{name}”, {noun} {n}, unknown", name=name, noun=say(tokens.noun), n=heaviest + 1): (
            unknown_at(asked, heaviest),
        )
    }


def _heaviest(question: Question) -> int:
    """The step whose gradient × input is largest, other than the one of which the output is said."""
    outputs = question.asked.outputs
    x = outputs.x
    shares = gradient_times_input(outputs.about(question.target), x[None], torch.zeros_like(x[0]))[0].abs()
    loud = shares.double().cpu().numpy()
    if question.target.step is not None and not question.is_written:
        loud[question.target.step] = -1.0
    return int(np.argmax(loud))


def _pasted(asked: ModelRun, middle: int) -> dict[str, tuple[Edit, ...]]:
    text = other_text(asked)
    try:
        donor = asked.model.encode(text).ids
    except (InputError, EditError):
        return {}
    sites = [site for site in limits(asked).gates if site != DECODER]
    pasted = tuple(Transplant(site, middle, donor, len(donor) - 1, None, text) for site in sites)
    return {say("Paste the state of “{text}” half-way", text=spell(text, LONGEST)): pasted}
