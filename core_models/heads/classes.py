r"""One class of k for a whole sequence.

    two classes     ℓ = wᵀ s + b,   p(second) = σ(ℓ)
    more classes    p(y = k) = softmax(V s + d)_k

Two classes are told apart by one number: a softmax over two logits depends on their difference only.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core_models.explain.arithmetic.cell import Arithmetic
from core_models.explain.arithmetic.pooling import explain_readout
from core_models.explain.arithmetic.readout import Affine, HeadInput, explain_softmax
from core_models.heads.head import Concluded, Head
from core_models.trace import Site, Trace
from core_models.tracing import Replay

READOUT, ANSWER = Site("readout"), Site("answer")


class ClassHead(Head):
    """A class of the whole sequence."""

    site = ANSWER

    def run(self) -> None:
        """See ``Head.run``; two classes are told apart at a place of their own."""
        super().run()
        self.site = READOUT if self.binary else ANSWER

    @property
    def binary(self) -> bool:
        """Whether there are two classes, told apart by one logit."""
        return self.count == 2

    @property
    def rows(self) -> int:
        """Logits: one for two classes."""
        return 1 if self.binary else self.count

    def forward(self, summary: Tensor, x: Tensor) -> Tensor:
        """Logits ``[..., class]``; of two classes the first has logit 0."""
        logits = self.readout(summary)
        return torch.cat([torch.zeros_like(logits), logits], dim=-1) if self.binary else logits

    def quantities(self, concluded: Concluded) -> Replay:
        """The probability of each class; of two asked after every prefix, logit and probability of the second."""
        running = concluded.running
        if self.binary and running is not None:
            return {(READOUT, "logit"): running[:, 1], (READOUT, "probability"): torch.sigmoid(running[:, 1])}
        found = {} if running is None else {(ANSWER, "running_probability"): torch.softmax(running, dim=-1)}
        return found | {(ANSWER, "class_probability"): torch.softmax(concluded.outputs, dim=-1)}

    def telling(self, outputs: Tensor) -> int:
        """The second of two classes, or the most probable of several."""
        return 1 if self.binary else super().telling(outputs)

    @property
    def spelled(self) -> Affine:
        """See ``Head.spelled``; of two classes the first has logit 0."""
        weight, bias = super().spelled
        return (np.pad(weight, ((1, 0), (0, 0))), np.pad(bias, (1, 0))) if self.binary else (weight, bias)

    def explain(self, trace: Trace, read: HeadInput, key: str, step: int, unit: int) -> Arithmetic:
        """The sum behind the one logit of two classes, or the softmax of several; see ``Head.explain``."""
        weight, bias = self.spelled
        if self.binary and self.running:
            return explain_readout(self.site, trace, weight[1], float(bias[1]), read.summary(step), key, step)
        at = None if key == "class_probability" else step
        return explain_softmax((weight, bias), read.summary(at), trace, self.site, key, at, unit)
