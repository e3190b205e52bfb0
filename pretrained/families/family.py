"""What a family is: for one kind of output the data, how a network is built, begun, taught and scored."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sized
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from pretrained.data.checksums import verify_files
from pretrained.recipe import Training
from pretrained.trained import Trained


@dataclass(frozen=True)
class Score:
    """Result on one split: share that is right, how many were scored, and the mean loss in nats."""

    accuracy: float
    count: int
    loss: float


@dataclass(frozen=True)
class Corpus(ABC):
    """The data of one task, read from a local copy in ``folder``, with the splits kept apart."""

    task: Any
    folder: Path

    @cached_property
    @abstractmethod
    def training(self) -> Sized:
        """Everything that is learned from."""

    @abstractmethod
    def training_batches(self, size: int, generator: torch.Generator) -> Iterator[Any]:
        """One epoch of training batches in an order drawn from ``generator``."""

    @abstractmethod
    def measure(self, network: Any, split: str) -> dict[str, Any]:
        """Everything that is measured on ``dev`` or ``test``, by name, the headline first."""

    def verify(self) -> None:
        """Check every file against its recorded checksum.

        Raises:
            DataError: if a file is missing or differs.
        """
        verify_files(self.folder, self.task.files)

    def training_count(self, size: int) -> int:
        """Number of batches in an epoch."""
        return -(-len(self.training) // size)

    def evaluate(self, network: Any, split: str) -> Score:
        """Score on ``dev`` or ``test``."""
        found = self.measure(network, split)
        return Score(found["accuracy"], found["count"], found["loss"])


class Family(ABC):
    """Networks of one kind of output, with their training objective.

    Attributes:
        trained: what a trained network of the family is to those who use it.
    """

    trained: ClassVar[type[Trained]] = Trained

    @abstractmethod
    def corpus(self, task: Any, folder: Path) -> Corpus:
        """The data of a task in a local copy."""

    @abstractmethod
    def build(self, task: Any, architecture: Mapping[str, Any], dropout: float = 0.0) -> nn.Module:
        """An untrained network for a task.

        Args:
            task: whose ids are read and whose outputs are given.
            architecture: a recipe's ``[model]`` table.
            dropout: probability with which inputs are dropped in training.

        Raises:
            TypeError, ValueError: if the table names something unknown, or what does not go together.
        """

    @abstractmethod
    def initialise(self, network: Any) -> None:
        """Set the first weights, where torch's own are not the best."""

    @abstractmethod
    def learn(
        self, network: Any, batch: Any, settings: Training, generator: torch.Generator, device: torch.device
    ) -> float:
        """Add the gradients of one batch to the parameters; returns the loss."""

    def extras(self, network: Any, task: Any, corpus: Any) -> dict[str, Tensor]:
        """Tensors stored beside the weights, by name."""
        return {}

    def settle(self, network: Any, scores: Mapping[str, Any]) -> None:
        """Set what was found after training and stands in the recipe's scores; called where a network is loaded."""
        return

    def splits(self, task: Any) -> tuple[str, ...]:
        """The splits that are scored, dev first."""
        return ("dev", "test")

    def scores(self, network: Any, corpus: Any) -> dict[str, Any]:
        """What is claimed of a trained network: measures on every split, by name."""
        splits = self.splits(corpus.task)
        return {f"{split}_{name}": value for split in splits for name, value in corpus.measure(network, split).items()}
