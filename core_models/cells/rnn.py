r"""The vanilla (Elman) recurrent network.

    a_t = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh
    h_t = tanh(a_t)          (or max(0, a_t) for torch.nn.RNN(nonlinearity="relu"))

Source: Elman 1990, "Finding Structure in Time", Cognitive Science 14; torch.nn.RNN documentation. There are no gates:
the whole state is overwritten at every step, and what survives survives only through W_hh.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from core_models.cells.cell import Formula, Hold, Part, Values, as_computed
from core_models.convention import Convention


@dataclass(frozen=True)
class RNNCell:
    """Elman's cell; ``nonlinearity`` is ``tanh`` or ``relu``."""

    nonlinearity: str = "tanh"
    parts = (Part("preactivation", "identity"),)
    states = ("hidden_state",)

    @property
    def convention(self) -> Convention:
        """Equations, source and convention."""
        squash = r"\tanh(a_t)" if self.nonlinearity == "tanh" else r"\max(0, a_t)"
        name = "vanilla RNN" if self.nonlinearity == "tanh" else "vanilla RNN, ReLU"
        return Convention(
            key="rnn" if self.nonlinearity == "tanh" else "rnn_relu",
            name=name,
            equations=(r"a_t = W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh}", rf"h_t = {squash}"),
            source="Elman 1990, Finding Structure in Time; torch.nn.RNN documentation",
            note="No gates: the whole state is rewritten at every token, so nothing protects what was stored.",
            effects={},
            keeps_past={},
        )

    @property
    def formulas(self) -> dict[str, Formula]:
        """Arithmetic of the state; see ``Cell.formulas``."""
        if self.nonlinearity == "tanh":
            return {"hidden_state": Formula(r"\tanh({preactivation})", lambda v: math.tanh(v["preactivation"]))}
        return {"hidden_state": Formula(r"\max(0, {preactivation})", lambda v: max(0.0, v["preactivation"]))}

    def gates(self, from_input: Tensor, from_state: Tensor, hold: Hold = as_computed) -> dict[str, Tensor]:
        """The pre-activation; see ``Cell.gates``."""
        return {"preactivation": hold("preactivation", from_input + from_state)}

    def update(self, gates: Values, before: Values) -> dict[str, Tensor]:
        """The state after a step; see ``Cell.update``."""
        squash = torch.tanh if self.nonlinearity == "tanh" else torch.relu
        return {"hidden_state": squash(gates["preactivation"])}

    def replay(self, gates: Values, initial: Values, hidden: Tensor) -> dict[str, Tensor]:
        """The states at all steps; see ``Cell.replay``."""
        return {"hidden_state": hidden}
