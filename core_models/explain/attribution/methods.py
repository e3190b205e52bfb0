r"""How much each token of the input gave to an output: gradient × input, integrated gradients, occlusion.

    gradient × input       φ_i = ∂f/∂x_i · (x_i − x′)                            one backward pass
    integrated gradients   φ_i = (x_i − x′) · ∫₀¹ ∂f/∂x_i (x′ + a (x − x′)) da   Sundararajan et al. 2017, eq. 1
    occlusion              φ_i = f(x) − f(x with x_i replaced by x′)             Zeiler & Fergus 2014, section 4.2

x_i is a token's embedding, x′ the *baseline* that stands for "no word here", f the output asked about (a logit). A
product of two embeddings is summed over features, so that each token gets one number in the unit of f.

Sources: Sundararajan, Taly & Yan 2017, arXiv 1703.01365; Zeiler & Fergus 2014, arXiv 1311.2901. Shapley values and LIME
are in modules of their own; these three are computed here in one batch each, and tests hold them to Captum's. Not
offered is DeepLift (Shrikumar, Greenside & Kundaje 2017, arXiv 1704.02685): its rules replace the derivative of every
nonlinearity by a hook on its module, and a stock ``torch.nn.GRU`` or ``LSTM`` has its sigmoids, tanhs and the products
of its gates inside one fused call where no hook reaches. Captum then returns plain gradients without a word, and what
it reports is missing from the sum is as large as the output.

cuDNN has no backward pass for a recurrence in ``eval()``: it is switched off around every gradient, and only there. The
network is only called; nothing is hooked into it and no gradient is left on its parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from torch import Tensor

Read = Callable[[Tensor], Tensor]
"""One output for each of a batch of embedded inputs: ``[batch, step, feature]`` to ``[batch]``."""

ReadSome = Callable[[Tensor, Tensor], Tensor]
"""As ``Read``, with the number of the output to return for each row, ``[batch]``."""

STEPS = 50
"""Points on the straight path of integrated gradients."""

ROWS_AT_ONCE = 256
"""Inputs read side by side at most; bounds memory for long texts."""


def gradients(read: Read, x: Tensor) -> Tensor:
    """∂f/∂x of every input of a batch, ``[batch, step, feature]``."""
    found = []
    for some in x.detach().split(ROWS_AT_ONCE):
        with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
            inputs = some.clone().requires_grad_()
            found.append(torch.autograd.grad(read(inputs).sum(), inputs)[0])
    return torch.cat(found)


def gradient_times_input(read: Read, x: Tensor, baseline: Tensor) -> Tensor:
    """Gradient times distance from the baseline, ``[batch, step]``, of inputs ``[batch, step, feature]``.

    Args:
        read: the output asked about.
        x: embedded inputs.
        baseline: what stands for "no word", ``[feature]``; zero gives the classic gradient × input.
    """
    return (gradients(read, x) * (x - baseline)).sum(-1)


@cache
def _points(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Points and weights of the Gauss-Legendre rule on [0, 1]."""
    points, weights = np.polynomial.legendre.leggauss(count)
    return (points + 1.0) / 2.0, weights / 2.0


def integrated_gradients(read: Read, x: Tensor, baseline: Tensor, steps: int = STEPS) -> Tensor:
    """Integrated gradients ``[batch, step]`` by the Gauss-Legendre rule, all points of all inputs in one batch."""
    points, weights = (torch.as_tensor(values).to(x) for values in _points(steps))
    path = baseline + points[:, None, None, None] * (x - baseline)
    slopes = gradients(read, path.flatten(0, 1)).unflatten(0, (steps, -1))
    return ((weights[:, None, None, None] * slopes).sum(0) * (x - baseline)).sum(-1)


@torch.no_grad()
def occlusion(read: Read, x: Tensor, baseline: Tensor) -> Tensor:
    """What f loses when a token is replaced by the baseline, ``[batch, step]``; see ``gradient_times_input``."""
    steps = x.shape[1]
    here = torch.eye(steps, dtype=torch.bool, device=x.device)[None, :, :, None]
    hidden = torch.where(here, baseline, x[:, None]).flatten(0, 1)
    without = torch.cat([read(some) for some in hidden.split(ROWS_AT_ONCE)])
    return read(x)[:, None] - without.unflatten(0, (-1, steps))


def step_matrix(read: ReadSome, x: Tensor, baseline: Tensor, outputs: int) -> Tensor:
    """Gradient × input of every output with respect to every token, ``[output, step]``.

    Row o is gradient × input of output o alone, so that a tagger's tags, a language model's next tokens, a
    translation's written tokens or a forecast's values can each be traced to what was read. Each output has a copy of
    the input as its own row of a batch: one backward pass then gives all rows, whatever the network is made of.

    Args:
        read: output ``which[b]`` of row b, from inputs ``[batch, step, feature]`` and ``which`` ``[batch]``.
        x: one embedded input, ``[step, feature]``.
        baseline: what stands for "no word", ``[feature]``.
        outputs: how many outputs there are.
    """
    rows = []
    for which in torch.arange(outputs).split(ROWS_AT_ONCE):
        slopes = gradients(lambda inputs, which=which: read(inputs, which), x.expand(len(which), -1, -1))
        rows.append((slopes * (x - baseline)).sum(-1))
    return torch.cat(rows)
