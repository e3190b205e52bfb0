"""Training and scoring of encoder-decoders: cross-entropy of the next target token, smoothed if asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from core_models.networks.translator import PADDING, UNKNOWN, Translator, TranslatorArchitecture
from pretrained.training.initial_weights import begin_recurrence
from pretrained.training.smoothed_loss import smoothed_loss

if TYPE_CHECKING:
    from pretrained.pairs import PairBatch, PairCorpus, PairTask
    from pretrained.recipe import Training


class TranslatorFamily:
    """Encoder-decoders; see ``pretrained.family.Family``."""

    key = "translator"
    architecture = TranslatorArchitecture

    def build(self, task: PairTask, architecture: TranslatorArchitecture, dropout: float = 0.0) -> Translator:
        return Translator(architecture, task.source.size, task.target.size, dropout)

    def initialise(self, network: Translator) -> None:
        size = network.architecture.embedding
        for table in (network.source_embedding, network.target_embedding):
            nn.init.normal_(table.weight, std=size**-0.5)
        begin_recurrence(network.encoder, network.cell, network.encoder.hidden_size)
        begin_recurrence(network.decoder, network.cell, network.decoder.hidden_size)

    def learn(
        self,
        network: Translator,
        batch: PairBatch,
        settings: Training,
        generator: torch.Generator,
        device: torch.device,
    ) -> float:
        sources, targets = batch.sources.to(device), batch.targets.to(device)
        read = targets[:, :-1]
        if settings.word_dropout:
            noise = torch.rand(read.shape, generator=generator).to(device) < settings.word_dropout
            read = torch.where(noise & (read > UNKNOWN), UNKNOWN, read)
        logits, wanted = predict(network, sources, batch.lengths, read, targets[:, 1:], half=settings.half)
        loss = smoothed_loss(logits, wanted, settings.label_smoothing)
        loss.backward()
        return float(loss.detach())

    def extras(self, network: Translator, task: PairTask, corpus: PairCorpus) -> dict[str, Tensor]:
        return {}

    def scores(self, network: Translator, corpus: PairCorpus) -> dict[str, Any]:
        return corpus.measures(network)


TRANSLATOR = TranslatorFamily()


def predict(
    network: Translator, sources: Tensor, lengths: Tensor, read: Tensor, wanted: Tensor, *, half: bool = False
) -> tuple[Tensor, Tensor]:
    """Logits ``[token, target id]`` and wanted ids ``[token]`` of a batch under teacher forcing, without padding."""
    inside = wanted != PADDING
    summary = network(sources, lengths, read)[inside]
    with torch.autocast(summary.device.type, torch.bfloat16, enabled=half):
        logits = network.logits(summary)
    return logits, wanted[inside]
