r"""Attention inside the recurrence, trained in batches: the new state is made from a look back at all earlier states.

    e_ti = v_aᵀ tanh(W_a h_i + U_a h_{t-1})    for i < t
    a_ti = exp(e_ti) / Σ_{j<t} exp(e_tj)
    m_t  = Σ_{i<t} a_ti h_i                    m_1 = 0: at the first step there is nothing to look back at
    h_t  = tanh(W_h x_t + U_h m_t + b)

The score is the additive one of Bahdanau, Cho & Bengio 2015, arXiv 1409.0473, appendix A.1.2. T steps cost O(T²). The
gradient is written out by hand: autograd would build some ten small nodes a step, each with a copy of all states. The
tests hold it to finite differences.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn


class AttentiveRNN(nn.Module):
    """A recurrent layer whose state is made from the input and an attention over its own past.

    Args:
        input_size: features of one step.
        hidden_size: units.
        attention_size: rows of W_a and U_a.
    """

    def __init__(self, input_size: int, hidden_size: int, attention_size: int) -> None:
        super().__init__()
        self.w_h = nn.Linear(input_size, hidden_size)
        self.u_h = nn.Parameter(torch.empty(hidden_size, hidden_size))
        self.w_a = nn.Parameter(torch.empty(attention_size, hidden_size))
        self.u_a = nn.Parameter(torch.empty(attention_size, hidden_size))
        self.v_a = nn.Parameter(torch.empty(attention_size))
        nn.init.orthogonal_(self.u_h)
        nn.init.xavier_uniform_(self.w_a)
        nn.init.xavier_uniform_(self.u_a)
        nn.init.uniform_(self.v_a, -1 / math.sqrt(attention_size), 1 / math.sqrt(attention_size))

    def forward(self, x: Tensor) -> Tensor:
        """States after every step, ``[step, sequence, unit]``, from inputs ``[step, sequence, feature]``."""
        return self.look_back(x)[0]

    def look_back(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """States, and attention weights ``[step, earlier step, sequence]``: zero from the step itself on."""
        return _Recurrence.apply(self.w_h(x), self.u_h, self.w_a, self.u_a, self.v_a)  # type: ignore[return-value]

    def peek(self, x: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
        """One more step from each prefix: row t reads ``x`` after the first t + 1 of ``states``.

        Args:
            x: one input, ``[feature]``.
            states: states after every step, ``[step, unit]``.

        Returns:
            The states after that step, ``[step, unit]``, and the attention it paid, ``[step, earlier step]``.
        """
        e = (states @ self.w_a.t() + (states @ self.u_a.t())[:, None]).tanh() @ self.v_a
        later = torch.ones_like(e).triu(1).bool()
        a = e.masked_fill(later, -math.inf).softmax(dim=1)
        return torch.tanh(self.w_h(x) + a @ states @ self.u_h.t()), a


class _Recurrence(torch.autograd.Function):
    """The loop over steps and its gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, u_h: Tensor, w_a: Tensor, u_a: Tensor, v_a: Tensor) -> tuple[Tensor, Tensor]:
        steps, batch = x.shape[:2]
        h, m = torch.empty_like(x), torch.zeros_like(x)
        keys, queries = x.new_empty(steps, batch, len(v_a)), x.new_zeros(steps, batch, len(v_a))
        a = x.new_zeros(steps, steps, batch)
        for t in range(steps):
            if t:
                torch.mm(h[t - 1], u_a.t(), out=queries[t])
                torch.softmax((keys[:t] + queries[t]).tanh_() @ v_a, dim=0, out=a[t, :t])
                torch.sum(a[t, :t, :, None] * h[:t], dim=0, out=m[t])
            torch.tanh(torch.addmm(x[t], m[t], u_h.t()), out=h[t])
            torch.mm(h[t], w_a.t(), out=keys[t])
        ctx.save_for_backward(h, m, keys, queries, a, u_h, w_a, u_a, v_a)
        ctx.mark_non_differentiable(a)
        return h, a

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        h, m, keys, queries, a, u_h, w_a, u_a, v_a = ctx.saved_tensors
        dh, dkeys, dqueries = grads[0].clone(), torch.zeros_like(keys), torch.zeros_like(queries)
        dx, dv = torch.empty_like(h), torch.zeros_like(v_a)
        for t in range(len(h) - 1, -1, -1):
            dh[t].addmm_(dkeys[t], w_a)  # every later step has looked at this one by now
            torch.mul(dh[t], 1.0 - h[t] * h[t], out=dx[t])
            if not t:
                break
            dm = dx[t] @ u_h
            weight, da = a[t, :t], (h[:t] * dm).sum(dim=2)
            dh[:t].addcmul_(weight[:, :, None], dm)
            de = weight * (da - (weight * da).sum(dim=0))
            p = (keys[:t] + queries[t]).tanh_()
            dv += p.flatten(0, 1).t() @ de.flatten()
            dp = p.mul_(p).neg_().add_(1.0).mul_(v_a).mul_(de[:, :, None])
            dkeys[:t] += dp
            torch.sum(dp, dim=0, out=dqueries[t])
            dh[t - 1].addmm_(dqueries[t], u_a)
        du_h = dx.flatten(0, 1).t() @ m.flatten(0, 1)
        dw_a = dkeys.flatten(0, 1).t() @ h.flatten(0, 1)
        du_a = dqueries[1:].flatten(0, 1).t() @ h[:-1].flatten(0, 1)
        return dx, du_h, dw_a, du_a, dv
