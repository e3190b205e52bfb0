"""Tasks that turn one sequence into another: their reading, their data, their batches."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from core_models.networks.decoding import Search, search, write_all
from core_models.networks.translator import BEGIN, Translator
from core_models.trace import Tokens
from pretrained.data.buckets import batches_by_length
from pretrained.data.checksums import verify_files
from pretrained.data.copies import fill, hide
from pretrained.data.padding import padded
from pretrained.families.translator import TRANSLATOR, predict
from pretrained.family import Family
from pretrained.side import Side
from pretrained.task import Example, InputError, Reading, Score

BUCKET = 100
"""Batches sorted by length together, so that little padding is computed."""


@dataclass(frozen=True)
class Pair:
    """A source and every target that counts as right."""

    source: str
    references: tuple[str, ...]


@dataclass(frozen=True)
class Length:
    """What lengths of sources are counted in, and the longest of the training pairs where the others go beyond it."""

    unit: str
    trained: int | None = None


@dataclass(frozen=True)
class PairBatch:
    """Padded sources ``[batch, key]``, their lengths ``[batch]``, and targets from ``BEGIN`` to ``END``."""

    sources: Tensor
    lengths: Tensor
    targets: Tensor


def copy_nothing(source: str) -> Mapping[str, str]:
    """For tasks whose targets are written by the network alone."""
    return {}


def remark_nothing(source: str) -> tuple[str, ...]:
    """For tasks that have nothing to say about a source that can be read."""
    return ()


Measure = Callable[[Sequence[str], Sequence[Pair]], dict[str, Any]]


@dataclass(frozen=True)
class PairTask:
    """A task that turns one sequence into another.

    Attributes:
        key: short name, used in recipes.
        title: name on screen.
        question: what to type, for an empty input.
        source, target: how either side becomes ids.
        pairs: the pairs of a split (``train``, ``dev`` or ``test``) from the folder of the data.
        measure: scores of outputs against pairs, by name; a name that ends in ``signature`` says how it was computed.
        files: sha256 of every data file, by name below the folder; empty for a task that makes its own data.
        examples: inputs worth looking at; the first is what the page opens with.
        search: how an answer is searched for where nothing else is said; what the scores were computed with.
        limit: the most source tokens that are read.
        trained: the most source tokens of a training pair, the end included, where it is known.
        pieces_per_word: number of source tokens a word or mark above which a text is unlike those of the training, as
            another language is; None where tokens are not pieces of words.
        longest: the most target tokens that are written.
        characters: the most characters that are read.
        builds: functions that build the shipped tokenizers anew from the folder of the data.
        copied: the words of a source that are repeated as they stand, by the sign that is written in their place.
        remarks: sentences about a source that can be read but is unlike those of the training.
        said: for places in a source, whether a target speaks of what stands there; None where that cannot be checked.
        length: what the length of a source is counted in, where scores are told apart by it.
    """

    key: str
    title: str
    question: str
    source: Side
    target: Side
    pairs: Callable[[Path, str], list[Pair]]
    measure: Measure
    examples: tuple[Example, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    search: Search = field(default_factory=Search)
    limit: int = 60
    trained: int | None = None
    pieces_per_word: float | None = None
    longest: int = 80
    characters: int = 1000
    builds: tuple[Callable[[Path], None], ...] = ()
    copied: Callable[[str], Mapping[str, str]] = copy_nothing
    remarks: Callable[[str], tuple[str, ...]] = remark_nothing
    said: Callable[[str, str], Mapping[int, bool]] | None = None
    length: Length = Length("words")
    family: Family = TRANSLATOR

    def aim(self, source: str, text: str) -> list[int]:
        """Ids of a target for ``source``, the end included."""
        return self.target.ids(hide(text, self.copied(source)))

    def spell(self, source: str, ids: Iterable[int]) -> str:
        """The target for ``source`` that ids spell."""
        return fill(self.target.text(ids), self.copied(source))

    def label(self, source: str, index: int) -> str:
        """One token of the target for ``source``, as a page shows it."""
        return fill(self.target.label(index), self.copied(source))

    def read(self, text: str) -> Reading:
        """The person's text as source tokens, the end included.

        Raises:
            InputError: if there is nothing that can be read.
        """
        notices: list[str] = []
        if len(text) > self.characters:
            text = text[: self.characters]
            notices.append(f"Only the first {self.characters:,} characters are read; the rest was left out.")
        ids, tokens = self.source.tokens(text)
        if len(ids) == 1 or not text.strip():
            raise InputError(f"There is nothing to read yet: {self.question}")
        notices += self.remarks(text)
        if len(ids) > self.limit:
            count, kept = len(ids), self.limit - 1
            notices.append(f"Only the first {kept} of {count - 1:,} tokens are read; shorten the text to see its end.")
            ids = (*ids[:kept], ids[-1])
            labels, spans = (*tokens.labels[:kept], tokens.labels[-1]), (*tokens.spans[:kept], tokens.spans[-1])
            tokens = Tokens(labels, text, spans, (*tokens.known[:kept], tokens.known[-1]))
        return Reading(tokens, ids, tuple(notices))

    def corpus(self, folder: Path, sentence_weight: float = 1.0) -> PairCorpus:
        """The task's data in a local copy."""
        return PairCorpus(self, folder)


