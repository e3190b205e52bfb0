"""What a sequence network is made of: the choices and sizes in a recipe's ``[model]`` table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Architecture:
    """Sizes and choices that define a network which reads one sequence.

    Attributes:
        cell: key of the recurrence, one of ``core_models.cells``.
        hidden: units of each direction.
        embedding: features of a token; 0 where the input is numbers.
        layers: recurrent layers.
        bidirectional: whether the sequence is read from both ends.
        nonlinearity: of a vanilla RNN.
        features: features of each further column of ids beside the token's own.
        positions: steps that have a learned code of their own, added to the token's; 0 for none.
        channels: outputs of a convolution over neighbouring steps; 0 for none.
        width: steps that it sees: around each one where the sequence is read from both ends, else up to it.
        anchor: what a series is read relative to: ``mean`` its mean, ``last`` its last value, ``both`` side by side;
            ``none`` where the input is no series.
        attention: key of the score by which states are compared, one of ``core_models.attention``; None for none.
        heads: attention heads, where the score has several.
        readout: how context and state are joined for the heads, one of ``core_models.attention.join``.
        place: step, from 0, at which a sequence read from both ends is asked; None for its end.
        linear: steps of a linear autoregression beside the recurrence; 0 for none.
    """

    cell: str
    hidden: int
    embedding: int = 0
    layers: int = 1
    bidirectional: bool = False
    nonlinearity: Literal["tanh", "relu"] = "tanh"
    features: Sequence[int] = ()
    positions: int = 0
    channels: int = 0
    width: int = 1
    anchor: Literal["none", "mean", "last", "both"] = "none"
    attention: str | None = None
    heads: int = 1
    readout: str = "context"
    place: int | None = None
    linear: int = 0

    @property
    def units(self) -> int:
        """Units of one layer, directions joined."""
        return self.hidden * (2 if self.bidirectional else 1)

    @property
    def fixed_length(self) -> bool:
        """Whether it reads sequences of one length only, so that no step can be left out."""
        return self.place is not None or self.positions > 0

    def __post_init__(self) -> None:
        if self.channels and self.bidirectional and self.width % 2 == 0:
            raise ValueError(f"architecture: expected an odd width around each step, got {self.width}")
        if self.place is not None and not self.bidirectional:
            raise ValueError(f"architecture: expected no place to be asked at in one direction, got {self.place}")
        if self.attention and self.bidirectional and self.place is None:
            raise ValueError("architecture: expected a place to be asked at, got attention from both ends without one")
        if self.positions and not self.embedding:
            raise ValueError(f"architecture: expected no codes of places for numbers, got {self.positions}")
