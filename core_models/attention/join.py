r"""How the readout's input is made of the context and the last state.

    context       s_t = c_t
    concatenated  s_t = [c_t; h_t]
    fused         γ_t = σ(W [c_t; h_t] + b),  s_t = γ_t ⊙ c_t + (1 - γ_t) ⊙ h_t
    pooled        s_t = 1/t Σ_{k≤t} c_k: every token asks (self-attention), and the answers are averaged

The fusion is a gate of the kind of Arevalo et al. 2017, arXiv 1702.01992 (gated multimodal units), eq. 1, on the states
themselves; concatenation is Luong, Pham & Manning 2015, arXiv 1508.04025, eq. 5, without its tanh.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core_models.convention import Convention, Effect
from core_models.language import mark


class ContextAlone(nn.Module):
    """s_t = c_t."""

    convention: Convention | None = None
    every_query: bool = False
    """Whether the context of every token is read, not of the last one alone."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.size = hidden

    def forward(self, context: Tensor, state: Tensor) -> dict[str, Tensor]:
        """Nothing to compute: the readout reads the context."""
        return {}

    def summary(self, context: Tensor, state: Tensor) -> Tensor:
        """What the readout reads, ``[..., size]``."""
        return context


class Concatenated(ContextAlone):
    """s_t = [c_t; h_t]."""

    def __init__(self, hidden: int) -> None:
        super().__init__(hidden)
        self.size = 2 * hidden

    def summary(self, context: Tensor, state: Tensor) -> Tensor:
        """What the readout reads; see ``ContextAlone.summary``."""
        return torch.cat([context, state], dim=-1)


class Fused(ContextAlone):
    """s_t = γ_t ⊙ c_t + (1 - γ_t) ⊙ h_t with a learned gate γ_t."""

    convention = Convention(
        key="fusion",
        name="fusion",
        equations=(
            r"\gamma_t = \sigma(W [c_t ; h_t] + b)",
            r"s_t = \gamma_t \odot c_t + (1 - \gamma_t) \odot h_t",
        ),
        source="after Arevalo et al. 2017, arXiv 1702.01992, eq. 1",
        note=mark("At 1 the readout reads the context, at 0 the last state."),
        effects={"fusion_gate": Effect(mark("reads the context alone"), mark("reads the last hidden state alone"))},
        keeps_past={},
    )

    def __init__(self, hidden: int) -> None:
        super().__init__(hidden)
        self.gate = nn.Linear(2 * hidden, hidden)

    def forward(self, context: Tensor, state: Tensor) -> dict[str, Tensor]:
        """Fusion gate and fused state, ``[..., unit]``, by quantity key."""
        gate = torch.sigmoid(self.gate(torch.cat([context, state], dim=-1)))
        return {"fusion_gate": gate, "fused_state": gate * context + (1.0 - gate) * state}

    def summary(self, context: Tensor, state: Tensor) -> Tensor:
        """What the readout reads; see ``ContextAlone.summary``."""
        return self(context, state)["fused_state"]


class Pooled(ContextAlone):
    """s_t = 1/t Σ_{k≤t} c_k; queries, keys and values of self-attention as in Lin et al. 2017, then their mean."""

    every_query = True

    def forward(self, context: Tensor, state: Tensor) -> dict[str, Tensor]:
        """Mean of the contexts up to every token, ``[..., step, unit]``."""
        return {"pooled_context": self.summary(context, state)}

    def summary(self, context: Tensor, state: Tensor) -> Tensor:
        """What the readout reads after every token, ``[..., step, unit]``."""
        counts = torch.arange(1, context.shape[-2] + 1, dtype=context.dtype, device=context.device)
        return context.cumsum(dim=-2) / counts[:, None]


JOINS: dict[str, type[ContextAlone]] = {
    "context": ContextAlone, "concatenated": Concatenated, "fused": Fused, "pooled": Pooled,
}  # fmt: skip
