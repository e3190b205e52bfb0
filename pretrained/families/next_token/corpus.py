"""What language models learn from and are scored by: text that is never cut off, in stretches side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from core_models.networks.language_model import LanguageModel
from core_models.tracing import State
from pretrained.families.family import Corpus, Score
from pretrained.kinds.next_token import CharacterTask

STRETCH = 128
"""Characters between two updates of the weights; gradients reach no further back."""

READ_AT_ONCE = 4096
"""Characters scored in one call, so that memory does not grow with the split."""


@dataclass
class Carried:
    """The state in which a batch left the network; the next batch of the epoch goes on from it."""

    state: State = None


@dataclass(frozen=True)
class Stretch:
    """Ids ``[step + 1, batch]``: all but the last are read, all but the first are to be foretold."""

    ids: Tensor
    carried: Carried


@dataclass(frozen=True)
class Texts(Corpus):
    """The splits of a character task."""

    task: CharacterTask

    @cached_property
    def training(self) -> list[list[int]]:
        """Ids of every training document, each followed by the start of the next."""
        return [self.task.ids(text + self.task.start) for text in self.task.documents(self.folder, "train")]

    def training_count(self, size: int) -> int:
        """Number of batches in an epoch."""
        return (sum(map(len, self.training)) // size - 1) // STRETCH

    def training_batches(self, size: int, generator: torch.Generator) -> Iterator[Stretch]:
        """One epoch: documents shuffled and laid end to end, from a random place on, in ``size`` lanes side by side."""
        order = torch.randperm(len(self.training), generator=generator).tolist()
        stream = torch.tensor([index for document in order for index in self.training[document]])
        stream = stream.roll(int(torch.randint(len(stream), (), generator=generator)))
        lanes = stream[: len(stream) // size * size].view(size, -1).T
        carried = Carried()
        for at in range(0, self.training_count(size) * STRETCH, STRETCH):
            yield Stretch(lanes[at : at + STRETCH + 1], carried)

    def stream(self, split: str) -> list[int]:
        """Ids of all documents of a split, the start in front and after each."""
        task = self.task
        return task.ids(task.start + "".join(text + task.start for text in task.documents(self.folder, split)))

    def measure(self, network: LanguageModel, split: str) -> dict[str, Any]:
        """Nats a character with the state carried over the whole split, and the share of next characters guessed."""
        score = self.evaluate(network, split)
        return {"nats": round(score.loss, 4), "accuracy": round(score.accuracy, 4), "count": score.count}

    @torch.no_grad()
    def evaluate(self, network: LanguageModel, split: str) -> Score:
        """Share of next characters guessed, their number, and nats a character, the state carried over the split."""
        device = next(network.parameters()).device
        ids = torch.tensor(self.stream(split), device=device)
        state, right, loss = None, 0, 0.0
        for read, wanted in zip(ids[:-1].split(READ_AT_ONCE), ids[1:].split(READ_AT_ONCE), strict=True):
            logits, state = network(read, state)
            right += int((logits.argmax(-1) == wanted).sum())
            loss += float(cross_entropy(logits.double(), wanted, reduction="sum"))
        count = len(ids) - 1
        return Score(right / count, count, loss / count)
