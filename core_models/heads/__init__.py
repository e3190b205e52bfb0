"""Heads: what a network answers from its states; one file each, listed here and nowhere else."""

from core_models.heads.classes import ClassHead
from core_models.heads.forecast import ForecastHead
from core_models.heads.head import Head
from core_models.heads.labels import LabelHead
from core_models.heads.next_token import NextTokenHead
from core_models.heads.values import ValueHead
from core_models.heads.written import WrittenHead

HEADS: dict[str, type[Head]] = {
    "answer": ClassHead,
    "tags": LabelHead,
    "next_token": NextTokenHead,
    "forecast": ForecastHead,
    "numbers": ValueHead,
}
"""By the name under which a sequence network holds one; an encoder-decoder has a ``WrittenHead``."""

CHOOSING = ("answer", "tags", "next_token")
"""Those that choose one of several answers about an input."""

__all__ = [
    "CHOOSING", "HEADS", "ClassHead", "ForecastHead", "Head", "LabelHead", "NextTokenHead", "ValueHead", "WrittenHead",
]  # fmt: skip
