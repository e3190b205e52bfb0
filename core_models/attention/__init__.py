"""Attention: one score function a file, listed here and nowhere else."""

from core_models.attention.additive import AdditiveScore, masked_softmax

SCORES: dict[str, type[AdditiveScore]] = {"additive": AdditiveScore}

__all__ = ["SCORES", "AdditiveScore", "masked_softmax"]
