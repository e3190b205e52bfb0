r"""What is written: p(y_t = k) = softmax(E o_t + b)_k, E being the table of target embeddings.

It stands behind a decoder's output layer, which gives o_t; sharing E between input and output is Press & Wolf 2017,
arXiv 1608.05859.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import linear

from core_models.heads.next_token import NextTokenHead
from core_models.trace import Site

OUTPUT = Site("output")


class WrittenHead(NextTokenHead):
    """The token that is written at each step of the target; its weights are the decoder's."""

    site, of_input = OUTPUT, False

    def __init__(self, table: nn.Embedding, bias: nn.Parameter) -> None:
        nn.Module.__init__(self)
        self.count, self.table, self.bias = table.num_embeddings, table, bias

    def forward(self, summary: Tensor, x: Tensor | None = None) -> Tensor:
        """Logits ``[..., target id]`` from o ``[..., feature]``."""
        return linear(summary, self.table.weight, self.bias)
