r"""The vanilla (Elman) recurrent network.

    a_t = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh
    h_t = tanh(a_t)          (or max(0, a_t) for torch.nn.RNN(nonlinearity="relu"))

Source: Elman 1990, "Finding Structure in Time", Cognitive Science 14; torch.nn.RNN documentation. There are no gates:
the whole state is overwritten at every step, and what survives survives only through W_hh.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from core_models.cells.cell import Cell, Formula, Hold, Part, Stock, Values, Weights, as_computed
from core_models.convention import Convention
from core_models.language import mark

TANH = {"hidden_state": Formula(r"\tanh({preactivation})", lambda v: math.tanh(v["preactivation"]))}
RELU = {"hidden_state": Formula(r"\max(0, {preactivation})", lambda v: max(0.0, v["preactivation"]))}


def _convention(key: str, name: str, squash: str) -> Convention:
    return Convention(
        key=key,
        name=name,
        equations=(r"a_t = W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh}", rf"h_t = {squash}"),
        source="Elman 1990, Finding Structure in Time; torch.nn.RNN documentation",
        note=mark("No gates: the whole state is rewritten at every token, so nothing protects what was stored."),
        effects={},
        keeps_past={},
    )


class RNNCell(Cell):
    """Elman's cell."""

    convention = _convention("rnn", mark("vanilla RNN"), r"\tanh(a_t)")
    parts = (Part("preactivation", "identity"),)
    formulas = TANH
    stock = Stock(nn.RNN, "RNN_TANH", torch.rnn_tanh)
    squash: Callable[[Tensor], Tensor] = staticmethod(torch.tanh)

    def gates(
        self, from_input: Tensor, before: Values, weights: Weights, hold: Hold = as_computed
    ) -> dict[str, Tensor]:
        """The pre-activation; see ``Cell.gates``."""
        return {"preactivation": hold("preactivation", from_input + weights.recur(before["hidden_state"]))}

    def update(self, gates: Values, before: Values) -> dict[str, Tensor]:
        """The state after a step; see ``Cell.update``."""
        return {"hidden_state": self.squash(gates["preactivation"])}


class ReLURNNCell(RNNCell):
    """Elman's cell with a rectifier in the place of tanh."""

    convention = _convention("rnn_relu", mark("vanilla RNN, ReLU"), r"\max(0, a_t)")
    formulas = RELU
    stock = Stock(partial(nn.RNN, nonlinearity="relu"), "RNN_RELU", torch.rnn_relu)
    squash = staticmethod(torch.relu)
