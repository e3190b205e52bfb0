"""What language models learn from and are scored by: text that is never cut off, in stretches side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from core_models.networks.sequence import SequenceNetwork
from core_models.tracing import State
from pretrained.data.intervals import block_interval
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

    def evaluate(self, network: SequenceNetwork, split: str) -> Score:
        """Share of next characters guessed, their number, and nats a character, the state carried over the split."""
        losses, right = self._read(network, split)
        return Score(float(right.mean()), len(right), float(losses.mean()))

    def measure(self, network: SequenceNetwork, split: str) -> dict[str, Any]:
        """Nats a character, the state carried over the split, with their interval, and the share guessed right."""
        losses, right = self._read(network, split)
        return {
            "nats": round(float(losses.mean()), 4),
            "nats_interval": [round(bound, 4) for bound in block_interval(losses)],
            "accuracy": round(float(right.mean()), 4),
            "count": len(right),
        }

    @torch.no_grad()
    def _read(self, network: SequenceNetwork, split: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Nats of every next character ``[step]``, and whether it was guessed ``[step]``."""
        ids = torch.tensor(self.stream(split), device=next(network.parameters()).device)
        state, losses, right = None, [], []
        for read, wanted in zip(ids[:-1].split(READ_AT_ONCE), ids[1:].split(READ_AT_ONCE), strict=True):
            x, lengths = network.input.embed(read[None]), torch.tensor([len(read)])
            states, state = network.recur(x, lengths, state)
            logits = network.output("next_token", states, x, lengths)[0]
            losses.append(cross_entropy(logits.double(), wanted, reduction="none").cpu())
            right.append((logits.argmax(-1) == wanted).cpu())
        return torch.cat(losses).numpy(), torch.cat(right).numpy()
