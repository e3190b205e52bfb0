"""Training of networks that name the class of a whole sequence: cross-entropy, adversarial if asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from core_models.networks.classifier import Architecture, SequenceClassifier
from core_models.networks.recogniser import RecogniserArchitecture, SequenceRecogniser
from core_models.trace import Tokens
from core_models.tracing import cell_of, layers_of
from pretrained.data.tokenizer import UNKNOWN_ID
from pretrained.families.classes.corpus import ClassBatch, ClassCorpus
from pretrained.families.classes.trained import TrainedClassifier
from pretrained.families.family import Family
from pretrained.kinds.classes import ClassTask
from pretrained.recipe import Training
from pretrained.storage import REFERENCE
from pretrained.training.initial_weights import begin_recurrence

ClassNetwork = SequenceClassifier | SequenceRecogniser


class ClassesFamily(Family):
    """Networks that name the class of a sequence; see ``Family``."""

    trained = TrainedClassifier

    def corpus(self, task: ClassTask, folder: Path) -> ClassCorpus:
        return ClassCorpus(task, folder)

    def build(self, task: ClassTask, architecture: Mapping[str, Any], dropout: float = 0.0) -> ClassNetwork:
        if len(task.classes) == 2:
            return SequenceClassifier(Architecture(**architecture), task.vocabulary, dropout)
        return SequenceRecogniser(RecogniserArchitecture(**architecture), task.vocabulary, len(task.classes), dropout)

    def initialise(self, network: ClassNetwork) -> None:
        with torch.no_grad():
            if network.embedding is not None:
                network.embedding.weight.mul_(0.3 if isinstance(network, SequenceClassifier) else 0.5)
            if isinstance(network, SequenceRecogniser) and network.positions is not None:
                network.positions.weight.mul_(0.1)
        begin_recurrence(network.rnn, cell_of(network.rnn), network.architecture.hidden)

    def learn(
        self,
        network: ClassNetwork,
        batch: ClassBatch,
        settings: Training,
        generator: torch.Generator,
        device: torch.device,
    ) -> float:
        sequences = batch.sequences
        if network.embedding is not None:
            noise = torch.rand(sequences.shape, generator=generator) < settings.word_dropout
            sequences = torch.where(noise & (sequences > UNKNOWN_ID), UNKNOWN_ID, sequences)
        x = embedded(network, sequences.to(device))
        if settings.adversarial:
            x.retain_grad()
        loss = loss_of(network, x, batch, settings)
        loss.backward()
        if settings.adversarial:
            shifted = embedded(network, sequences.to(device)) + worst_step(x, batch, settings.adversarial)
            loss_of(network, shifted, batch, settings).backward()
        return float(loss.detach())

    def extras(self, network: SequenceClassifier, task: ClassTask, corpus: ClassCorpus) -> dict[str, Tensor]:
        """Last state of every layer and direction on the background texts, and their classes, by stored name."""
        if task.background is None:
            return {}
        texts, classes = task.background(corpus.folder)
        states: dict[str, list[torch.Tensor]] = {}
        for text in texts:
            ids = task.encode(text).ids
            trace = network.trace(torch.tensor(ids), Tokens.numbered(len(ids)))
            for layers in layers_of(network.rnn):
                for layer in layers:
                    last = 0 if layer.site.direction == "backward" else -1
                    state = torch.tensor(trace.array(layer.site, "hidden_state")[last]).half()
                    states.setdefault(layer.site.key, []).append(state)
        stored = {f"{REFERENCE}{site}.reference_states": torch.stack(rows) for site, rows in states.items()}
        return stored | {f"{REFERENCE}{site}.reference_classes": torch.tensor(classes).half() for site in states}


def embedded(network: ClassNetwork, sequences: Tensor) -> Tensor:
    """What the recurrence reads of ids or frames, ``[batch, step, feature]``."""
    return network.embedding(sequences) if isinstance(network, SequenceClassifier) else network.embed(sequences)


def loss_of(network: ClassNetwork, x: Tensor, batch: ClassBatch, settings: Training) -> Tensor:
    """Mean cross-entropy of embedded sequences ``[batch, step, feature]``, whole inputs weighted as the recipe says."""
    logits, targets = network.classify(network.dropout(x), batch.lengths), batch.targets.to(x.device)
    if logits.ndim == 1:
        losses = binary_cross_entropy_with_logits(logits, targets.to(logits.dtype), reduction="none")
    else:
        losses = cross_entropy(logits, targets, reduction="none", label_smoothing=settings.label_smoothing)
    weights = torch.where(batch.whole, settings.sentence_weight, 1.0)
    return (losses * (weights / weights.mean()).to(x.device)).mean()


def worst_step(x: Tensor, batch: ClassBatch, size: float) -> Tensor:
    """The small change of each example's embeddings that raises its loss fastest (Miyato et al. 2017, eq. 5)."""
    gradient = x.grad if x.grad is not None else torch.zeros_like(x)
    length = gradient.flatten(1).norm(dim=1)[:, None, None] + 1e-12
    reach = size * batch.lengths.to(x.device).sqrt()[:, None, None]
    return reach * gradient / length
