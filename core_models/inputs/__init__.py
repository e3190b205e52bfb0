"""Input layers: how ids or numbers become what a recurrence reads; one file each, listed here and nowhere else."""

from core_models.inputs.input import InputLayer
from core_models.inputs.numbers import FrameInput, SeriesInput
from core_models.inputs.tokens import TokenInput

INPUTS: tuple[type[InputLayer], ...] = (TokenInput, FrameInput, SeriesInput)

__all__ = ["INPUTS", "FrameInput", "InputLayer", "SeriesInput", "TokenInput"]
