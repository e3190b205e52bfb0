r"""The memory ledger: how much of the present memory each token wrote, exactly.

A gated cell changes its memory m by keeping a share of it and adding something, unit by unit:

    m_t = k_t ⊙ m_{t-1} + w_t

    GRU (torch)       k = z            w = (1 - z) ⊙ n      where z = 1 overwrites (textbook): k = 1 - z, w = z ⊙ n
    LSTM, m = c       k = f            w = i ⊙ g
    minLSTM           k = f / (f + i)  w = i / (f + i) ⊙ h̃
    sLSTM, m = c      k = f            w = i ⊙ g            both as the stabiliser scales them
    S6, m = s         k = Ā            w = (1 - Ā) ⊙ B ⊙ h̃
    multiplied GRU    k = z ⊙ a_{t-1}  w = (1 - z) ⊙ n      the next step reads a ⊙ h, so that a scales what is kept

Unrolled over the tokens this is a sum with one summand a token, and what is left of the initial state:

    m_T = Σ_{s≤T} (Π_{s<k≤T} k_k) ⊙ w_s  +  (Π_{k≤T} k_k) ⊙ m_0

Which share is kept, and what is written, come from the trace and the cell's ``Convention``; the products are taken in
double precision. It is bookkeeping given the gates that were seen: each gate and candidate depends itself on all tokens
read before, so that the summand of a token is not what would be missing without it
(core_models.explain.attribution.erasure). Where gates and candidate read no state, it is what would be missing, and the
ledger is an attention matrix (core_models.explain.memory.deletion).

*Gate-implied attention* of the memory after token T to token s is the token's share of all that was written and is
still there, whatever its sign: Σ_u |summand_{s,u}| over the sum of that over all tokens and the initial state.

What the rest of the network sees of an LSTM's memory is h = o ⊙ tanh(c), which is no sum over tokens. Each unit's h is
shared out in proportion to the summands of its c, h_{s,u} = (h_u / c_u) c_{s,u}: exact, additive, and a convention. An
h that is a multiple of the memory, o ⊙ c / n or C ⊙ s, leaves no choice.

An Elman network has no ledger: it keeps nothing as it is, every step squashes all of its state anew. Needs no torch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core_models.explain.memory.timescale import retention
from core_models.trace import Site, Trace
from core_models.vocabulary import Kind

Floats = NDArray[np.float64]

ROUNDING = 2e-6
"""How far sums in double precision may be from a memory that was computed in float32, relative to the memory's largest
value, or to 1 where that is smaller."""


@dataclass(frozen=True, eq=False)
class Balance:
    """The memory after one token, as a sum.

    Attributes:
        tokens: what each token wrote that is still there, ``[token, unit]``; 0 for tokens not read yet.
        initial: what is left of the initial state, ``[unit]``.
    """

    tokens: Floats
    initial: Floats

    @property
    def total(self) -> Floats:
        """The memory, ``[unit]``."""
        return self.tokens.sum(axis=0) + self.initial

    @property
    def shares(self) -> Floats:
        """Gate-implied attention, ``[token]``: together 1, less what is left of the initial state."""
        amounts = np.abs(self.tokens).sum(axis=1)
        whole = amounts.sum() + np.abs(self.initial).sum()
        return amounts / whole if whole > 0.0 else amounts

    @property
    def share_before(self) -> float:
        """What is left of the initial state, as a share of all that is there, without signs."""
        return max(0.0, 1.0 - float(self.shares.sum())) if self.initial.any() else 0.0

    def scaled(self, factor: Floats) -> Balance:
        """Every summand times a factor of its unit, ``[unit]``."""
        return Balance(self.tokens * factor, self.initial * factor)


@dataclass(frozen=True, eq=False)
class Ledger:
    """What one layer in one direction kept and wrote at every step; steps in the order in which they are read.

    Attributes:
        site: layer and direction.
        memory: quantity key of the memory.
        kept: factor on the memory before the step, ``[step, unit]``; that of the first step is never needed.
        written: what the step added, ``[step, unit]``.
        initial: what the first step left of the initial state, ``[unit]``.
        seen: factor from the memory to the hidden state, ``[step, unit]``; 1 where the memory is the hidden state.
            Where the hidden state is a projection, the factor to what is projected, o ⊙ tanh(c).
    """

    site: Site
    memory: str
    kept: Floats
    written: Floats
    initial: Floats
    seen: Floats

    def __len__(self) -> int:
        """Number of tokens."""
        return len(self.written)

    @property
    def begun(self) -> bool:
        """Whether there was something in memory before the first token was read."""
        return bool(np.abs(self.initial).max() > ROUNDING * max(1.0, np.abs(self.written).max()))

    @property
    def last(self) -> int:
        """Position of the token read last, on the token axis."""
        return self.read_at(len(self) - 1)

    def read_at(self, position: int) -> int:
        """The step that reads the token at ``position``, or the token that a step reads."""
        return len(self) - 1 - position if self.site.direction == "backward" else position

    def at(self, position: int) -> Balance:
        """The memory after the token at ``position`` was read.

        Raises:
            IndexError: if there is no such token.
        """
        if not 0 <= position < len(self):
            raise IndexError(f"ledger: expected a token from 0 to {len(self) - 1}, got {position}")
        present = self.read_at(position)
        later = np.ones_like(self.written[: present + 1])
        later[:-1] = np.cumprod(self.kept[1 : present + 1][::-1], axis=0)[::-1]
        tokens = np.zeros_like(self.written)
        tokens[: present + 1] = later * self.written[: present + 1]
        on_axis = tokens[::-1] if self.site.direction == "backward" else tokens
        return Balance(on_axis, later[0] * self.initial)

    def hidden_at(self, position: int) -> Balance:
        """The hidden state after the token at ``position``, shared out as the memory is; see the module's docstring."""
        return self.at(position).scaled(self.seen[self.read_at(position)])

    def shares(self) -> Floats:
        """Gate-implied attention of the memory after every token to every token, ``[present, token]``."""
        return np.stack([self.at(position).shares for position in range(len(self))])

    def error(self, trace: Trace) -> float:
        """Largest difference of the memory in the trace and the sum of its summands, relative as ``ROUNDING`` is."""
        memory = trace.array(self.site, self.memory).astype(np.float64)
        totals = np.stack([self.at(position).total for position in range(len(self))])
        return float(np.abs(totals - memory).max() / max(1.0, np.abs(memory).max()))


