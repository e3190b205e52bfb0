"""What taggers learn from and are scored by: the splits of a task, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from core_models.networks.sequence import SequenceNetwork
from pretrained.data.buckets import batches_by_length
from pretrained.data.intervals import wilson_interval
from pretrained.data.spans import span_score
from pretrained.families.family import Corpus
from pretrained.kinds.labels import Labelled, TagTask

IGNORED = -100
"""Label of a token that is not scored: padding, or one that nobody labelled."""

BUCKET = 50
"""Batches sorted by length together, so that little padding is computed."""

AT_ONCE = 64
"""Sequences scored in one call."""


@dataclass(frozen=True)
class TagBatch:
    """Padded ids ``[batch, step, column]``, lengths ``[batch]``, labels ``[batch, step]`` and classes ``[batch]``."""

    ids: Tensor
    lengths: Tensor
    tags: Tensor
    classes: Tensor


@dataclass(frozen=True)
class TagCorpus(Corpus):
    """The splits of a labelling task."""

    task: TagTask

    @cached_property
    def training(self) -> list[Labelled]:
        """Training sequences, the longest cut."""
        most = self.task.trained
        items = self.task.items(self.folder, "train")
        return [Labelled(item.tokens[:most], item.tags[:most], item.label) for item in items]

    def training_batches(self, size: int, generator: torch.Generator) -> Iterator[TagBatch]:
        """One epoch: sequences shuffled, then sorted by length within ``BUCKET`` batches, then batches shuffled."""
        order = torch.randperm(len(self.training), generator=generator).tolist()
        batches = batches_by_length(order, size, BUCKET, lambda index: len(self.training[index].tokens))
        for index in torch.randperm(len(batches), generator=generator).tolist():
            yield self.batch([self.training[item] for item in batches[index]])

    def batch(self, items: Sequence[Labelled]) -> TagBatch:
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

    @torch.no_grad()
    def measure(self, network: SequenceNetwork, split: str) -> dict[str, Any]:
        """Everything that is measured on a split, the headline first."""
        task, items = self.task, sorted(self.task.items(self.folder, split), key=lambda item: len(item.tokens))
        given: list[list[str]] = []
        answers: list[str] = []
        loss = 0.0
        for start in range(0, len(items), AT_ONCE):
            batch = self.batch(items[start : start + AT_ONCE])
            found = network(batch.ids.to(next(network.parameters()).device), batch.lengths)
            tags, answer = found["tags"], found.get("answer")
            chance = torch.softmax(tags.double(), dim=-1).cpu()
            loss -= float(_right(chance, batch.tags).log().sum())
            rows = zip(chance, batch.lengths.tolist(), strict=True)
            given += [task.choose(row[:length].numpy()) for row, length in rows]
            answers += [] if answer is None else [task.classes[index] for index in answer.argmax(dim=1).tolist()]
        return self._summarise(items, given, answers, loss)

    def _summarise(
        self, items: Sequence[Labelled], given: list[list[str]], answers: list[str], loss: float
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
