"""Training and scoring of language models: cross-entropy of the next token along text that is never cut off.

Truncated back-propagation through time: a batch goes on where the one before it ended, with the state the network had
there, but gradients stop at the seam (Mikolov et al. 2010, "Recurrent neural network based language model").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from core_models.networks.language_model import LanguageArchitecture, LanguageModel
from core_models.tracing import State, cell_of
from pretrained.training.initial_weights import begin_recurrence

if TYPE_CHECKING:
    from pretrained.characters import CharacterTask, Stretch, Texts
    from pretrained.recipe import Training

UNKNOWN = 0
"""Id of every token that the vocabulary lacks."""


class LanguageModelFamily:
    """Language models; see ``pretrained.family.Family``."""

    key = "language_model"
    architecture = LanguageArchitecture

    def build(self, task: CharacterTask, architecture: LanguageArchitecture, dropout: float = 0.0) -> LanguageModel:
        return LanguageModel(architecture, task.vocabulary, dropout)

    def initialise(self, network: LanguageModel) -> None:
        nn.init.normal_(network.embedding.weight, std=network.architecture.embedding**-0.5)
        begin_recurrence(network.rnn, cell_of(network.rnn), network.architecture.hidden)
        nn.init.zeros_(network.readout.bias)

    def learn(
        self,
        network: LanguageModel,
        batch: Stretch,
        settings: Training,
        generator: torch.Generator,
        device: torch.device,
    ) -> float:
        ids = batch.ids.to(device)
        noise = torch.rand(ids[:-1].shape, generator=generator).to(device) < settings.word_dropout
        with torch.autocast(device.type, torch.bfloat16, enabled=settings.half):
            logits, state = network(torch.where(noise, UNKNOWN, ids[:-1]), batch.carried.state)
        loss = cross_entropy(logits.float().flatten(0, 1), ids[1:].flatten())
        loss.backward()
        batch.carried.state = detached(state)
        return float(loss.detach())

    def extras(self, network: LanguageModel, task: CharacterTask, corpus: Texts) -> dict[str, Tensor]:
        return {}

    def scores(self, network: LanguageModel, corpus: Texts) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for split in ("dev", "test"):
            found |= {f"{split}_{name}": value for name, value in corpus.measure(network, split).items()}
        return found


LANGUAGE_MODEL = LanguageModelFamily()


def detached(state: State) -> State:
    """The same state without the graph that led to it."""
    if isinstance(state, tuple):
        return state[0].detach(), state[1].detach()
    return None if state is None else state.detach()
