"""What encoder-decoders learn from and are scored by: pairs of sequences, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from core_models.networks.decoding import search, write_all
from core_models.networks.translator import BEGIN, PADDING, Translator
from pretrained.data.buckets import batches_by_length
from pretrained.data.padding import padded
from pretrained.data.text.pairs import Pair
from pretrained.families.family import Corpus, Score
from pretrained.kinds.translation import PairTask

BUCKET = 100
"""Batches sorted by length together, so that little padding is computed."""


@dataclass(frozen=True)
class PairBatch:
    """Padded sources ``[batch, key]``, their lengths ``[batch]``, and targets from ``BEGIN`` to ``END``."""

    sources: Tensor
    lengths: Tensor
    targets: Tensor


@dataclass(frozen=True)
class PairCorpus(Corpus):
    """The splits of a task that turns one sequence into another."""

    task: PairTask

    @cached_property
    def training(self) -> list[tuple[list[int], list[int]]]:
        """Source and target ids of every training pair; a source with several references counts once for each."""
        task, found = self.task, []
        for pair in task.pairs(self.folder, "train"):
            source = task.source.ids(pair.source)
            if len(source) <= task.limit:
                found += [(source, [BEGIN, *task.aim(pair.source, text)]) for text in pair.references]
        return found

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

    def measure(self, network: Translator, split: str) -> dict[str, Any]:
        """Scores of what the network writes on a split, by name, and of what simple methods write."""
        task, pairs = self.task, self.task.pairs(self.folder, split)
        found = task.measure(self.outputs(network, pairs), pairs)
        if task.floors:
            learned = task.pairs(self.folder, "train")
            found["floors"] = {
                name: task.measure(floor.write(learned, pairs), pairs) for name, floor in task.floors.items()
            }
        return found


def _batch(pairs: Sequence[tuple[list[int], list[int]]]) -> PairBatch:
    sources, lengths = padded([source for source, _ in pairs])
    return PairBatch(sources, lengths, padded([target for _, target in pairs])[0])


def predict(
    network: Translator, sources: Tensor, lengths: Tensor, read: Tensor, wanted: Tensor, *, half: bool = False
) -> tuple[Tensor, Tensor]:
    """Logits ``[token, target id]`` and wanted ids ``[token]`` of a batch under teacher forcing, without padding."""
    inside = wanted != PADDING
    summary = network(sources, lengths, read)[inside]
    with torch.autocast(summary.device.type, torch.bfloat16, enabled=half):
        logits = network.logits(summary)
    return logits, wanted[inside]
