"""What one unit did at one token, in one plain sentence made from its numbers and the cell's convention."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core_models.language import Number, say
from core_models.vocabulary import Kind, quantity
from viz.cell_diagram.circuit import BEFORE, Circuit
from viz.cell_diagram.layout import SUM_OF
from viz.cell_diagram.symbols import symbol_of

KEPT, REPLACED = 0.8, 0.1
"""Shares of the past from which a state is said to be kept, and below which it is said to be replaced."""

SMALL = 0.005

Values = Mapping[str, NDArray[np.floating]]


@dataclass(frozen=True)
class Teller:
    """Writes the sentences of one cell and trace.

    Attributes:
        circuit: of the cell.
        values: every quantity, ``[step, unit]``.
        influence: of every unit on the answer, ``[unit]``; None where it is not known.
        looked: see ``Picture``.
    """

    circuit: Circuit
    values: Values
    influence: NDArray[np.floating] | None = None
    looked: tuple[str, ...] = ()

    @property
    def memory(self) -> str:
        """The state that the cell keeps, as it stands after the step."""
        return self.circuit.cell.convention.memory

    @cached_property
    def past(self) -> str:
        """What stood there before the step."""
        named = f"{BEFORE}{self.memory}"
        before = [name for name in self.circuit.names if name.startswith(BEFORE)]
        return named if named in before else next(iter(before), "")

    def units(self) -> NDArray[np.intp]:
        """At every step, the unit that moved most of what the answer depends on, ``[step]``."""
        hidden = self.values["hidden_state"]
        before = self.values.get(f"{BEFORE}hidden_state")
        moved = np.abs(hidden - (np.concatenate([hidden[:1] * 0, hidden[:-1]]) if before is None else before))
        weight = np.ones(hidden.shape[1]) if self.influence is None else np.abs(self.influence)
        return (moved * (weight if weight.any() else 1.0)).argmax(axis=1)

    def tell(self, step: int, unit: int, token: str, *, chosen: bool = True) -> str:
        """The sentence; a unit that nobody has ``chosen`` is the one that moved most."""
        into = self._into_candidate(step, unit)
        clauses = into or self._kept(step, unit)
        did = _joined(clauses) if clauses else self._rewrote(step, unit)
        did += "".join(self._against(step, unit)) if into else ""
        after = [*self._after(step, unit), *filter(None, self.looked[step : step + 1])]
        then = "".join(say("; {clause}", clause=clause) for clause in after)
        outcome = self._outcome(step, unit) + then
        told = {"token": token, "unit": unit, "did": did, "outcome": outcome}
        if chosen:
            return say("At “{token}”, unit {unit} {did}: {outcome}.", **told)
        return say("At “{token}”, unit {unit}, moving most, {did}: {outcome}.", **told)

    def _at(self, name: str, step: int, unit: int) -> float:
        return float(self.values[name][step, unit])

    def _into_candidate(self, step: int, unit: int) -> list[str]:
        """How much of the past a gate let into the candidate."""
        gates = [part.gated_by or part.gated_inside for part in self.circuit.cell.parts]
        found = []
        for gate in dict.fromkeys(gate for gate in gates if gate):
            value = self._at(gate, step, unit)
            found.append(
                say(
                    "let {share} of its past into the candidate ({gate})", share=_share(value), gate=_equal(gate, value)
                )
            )
        return found

    def _keepers(self, step: int, unit: int) -> Iterator[tuple[str, float, float]]:
        """Every gate that decides what survives, its value, and the share of the past that it keeps."""
        convention = self.circuit.cell.convention
        for gate in convention.keeps_past:
            yield gate, self._at(gate, step, unit), convention.kept(lambda key: self._at(key, step, unit))

    def _against(self, step: int, unit: int) -> list[str]:
        """What became of the candidate, after what was said of how it was made."""
        found = []
        for gate, value, kept in self._keepers(step, unit):
            said = _equal(gate, value)
            if kept >= KEPT:
                found.append(say(", but {gate} kept {share} of the old state", gate=said, share=_share(kept)))
            elif kept <= REPLACED:
                found.append(say(", and {gate} put the candidate in the place of the old state", gate=said))
            else:
                found.append(
                    say(
                        ", and {gate} mixed {old} old with {new} candidate",
                        gate=said,
                        old=_share(kept),
                        new=_share(1 - kept),
                    )
                )
        return found

    def _kept(self, step: int, unit: int) -> list[str]:
        """What was kept and what was written, where no gate stands before the candidate."""
        writes, found = self.circuit.cell.convention.writes, []
        for gate, value, kept in self._keepers(step, unit):
            what, said = say(quantity(self.memory).name), _equal(gate, value)
            if writes or kept >= KEPT:
                found.append(say("kept {share} of its {state} ({gate})", share=_share(kept), state=what, gate=said))
            elif kept <= REPLACED:
                found.append(
                    say(
                        "replaced {share} of its {state} by the candidate ({gate})",
                        share=_share(1 - kept),
                        state=what,
                        gate=said,
                    )
                )
            else:
                found.append(
                    say(
                        "mixed {old} old with {new} candidate ({gate})",
                        old=_share(kept),
                        new=_share(1 - kept),
                        gate=said,
                    )
                )
        if writes:
            value = self._at(writes, step, unit)
            found.append(
                say("added {share} of the candidate ({gate})", share=_share(value), gate=_equal(writes, value))
            )
        return found

    def _rewrote(self, step: int, unit: int) -> str:
        """A state without gates, from the sum of the candidate that it is made of."""
        part = self.circuit.cell.parts[-1]
        given = self._at(f"{SUM_OF}:{part.key}:input", step, unit)
        if part.reads is None:
            return say("was written anew from the input alone ({given:+.2f})", given=given)
        read = self._at(f"{SUM_OF}:{part.key}:state", step, unit)
        source = say("its past") if part.reads.startswith(BEFORE) else say(quantity(part.reads).name)
        return say(
            "was written anew from the input ({given}) and {source} ({read})",
            given=_signed(given), source=source, read=_signed(read),
        )  # fmt: skip

    def _outcome(self, step: int, unit: int) -> str:
        after, letter = self._at(self.memory, step, unit), symbol_of(self.memory)[0]
        if not self.past:
            return f"{letter} = {_signed(after)}"
        before = self._at(self.past, step, unit)
        if abs(after - before) < SMALL:
            return say("{letter} stayed at {after}", letter=letter, after=_signed(after))
        return say(
            "{letter} went from {before} to {after}", letter=letter, before=_signed(before), after=_signed(after)
        )

    def _after(self, step: int, unit: int) -> list[str]:
        """What is done to the memory behind it: an output gate, or what multiplies it."""
        convention, found = self.circuit.cell.convention, list[str]()
        if convention.scaled_by:
            found.append(
                say("attention then scaled it by {factor}", factor=_signed(self._at(convention.scaled_by, step, unit)))
            )
        for stage in self.circuit.stages:
            if stage.state == self.memory:
                continue
            for valve in (valve for lane in stage.lanes if lane.source == self.memory for valve in lane.valves):
                gates = [name for name in valve[1:] if isinstance(name, str)]
                if valve[0] == "of" and quantity(gates[0]).kind is Kind.GATE:
                    value, state = self._at(gates[0], step, unit), self._at(stage.state, step, unit)
                    letter = symbol_of(stage.state)[0]
                    found.append(say(
                        "{share} of it is shown ({gate}), so {letter} = {state}", share=_share(value),
                        gate=_equal(gates[0], value), letter=letter, state=_signed(state),
                    ))  # fmt: skip
        return found


def _joined(clauses: list[str]) -> str:
    """Clauses in one row."""
    return say(" and ").join((say(", ").join(clauses[:-1]), clauses[-1])) if len(clauses) > 1 else clauses[0]


def _share(value: float) -> str:
    percent = 100.0 * value
    return f"{percent:.1f}%" if percent > 99.0 and round(percent, 1) < 100 else f"{percent:.0f}%"


def _equal(key: str, value: float) -> str:
    return f"{symbol_of(key)[0]} = {value:.{3 if value > 0.99 or value < 0.01 else 2}f}"


def _signed(value: float) -> str:
    return f"{Number(value):+.2f}"
