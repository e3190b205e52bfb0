"""Tasks that name the class of a whole sequence, of letters or of sound: how it is read, the data, and the scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

from core_models.networks.recogniser import SequenceRecogniser
from pretrained.data.buckets import batches_by_length
from pretrained.data.checksums import verify_files
from pretrained.data.intervals import wilson_interval
from pretrained.families.recogniser import RECOGNISER, RecognitionBatch
from pretrained.family import Family
from pretrained.task import Example, Reading, Score

BUCKET = 8
"""Batches sorted by length together, so that little padding is computed."""

AT_ONCE = 64
"""Sequences scored in one call."""


@dataclass(frozen=True, eq=False)
class Item:
    """One sequence of the data.

    Attributes:
        content: as it stands in the data, such as letters or samples of sound.
        label: its class.
        group: what sequences have in common that a network should do without, such as their speaker.
    """

    content: Any
    label: str
    group: str = ""


@dataclass(frozen=True)
class RecognitionTask:
    """One question about whole sequences that has one of several answers.

    Attributes:
        key: short name, used in recipes.
        title: name on screen.
        classes: the answers, in the order of the network's outputs.
        names: answers in words.
        inputs: number of token ids, or of numbers in a frame.
        items: sequences of a split from the folder of the data.
        encode: ids ``[step]`` or frames ``[step, channel]`` of an item's content.
        vary: the same of an item as it might also have been, for training.
        reader: reads what a person gave, text and content; it may refuse by ``InputError``.
        files: sha256 of every data file, by name below the folder.
        examples: inputs worth looking at; the first is what the page opens with.
        references: test accuracy of simpler methods on the same split, by name.
        characters: the most characters that a box takes; 0 where sequences are recordings.
        letters: of what its sequences consist, where it reads FASTA.
        doubtful: letters for what is not known exactly, of which no sequence mainly consists.
    """

    key: str
    title: str
    classes: tuple[str, ...]
    names: Mapping[str, str]
    inputs: int
    items: Callable[[Path, str], Sequence[Item]]
    encode: Callable[[Any], NDArray[Any]]
    vary: Callable[[Any, np.random.Generator], NDArray[Any]]
    reader: Callable[[str, Any], Reading]
    files: Mapping[str, str]
    examples: tuple[Example, ...]
    references: dict[str, float]
    characters: int = 0
    letters: str = ""
    doubtful: str = ""
    family: Family = RECOGNISER

    def name(self, label: str) -> str:
        """A class in words."""
        return self.names.get(label, label)

    def read(self, text: str, content: Any = None) -> Reading:
        """What a person gave, as the network will see it; see ``pretrained.task.Given``.

        Raises:
            InputError: if it cannot be read.
        """
        return self.reader(text, content)

    def corpus(self, folder: Path, sentence_weight: float = 1.0) -> RecognitionCorpus:
        """The task's data in a local copy."""
        return RecognitionCorpus(self, folder)


@dataclass(frozen=True)
class RecognitionCorpus:
    """The splits of a recognition task, read from ``folder``."""

    task: RecognitionTask
    folder: Path

    def verify(self) -> None:
        """Check every file against its recorded checksum; raises ``DataError``."""
        verify_files(self.folder, self.task.files)

    @cached_property
    def training(self) -> Sequence[Item]:
        """Training sequences."""
        return self.task.items(self.folder, "train")

    def training_count(self, size: int) -> int:
        """Number of batches in an epoch."""
        return -(-len(self.training) // size)

    def training_batches(self, size: int, generator: torch.Generator) -> Iterator[RecognitionBatch]:
        """One epoch in an order drawn from ``generator``, every sequence varied anew, those of a length together."""
        order = torch.randperm(len(self.training), generator=generator).tolist()
        draw = np.random.default_rng(int(torch.randint(2**31, (), generator=generator)))
        batches = batches_by_length(order, size, BUCKET, lambda index: len(self.training[index].content))
        for index in torch.randperm(len(batches), generator=generator).tolist():
            items = [self.training[item] for item in batches[index]]
            yield self._batch(items, [self.task.vary(item.content, draw) for item in items])

    def _batch(self, items: Sequence[Item], sequences: Sequence[NDArray[Any]]) -> RecognitionBatch:
        place = {name: index for index, name in enumerate(self.task.classes)}
        rows = [torch.from_numpy(sequence) for sequence in sequences]
        return RecognitionBatch(
            sequences=pad_sequence(rows, batch_first=True),
            lengths=torch.tensor([len(row) for row in rows]),
            classes=torch.tensor([place[item.label] for item in items]),
        )

    def evaluate(self, network: SequenceRecogniser, split: str) -> Score:
        """Share of sequences that are recognised."""
        found = self.measure(network, split)
        return Score(found["accuracy"], found["count"], found["loss"])

    def measure(self, network: SequenceRecogniser, split: str) -> dict[str, Any]:
        """Accuracy on a split with its interval, count and loss in nats."""
        items = sorted(self.task.items(self.folder, split), key=lambda item: len(item.content))
        logits, right = self.answers(network, items)
        accuracy = float((logits.argmax(1) == right).double().mean())
        return {
            "accuracy": round(accuracy, 4),
            "count": len(items),
            "interval": [round(bound, 4) for bound in wilson_interval(accuracy, len(items))],
            "loss": round(float(cross_entropy(logits.double(), right)), 4),
        }

    @torch.no_grad()
    def answers(self, network: SequenceRecogniser, items: Sequence[Item]) -> tuple[Tensor, Tensor]:
        """Logits ``[sequence, class]`` and right classes ``[sequence]`` of some sequences."""
        device, found = next(network.parameters()).device, []
        for start in range(0, len(items), AT_ONCE):
            some = items[start : start + AT_ONCE]
            batch = self._batch(some, [self.task.encode(item.content) for item in some])
            found.append((network(batch.sequences.to(device), batch.lengths).cpu(), batch.classes))
        return torch.cat([logits for logits, _ in found]), torch.cat([right for _, right in found])
