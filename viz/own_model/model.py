"""A network from a person's own file as one more ``Trained``, which every page and tool takes as it takes others."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core_models.encoded import Encoded, State
from core_models.explain.outputs import Output, Outputs
from core_models.language import mark, say
from core_models.networks.sequence import SequenceNetwork
from core_models.own.begun import begins
from core_models.own.network import Readout, network_of, untrained_like
from core_models.target import Target
from core_models.trace import Trace
from core_models.tracing import cell_of
from pretrained.families.classes.trained import TrainedClassifier
from pretrained.recipe import Recipe, Training
from pretrained.task import Example
from pretrained.trained import Trained
from viz.models import GROUP
from viz.own_model.reading import Numbers, Words


@dataclass(frozen=True, eq=False)
class OwnTask:
    """What a person's own network is asked; see ``pretrained.task.Task``.

    Attributes:
        key: the same for networks that read and answer alike, which can be compared.
        title: on screen.
        kind: ``classes``, or ``numbers`` at every step.
        reads: how input becomes ids or numbers.
        classes: names of the outputs.
        examples: the input that was given with the file.
        bare: whether it has no readout, so that its outputs are its states.
        own_file, own_module: name of the file, and of the recurrence in it.
        own_content: its bytes; empty where they are not kept.
        state: from which the recurrence begins; None for zeros.
    """

    key: str
    title: str
    kind: str
    reads: Numbers | Words
    classes: tuple[str, ...]
    examples: tuple[Example, ...]
    bare: bool = False
    own_file: str = ""
    own_module: str = ""
    own_content: bytes = field(default=b"", repr=False)
    state: State = None
    group: str = GROUP
    limit: int | None = None
    trained: int | None = None
    doubtful: str = ""
    unseen: str = "inputs"
    references: Mapping[str, float] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    named: None = None

    @property
    def medium(self) -> str:
        """What is read."""
        return self.reads.medium

    @property
    def noun(self) -> str:
        """What a step is called."""
        return self.reads.noun

    @property
    def characters(self) -> int:
        """The most characters that the box takes."""
        return self.reads.characters

    @property
    def vocabulary(self) -> int:
        """Words, or numbers of a step."""
        return self.reads.features if isinstance(self.reads, Numbers) else len(self.reads.words)

    @property
    def spellings(self) -> Sequence[str]:
        """How each id is typed, by id; "" for signs of the vocabulary; none where numbers are read."""
        words = () if isinstance(self.reads, Numbers) else self.reads.words
        return ["" if word[:1] in "<[" and len(word) > 1 else word.strip() for word in words]

    def name(self, label: str) -> str:
        """An output in words."""
        return label

    called = name

    def encode(self, text: str, content: Any = None) -> Encoded:
        """What a person gave, as the network reads it; raises ``InputError``."""
        return replace(self.reads.encode(text), state=self.state)


@dataclass(frozen=True)
class OwnNumbers(Trained):
    """A network that gives numbers at every step."""

    def outputs(self, encoded: Encoded, trace: Trace) -> Outputs:
        """Every number where its direction has read all: at the last step, or for a backward state at the first."""
        units, network = self.network.architecture.hidden, self.network
        plain = network.rnn.bidirectional and len(self.task.classes) == 2 * units
        places = [0 if plain and index >= units else len(encoded) - 1 for index in range(len(self.task.classes))]
        known = tuple(
            Output(Target("numbers", index, step), name)
            for index, (name, step) in enumerate(zip(self.task.classes, places, strict=True))
        )
        return Outputs(network, encoded, known, what=mark("a number"))

    @torch.inference_mode()
    def predict(self, batch: Sequence[Encoded]) -> list[NDArray]:
        """Numbers at every step, ``[step, number]``, for each input."""
        sequences, lengths = self.padded(batch)
        found = self.network(sequences, lengths)["numbers"].cpu().numpy()
        return [rows[:length] for rows, length in zip(found, lengths.tolist(), strict=True)]

    @cached_property
    def twin(self) -> Trained:
        """The same with fresh weights."""
        return replace(self, network=untrained_like(self.network))


@dataclass(frozen=True)
class OwnClassifier(TrainedClassifier):
    """A network that names the class of a sequence."""

    @cached_property
    def twin(self) -> Trained:
        """The same with fresh weights."""
        return replace(self, network=untrained_like(self.network))


@dataclass(frozen=True, eq=False)
class Parts:
    """What a model is made of.

    Attributes:
        file: name of the file.
        name: of the recurrence in it.
        module: the recurrence.
        reads: how input is read.
        vectors: of words; None where numbers are read.
        readout: None for none.
        names: of the outputs; numbered where there are too few.
        checksum: sha256 of the file.
        content: its bytes; empty where they are not kept.
    """

    file: str
    name: str
    module: nn.Module
    reads: Numbers | Words
    vectors: Tensor | None = None
    readout: Readout | None = None
    names: tuple[str, ...] = ()
    checksum: str = ""
    content: bytes = b""


def build(parts: Parts, key: str, text: str) -> Trained:
    """The model.

    Args:
        parts: what it is made of.
        key: its name in this session.
        text: the input that it opens with.

    Raises:
        OwnError: if the parts do not fit each other.
    """
    vectors, unknown = parts.vectors, 0
    if isinstance(parts.reads, Words):
        unknown = parts.reads.unknown
        if vectors is not None and unknown == len(vectors):
            vectors = torch.cat([vectors.float(), torch.zeros(1, vectors.shape[1])])
    network = network_of(parts.module, embedding=vectors, unknown=unknown, readout=parts.readout)
    classes, kind = _names(parts, network), "classes" if parts.readout and parts.readout.classes else "numbers"
    told = say("{name} ({place})", name=parts.name or parts.file, place=say(cell_of(network.rnn).convention.name))
    alike = hashlib.sha256("\n".join((kind, *classes, *getattr(parts.reads, "words", ()))).encode()).hexdigest()[:8]
    task = OwnTask(
        f"own-{parts.reads.medium}-{network.input.size}-{alike}", _asked(parts.reads, kind, classes), kind,
        parts.reads, classes,
        (Example(say("Your input"), text),),
        bare=parts.readout is None, own_file=parts.file, own_module=parts.name, own_content=parts.content,
        state=begins(network.rnn),
    )  # fmt: skip
    made = OwnClassifier if kind == "classes" else OwnNumbers
    return made(_recipe(parts, network, key, told, task.key), task, network)  # type: ignore[arg-type]  # a task of one's own is no shipped one


def _asked(reads: Numbers | Words, kind: str, classes: tuple[str, ...]) -> str:
    """What a network is asked, as a title."""
    if isinstance(reads, Numbers):
        known = {"n": reads.features, "count": len(classes)}
        if kind == "classes":
            return say("{n} numbers a step to {count} classes", **known)
        return say("{n} numbers a step to {count} numbers", **known)
    if kind == "classes":
        return say("{noun}s to {count} classes", noun=say(reads.noun), count=len(classes))
    return say("{noun}s to {count} numbers", noun=say(reads.noun), count=len(classes))


def _names(parts: Parts, network: SequenceNetwork) -> tuple[str, ...]:
    count = parts.readout.count if parts.readout else network.architecture.units
    word = "class" if parts.readout and parts.readout.classes else "output" if parts.readout else "unit"
    numbered = [f"{word} {index + (word != 'unit')}" for index in range(count)]
    return (*parts.names[:count], *numbered[len(parts.names) :])


def _recipe(parts: Parts, network: SequenceNetwork, key: str, title: str, task: str) -> Recipe:
    architecture, count = network.architecture, sum(values.numel() for values in network.rnn.parameters())
    return Recipe(
        key=key, title=title, task=task, order=0, training=Training(seed=0, epochs=0), seeds={},
        weights={"sha256": parts.checksum},
        summary=say("Read from {file} in this session; it is stored nowhere, and gone when the page is closed.",
                    file=parts.file),
        architecture={"cell": architecture.cell, "hidden": architecture.hidden, "layers": architecture.layers,
                      "bidirectional": architecture.bidirectional},
        scores={"parameters": count},
    )  # fmt: skip
