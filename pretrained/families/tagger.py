"""Training and scoring of taggers: cross-entropy of every token's label, and of the sequence's own where it has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from core_models.networks.tagger import SequenceTagger, TaggerArchitecture
from core_models.tracing import cell_of
from pretrained.training.initial_weights import begin_recurrence

if TYPE_CHECKING:
    from pretrained.recipe import Training
    from pretrained.tags import TagCorpus, TagTask

IGNORED = -100
"""Label of a token that is not scored: padding, or one that nobody labelled."""

UNKNOWN_ID = 1


@dataclass(frozen=True)
class TagBatch:
    """Padded ids ``[batch, step, column]``, lengths ``[batch]``, labels ``[batch, step]`` and classes ``[batch]``."""

    ids: Tensor
    lengths: Tensor
    tags: Tensor
    classes: Tensor


class TaggerFamily:
    """Sequence taggers; see ``pretrained.family.Family``."""

    key = "tagger"
    architecture = TaggerArchitecture

    def build(self, task: TagTask, architecture: TaggerArchitecture, dropout: float = 0.0) -> SequenceTagger:
        return SequenceTagger(architecture, task.sizes, len(task.tags), len(task.classes), dropout)

    def initialise(self, network: SequenceTagger) -> None:
        with torch.no_grad():
            for table in network.modules():
                if isinstance(table, nn.Embedding):
                    table.weight.mul_(0.5)
        begin_recurrence(network.rnn, cell_of(network.rnn), network.architecture.hidden)

    def learn(
        self,
        network: SequenceTagger,
        batch: TagBatch,
        settings: Training,
        generator: torch.Generator,
        device: torch.device,
    ) -> float:
        ids = batch.ids.clone()
        noise = torch.rand(ids.shape[:2], generator=generator) < settings.word_dropout
        ids[..., 0] = torch.where(noise & (ids[..., 0] > UNKNOWN_ID), UNKNOWN_ID, ids[..., 0])
        tags, answer = network(ids.to(device), batch.lengths)
        loss = cross_entropy(tags.flatten(0, 1), batch.tags.flatten().to(device), ignore_index=IGNORED)
        if answer is not None:
            loss = loss + cross_entropy(answer, batch.classes.to(device))
        loss.backward()
        return float(loss.detach())

    def extras(self, network: nn.Module, task: TagTask, corpus: TagCorpus) -> dict[str, Tensor]:
        return {}

    def scores(self, network: SequenceTagger, corpus: TagCorpus) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for split in corpus.task.splits:
            found |= {f"{split}_{name}": value for name, value in corpus.measure(network, split).items()}
        return found


TAGGER = TaggerFamily()
