"""Tasks that label every token: how input is split and read, the labels, the data, and how well a network does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.utils.rnn import pad_sequence

from core_models.networks.tagger import SequenceTagger, best_path
from core_models.trace import Tokens
from pretrained.data.buckets import batches_by_length
from pretrained.data.checksums import verify_files
from pretrained.data.intervals import wilson_interval
from pretrained.data.spans import span_score
from pretrained.families.tagger import IGNORED, TAGGER, UNKNOWN_ID, TagBatch
from pretrained.family import Family
from pretrained.shipped import read_json
from pretrained.task import InputError, Reading, Score

BUCKET = 50
"""Batches sorted by length together, so that little padding is computed."""

AT_ONCE = 64
"""Sequences scored in one call."""


@dataclass(frozen=True)
class Column:
    """One thing that is read off every token: its name, and how it is spelt."""

    name: str
    spell: Callable[[str], str]


@dataclass(frozen=True)
class Item:
    """One labelled sequence.

    Attributes:
        tokens: as they stand in the data.
        tags: one label a token; None where nobody labelled it.
        label: of the whole sequence; "" where the task has none.
    """

    tokens: tuple[str, ...]
    tags: tuple[str | None, ...]
    label: str = ""


@dataclass(frozen=True)
class TagExample:
    """An input worth looking at, and why; with right labels, parted by blanks, where they are known."""

    title: str
    text: str
    why: str
    gold: str = ""
    label: str = ""


@dataclass(frozen=True)
class TagTask:
    """One labelling task.

    Attributes:
        key: short name, used in recipes.
        title: name on screen.
        ask: label of the box in which a person types.
        question: what to type, for an empty input.
        vocabulary_file: ids of every column, labels and classes; written by ``pretrained.data.tag_vocabulary``.
        columns: what is read off every token, the token itself first.
        split: start and end of every token of a text.
        items: sequences of a split from the folder of the data.
        files: sha256 of every data file, by name below the folder.
        names: labels and classes in words.
        colors: colour of some labels, where they have one by custom.
        examples: inputs worth looking at; the first is what the page opens with.
        references: headline score of simpler or larger models on the same test split, by name.
        headline: name of that score.
        splits: the splits that are scored, dev first.
        chained: whether labels are B-x, I-x and O, so that some cannot follow others.
        trained: tokens of the longest training sequence that is kept.
        limit: the most tokens that are read.
        characters: the most characters that the box takes.
        prepare: what is done to a person's text before it is split; it may refuse by ``InputError``.
        letters, doubtful: of what its sequences consist, where it reads FASTA; see ``RecognitionTask``.
    """

    key: str
    title: str
    ask: str
    question: str
    vocabulary_file: Path
    columns: tuple[Column, ...]
    split: Callable[[str], list[tuple[int, int]]]
    items: Callable[[Path, str], list[Item]]
    files: Mapping[str, str]
    names: Mapping[str, str]
    examples: tuple[TagExample, ...]
    references: dict[str, float]
    headline: str
    colors: Mapping[str, str] = field(default_factory=dict)
    splits: tuple[str, ...] = ("dev", "test")
    chained: bool = False
    trained: int = 200
    limit: int = 256
    characters: int = 4000
    prepare: Callable[[str], str] = str
    letters: str = ""
    doubtful: str = ""
    family: Family = TAGGER

    @cached_property
    def _vocabulary(self) -> dict[str, Any]:
        return read_json(self.vocabulary_file)

    @cached_property
    def _ids(self) -> list[dict[str, int]]:
        """Id of every spelling of each column; 0 is padding and 1 whatever is unknown."""
        found = self._vocabulary["columns"]
        return [{spelling: at for at, spelling in enumerate(found[column.name], start=2)} for column in self.columns]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of ids of each column."""
        return tuple(len(ids) + 2 for ids in self._ids)

    @property
    def tags(self) -> tuple[str, ...]:
        """Every label of a token, in the order of the network's outputs."""
        return tuple(self._vocabulary["tags"])

    @property
    def classes(self) -> tuple[str, ...]:
        """Every label of a sequence, in the order of the network's outputs; none where the task has none."""
        return tuple(self._vocabulary["classes"])

    def name(self, label: str) -> str:
        """A label or class in words."""
        return self.names.get(label, label)

    def ids(self, tokens: Sequence[str]) -> list[list[int]]:
        """Ids of tokens, ``[step][column]``."""
        pairs = list(zip(self.columns, self._ids, strict=True))
        return [[known.get(column.spell(token), UNKNOWN_ID) for column, known in pairs] for token in tokens]

    def read(self, text: str) -> Reading:
        """The person's text as tokens.

        Raises:
            InputError: if there is nothing that can be read.
        """
        text, notices = self.prepare(text), []
        if len(text) > self.characters:
            text = text[: self.characters]
            notices.append(f"Only the first {self.characters:,} characters are read; the rest was left out.")
        spans = self.split(text)
        if not spans:
            raise InputError(f"There is nothing to read yet: {self.question}")
        if len(spans) > self.limit:
            notices.append(f"Only the first {self.limit} of {len(spans):,} tokens are read; shorten the text.")
            spans = spans[: self.limit]
        labels = tuple(text[start:end] for start, end in spans)
        ids = self.ids(labels)
        known = tuple(row[0] != UNKNOWN_ID for row in ids)
        return Reading(Tokens(labels, text, tuple(spans), known), tuple(map(tuple, ids)), tuple(notices))  # type: ignore[arg-type]

    @cached_property
    def order(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether a label (row) may be followed by another (column), and whether a sequence may begin with it."""
        count = len(self.tags)
        allowed, begins = np.ones((count, count), dtype=bool), np.ones(count, dtype=bool)
        for column, tag in enumerate(self.tags if self.chained else ()):
            if tag.startswith("I-"):
                begins[column] = False
                allowed[:, column] = [before in (f"B-{tag[2:]}", tag) for before in self.tags]
        return allowed, begins

    def choose(self, probability: NDArray[np.floating]) -> list[str]:
        """The labels ``[step]`` that are given, from the probability of each ``[step, tag]``."""
        path = best_path(probability, *self.order) if self.chained else probability.argmax(axis=1)
        return [self.tags[index] for index in path.tolist()]

    def corpus(self, folder: Path, sentence_weight: float = 1.0) -> TagCorpus:
        """The task's data in a local copy."""
        return TagCorpus(self, folder)


@dataclass(frozen=True)
class TagCorpus:
    """The splits of a labelling task, read from ``folder``."""

    task: TagTask
    folder: Path

    def verify(self) -> None:
        """Check every file against its recorded checksum.

        Raises:
            DataError: if a file is missing or differs.
        """
        verify_files(self.folder, self.task.files)

    @cached_property
    def training(self) -> list[Item]:
        """Training sequences, the longest cut."""
        most = self.task.trained
        items = self.task.items(self.folder, "train")
        return [Item(item.tokens[:most], item.tags[:most], item.label) for item in items]

    def training_count(self, size: int) -> int:
        """Number of batches in an epoch."""
        return -(-len(self.training) // size)

    def training_batches(self, size: int, generator: torch.Generator) -> Iterator[TagBatch]:
        """One epoch: sequences shuffled, then sorted by length within ``BUCKET`` batches, then batches shuffled."""
        order = torch.randperm(len(self.training), generator=generator).tolist()
        batches = batches_by_length(order, size, BUCKET, lambda index: len(self.training[index].tokens))
        for index in torch.randperm(len(batches), generator=generator).tolist():
            yield self.batch([self.training[item] for item in batches[index]])

    def batch(self, items: Sequence[Item]) -> TagBatch:
        """Sequences side by side, padded; labels that the network has no output for are not scored."""
        task = self.task
        number, kind = ({name: at for at, name in enumerate(names)} for names in (task.tags, task.classes))
        ids = [torch.tensor(task.ids(item.tokens)) for item in items]
        tags = [torch.tensor([number.get(tag or "", IGNORED) for tag in item.tags]) for item in items]
        return TagBatch(
            ids=pad_sequence(ids, batch_first=True),
            lengths=torch.tensor([len(row) for row in ids]),
            tags=pad_sequence(tags, batch_first=True, padding_value=IGNORED),
            classes=torch.tensor([kind.get(item.label, IGNORED) for item in items]),
        )

    def evaluate(self, network: SequenceTagger, split: str) -> Score:
        """Share of labels that are right."""
        found = self.measure(network, split)
        return Score(found["accuracy"], found["count"], found["loss"])

    @torch.no_grad()
    def measure(self, network: SequenceTagger, split: str) -> dict[str, Any]:
        """Everything that is measured on a split, the headline first."""
        task, items = self.task, sorted(self.task.items(self.folder, split), key=lambda item: len(item.tokens))
        given: list[list[str]] = []
        answers: list[str] = []
        loss = 0.0
        for start in range(0, len(items), AT_ONCE):
            batch = self.batch(items[start : start + AT_ONCE])
            tags, answer = network(batch.ids.to(next(network.parameters()).device), batch.lengths)
            chance = torch.softmax(tags.double(), dim=-1).cpu()
            loss -= float(_right(chance, batch.tags).log().sum())
            rows = zip(chance, batch.lengths.tolist(), strict=True)
            given += [task.choose(row[:length].numpy()) for row, length in rows]
            answers += [] if answer is None else [task.classes[index] for index in answer.argmax(dim=1).tolist()]
        return self._summarise(items, given, answers, loss)

    def _summarise(
        self, items: Sequence[Item], given: list[list[str]], answers: list[str], loss: float
    ) -> dict[str, Any]:
        pairs = [(tag, mine) for item, row in zip(items, given, strict=True)
                 for tag, mine in zip(item.tags, row, strict=True) if tag is not None]  # fmt: skip
        accuracy = sum(tag == mine for tag, mine in pairs) / len(pairs)
        found: dict[str, Any] = {}
        if self.task.chained:
            precision, recall, f1 = span_score([item.tags for item in items], given)
            found |= {"f1": round(f1, 4), "precision": round(precision, 4), "recall": round(recall, 4)}
        found |= {
            "accuracy": round(accuracy, 4),
            "count": len(pairs),
            "interval": [round(bound, 4) for bound in wilson_interval(accuracy, len(pairs))],
            "loss": round(loss / len(pairs), 4),
        }
        if answers:
            named = [item.label == answer for item, answer in zip(items, answers, strict=True)]
            whole = [right and _agree(item.tags, row) for right, item, row in zip(named, items, given, strict=True)]
            found |= {"class_accuracy": round(sum(named) / len(items), 4), "class_count": len(items)}
            found |= {"whole_accuracy": round(sum(whole) / len(items), 4)}
        return found


def _agree(tags: Sequence[str | None], given: Sequence[str]) -> bool:
    """Whether every token that has a right label was given it."""
    return all(tag in (None, mine) for tag, mine in zip(tags, given, strict=True))


def _right(chance: torch.Tensor, tags: torch.Tensor) -> torch.Tensor:
    """Probability of every scored label, ``[label]``."""
    scored = tags != IGNORED
    return chance.gather(-1, tags.clamp(min=0)[..., None])[..., 0][scored].clamp(min=1e-30)
