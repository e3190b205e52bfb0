r"""One class of k for a whole sequence.

    two classes     ℓ = wᵀ s + b,   p(second) = σ(ℓ)
    more classes    p(y = k) = softmax(V s + d)_k

Two classes are told apart by one number: a softmax over two logits depends on their difference only.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core_models.heads.head import Concluded, Head
from core_models.trace import Site
from core_models.tracing import Replay

READOUT, ANSWER = Site("readout"), Site("answer")


class ClassHead(Head):
    """A class of the whole sequence."""

    @property
    def binary(self) -> bool:
        """Whether there are two classes, told apart by one logit."""
        return self.count == 2

    @property
    def rows(self) -> int:
        """Logits: one for two classes."""
        return 1 if self.binary else self.count

    @property
    def site(self) -> Site:  # type: ignore[override]
        """Where its quantities stand."""
        return READOUT if self.binary else ANSWER

    def forward(self, summary: Tensor, x: Tensor) -> Tensor:
        """Logits ``[..., class]``; of two classes the first has logit 0."""
        logits = self.readout(summary)
        return torch.cat([torch.zeros_like(logits), logits], dim=-1) if self.binary else logits

    def quantities(self, concluded: Concluded) -> Replay:
        """Logit and probability of the second of two classes, or the probability of each class, after every prefix."""
        running = concluded.running
        if self.binary:
            logits = (concluded.outputs[None] if running is None else running)[:, 1]
            return {(READOUT, "logit"): logits, (READOUT, "probability"): torch.sigmoid(logits)}
        found = {} if running is None else {(ANSWER, "running_probability"): torch.softmax(running, dim=-1)}
        return found | {(ANSWER, "class_probability"): torch.softmax(concluded.outputs, dim=-1)}
