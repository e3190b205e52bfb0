r"""Long short-term memory whose gates and candidate are made from the input alone: minLSTM.

    f_t = σ(W_f x_t + b_f)                                    forget gate
    i_t = σ(W_i x_t + b_i)                                    input gate
    h̃_t = W_h x_t + b_h                                       candidate, not squashed
    h_t = f_t / (f_t + i_t) ⊙ h_{t-1} + i_t / (f_t + i_t) ⊙ h̃_t

The two gates share out one whole, so that the scale of the state does not depend on the step; there is no output gate
and no cell state. Nothing but the last line reads the state, and that is linear in it, as in core_models.cells.min_gru.
Where both gates are held at 0, the state is 0. Source: Feng et al. 2024, "Were RNNs all we needed?", arXiv 2410.01201,
section 3.2. Their form for training in log-space, with a positive candidate, is not used here.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core_models.cells.cell import Cell, Formula, Hold, Part, Values, Weights, as_computed
from core_models.cells.scan import scan
from core_models.convention import Convention, Effect
from core_models.language import mark

CONVENTION = Convention(
    key="min_lstm",
    name="minLSTM",
    equations=(
        r"f_t = \sigma(W_f x_t + b_f)",
        r"i_t = \sigma(W_i x_t + b_i)",
        r"\tilde{h}_t = W_h x_t + b_h",
        r"h_t = \frac{f_t}{f_t + i_t} \odot h_{t-1} + \frac{i_t}{f_t + i_t} \odot \tilde{h}_t",
    ),
    source="Feng et al. 2024, arXiv 2410.01201, section 3.2",
    note=mark(
        "What is kept and what is written share out one whole: f / (f + i) and i / (f + i). Neither gates nor "
        "candidate read the state, so that a token is written in the same way whatever came before it."
    ),
    effects={
        "forget_gate": Effect(mark("keeps 1 / (1 + i) of the state, so at least half"), mark("erases the state")),
        "input_gate": Effect(mark("writes 1 / (1 + f) of the candidate, so at least half"), mark("writes nothing")),
    },
    keeps_past={"forget_gate": True},
    writes="input_gate",
    shared=True,
    gates_read_state=False,
)


def _state(v: Mapping[str, float]) -> float:
    kept, written = CONVENTION.kept(v.__getitem__), CONVENTION.written(v.__getitem__)
    return kept * v["before_hidden_state"] + written * v["linear_candidate"]


FORMULAS = {
    "hidden_state": Formula(
        r"\frac{{forget_gate}}{{forget_gate} + {input_gate}} \cdot {before_hidden_state} + "
        r"\frac{{input_gate}}{{forget_gate} + {input_gate}} \cdot {linear_candidate}",
        _state,
    )
}


class MinLSTMCell(Cell):
    """Feng et al.'s minLSTM; see the module's docstring."""

    convention = CONVENTION
    parts = (
        Part("forget_gate", "sigmoid", reads=None),
        Part("input_gate", "sigmoid", reads=None),
        Part("linear_candidate", "identity", reads=None),
    )
    formulas = FORMULAS

    def gates(
        self, from_input: Tensor, before: Values, weights: Weights, hold: Hold = as_computed
    ) -> dict[str, Tensor]:
        """Forget and input gate and the candidate; see ``Cell.gates``."""
        f, i, n = from_input.chunk(3, dim=-1)
        return {
            "forget_gate": hold("forget_gate", torch.sigmoid(f)),
            "input_gate": hold("input_gate", torch.sigmoid(i)),
            "linear_candidate": hold("linear_candidate", n),
        }

    def update(self, gates: Values, before: Values) -> dict[str, Tensor]:
        """The state after a step; see ``Cell.update``."""
        kept, written = CONVENTION.kept(gates.__getitem__), CONVENTION.written(gates.__getitem__)
        return {"hidden_state": kept * before["hidden_state"] + written * gates["linear_candidate"]}

    def unroll(self, gates: Values, initial: Values) -> dict[str, Tensor]:
        """The states at all steps, by a scan; see ``Cell.unroll``."""
        kept, written = CONVENTION.kept(gates.__getitem__), CONVENTION.written(gates.__getitem__)
        return {"hidden_state": scan(kept, written * gates["linear_candidate"], initial["hidden_state"])}
