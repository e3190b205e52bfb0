"""Training and scoring of encoder-decoders: cross-entropy of the next target token, smoothed if asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from core_models.networks.translator import UNKNOWN, Translator, TranslatorArchitecture
from pretrained.families.family import Family
from pretrained.families.translation.corpus import PairBatch, PairCorpus, predict
from pretrained.families.translation.trained import TrainedTranslator
from pretrained.kinds.translation import PairTask
from pretrained.recipe import Training
from pretrained.training.initial_weights import begin_recurrence
from pretrained.training.smoothed_loss import smoothed_loss


class TranslationFamily(Family):
    """Encoder-decoders; see ``Family``."""

    trained = TrainedTranslator

    def corpus(self, task: PairTask, folder: Path) -> PairCorpus:
        return PairCorpus(task, folder)

    def build(self, task: PairTask, architecture: Mapping[str, Any], dropout: float = 0.0) -> Translator:
        return Translator(TranslatorArchitecture(**architecture), task.source.size, task.target.size, dropout)

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
