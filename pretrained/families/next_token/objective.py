"""Training and scoring of language models: cross-entropy of the next token along text that is never cut off.

Truncated back-propagation through time: a batch goes on where the one before it ended, with the state the network had
there, but gradients stop at the seam (Mikolov et al. 2010, "Recurrent neural network based language model").
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from core_models.encoded import State
from core_models.inputs import TokenInput
from core_models.networks.architecture import Architecture
from core_models.networks.sequence import SequenceNetwork
from core_models.tracing import cell_of
from pretrained.families.family import Family
from pretrained.families.next_token.corpus import Stretch, Texts
from pretrained.families.next_token.trained import TrainedLanguageModel
from pretrained.kinds.next_token import UNKNOWN, CharacterTask
from pretrained.recipe import Training
from pretrained.training.initial_weights import begin_recurrence


class NextTokenFamily(Family):
    """Language models; see ``Family``."""

    trained = TrainedLanguageModel

    def corpus(self, task: CharacterTask, folder: Path) -> Texts:
        return Texts(task, folder)

    def build(self, task: CharacterTask, architecture: Mapping[str, Any], dropout: float = 0.0) -> SequenceNetwork:
        size = task.vocabulary
        parts = Architecture(**architecture)
        return SequenceNetwork(parts, (size,), {"next_token": size}, unknown=UNKNOWN, dropout=dropout)

    def initialise(self, network: SequenceNetwork) -> None:
        if isinstance(network.input, TokenInput):
            nn.init.normal_(network.input.embedding.weight, std=network.architecture.embedding**-0.5)
        begin_recurrence(network.rnn, cell_of(network.rnn), network.architecture.hidden)
        nn.init.zeros_(network.head("next_token").readout.bias)

    def learn(
        self,
        network: SequenceNetwork,
        batch: Stretch,
        settings: Training,
        generator: torch.Generator,
        device: torch.device,
    ) -> float:
        ids = batch.ids.to(device)
        noise = torch.rand(ids[:-1].shape, generator=generator).to(device) < settings.word_dropout
        with torch.autocast(device.type, torch.bfloat16, enabled=settings.half):
            x = network.input(torch.where(noise, UNKNOWN, ids[:-1]).T)
            lengths = torch.full((len(x),), x.shape[1])
            states, state = network.recur(x, lengths, batch.carried.state)
            logits = network.output("next_token", states, x, lengths)
        loss = cross_entropy(logits.float().flatten(0, 1), ids[1:].T.flatten())
        loss.backward()
        batch.carried.state = detached(state)
        return float(loss.detach())


def detached(state: State) -> State:
    """The same state without the graph that led to it."""
    if isinstance(state, tuple):
        return tuple(part.detach() for part in state)
    return None if state is None else state.detach()
