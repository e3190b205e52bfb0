"""Edits worth a click on any text: made from what the network and the trace hold, whatever the cell."""

from __future__ import annotations

import numpy as np

from core_models.edits.edit import ChangeState, DeleteToken, Edit, HoldGate, PoolAttention, Transplant
from core_models.heads.classes import READOUT
from core_models.vocabulary import Kind, quantity
from viz.explain.edit_stack import limits
from viz.run import ModelRun


def examples(asked: ModelRun) -> dict[str, tuple[Edit, ...]]:
    """Stacks of edits by their name on screen."""
    fits, count = limits(asked), len(asked.trace)
    found: dict[str, tuple[Edit, ...]] = {}
    keeping = {gate: keeps for cell in asked.trace.cells.values() for gate, keeps in cell.keeps_past.items()}
    gates = dict.fromkeys(key for keys in fits.gates.values() for key in keys if quantity(key).kind is Kind.GATE)
    for gate in gates:
        sites = [site for site, keys in fits.gates.items() if gate in keys]
        if gate in keeping:
            keep = float(keeping[gate])
            found["Never forget"] = tuple(HoldGate(site, gate, keep) for site in sites)
            found["Keep nothing"] = tuple(HoldGate(site, gate, 1.0 - keep) for site in sites)
        else:
            name = quantity(gate).name
            found[f"{name[0].upper()}{name[1:]} shut"] = tuple(HoldGate(site, gate, 0.0) for site in sites)
    if count > 1:
        heaviest = _heaviest(asked)
        found[f"Without “{asked.trace.tokens.labels[heaviest]}”"] = (DeleteToken(heaviest),)
        middle = (count - 1) // 2
        sites = tuple(fits.gates)
        found["Wipe the memory half-way"] = tuple(ChangeState(site, "zero", None, (middle,)) for site in sites)
        found["Shuffle the units half-way"] = tuple(ChangeState(s, "shuffle", None, (middle,), 1) for s in sites)
        text = min((example.text for example in asked.model.task.examples), key=len)
        donor = asked.model.task.encode(text).ids
        pasted = tuple(Transplant(site, middle, donor, len(donor) - 1, None, text) for site in sites)
        found[f"Paste the state of “{text}” half-way"] = pasted
    if fits.attends:
        found["Attention: all alike"] = (PoolAttention("uniform"),)
        found["Attention: permuted"] = (PoolAttention("permuted", seed=1),)
        found["Attention: first token alone"] = (PoolAttention("one", position=0),)
    return found


def _heaviest(asked: ModelRun) -> int:
    """The token at which the answer moved most."""
    probability = asked.trace.array(READOUT, "probability").astype(np.float64)
    return int(np.abs(np.diff(probability, prepend=0.5)).argmax())
