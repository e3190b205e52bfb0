"""Training and scoring of taggers: cross-entropy of every token's label, and of the sequence's own where it has one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from core_models.networks.architecture import Architecture
from core_models.networks.sequence import SequenceNetwork
from core_models.tracing import cell_of
from pretrained.families.family import Family
from pretrained.families.labels.corpus import IGNORED, TagBatch, TagCorpus
from pretrained.families.labels.trained import TrainedTagger
from pretrained.kinds.labels import UNKNOWN_ID, TagTask
from pretrained.recipe import Training
from pretrained.training.initial_weights import begin_recurrence


class LabelsFamily(Family):
    """Sequence taggers; see ``Family``."""

    trained = TrainedTagger

    def corpus(self, task: TagTask, folder: Path) -> TagCorpus:
        return TagCorpus(task, folder)

    def build(self, task: TagTask, architecture: Mapping[str, Any], dropout: float = 0.0) -> SequenceNetwork:
        outputs = {"tags": len(task.tags)} | ({"answer": len(task.classes)} if task.classes else {})
        parts = Architecture(**architecture)
        return SequenceNetwork(parts, task.sizes, outputs, unknown=UNKNOWN_ID, dropout=dropout)

    def initialise(self, network: SequenceNetwork) -> None:
        with torch.no_grad():
            for table in network.modules():
                if isinstance(table, nn.Embedding):
                    table.weight.mul_(0.5)
        begin_recurrence(network.rnn, cell_of(network.rnn), network.architecture.hidden)

    def learn(
        self,
        network: SequenceNetwork,
        batch: TagBatch,
        settings: Training,
        generator: torch.Generator,
        device: torch.device,
    ) -> float:
        ids = batch.ids.clone()
        noise = torch.rand(ids.shape[:2], generator=generator) < settings.word_dropout
        ids[..., 0] = torch.where(noise & (ids[..., 0] > UNKNOWN_ID), UNKNOWN_ID, ids[..., 0])
        found = network(ids.to(device), batch.lengths)
        loss = cross_entropy(found["tags"].flatten(0, 1), batch.tags.flatten().to(device), ignore_index=IGNORED)
        if "answer" in found:
            loss = loss + cross_entropy(found["answer"], batch.classes.to(device))
        loss.backward()
        return float(loss.detach())

    def splits(self, task: TagTask) -> tuple[str, ...]:
        return task.splits
