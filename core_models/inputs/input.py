r"""What an input layer is: it embeds what came, and shows the recurrence each step with its neighbours where asked.

    x_t = embed(what came at step t)
    u_t = relu(Σ_k C_k x_{t+k} + b)        where there is a convolution: k around 0, or up to 0 in one direction

Attributions and edits are about x: one vector for each step, before neighbours are mixed.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from core_models.encoded import Encoded
from core_models.networks.architecture import Architecture
from core_models.trace import Site

NEIGHBOURS = Site("neighbours")


class InputLayer(nn.Module):
    """One kind of input; a subclass says how a step is embedded.

    Args:
        architecture: sizes and choices.
        width: features of an embedded step.
        dropout: probability with which they are dropped in training.

    Attributes:
        address: where embedded steps stand in a trace: site and quantity key.
        size: features of what the recurrence reads.
        neighbours: convolution over neighbouring steps; None for none.
        shortens: whether an input with a step left out is still one that the network can read.
        looks_ahead: whether steps are read relative to the last one, so that no prefix is read as a part of the whole.
        channels: numbers of a step; 0 where the input is tokens.
    """

    channels: int = 0
    looks_ahead: bool = False
    shortens: bool = True
    address: tuple[Site, str]
    size: int
    neighbours: nn.Conv1d | None

    def __init__(self, architecture: Architecture, width: int, dropout: float) -> None:
        super().__init__()
        self.architecture, self.size, self.neighbours = architecture, width, None
        self.dropout = nn.Dropout(dropout)
        if architecture.channels:
            around = architecture.width // 2 if architecture.bidirectional else 0
            self.neighbours = nn.Conv1d(width, architecture.channels, architecture.width, padding=around)
            self.size = architecture.channels

    def tensor(self, encoded: Encoded) -> Tensor:
        """The input ``[step]``, ``[step, column]`` or ``[step, channel]``, on the layer's device."""
        raise TypeError(f"{type(self).__name__}: expected a way to take an input")

    def embed(self, content: Tensor) -> Tensor:
        """x, ``[..., step, feature]``, of what ``tensor`` gives, with any leading axes."""
        raise TypeError(f"{type(self).__name__}: expected a way to embed a step")

    def baselines(self, content: Tensor) -> Mapping[str, Tensor]:
        """What may stand for "nothing here", ``[feature]`` or ``[step, feature]``, by name, for one input."""
        raise TypeError(f"{type(self).__name__}: expected a baseline")

    def look(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """What the recurrence reads, ``[batch, step, size]``, of embedded sequences ``[batch, step, feature]``.

        Args:
            x: embedded steps.
            lengths: ``[batch]``; None if nothing is padding.
        """
        if self.neighbours is None:
            return x
        if self.neighbours.padding[0]:
            if lengths is not None:
                beyond = torch.arange(x.shape[1])[None] >= lengths[:, None]
                x = x.masked_fill(beyond[..., None].to(x.device), 0.0)
            return self.dropout(torch.relu(self.neighbours(x.mT)).mT)
        return torch.relu(self.neighbours(pad(x.mT, (self.architecture.width - 1, 0)))).mT

    def forward(self, content: Tensor) -> Tensor:
        """Embedded steps as training sees them, with dropout."""
        return self.dropout(self.embed(content))
