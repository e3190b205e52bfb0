"""What a family of networks is: how one is built, begun, taught and scored, whatever the task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from pretrained.recipe import Training


class Family(Protocol):
    """One kind of network with its training objective.

    Attributes:
        key: short name; pages ask for the models of a family that they can show.
        architecture: class of a recipe's ``[model]`` table.
    """

    @property
    def key(self) -> str: ...
    @property
    def architecture(self) -> type[Any]: ...

    def build(self, task: Any, architecture: Any, dropout: float = 0.0) -> nn.Module:
        """An untrained network for a task."""
        ...

    def initialise(self, network: Any) -> None:
        """Set the first weights, where torch's own are not the best."""
        ...

    def learn(
        self, network: Any, batch: Any, settings: Training, generator: torch.Generator, device: torch.device
    ) -> float:
        """Add the gradients of one batch to the parameters; returns the loss."""
        ...

    def extras(self, network: Any, task: Any, corpus: Any) -> dict[str, Tensor]:
        """Tensors stored beside the weights, by name."""
        ...

    def scores(self, network: Any, corpus: Any) -> dict[str, Any]:
        """What is claimed of a trained network: measures on dev and test, by name."""
        ...
