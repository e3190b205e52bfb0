"""Which single change moves the answer most: every unit, gate and token in turn, in a few batched readings.

What is tried, one change at a time and each on top of the edits that are there already:

    token        every token deleted, or read as an unknown word; every step of numbers set to its mean
    unit         every unit set to zero at all tokens
    gate_unit    every gate of every unit held at 0, and at 1, at all tokens
    gate_token   every gate held at 0, and at 1, in all units at one token
    gate         every gate held at 0, and at 1, in all units at all tokens
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core_models.edits.edit import (
    DECODER,
    ChangeState,
    DeleteToken,
    Edit,
    HoldGate,
    MaskToken,
    SetValue,
    Stack,
    kept_steps,
)
from core_models.edits.run import edited_outputs, limits_of, parts_of
from core_models.encoded import Encoded
from core_models.networks.reader import Reader
from core_models.target import Target
from core_models.vocabulary import Kind, quantity

ENDS = (0.0, 1.0)


@dataclass(frozen=True)
class Trial:
    """One change that is tried, and what kind of change it is."""

    edit: Edit
    group: str


def trials(network: Reader, steps: int, base: Stack = (), unknown: int | None = None, written: int = 0) -> list[Trial]:
    """Every single change of an input of ``steps`` steps, and of the first ``written`` steps of a target.

    ``unknown`` is the id of unknown words, if there is one.
    """
    limits, kept = limits_of(network, steps, written), kept_steps(base, steps)
    found = [Trial(DeleteToken(step), "token") for step in kept if len(kept) > 1 and limits.shortens]
    found += [Trial(SetValue((step,)), "token") for step in kept if limits.channels]
    found += [Trial(MaskToken(step, unknown), "token") for step in kept if unknown is not None]
    for site, parts in limits.gates.items():
        units, at = range(limits.units_at(site)), range(written) if site == DECODER else kept
        found += [Trial(ChangeState(site, "zero", (unit,)), "unit") for unit in units]
        for gate in (key for key in parts if quantity(key).kind is Kind.GATE):
            for value in ENDS:
                found += [Trial(HoldGate(site, gate, value, (unit,)), "gate_unit") for unit in units]
                found += [Trial(HoldGate(site, gate, value, None, (step,)), "gate_token") for step in at]
                found.append(Trial(HoldGate(site, gate, value), "gate"))
    return found


def sweep(
    network: Reader, encoded: Encoded, target: Target, tried: Sequence[Trial], base: Stack = ()
) -> Iterator[NDArray[np.float32]]:
    """An output under each change on top of ``base``, in parts of ``[trial]`` as they are computed.

    Raises:
        EditError: if an edit does not fit the text.
    """
    for start, stop in parts_of(network, len(encoded), len(tried)):
        stacks = [[*base, trial.edit] for trial in tried[start:stop]]
        yield edited_outputs(network, encoded, stacks, target).numpy()
