r"""An output as a sum over tokens: the memory ledger carried through the readout.

Given the attention weights and the fusion gate that were seen, what a head reads is linear in the states of the topmost
layer, and so is each of its logits (or the centre of a forecast, less what is added beside the readout):

    ℓ = Σ_i g_i · h_i + constant         g_i = w for i = t where the head reads the state at t,
                                         g_i = Σ_heads α_ti W_Vᵀ W_Oᵀ w where it reads attention's context, ...

With every h_i split by its ledger, h_i = Σ_s h_{i,s}, token s gets Σ_i g_i · h_{i,s}. The sum over tokens, what is left
of the initial state and the constant (the readout's bias and those of projected values) is the logit. The g_i are found
as the gradient of that linear function, and the constant as its value at 0, both in double precision.

An encoder-decoder writes a token from o_t = tanh(a_t), a_t = W_o [s_t; c_t; y_{t-1}] + b_o. Each feature of o is
shared out in proportion to the summands of its a, o = (tanh(a) / a) a, as a ledger shares out an LSTM's
h = o ⊙ tanh(c): exact, additive, and a convention. The context c_t is a sum over the encoder's states, whose ledgers
give each source token its part; the state s_t has a ledger over the steps of the target. The token written before
stands in the constant.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from core_models.attention import Score
from core_models.attention.join import Fused
from core_models.edits.edit import DECODER
from core_models.explain.memory.ledger import Floats, ledger_sites, open_ledger
from core_models.heads import ClassHead, WrittenHead
from core_models.networks.reader import Reader
from core_models.networks.sequence import ATTENTION, SequenceNetwork
from core_models.networks.translation import TARGET
from core_models.networks.translator import Translator
from core_models.target import Target
from core_models.trace import Site, Trace

M = TypeVar("M", bound=nn.Module)


@dataclass(frozen=True, eq=False)
class LogitSplit:
    """A logit as a sum.

    Attributes:
        tokens: what each token's writing adds, ``[token]``.
        steps: what each step of a decoder adds by its writing, ``[step]``; empty where there is no decoder.
        initial: what is left of the initial states adds.
        constant: what the biases add, and the token written before.
        logit: the logit, from the states of the trace.
    """

    tokens: Floats
    steps: Floats
    initial: float
    constant: float
    logit: float

    @property
    def total(self) -> float:
        """The sum of all parts."""
        return float(self.tokens.sum() + self.steps.sum()) + self.initial + self.constant

    def along(self, site: Site) -> Floats:
        """The parts that were written at the steps of a site."""
        return self.steps if site == DECODER else self.tokens


def split_logit(network: Reader, trace: Trace, target: Target) -> LogitSplit | None:
    """The logit of a target, less that of the one it is held against, split among the tokens that wrote the memory.

    None where it cannot be said: the topmost layer has no ledger, or the network reads from both ends and the target is
    the answer to a prefix, whose states the trace does not hold.
    """
    top = [layer.site for layer in network.layers[-1]]
    if any(site not in ledger_sites(trace) for site in top):
        return None
    whole = not network.head(target.head).each_step
    if network.rnn.bidirectional and whole and target.step not in (None, len(trace) - 1):
        return None
    slopes, constant = frozen_readout(network, trace, target)
    found = {site: np.zeros(len(trace.tokens_of(site))) for site in slopes}
    initial, logit = 0.0, constant
    for site, slope in slopes.items():
        ledger = open_ledger(trace, site)
        logit += float((trace.array(site, "hidden_state") * slope).sum())
        for position in np.flatnonzero(slope.any(axis=1)).tolist():
            balance = ledger.hidden_at(position)
            found[site] += balance.tokens @ slope[position]
            initial += float(balance.initial @ slope[position])
    steps = found.pop(DECODER, np.zeros(0))
    return LogitSplit(np.sum(list(found.values()), axis=0), steps, initial, constant, logit)


def frozen_readout(network: Reader, trace: Trace, target: Target) -> tuple[dict[Site, Floats], float]:
    """How a logit depends on the states that are read, weights and gates of attention held as seen.

    Returns:
        By site, each direction of the topmost layer and the decoder where there is one, the slope by step and unit,
        ``[step, unit]``; and the constant.
    """
    sites = [layer.site for layer in network.layers[-1]] + ([DECODER] if isinstance(network, Translator) else [])
    states = {
        site: torch.zeros(trace.array(site, "hidden_state").shape, dtype=torch.float64, requires_grad=True)
        for site in sites
    }
    with torch.enable_grad():
        logit = _logit(network, _read_by_head(network, trace, states, target), target)
    slopes = torch.autograd.grad(logit, list(states.values()))
    return {site: slope.numpy() for site, slope in zip(sites, slopes, strict=True)}, logit.item()


def _logit(network: Reader, summary: Tensor, target: Target) -> Tensor:
    head = network.head(target.head)
    logits = _double(head if isinstance(head, WrittenHead) else head.readout)(summary)
    if isinstance(head, ClassHead) and head.binary:
        return logits[0] if target.index else -logits[0]
    return logits[target.index] - (0.0 if target.against is None else logits[target.against])


def _read_by_head(network: Reader, trace: Trace, states: Mapping[Site, Tensor], target: Target) -> Tensor:
    """What the head reads, from states ``[step, unit]`` by site."""
    joined = torch.cat([states[layer.site] for layer in network.layers[-1]], dim=-1)
    if isinstance(network, SequenceNetwork):
        return _summary(network, trace, joined, target)
    if not isinstance(network, Translator):
        raise TypeError(f"ledger: expected a network of this package, got {type(network).__name__}")
    return _written(network, trace, joined, states[DECODER], target.step or 0)


def _summary(network: SequenceNetwork, trace: Trace, states: Tensor, target: Target) -> Tensor:
    """What a head of one sequence reads, from states ``[token, unit]``, directions joined."""
    place, each = network.architecture.place, network.head(target.head).each_step
    step = target.step if target.step is not None else len(trace) - 1 if place is None else place
    if network.attention is None or network.join is None:
        both = network.architecture.bidirectional and not each and place is None
        return network.ends(states[None], torch.tensor([step + 1]))[0] if both else states[step]
    join, context = _double(network.join), _gathered(network.attention, trace, states)
    if isinstance(join, Fused):
        gate = _traced(trace, ATTENTION, "fusion_gate")[step]
        return gate * context[step] + (1.0 - gate) * states[step]
    return join.summary(context, states)[step]


def _written(network: Translator, trace: Trace, read: Tensor, states: Tensor, step: int) -> Tensor:
    """The output layer's features, from the encoder's states ``[token, unit]`` and the decoder's ``[step, unit]``."""
    if network.attention is None:
        context = network.ends(read[None], torch.tensor([len(read)]))[0]
    else:
        context = _gathered(network.attention, trace, read)[step]
    previous, layer = _traced(trace, TARGET, "embedding")[step], _double(network.deep_output)
    seen = _traced(trace, DECODER, "hidden_state")[step], _traced(trace, ATTENTION, "context")[step]
    sums = layer(torch.cat([*seen, previous]))
    shown = torch.where(sums == 0.0, 1.0, sums.tanh() / sums)
    return shown * layer(torch.cat([states[step], context, previous]))


def _gathered(attention: Score, trace: Trace, states: Tensor) -> Tensor:
    """The contexts that the weights that were seen make of states ``[token, unit]``, ``[step, unit]``."""
    score = _double(attention)
    return score.join(_traced(trace, ATTENTION, "attention_weights") @ score.values(states))


def _traced(trace: Trace, site: Site, key: str) -> Tensor:
    return torch.from_numpy(trace.array(site, key).astype(np.float64))


def _double(module: M) -> M:
    return copy.deepcopy(module).cpu().double().requires_grad_(False)
