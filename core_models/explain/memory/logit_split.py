r"""The answer as a sum over tokens: the memory ledger carried through the readout.

Given the attention weights and the fusion gate that were seen, what the readout reads is linear in the states of the
topmost layer, and so is the logit:

    ℓ_T = Σ_i g_i · h_i + constant       g_i = w for i = T where the readout reads the last state,
                                         g_i = Σ_heads α_Ti W_Vᵀ W_Oᵀ w where it reads attention's context, ...

With every h_i split by its ledger, h_i = Σ_s h_{i,s}, token s gets Σ_i g_i · h_{i,s}. The sum over tokens, what is left
of the initial state and the constant (the readout's bias and those of projected values) is the logit. The g_i are found
as the gradient of that linear function, and the constant as its value at 0, both in double precision.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from core_models.attention.join import Fused
from core_models.explain.memory.ledger import Floats, ledger_sites, open_ledger
from core_models.networks.classifier import ATTENTION, READOUT, SequenceClassifier
from core_models.trace import Site, Trace
from core_models.tracing import layers_of

M = TypeVar("M", bound=nn.Module)


@dataclass(frozen=True, eq=False)
class LogitSplit:
    """The logit after one token as a sum.

    Attributes:
        tokens: what each token's writing adds, ``[token]``.
        initial: what is left of the initial state adds.
        constant: what the biases add.
        logit: the logit in the trace.
    """

    tokens: Floats
    initial: float
    constant: float
    logit: float

    @property
    def total(self) -> float:
        """The sum of all parts."""
        return float(self.tokens.sum()) + self.initial + self.constant


def split_logit(network: SequenceClassifier, trace: Trace, step: int) -> LogitSplit | None:
    """The logit after the token at ``step``, split among the tokens that wrote what the readout reads.

    None where it cannot be said: the topmost layer has no ledger, or the network reads from both ends and ``step`` is
    not the last token, so that the trace does not hold the states it was read from.
    """
    sites = [layer.site for layer in layers_of(network.rnn)[-1]]
    if any(site not in ledger_sites(trace) for site in sites):
        return None
    if network.architecture.bidirectional and step != len(trace) - 1:
        return None
    slopes, constant = frozen_readout(network, trace, step)
    tokens, initial = np.zeros(len(trace)), 0.0
    for site, slope in zip(sites, slopes, strict=True):
        ledger = open_ledger(trace, site)
        for position in np.flatnonzero(slope.any(axis=1)).tolist():
            balance = ledger.hidden_at(position)
            tokens += balance.tokens @ slope[position]
            initial += float(balance.initial @ slope[position])
    return LogitSplit(tokens, initial, constant, float(trace.array(READOUT, "logit")[step]))


def frozen_readout(network: SequenceClassifier, trace: Trace, step: int) -> tuple[list[Floats], float]:
    """How the logit after a token depends on the states of the topmost layer, weights and gates held as seen.

    Returns:
        For each direction the slope by token and unit, ``[token, unit]``, and the constant.
    """
    sites = [layer.site for layer in layers_of(network.rnn)[-1]]
    shape = trace.array(sites[0], "hidden_state").shape
    states = torch.zeros(len(sites), *shape, dtype=torch.float64, requires_grad=True)
    with torch.enable_grad():
        logit = _double(network.readout)(_summary(network, trace, states, step))[0]
    (slopes,) = torch.autograd.grad(logit, states)
    return [slope.numpy() for slope in slopes], logit.item()


def _summary(network: SequenceClassifier, trace: Trace, states: Tensor, step: int) -> Tensor:
    """What the readout reads, from states ``[direction, token, unit]``."""
    if network.architecture.bidirectional:
        return torch.cat([states[0, step], states[1, 0]])
    if network.attention is None:
        return states[0, step]
    score, join = _double(network.attention), _double(network.join)
    weights = _traced(trace, ATTENTION, "attention_weights")
    context = score.join(weights @ score.values(states[0]))
    if isinstance(join, Fused):
        gate = _traced(trace, ATTENTION, "fusion_gate")[step]
        return gate * context[step] + (1.0 - gate) * states[0, step]
    return join.summary(context, states[0])[step]


def _traced(trace: Trace, site: Site, key: str) -> Tensor:
    return torch.from_numpy(trace.array(site, key).astype(np.float64))


def _double(module: M) -> M:
    return copy.deepcopy(module).cpu().double().requires_grad_(False)
