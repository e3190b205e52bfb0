"""Training and scoring of sequence classifiers: binary cross-entropy on whole sequences, adversarial if asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from core_models.networks.classifier import Architecture, SequenceClassifier
from core_models.trace import Tokens
from core_models.tracing import cell_of, layers_of
from pretrained.data.intervals import wilson_interval
from pretrained.data.tokenizer import PADDING_ID, UNKNOWN_ID
from pretrained.task import Batch, Corpus, Task
from pretrained.training.initial_weights import begin_recurrence

if TYPE_CHECKING:
    from pretrained.recipe import Training

REFERENCE = "reference."
"""Prefix of the background states and classes beside the weights in a model's file."""


class ClassifierFamily:
    """Sequence classifiers; see ``pretrained.family.Family``."""

    key = "classifier"
    architecture = Architecture

    def build(self, task: Task, architecture: Architecture, dropout: float = 0.0) -> SequenceClassifier:
        return SequenceClassifier(architecture, task.vocabulary, dropout)

    def initialise(self, network: SequenceClassifier) -> None:
        with torch.no_grad():
            network.embedding.weight.mul_(0.3)
        begin_recurrence(network.rnn, cell_of(network.rnn), network.architecture.hidden)

    def learn(
        self,
        network: SequenceClassifier,
        batch: Batch,
        settings: Training,
        generator: torch.Generator,
        device: torch.device,
    ) -> float:
        noise = torch.rand(batch.ids.shape, generator=generator) < settings.word_dropout
        ids = torch.where(noise & (batch.ids != PADDING_ID), UNKNOWN_ID, batch.ids).to(device)
        x = network.embedding(ids)
        x.retain_grad()
        loss = loss_of(network, x, batch)
        loss.backward()
        if settings.adversarial:
            shifted = network.embedding(ids) + worst_step(x, batch, settings.adversarial)
            loss_of(network, shifted, batch).backward()
        return float(loss.detach())

    def extras(self, network: SequenceClassifier, task: Task, corpus: Corpus) -> dict[str, Tensor]:
        """Last state of every layer and direction on the background sentences, and their classes, by stored name."""
        texts, classes = corpus.background()
        states: dict[str, list[torch.Tensor]] = {}
        for text in texts:
            reading = task.read(text)
            trace = network.trace(torch.tensor(reading.ids), Tokens.numbered(len(reading.ids)))
            for layers in layers_of(network.rnn):
                for layer in layers:
                    last = 0 if layer.site.direction == "backward" else -1
                    state = torch.tensor(trace.array(layer.site, "hidden_state")[last]).half()
                    states.setdefault(layer.site.key, []).append(state)
        stored = {f"{REFERENCE}{site}.reference_states": torch.stack(rows) for site, rows in states.items()}
        return stored | {f"{REFERENCE}{site}.reference_classes": torch.tensor(classes).half() for site in states}

    def scores(self, network: nn.Module, corpus: Corpus) -> dict[str, Any]:
        dev, test = corpus.evaluate(network, "dev"), corpus.evaluate(network, "test")
        return {
            "dev_accuracy": round(dev.accuracy, 4),
            "dev_count": dev.count,
            "test_accuracy": round(test.accuracy, 4),
            "test_count": test.count,
            "test_interval": [round(bound, 4) for bound in wilson_interval(test.accuracy, test.count)],
        }


CLASSIFIER = ClassifierFamily()


def loss_of(network: SequenceClassifier, x: Tensor, batch: Batch) -> Tensor:
    """Weighted mean cross-entropy of embedded sequences ``[batch, step, feature]``."""
    logits = network.classify(network.dropout(x), batch.lengths)
    losses = binary_cross_entropy_with_logits(logits, batch.targets.to(x.device), reduction="none")
    return (losses * (batch.weights / batch.weights.mean()).to(x.device)).mean()


def worst_step(x: Tensor, batch: Batch, size: float) -> Tensor:
    """The small change of each example's embeddings that raises its loss fastest (Miyato et al. 2017, eq. 5)."""
    gradient = x.grad if x.grad is not None else torch.zeros_like(x)
    length = gradient.flatten(1).norm(dim=1)[:, None, None] + 1e-12
    reach = size * batch.lengths.to(x.device).sqrt()[:, None, None]
    return reach * gradient / length
