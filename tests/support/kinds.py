"""Small untrained networks of every kind, each with an input and outputs to ask about; for contract tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from core_models.cells import CELLS, Cell, Described
from core_models.encoded import Encoded
from core_models.explain.outputs import Output, Outputs
from core_models.explain.written import WrittenOutputs
from core_models.networks.architecture import Architecture
from core_models.networks.sequence import SequenceNetwork
from core_models.networks.translator import Translator, TranslatorArchitecture
from core_models.target import Target
from core_models.trace import Tokens

STEPS, HIDDEN = 6, 4
IDS = (3, 5, 7, 2, 6, 4)
PAIRS = ((3, 1), (5, 2), (7, 3), (2, 1), (6, 4), (4, 2))
ANSWER = (Target("answer", 1),)
CLASSES = (Target("answer", 2), Target("answer", 0, None, 3))
LABELS = (Target("tags", 3, 2), Target("tags", 0, 5), Target("tags", 1, 4, 2))
NEXT = tuple(Target("next_token", IDS[step + 1], step) for step in (1, 3, 4))
VALUE = (Target("numbers", 1, 4), Target("numbers", 0, 5), Target("numbers", 2, 5, 0))
AHEAD = (Target("forecast", 0), Target("forecast", 2), Target("forecast", 2, None, 0))


@dataclass(frozen=True, eq=False)
class Example:
    """A network, one input, and what is asked about it."""

    network: SequenceNetwork
    encoded: Encoded
    targets: tuple[Target, ...]

    @property
    def outputs(self) -> Outputs:
        """The outputs that are asked about."""
        return Outputs(self.network, self.encoded, tuple(Output(target, str(target)) for target in self.targets))

    @property
    def attends(self) -> bool:
        """Whether it has attention, after the recurrence or inside it."""
        return self.network.attention is not None or self.network.attends_inside


def ids_of(ids: Sequence[int] | Sequence[tuple[int, ...]]) -> Encoded:
    """Tokens of these ids."""
    return Encoded(replace(Tokens.numbered(len(ids)), ids=tuple(ids)))  # type: ignore[arg-type]  # ids are of one kind


def numbers_of(values: np.ndarray) -> Encoded:
    """Steps of these numbers, ``[step, channel]``."""
    return Encoded(Tokens.numbered(len(values)), values=values.astype(np.float32))


def network(inputs: int | tuple[int, ...], outputs: dict[str, int], cell: str, **choices: Any) -> SequenceNetwork:
    """An untrained network with weights large enough that everything it reads matters."""
    torch.manual_seed(4)
    made = SequenceNetwork(Architecture(cell, HIDDEN, **choices), inputs, outputs).eval().requires_grad_(False)
    for parameter in made.parameters():
        parameter.data *= 2.0
    return made


def words(outputs: dict[str, int], targets: tuple[Target, ...], cell: str = "gru", **choices: Any) -> Example:
    """A network that reads tokens."""
    return Example(network((9,), outputs, cell, **{"embedding": 5, **choices}), ids_of(IDS), targets)


def pairs(outputs: dict[str, int], targets: tuple[Target, ...], cell: str = "gru", **choices: Any) -> Example:
    """A network that reads tokens of two columns."""
    return Example(network((9, 6), outputs, cell, embedding=5, features=(2,), **choices), ids_of(PAIRS), targets)


def series(cell: str = "gru", **choices: Any) -> Example:
    """A network that forecasts three steps of the first of two channels."""
    return Example(network(2, {"forecast": 3}, cell, **choices), numbers_of(_drawn(2)), AHEAD)


def frames(outputs: dict[str, int], targets: tuple[Target, ...], cell: str = "gru", **choices: Any) -> Example:
    """A network that reads frames of a signal."""
    return Example(network(3, outputs, cell, **choices), numbers_of(_drawn(3)), targets)


def bases(**choices: Any) -> Example:
    """A network that reads so many letters from both ends and answers for the one in the middle."""
    return words({"answer": 4}, CLASSES, bidirectional=True, positions=STEPS, place=2, **choices)


def _drawn(channels: int) -> np.ndarray:
    return np.random.default_rng(7).normal(size=(STEPS, channels))


@dataclass(frozen=True, eq=False)
class WrittenExample:
    """An encoder-decoder, one source with what is written for it, and what is asked about it."""

    network: Translator
    encoded: Encoded
    targets: tuple[Target, ...]

    @property
    def outputs(self) -> WrittenOutputs:
        """The outputs that are asked about."""
        known = tuple(Output(target, str(target)) for target in self.targets)
        return WrittenOutputs(self.network, self.encoded, known)


def written(cell: str, **choices: Any) -> WrittenExample:
    """An untrained encoder-decoder that writes ``WRITTEN`` for ``IDS``."""
    torch.manual_seed(4)
    made = Translator(TranslatorArchitecture(cell, 5, 6, **choices), 9, 11).eval().requires_grad_(False)
    squashed = all(part.squash != "identity" for part in made.cell.parts)
    for parameter in made.parameters():
        parameter.data *= 2.0 if squashed else 1.2  # where nothing bounds a state, rounding grows with it
    target = replace(Tokens.numbered(len(WRITTEN)), ids=WRITTEN)
    return WrittenExample(made, replace(ids_of(IDS), written=target), TOKENS_WRITTEN)


def _written_by(cell: Described) -> bool:
    """Whether it has gates, a decoder can step it, and no translator of another kind is made of it."""
    return isinstance(cell, Cell) and bool(cell.convention.keeps_past) and cell.convention.key not in ("gru", "lstm")


WRITTEN = (5, 9, 4, 3)
TOKENS_WRITTEN = (Target("written", 5, 0), Target("written", 4, 2), Target("written", 3, 3, 8))
TRANSLATORS = {
    "gru, additive": written("gru", attention="additive", layers=2),
    "gru, dot, one direction": written("gru", attention="dot", bidirectional=False),
    "lstm, heads": written("lstm", attention="multi_head", heads=2),
    "lstm, no attention": written("lstm"),
    **{key: written(key, attention="additive") for key, cell in CELLS.items() if _written_by(cell)},
}

TWO, FOUR = {"answer": 2}, {"answer": 4}
KINDS = {
    "two classes": words(TWO, ANSWER, layers=2),
    "two classes, both directions": words(TWO, ANSWER, "lstm", bidirectional=True, layers=2),
    "two classes, plain": words(TWO, ANSWER, "rnn"),
    "two classes, attention": words(TWO, ANSWER, attention="additive"),
    "two classes, joined": words(TWO, ANSWER, "lstm", attention="concat", readout="concatenated"),
    "two classes, self-attention": words(TWO, ANSWER, "lstm", attention="multi_head", heads=2, readout="pooled"),
    "two classes, attention inside": words(TWO, ANSWER, "attentive_gru"),
    "two classes, multiplied": words(TWO, ANSWER, "multiplied_gru", embedding=HIDDEN),
    "four classes": words(FOUR, CLASSES, "lstm"),
    "four classes, both directions": words(FOUR, CLASSES, bidirectional=True),
    "four classes, fused": words(FOUR, CLASSES, attention="dot", readout="fused"),
    "labels": pairs({"tags": 4, "answer": 4}, LABELS + CLASSES, "lstm", bidirectional=True, channels=5, width=3),
    "labels, one direction": pairs({"tags": 4}, LABELS, channels=5, width=2),
    "labels, attention": pairs({"tags": 4}, LABELS, attention="scaled_dot", readout="concatenated"),
    "labels, attention inside": pairs({"tags": 4}, LABELS, "attentive_rnn"),
    "next token": words({"next_token": 9}, NEXT, "lstm", layers=2),
    "next token, attention": words({"next_token": 9}, NEXT, attention="additive", readout="concatenated"),
    "next token, attention inside": words({"next_token": 9}, NEXT, "attentive_gru"),
    "numbers": words({"numbers": 3}, VALUE, "lstm", layers=2),
    "numbers, both directions": frames({"numbers": 3}, VALUE, bidirectional=True),
    "forecast": series(anchor="last", layers=2),
    "forecast, attention": series("lstm", anchor="both", attention="additive", linear=3),
    "forecast, self-attention": series(anchor="mean", attention="dot", readout="pooled"),
    "bases": bases(attention="additive", channels=5, width=3),
    "bases, joined": bases(attention="dot", readout="concatenated"),
    "bases, self-attention": bases(attention="scaled_dot", readout="pooled"),
    "bases, no attention": bases(),
    "frames": frames(FOUR, CLASSES, channels=5, width=2),
    "frames, attention": frames(FOUR, CLASSES, attention="multi_head", heads=2, channels=5, width=2),
    "frames, two classes": frames(TWO, ANSWER, "lstm", bidirectional=True),
}
ATTENDING = [name for name, example in KINDS.items() if example.attends]
