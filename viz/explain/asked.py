"""What every section of the Explain page is given."""

from __future__ import annotations

from dataclasses import dataclass

from core_models.trace import Trace
from pretrained.registry import Model
from pretrained.task import Reading


@dataclass(frozen=True)
class Asked:
    """What a section explains.

    Attributes:
        model: shared by all visitors, never changed.
        text: as typed.
        reading: the text as tokens.
        trace: what the model computed on it.
    """

    model: Model
    text: str
    reading: Reading
    trace: Trace
