r"""Embedded Reber strings in one endless stream: the task on which forgetting was shown to be necessary.

A Reber string is a walk through an automaton that writes one symbol a step, each branch with probability 1/2:

    0 -B-> 1;  1 -T-> 2, -P-> 3;  2 -S-> 2, -X-> 4;  3 -T-> 3, -V-> 5;  4 -X-> 3, -S-> 6;  5 -P-> 4, -V-> 6;  6 -E-> end

An embedded string is  B, then T or P, then a whole Reber string, then the same T or P again, then E. The continual task
strings embedded strings together without a gap and never resets the state: the network must predict the next symbol,
remember the T or P over the inner string, and forget it when the string is over.

Two judgements of a prediction, a ranking of the seven symbols, at each step:

    legal   every symbol that may come next ranks above every symbol that may not
    outer   before the second-last symbol of a string: of T and P, the one that was written at the start ranks higher
            (guessing: 1/2)

Source: Reber 1967 for the automaton; Hochreiter & Schmidhuber 1997, "Long Short-Term Memory", Neural Computation 9(8),
experiment 1, for the embedded string; Gers, Schmidhuber & Cummins 2000, "Learning to Forget: Continual Prediction with
LSTM", Neural Computation 12(10), for the stream.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from random import Random
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import one_hot

SYMBOLS = "BTPSXVE"
PLACES = {name: place for place, name in enumerate(SYMBOLS)}
AUTOMATON: dict[int, tuple[tuple[str, int], ...]] = {
    0: (("B", 1),),
    1: (("T", 2), ("P", 3)),
    2: (("S", 2), ("X", 4)),
    3: (("T", 3), ("V", 5)),
    4: (("X", 3), ("S", 6)),
    5: (("P", 4), ("V", 6)),
    6: (("E", 7),),
}
"""State to its branches: symbol written, next state. State 7 is the end."""

END = 7


class Symbol(NamedTuple):
    """One symbol of a stream.

    Attributes:
        symbol: what was written.
        legal: every symbol that could have been written here, as one that knows the start of the string sees it.
        outer: whether it is the second-last symbol of its string, the one that has to be remembered.
    """

    symbol: str
    legal: str
    outer: bool = False


class Stream(NamedTuple):
    """Streams side by side.

    Attributes:
        ids: place of each symbol in ``SYMBOLS``, ``[step, stream]``.
        legal: which symbols could have come, ``[step, stream, symbol]``, bool.
        outer: where the remembered symbol stands, ``[step, stream]``, bool.
    """

    ids: Tensor
    legal: Tensor
    outer: Tensor


def write_stream(random: Random) -> Iterator[Symbol]:
    """An endless stream of embedded Reber strings."""
    while True:
        yield Symbol("B", "B")
        first = random.choice("TP")
        yield Symbol(first, "TP")
        state = 0
        while state != END:
            branches = AUTOMATON[state]
            symbol, state = random.choice(branches)
            yield Symbol(symbol, "".join(name for name, _ in branches))
        yield Symbol(first, first, outer=True)
        yield Symbol("E", "E")


class Streams:
    """Several streams that go on from one call of ``take`` to the next."""

    def __init__(self, count: int, seed: int) -> None:
        self._streams = [write_stream(Random(f"reber/{seed}/{row}")) for row in range(count)]  # noqa: S311 - reproducible data, not a secret

    def take(self, steps: int) -> Stream:
        """The next ``steps`` symbols of every stream."""
        rows = [list(islice(stream, steps)) for stream in self._streams]
        ids = torch.tensor([[PLACES[s.symbol] for s in row] for row in rows])
        sets = torch.tensor([[_as_bits(s.legal) for s in row] for row in rows])
        legal = sets[..., None].bitwise_and(2 ** torch.arange(len(SYMBOLS))) > 0
        outer = torch.tensor([[s.outer for s in row] for row in rows])
        return Stream(ids.t(), legal.transpose(0, 1), outer.t())


@cache
def _as_bits(symbols: str) -> int:
    return sum(2 ** PLACES[name] for name in symbols)


def encode(ids: Tensor) -> Tensor:
    """One-hot code, ``[..., symbol]``."""
    return one_hot(ids, len(SYMBOLS)).float()


def judge_legal(answers: Tensor, legal: Tensor) -> Tensor:
    """Whether every legal symbol ranks above every other, ``[...]``, from answers ``[..., symbol]``."""
    worst_legal = answers.masked_fill(~legal, torch.inf).amin(dim=-1)
    return worst_legal > answers.masked_fill(legal, -torch.inf).amax(dim=-1)


def judge_outer(answers: Tensor, ids: Tensor) -> Tensor:
    """Whether, of T and P, the one that came ranks higher; meaningful where ``Stream.outer`` is true."""
    t, p = SYMBOLS.index("T"), SYMBOLS.index("P")
    return (answers[..., t] > answers[..., p]) == (ids == t)
