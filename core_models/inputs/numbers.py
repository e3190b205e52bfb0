r"""Numbers: frames of a signal, read as they are, and series, read relative to their mean or last value.

    frames    x_t = v_t
    series    x_t = v_t, its first channel (the series itself) less its last value where it is anchored there

All values of a series are in standard deviations from its mean. Anchoring at the last value makes a network that has
learned nothing repeat that value, the forecast that many published networks do not beat; the level may then drift
away from what was seen in training without harm (Kim et al. 2022, "Reversible instance normalization", ICLR; Zeng et
al. 2023, "Are transformers effective for time series forecasting?", arXiv 2205.13504, NLinear).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core_models.encoded import Encoded
from core_models.inputs.input import InputLayer
from core_models.networks.architecture import Architecture
from core_models.trace import Site

FRAMES, INPUT = Site("frames"), Site("input")


class FrameInput(InputLayer):
    """Frames ``[step, channel]`` of a signal."""

    address = FRAMES, "frame"

    def __init__(self, architecture: Architecture, channels: int, dropout: float = 0.0) -> None:
        super().__init__(architecture, channels, dropout)
        self.channels = channels
        self.register_buffer("_here", torch.empty(0), persistent=False)

    _here: Tensor

    def tensor(self, encoded: Encoded) -> Tensor:
        """Values ``[step, channel]``; see ``InputLayer.tensor``."""
        return torch.tensor(encoded.values, device=self._here.device)

    def embed(self, content: Tensor) -> Tensor:
        """The values themselves."""
        return content

    def baselines(self, content: Tensor) -> Mapping[str, Tensor]:
        """Zeros, or what is heard on average in this very signal."""
        return {"zero": torch.zeros_like(content), "average": content.mean(0)}


class SeriesInput(FrameInput):
    """A series ``[step, channel]``, the first channel the one that is forecast."""

    address, shortens = (INPUT, "input_values"), False

    def __init__(self, architecture: Architecture, channels: int, dropout: float = 0.0) -> None:
        super().__init__(architecture, channels)
        self.size = channels + (architecture.anchor == "both")
        self.looks_ahead = architecture.anchor != "mean"

    def baselines(self, content: Tensor) -> Mapping[str, Tensor]:
        """The mean, which is zero, or the last step's values."""
        return {"mean": torch.zeros_like(content[0]), "last": content[-1]}

    def look(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """See ``InputLayer.look``; series of one batch are of one length."""
        if self.architecture.anchor == "mean":
            return x
        moved = x[..., :1] - x[..., -1:, :1]
        return torch.cat([moved, x if self.architecture.anchor == "both" else x[..., 1:]], dim=-1)
