"""What-ifs about a decoder's attention, as data: the network is never changed, an edit is passed to the call.

    Edits((AttentionEdit.on(2, position=5, count=9),))        step 2 looks at source token 5 alone
    Edits(score="scaled_dot", temperature=2.0)                every step compares by another score, softened

What a step writes depends on its context, so everything after an edited step is decoded anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core_models.attention import SCORES, Score
from core_models.trace import SUM_TOLERANCE

FREE_SCORES = ("dot", "scaled_dot")
"""Scores without a parameter, which can stand in for a trained one."""


@dataclass(frozen=True)
class AttentionEdit:
    """Attention of one step, said outright; all heads get the same.

    Attributes:
        step: target token whose attention it is, counted from 0.
        weights: one number for every source token, none negative, together 1.

    Raises:
        ValueError: if the weights are not shares of 1.
    """

    step: int
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        shares = np.asarray(self.weights, dtype=np.float64)
        total = float(shares.sum()) if np.isfinite(shares).all() else np.nan
        if self.step < 0 or not (shares >= 0.0).all() or not abs(total - 1.0) <= SUM_TOLERANCE:
            raise ValueError(
                f"attention edit: expected a step from 0 and shares that are not negative and sum to 1, "
                f"got step {self.step} and a sum of {total:g}"
            )

    @classmethod
    def uniform(cls, step: int, count: int) -> AttentionEdit:
        """All of ``count`` source tokens alike."""
        return cls(step, (1.0 / count,) * count)

    @classmethod
    def on(cls, step: int, position: int, count: int) -> AttentionEdit:
        """The source token at ``position`` alone.

        Raises:
            ValueError: if there is no such token among ``count``.
        """
        return cls(step, tuple(float(i == position) for i in range(count)))

    @classmethod
    def shared(cls, step: int, amounts: Iterable[float]) -> AttentionEdit:
        """Amounts that need not sum to 1, such as sliders', divided by their sum.

        Raises:
            ValueError: if all are 0 or one is negative.
        """
        found = np.asarray(tuple(amounts), dtype=np.float64)
        total = found.sum()
        return cls(step, tuple((found / total).tolist() if total > 0 else found.tolist()))


@dataclass(frozen=True)
class Edits:
    """Everything that is changed about the attention of one decoding.

    Attributes:
        attention: edited steps; at most one edit a step.
        score: name of a score without parameters that replaces the trained one at every step; None keeps it.
        temperature: the scores are divided by it: above 1 softens the weights, below 1 sharpens them.

    Raises:
        ValueError: if the score has parameters, the temperature is not positive, or a step is edited twice.
    """

    attention: tuple[AttentionEdit, ...] = ()
    score: str | None = None
    temperature: float = 1.0

    def __post_init__(self) -> None:
        if self.score is not None and self.score not in FREE_SCORES:
            raise ValueError(f"attention edit: expected one of {', '.join(FREE_SCORES)}, got {self.score!r}")
        if not 0.0 < self.temperature < float("inf"):
            raise ValueError(f"attention edit: expected a temperature above 0, got {self.temperature:g}")
        if len({edit.step for edit in self.attention}) < len(self.attention):
            raise ValueError("attention edit: expected at most one edit a step, got several")

    @property
    def steps(self) -> tuple[int, ...]:
        """Steps whose weights are said outright."""
        return tuple(edit.step for edit in self.attention)

    def score_of(self, query: Tensor) -> Score:
        """The replacing score function, for states as long as ``query``'s."""
        return SCORES[str(self.score)](query.shape[-1])

    def weights_at(self, step: int, weights: Tensor) -> Tensor:
        """The weights of a step, ``[batch, head, 1, key]``: those given, unless the step is edited.

        Raises:
            ValueError: if the edit is for another number of source tokens.
        """
        for edit in self.attention:
            if edit.step == step:
                if len(edit.weights) != weights.shape[-1]:
                    count = weights.shape[-1]
                    raise ValueError(f"attention edit: expected {count} source tokens, got {len(edit.weights)}")
                given = torch.tensor(edit.weights, dtype=weights.dtype, device=weights.device)
                return given.expand_as(weights)
        return weights


UNEDITED = Edits()
