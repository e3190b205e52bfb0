r"""Numbers at every step, as they are: y_{t,k} = w_k · s_t + b_k.

The readout of a regression, or the scores of labels before any softmax. Without a readout of its own (``as_it_is``)
a network gives its states themselves.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from core_models.explain.arithmetic.cell import Arithmetic
from core_models.explain.arithmetic.readout import HeadInput, products
from core_models.heads.head import Concluded, Head
from core_models.language import mark, say
from core_models.trace import Site, Trace
from core_models.tracing import Replay
from core_models.vocabulary import quantity

VALUES, VALUE = Site("values"), "output_value"


class ValueHead(Head):
    """Numbers at every step."""

    site, each_step, unit = VALUES, True, mark("units of the output")

    def scalar(self, outputs: Tensor, index: int | Tensor, against: int | None = None) -> Tensor:
        """One number of each row, less another one if ``against`` is given."""
        chosen = torch.as_tensor(index, device=outputs.device).expand(len(outputs))
        found = outputs.gather(1, chosen[:, None])[:, 0]
        return found if against is None else found - outputs[:, against]

    def squash(self, scalars: Tensor) -> Tensor:
        """A number is compared as it is."""
        return scalars

    def quantities(self, concluded: Concluded) -> Replay:
        """Every number at every step."""
        return {(VALUES, VALUE): concluded.outputs}

    def explain(self, trace: Trace, read: HeadInput, key: str, step: int, unit: int) -> Arithmetic:
        """The sum behind output ``unit`` at a step; see ``Head.explain``."""
        terms, row = products(self.readout.weight, self.readout.bias, unit, read.at(step)), quantity(key)
        value = math.fsum(term.product for term in terms)
        title = say("{quantity}, output {n}, {token}", quantity=row.label, n=unit + 1, token=trace.tokens.name(step))
        lines = (row.equation, rf"{row.latex} = {value:.6f}")
        return Arithmetic(title, lines, tuple(terms), (), value, float(trace.array(VALUES, key)[step, unit]))
