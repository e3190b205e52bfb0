"""Training and scoring of recognisers: cross-entropy of the class of a whole sequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from core_models.networks.recogniser import RecogniserArchitecture, SequenceRecogniser
from core_models.tracing import cell_of
from pretrained.training.initial_weights import begin_recurrence

if TYPE_CHECKING:
    from pretrained.recipe import Training
    from pretrained.recognition import RecognitionCorpus, RecognitionTask

UNKNOWN_ID = 1
"""Id of a token that is not known; 0 is padding."""


@dataclass(frozen=True)
class RecognitionBatch:
    """Padded ids ``[batch, step]`` or frames ``[batch, step, channel]``, lengths and classes ``[batch]``."""

    sequences: Tensor
    lengths: Tensor
    classes: Tensor


class RecogniserFamily:
    """Sequence recognisers; see ``pretrained.family.Family``."""

    key = "recogniser"
    architecture = RecogniserArchitecture

    def build(
        self, task: RecognitionTask, architecture: RecogniserArchitecture, dropout: float = 0.0
    ) -> SequenceRecogniser:
        return SequenceRecogniser(architecture, task.inputs, len(task.classes), dropout)

    def initialise(self, network: SequenceRecogniser) -> None:
        with torch.no_grad():
            if network.embedding is not None:
                network.embedding.weight.mul_(0.5)
            if network.positions is not None:
                network.positions.weight.mul_(0.1)
        begin_recurrence(network.rnn, cell_of(network.rnn), network.architecture.hidden)

    def learn(
        self,
        network: SequenceRecogniser,
        batch: RecognitionBatch,
        settings: Training,
        generator: torch.Generator,
        device: torch.device,
    ) -> float:
        sequences = batch.sequences
        if network.embedding is not None:
            noise = torch.rand(sequences.shape, generator=generator) < settings.word_dropout
            sequences = torch.where(noise & (sequences > UNKNOWN_ID), UNKNOWN_ID, sequences)
        logits = network(sequences.to(device), batch.lengths)
        loss = cross_entropy(logits, batch.classes.to(device), label_smoothing=settings.label_smoothing)
        loss.backward()
        return float(loss.detach())

    def extras(self, network: nn.Module, task: RecognitionTask, corpus: RecognitionCorpus) -> dict[str, Tensor]:
        return {}

    def scores(self, network: SequenceRecogniser, corpus: RecognitionCorpus) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for split in ("dev", "test"):
            found |= {f"{split}_{name}": value for name, value in corpus.measure(network, split).items()}
        return found


RECOGNISER = RecogniserFamily()
