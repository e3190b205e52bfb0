r"""An output as a sum over tokens: the memory ledger carried through the readout.

Given the attention weights and the fusion gate that were seen, what a head reads is linear in the states of the topmost
layer, and so is each of its logits (or the centre of a forecast, less what is added beside the readout):

    ℓ = Σ_i g_i · h_i + constant         g_i = w for i = t where the head reads the state at t,
                                         g_i = Σ_heads α_ti W_Vᵀ W_Oᵀ w where it reads attention's context, ...

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
from core_models.heads import ClassHead
from core_models.networks.reader import Reader
from core_models.networks.sequence import ATTENTION, SequenceNetwork
from core_models.target import Target
from core_models.trace import Site, Trace
from core_models.tracing import layers_of

M = TypeVar("M", bound=nn.Module)


@dataclass(frozen=True, eq=False)
class LogitSplit:
    """A logit as a sum.

    Attributes:
        tokens: what each token's writing adds, ``[token]``.
        initial: what is left of the initial state adds.
        constant: what the biases add.
        logit: the logit, from the states of the trace.
    """

    tokens: Floats
    initial: float
    constant: float
    logit: float

    @property
    def total(self) -> float:
        """The sum of all parts."""
        return float(self.tokens.sum()) + self.initial + self.constant


def split_logit(network: Reader, trace: Trace, target: Target) -> LogitSplit | None:
    """The logit of a target, less that of the one it is held against, split among the tokens that wrote the memory.

    None where it cannot be said: the topmost layer has no ledger, or the network reads from both ends and the target is
    the answer to a prefix, whose states the trace does not hold; or a decoder stands between, whose output layer is no
    linear map of states.
    """
    if not isinstance(network, SequenceNetwork):
        return None
    sites = [layer.site for layer in layers_of(network.rnn)[-1]]
    if any(site not in ledger_sites(trace) for site in sites):
        return None
    whole = not network.head(target.head).each_step
    if network.architecture.bidirectional and whole and target.step not in (None, len(trace) - 1):
        return None
    slopes, constant = frozen_readout(network, trace, target)
    tokens, initial, logit = np.zeros(len(trace)), 0.0, constant
    for site, slope in zip(sites, slopes, strict=True):
        ledger = open_ledger(trace, site)
        logit += float((trace.array(site, "hidden_state") * slope).sum())
        for position in np.flatnonzero(slope.any(axis=1)).tolist():
            balance = ledger.hidden_at(position)
            tokens += balance.tokens @ slope[position]
            initial += float(balance.initial @ slope[position])
    return LogitSplit(tokens, initial, constant, logit)


def frozen_readout(network: SequenceNetwork, trace: Trace, target: Target) -> tuple[list[Floats], float]:
    """How a logit depends on the states of the topmost layer, weights and gates of attention held as seen.

    Returns:
        For each direction the slope by token and unit, ``[token, unit]``, and the constant.
    """
    sites = [layer.site for layer in layers_of(network.rnn)[-1]]
    shape = trace.array(sites[0], "hidden_state").shape
    states = torch.zeros(len(sites), *shape, dtype=torch.float64, requires_grad=True)
    with torch.enable_grad():
        logit = _logit(network, _summary(network, trace, states, target), target)
    (slopes,) = torch.autograd.grad(logit, states)
    return [slope.numpy() for slope in slopes], logit.item()


def _logit(network: SequenceNetwork, summary: Tensor, target: Target) -> Tensor:
    head = network.head(target.head)
    logits = _double(head.readout)(summary)
    if isinstance(head, ClassHead) and head.binary:
        return logits[0] if target.index else -logits[0]
    return logits[target.index] - (0.0 if target.against is None else logits[target.against])


def _summary(network: SequenceNetwork, trace: Trace, states: Tensor, target: Target) -> Tensor:
    """What the head reads, from states ``[direction, token, unit]``."""
    place, joined = network.architecture.place, torch.cat(list(states), dim=-1)
    step = target.step if target.step is not None else len(trace) - 1 if place is None else place
    each = network.head(target.head).each_step
    if network.attention is None or network.join is None:
        both = network.architecture.bidirectional and not each and place is None
        return torch.cat([states[0, step], states[1, 0]]) if both else joined[step]
    score, join = _double(network.attention), _double(network.join)
    weights = _traced(trace, ATTENTION, "attention_weights")
    context = score.join(weights @ score.values(joined))
    if isinstance(join, Fused):
        gate = _traced(trace, ATTENTION, "fusion_gate")[step]
        return gate * context[step] + (1.0 - gate) * joined[step]
    return join.summary(context, joined)[step]


def _traced(trace: Trace, site: Site, key: str) -> Tensor:
    return torch.from_numpy(trace.array(site, key).astype(np.float64))


def _double(module: M) -> M:
    return copy.deepcopy(module).cpu().double().requires_grad_(False)
