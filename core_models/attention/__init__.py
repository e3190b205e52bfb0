"""Attention: score functions, listed here and nowhere else."""

from core_models.attention.additive import AdditiveScore
from core_models.attention.concat import ConcatScore
from core_models.attention.dot import DotScore, ScaledDotScore
from core_models.attention.multi_head import MultiHeadScore
from core_models.attention.score import Score, masked_softmax

SCORES: dict[str, type[Score]] = {
    "additive": AdditiveScore,
    "concat": ConcatScore,
    "dot": DotScore,
    "scaled_dot": ScaledDotScore,
    "multi_head": MultiHeadScore,
}

__all__ = ["SCORES", "MultiHeadScore", "Score", "masked_softmax", "score_of"]


def score_of(key: str | None, hidden: int, heads: int = 1) -> Score | None:
    """A fresh score of this key for states of ``hidden`` units; ``heads`` of them where it has several, None for None.

    Raises:
        KeyError: if there is none of that key.
    """
    if key is None:
        return None
    kind = SCORES[key]
    return kind(hidden, heads) if issubclass(kind, MultiHeadScore) else kind(hidden)
