"""One translation on screen: what was read, what was written, and short ways to what the page needs of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core_models.edits.edit import Stack
from core_models.encoded import Encoded
from core_models.networks.translation import ATTENTION, Translation
from core_models.trace import Trace
from pretrained.families.translation.trained import Answer, TrainedTranslator
from viz.cards import Origin
from viz.session import Selection
from viz.translate.answers import Request


@dataclass(frozen=True)
class Shown:
    """A source as it was read, and the answer to it."""

    reading: Encoded
    answer: Answer

    @property
    def origin(self) -> Origin:
        """Model and source, for the cards of the page."""
        return Origin(self.trace.model, self.reading.tokens.text)

    @property
    def translation(self) -> Translation:
        """Everything inside while the best target was written."""
        return self.answer.translation

    @property
    def trace(self) -> Trace:
        """Its values."""
        return self.translation.trace

    @property
    def sources(self) -> Sequence[str]:
        """Labels of the source tokens."""
        return self.reading.tokens.labels

    @property
    def targets(self) -> Sequence[str]:
        """Labels of the written tokens."""
        return self.trace.tokens.labels

    @property
    def attends(self) -> bool:
        """Whether the network has attention."""
        return (ATTENTION, "attention_weights") in self.trace

    def weights(self, head: str) -> NDArray[np.floating]:
        """Attention weights ``[query, key]`` of one head, or the ``mean`` or ``max`` over heads."""
        return summary(self.trace.array(ATTENTION, "attention_weights"), head)


@dataclass(frozen=True)
class Screen:
    """What a section below the translation has to draw from.

    Attributes:
        model: the translator.
        asked: for the translation without what-ifs.
        original: that translation.
        changed: the one with what-ifs; ``original`` where there are none.
        selection: the selected number.
        stack: the what-ifs.
    """

    model: TrainedTranslator
    asked: Request
    original: Shown
    changed: Shown
    selection: Selection | None
    stack: Stack


def summary(weights: NDArray[np.floating], head: str) -> NDArray[np.floating]:
    """One head of weights ``[head, query, key]`` by its number, or the ``mean`` or ``max`` over all."""
    if head in ("mean", "max"):
        return weights.mean(axis=0) if head == "mean" else weights.max(axis=0)
    return weights[min(int(head), len(weights) - 1)]


def written_step(selection: Selection | None, trace: Trace) -> int | None:
    """The written token that the selected number belongs to; None where nothing or the source is selected."""
    return None if selection is None or selection.site in trace.reading else selection.step
