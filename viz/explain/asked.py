"""What every section of the Explain page is given."""

from __future__ import annotations

from dataclasses import dataclass

from core_models.trace import Trace
from pretrained.registry import Model
from pretrained.sequence_model import SequenceModel
from pretrained.task import Given, Reading


@dataclass(frozen=True)
class Asked:
    """What a section explains.

    Attributes:
        any_model: shared by all visitors, never changed.
        given: the input as the person gave it.
        reading: the input as the network sees it.
        trace: what the model computed on it.
    """

    any_model: SequenceModel
    given: Given
    reading: Reading
    trace: Trace

    @property
    def text(self) -> str:
        """The text as typed, or what stands for the input."""
        return self.given.text

    @property
    def model(self) -> Model:
        """The model as the classifier that most sections are about.

        Raises:
            TypeError: if it is none.
        """
        if not isinstance(self.any_model, Model):
            raise TypeError(f"explain: expected a classifier, got {type(self.any_model).__name__}")
        return self.any_model

    @property
    def classifies(self) -> bool:
        """Whether the model is a classifier."""
        return isinstance(self.any_model, Model)