@dataclass(frozen=True)
class PairCorpus:
    """The splits of a pair task, read from ``folder``."""

    task: PairTask
    folder: Path

    def verify(self) -> None:
        """Check every file against its recorded checksum.

        Raises:
            DataError: if a file is missing or differs.
        """
        verify_files(self.folder, self.task.files)

    @cached_property
    def training(self) -> list[tuple[list[int], list[int]]]:
        """Source and target ids of every training pair; a source with several references counts once for each."""
        task, found = self.task, []
        for pair in task.pairs(self.folder, "train"):
            source = task.source.ids(pair.source)
            if len(source) <= task.limit:
                found += [(source, [BEGIN, *task.aim(pair.source, text)]) for text in pair.references]
        return found

    def training_count(self, size: int) -> int:
        """Number of batches in an epoch."""
        return -(-len(self.training) // size)

    def training_batches(self, size: int, generator: torch.Generator) -> Iterator[PairBatch]:
        """One epoch: pairs shuffled, sorted by length within buckets, batches shuffled."""
        pairs = self.training
        order = torch.randperm(len(pairs), generator=generator).tolist()
        batches = batches_by_length(order, size, BUCKET, lambda index: (len(pairs[index][1]), len(pairs[index][0])))
        for position in torch.randperm(len(batches), generator=generator).tolist():
            yield _batch([pairs[index] for index in batches[position]])

    def evaluate(self, network: Translator, split: str) -> Score:
        """Share of next tokens that are right under teacher forcing, their number, and the loss in nats a token."""
        task = self.task
        pairs = [
            (task.source.ids(pair.source), [BEGIN, *task.aim(pair.source, pair.references[0])])
            for pair in task.pairs(self.folder, split)
        ]
        right, count, loss = 0, 0, 0.0
        device = next(network.parameters()).device
        with torch.no_grad():
            for start in range(0, len(pairs), 128):
                batch = _batch(pairs[start : start + 128])
                targets = batch.targets.to(device)
                logits, wanted = predict(
                    network, batch.sources.to(device), batch.lengths, targets[:, :-1], targets[:, 1:]
                )
                right += int((logits.argmax(-1) == wanted).sum())
                loss += float(cross_entropy(logits, wanted, reduction="sum"))
                count += len(wanted)
        return Score(right / count, count, loss / count)

    def outputs(self, network: Translator, pairs: Sequence[Pair]) -> list[str]:
        """What the network makes of every source, searched for as the task says."""
        task = self.task
        sources = [task.source.ids(pair.source)[: task.limit] for pair in pairs]
        if task.search.width == 1:
            parts = [sources[start : start + 128] for start in range(0, len(sources), 128)]
            written = [ids for part in parts for ids in write_all(network, part, longest=task.longest)]
        else:
            written = [search(network, ids, task.search, longest=task.longest).best.ids for ids in sources]
        return [task.spell(pair.source, ids) for pair, ids in zip(pairs, written, strict=True)]

    def measures(self, network: Translator) -> dict[str, Any]:
        """Scores on dev and test, by name."""
        found: dict[str, Any] = {}
        for split in ("dev", "test"):
            pairs = self.task.pairs(self.folder, split)
            measured = self.task.measure(self.outputs(network, pairs), pairs)
            found |= {f"{split}_{name}": value for name, value in measured.items()}
        return found


def _batch(pairs: Sequence[tuple[list[int], list[int]]]) -> PairBatch:
    sources, lengths = padded([source for source, _ in pairs])
    return PairBatch(sources, lengths, padded([target for _, target in pairs])[0])


def rows_of(path: Path) -> list[list[str]]:
    """Rows of a gzipped tab-separated file below its header."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines][1:]


def grouped(rows: Sequence[tuple[str, str]]) -> list[Pair]:
    """Pairs with all references of one source together, in the order in which sources come first."""
    found: dict[str, dict[str, None]] = {}
    for source, reference in rows:
        found.setdefault(source, {})[reference] = None
    return [Pair(source, tuple(references)) for source, references in found.items()]
