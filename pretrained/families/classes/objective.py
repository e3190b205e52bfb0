"""Training of networks that name the class of a whole sequence: cross-entropy, adversarial if asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from core_models.inputs import TokenInput
from core_models.networks.architecture import Architecture
from core_models.networks.sequence import SequenceNetwork
from core_models.tracing import cell_of, layers_of
from pretrained.data.text.tokenizer import UNKNOWN_ID
from pretrained.families.classes.corpus import ClassBatch, ClassCorpus
from pretrained.families.classes.trained import TrainedClassifier
from pretrained.families.family import Family
from pretrained.kinds.classes import ClassTask
from pretrained.recipe import Training
from pretrained.storage import REFERENCE
from pretrained.training.initial_weights import begin_recurrence


class ClassesFamily(Family):
    """Networks that name the class of a sequence; see ``Family``."""

    trained = TrainedClassifier

    def corpus(self, task: ClassTask, folder: Path) -> ClassCorpus:
        return ClassCorpus(task, folder)

    def build(self, task: ClassTask, architecture: Mapping[str, Any], dropout: float = 0.0) -> SequenceNetwork:
        parts = Architecture(**architecture)
        inputs = (task.vocabulary,) if parts.embedding else task.vocabulary
        return SequenceNetwork(parts, inputs, {"answer": len(task.classes)}, unknown=UNKNOWN_ID, dropout=dropout)

    def initialise(self, network: SequenceNetwork) -> None:
        with torch.no_grad():
            if isinstance(network.input, TokenInput):
                network.input.embedding.weight.mul_(0.3 if network.head("answer").count == 2 else 0.5)
                if network.input.positions is not None:
                    network.input.positions.weight.mul_(0.1)
        begin_recurrence(network.rnn, cell_of(network.rnn), network.architecture.hidden)

    def learn(
        self,
        network: SequenceNetwork,
        batch: ClassBatch,
        settings: Training,
        generator: torch.Generator,
        device: torch.device,
    ) -> float:
        sequences = batch.sequences
        if isinstance(network.input, TokenInput):
            noise = torch.rand(sequences.shape, generator=generator) < settings.word_dropout
            sequences = torch.where(noise & (sequences > UNKNOWN_ID), UNKNOWN_ID, sequences)
        x = network.input.embed(sequences.to(device))
        if settings.adversarial:
            x.retain_grad()
        loss = loss_of(network, x, batch, settings)
        loss.backward()
        if settings.adversarial:
            shifted = network.input.embed(sequences.to(device)) + worst_step(x, batch, settings.adversarial)
            loss_of(network, shifted, batch, settings).backward()
        return float(loss.detach())

    def splits(self, task: ClassTask) -> tuple[str, ...]:
        return task.splits

    def extras(self, network: SequenceNetwork, task: ClassTask, corpus: ClassCorpus) -> dict[str, Tensor]:
        """Last state of every layer and direction on the background texts, and their classes, by stored name."""
        if task.background is None:
            return {}
        texts, classes = task.background(corpus.folder)
        states: dict[str, list[torch.Tensor]] = {}
        for text in texts:
            trace = network.trace(task.encode(text))
            for layers in layers_of(network.rnn):
                for layer in layers:
                    last = 0 if layer.site.direction == "backward" else -1
                    state = torch.tensor(trace.array(layer.site, "hidden_state")[last]).half()
                    states.setdefault(layer.site.key, []).append(state)
        stored = {f"{REFERENCE}{site}.reference_states": torch.stack(rows) for site, rows in states.items()}
        return stored | {f"{REFERENCE}{site}.reference_classes": torch.tensor(classes).half() for site in states}


def loss_of(network: SequenceNetwork, x: Tensor, batch: ClassBatch, settings: Training) -> Tensor:
    """Mean cross-entropy of embedded sequences ``[batch, step, feature]``, whole inputs weighted as the recipe says."""
    logits = network.read(network.input.dropout(x), batch.lengths)["answer"]
    targets = batch.targets.to(x.device)
    if targets.is_floating_point():
        targets = torch.stack([1.0 - targets, targets], dim=1)
    losses = cross_entropy(logits, targets, reduction="none", label_smoothing=settings.label_smoothing)
    weights = torch.where(batch.whole, settings.sentence_weight, 1.0)
    return (losses * (weights / weights.mean()).to(x.device)).mean()


def worst_step(x: Tensor, batch: ClassBatch, size: float) -> Tensor:
    """The small change of each example's embeddings that raises its loss fastest (Miyato et al. 2017, eq. 5)."""
    gradient = x.grad if x.grad is not None else torch.zeros_like(x)
    length = gradient.flatten(1).norm(dim=1)[:, None, None] + 1e-12
    reach = size * batch.lengths.to(x.device).sqrt()[:, None, None]
    return reach * gradient / length
