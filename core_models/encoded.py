"""What a network reads: one input as tokens with their ids, or as numbers; no batch axis, as in a trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core_models.trace import Tokens

if TYPE_CHECKING:  # what reads files in a process of its own needs no torch
    from torch import Tensor

State: TypeAlias = "Tensor | tuple[Tensor, ...] | None"
"""Initial or last state of a recurrence as torch takes it; None for zeros."""


@dataclass(frozen=True, eq=False)
class Encoded:
    """One input as a network will see it; ``Task.encode`` makes it.

    Attributes:
        tokens: names of the steps, their places in the text, and their ids where they have some.
        notices: sentences to show beside the result, such as that the text was cut.
        values: ``[step, channel]``, where the sequence is one of numbers.
        state: from which it is read on, where it is a part of something longer; as the recurrence takes it.
        stretch: factors of the interval of what is forecast of it, ``[horizon]``; those of the head if None.
        written: what is written for it, token by token, the end included; None where nothing is.
    """

    tokens: Tokens
    notices: tuple[str, ...] = ()
    values: NDArray[np.float32] | None = None
    state: State = None
    stretch: Tensor | None = None
    written: Tokens | None = None

    @property
    def ids(self) -> tuple[int | tuple[int, ...], ...]:
        """Ids of the tokens; where several columns are read, a tuple for each token."""
        return self.tokens.ids

    def __len__(self) -> int:
        """Number of steps."""
        return len(self.tokens)
