"""One scalar output of a network: what is asked about, for attributions, what-ifs, tests of attention and sweeps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """One number that a network says of one input.

    A class of the whole, a label at a token, the next token after a token, or a step that is forecast. It is counted in
    log-odds, log p / (1 − p), and a forecast in standard deviations; ``against`` another one it is their difference,
    so that what speaks for both alike cancels out: why this one and not that one?

    Attributes:
        head: name of the head that says it.
        index: class, label, id of the next token, or step ahead, counted from 0.
        step: token at which it is said, counted from 0; None where it is said of the whole.
        against: another index to hold it against; all others if None.
    """

    head: str
    index: int
    step: int | None = None
    against: int | None = None