def ledger_sites(trace: Trace) -> tuple[Site, ...]:
    """The layers and directions of a trace that have a ledger."""
    return tuple(site for site in trace.sites(Kind.STATE) if _gate(trace, site) is not None)


def open_ledger(trace: Trace, site: Site) -> Ledger:
    """The ledger of one layer and direction.

    Raises:
        ValueError: if its cell keeps nothing as it is, or the trace lacks what the cell computed.
    """
    gate, convention, shares = _gate(trace, site), trace.cells.get(site), retention(trace, site)
    if gate is None or convention is None or shares is None:
        name = convention.name if convention else site.key
        raise ValueError(f"ledger: expected a cell whose gates say what is kept, got {name}")

    def read(key: str) -> Floats:
        return _in_reading_order(site, trace.array(site, key).astype(np.float64))

    written, memory = convention.written(read) * read(candidate_of(trace, site)), read(convention.memory)
    kept = _in_reading_order(site, shares)
    seen = np.ones_like(memory)
    if convention.memory != "hidden_state":
        hidden = read("hidden_state")
        shown = hidden if hidden.shape == memory.shape else read("output_gate") * np.tanh(memory)
        np.divide(shown, memory, out=seen, where=memory != 0.0)
    return Ledger(site, convention.memory, kept, written, memory[0] - written[0], seen)


def _in_reading_order(site: Site, values: Floats) -> Floats:
    return values[::-1] if site.direction == "backward" else values


def _gate(trace: Trace, site: Site) -> str | None:
    """The one gate that says what survives a step, if the trace holds all that a ledger needs."""
    convention = trace.cells.get(site)
    if convention is None or len(convention.keeps_past) != 1:
        return None
    gate = next(iter(convention.keeps_past))
    needed = [gate, convention.memory, "hidden_state", convention.writes or gate, convention.scaled_by or gate]
    complete = all((site, key) in trace for key in needed) and candidate_of(trace, site)
    return gate if complete else None


def candidate_of(trace: Trace, site: Site) -> str:
    """Quantity key of what a layer would write; empty if the trace holds none."""
    return next((row.key for where, row in trace.find(Kind.CANDIDATE) if where == site), "")
