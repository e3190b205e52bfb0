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

__all__ = ["SCORES", "MultiHeadScore", "Score", "masked_softmax"]
