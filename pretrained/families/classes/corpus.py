"""What networks that name the class of a sequence learn from and are scored by: the splits of a task, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

from pretrained.data.buckets import batches_by_length
from pretrained.data.intervals import wilson_interval
from pretrained.families.family import Corpus
from pretrained.kinds.classes import ClassTask, Sample

BUCKET, VARIED_BUCKET = 50, 8
"""Batches sorted by length together, so that little padding is computed. Where sequences are varied, their lengths are
no longer those they are sorted by, and sorting many gains little."""

AT_ONCE = 64
"""Sequences scored in one call."""


@dataclass(frozen=True)
class ClassBatch:
    """Sequences of a batch, padded.

    Attributes:
        sequences: ids ``[batch, step]`` or frames ``[batch, step, channel]``.
        lengths: ``[batch]``.
        targets: numbers of the classes ``[batch]``, or aimed-at probabilities of the second of two.
        whole: which are whole inputs and not parts of one, ``[batch]``.
    """

    sequences: Tensor
    lengths: Tensor
    targets: Tensor
    whole: Tensor


@dataclass(frozen=True)
class ClassCorpus(Corpus):
    """The splits of a task whose answers are classes."""

    task: ClassTask

    @cached_property
    def training(self) -> Sequence[Sample]:
        """Training sequences."""
        return self.task.samples(self.folder, "train")

    def training_batches(self, size: int, generator: torch.Generator) -> Iterator[ClassBatch]:
        """One epoch in an order drawn from ``generator``, every sequence varied anew, those of a length together."""
        order, vary = torch.randperm(len(self.training), generator=generator).tolist(), self.task.vary
        draw = np.random.default_rng(int(torch.randint(2**31, (), generator=generator))) if vary else None
        bucket = VARIED_BUCKET if vary else BUCKET
        batches = batches_by_length(order, size, bucket, lambda index: len(self.training[index].content))
        for index in torch.randperm(len(batches), generator=generator).tolist():
            some = [self.training[place] for place in batches[index]]
            yield self.batch(some, [vary(sample.content, draw) for sample in some] if vary and draw else None)

    def batch(self, samples: Sequence[Sample], sequences: Sequence[NDArray[Any]] | None = None) -> ClassBatch:
        """Sequences side by side, as they are where nothing else is given, with what is right for each."""
        if sequences is None:
            sequences = [self.task.convert(sample.content) for sample in samples]
        place = {name: index for index, name in enumerate(self.task.classes)}
        rows = [torch.from_numpy(sequence) for sequence in sequences]
        aims = [place[sample.label] if sample.aim is None else sample.aim for sample in samples]
        return ClassBatch(
            sequences=pad_sequence(rows, batch_first=True),
            lengths=torch.tensor([len(row) for row in rows]),
            targets=torch.tensor(aims),
            whole=torch.tensor([sample.whole for sample in samples]),
        )

    def measure(self, network: nn.Module, split: str) -> dict[str, Any]:
        """Accuracy on a split with its interval, count and loss in nats, also of each part of the task by itself.

        Where sentences are known that an answer rests on, also how often attention lies mostly on one of them: among
        right answers, among wrong ones, and if it lay on any sentence by chance.
        """
        samples = sorted(self.task.samples(self.folder, split), key=lambda sample: len(sample.content))
        logits, right = self.answers(network, samples)
        hit = logits.argmax(1) == right
        found = _share(hit) | {"loss": round(float(cross_entropy(logits.double(), right)), 4)}
        for name, groups in self.task.parts.items():
            some = _share(hit[torch.tensor([sample.group in groups for sample in samples])])
            if some["count"]:
                found[name.replace(" ", "_")] = some
        return found | (self.attended(network, samples, hit) if getattr(network, "attention", None) else {})

    @torch.no_grad()
    def attended(self, network: nn.Module, samples: Sequence[Sample], hit: Tensor) -> dict[str, Any]:
        """How often attention lies mostly on a sentence that the answer rests on; nothing where none is known.

        Args:
            network: with attention.
            samples: sequences.
            hit: which of them got the right answer, ``[sequence]``.
        """
        asked = [at for at, sample in enumerate(samples) if sample.facts]
        looked, chance = [], []
        for at in asked:
            parts = torch.tensor(samples[at].part)
            weights = attention_of(network, self.batch([samples[at]]))[0]
            by_part = torch.zeros(int(parts.max()) + 1).index_add_(0, parts[parts >= 0], weights[parts >= 0])
            looked.append(int(by_part.argmax()) in samples[at].facts)
            chance.append(len(samples[at].facts) / len(by_part))
        if not asked:
            return {}
        right, mostly = hit[asked], torch.tensor(looked)
        table = {"right": _share(mostly[right]), "wrong": _share(mostly[~right])}
        return {"looked": table | {"chance": round(sum(chance) / len(chance), 4)}}

    @torch.no_grad()
    def answers(self, network: nn.Module, samples: Sequence[Sample]) -> tuple[Tensor, Tensor]:
        """Logits ``[sequence, class]`` and numbers of the right classes ``[sequence]`` of some sequences."""
        device, found = next(network.parameters()).device, []
        for start in range(0, len(samples), AT_ONCE):
            some = samples[start : start + AT_ONCE]
            batch = self.batch(some)
            found.append((network(batch.sequences.to(device), batch.lengths)["answer"].cpu(), batch.targets))
        return torch.cat([logits for logits, _ in found]), torch.cat([right for _, right in found])


def attention_of(network: Any, batch: ClassBatch) -> Tensor:
    """Attention of the answer over the steps, mean over heads, ``[batch, step]``."""
    kept: list[Tensor] = []

    def keep(weights: Tensor, steps: Tensor) -> Tensor:
        kept.append(weights)
        return weights

    x = network.input(batch.sequences.to(next(network.parameters()).device))
    network.output("answer", network.recur(x, batch.lengths)[0], x, batch.lengths, weigh=keep)
    return kept[0].mean(1)[:, -1].cpu()


def _share(hit: Tensor) -> dict[str, Any]:
    """How many are right, with the interval."""
    count = len(hit)
    accuracy = float(hit.double().mean()) if count else 0.0
    bounds = wilson_interval(accuracy, count) if count else (0.0, 1.0)
    return {"accuracy": round(accuracy, 4), "count": count, "interval": [round(bound, 4) + 0.0 for bound in bounds]}
