r"""Why did this gate open? What a decoder's cell summed at one step, split exactly into where it came from.

    a_t = W y_{t-1}  +  C c_t  +  U s_{t-1}  +  b          embedding, context, state, bias

and, as the context is a weighted sum of encoder states, C c_t = Σ_i α_ti C h_i: one share for every source token. A
GRU's candidate multiplies its recurrent part by the reset gate first, so there r_t ⊙ U s_{t-1} is the state's share and
r_t ⊙ b_h belongs to the bias. Everything is in double precision from the weights and the traced values; nothing is
approximated, and the parts sum to the whole.

The decomposition is that of Arras et al. 2017, arXiv 1706.07206, section 3.1, before any rule of theirs is applied.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core_models.attention import SCORES, masked_softmax
from core_models.attention.score import double
from core_models.cells.cell import Part
from core_models.edits.edit import DECODER, FREE_SCORES
from core_models.explain.arithmetic.cell import SQUASH
from core_models.networks.translation import ATTENTION, TARGET
from core_models.networks.translator import Translator
from core_models.trace import Trace

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Split:
    """The sum inside one gate or candidate at one step, by where it came from; arrays are ``[unit]``.

    Attributes:
        key: quantity key of the gate or candidate.
        step: target token, counted from 0.
        embedding: share of the token written before.
        context: share of what attention gathered from the source.
        state: share of the decoder's previous state.
        bias: share of the biases.
        sources: share of every source token in ``context``, ``[key, unit]``; None without attention.
        rest: what the context holds besides (an output bias of multi-head attention), 0 otherwise.
        value: the gate or candidate recomputed from the sum.
        shown: the number in the trace.
    """

    key: str
    step: int
    embedding: Doubles
    context: Doubles
    state: Doubles
    bias: Doubles
    sources: Doubles | None
    rest: Doubles
    value: Doubles
    shown: Doubles

    @property
    def total(self) -> Doubles:
        """The whole sum, ``[unit]``."""
        return self.embedding + self.context + self.state + self.bias


def split_gate(network: Translator, trace: Trace, key: str, step: int) -> Split:
    """Where the sum inside one of the decoder's gates came from, for all units.

    Args:
        network: the network that made the trace.
        trace: the trace.
        key: quantity key of one of the decoder's gates or its candidate.
        step: target token, counted from 0.

    Raises:
        KeyError: if the decoder's cell has no such gate.
        IndexError: if there is no such step.
    """
    parts = {part.key: (row, part) for row, part in enumerate(network.cell.parts)}
    if key not in parts:
        raise KeyError(f"explain: expected one of {', '.join(parts)} at {DECODER.key}, got {key!r}")
    if not 0 <= step < len(trace):
        raise IndexError(f"explain: expected a step below {len(trace)}, got {step}")
    row, part = parts[key]
    size = network.architecture.hidden
    rows = slice(row * size, (row + 1) * size)
    weights, from_context = network.weights, double(network.from_context.weight)[rows]
    w_x, w_h, b_x, b_h = (double(w)[rows] for w in (weights.w_x, weights.w_h, weights.b_x, weights.b_h))
    gathered, rest = gathered_from(network, trace, step)
    gate = trace.array(DECODER, part.gated_by)[step].astype(float) if part.gated_by else np.ones(size)
    split = Split(
        key=key,
        step=step,
        embedding=w_x @ trace.array(TARGET, "embedding")[step].astype(float),
        context=from_context @ trace.array(ATTENTION, "context")[step].astype(float),
        state=gate * (w_h @ states_before(network, trace)[step]),
        bias=b_x + gate * b_h,
        sources=None if gathered is None else gathered @ from_context.T,
        rest=from_context @ rest,
        value=np.zeros(size),
        shown=trace.array(DECODER, key)[step].astype(float),
    )
    return _squashed(split, part)


def _squashed(split: Split, part: Part) -> Split:
    value = np.array([SQUASH[part.squash](total) for total in split.total.tolist()])
    return replace(split, value=value)


def initial_states(network: Translator, trace: Trace) -> dict[str, Doubles]:
    """The decoder's states before its first step, ``[unit]`` by quantity key, in double precision."""
    top = [layer.site for layer in network.layers[-1]]
    ends = [-1 if site.direction == "forward" else 0 for site in top]
    summary = np.concatenate(
        [trace.array(site, "hidden_state")[end].astype(float) for site, end in zip(top, ends, strict=True)]
    )
    first = np.tanh(double(network.bridge.weight) @ summary + double(network.bridge.bias))
    return dict(zip(network.cell.states, np.split(first, len(network.cell.states)), strict=True))


def states_before(network: Translator, trace: Trace) -> Doubles:
    """The state s_{t-1} that every step began with and asked attention with, ``[step, unit]``, in double precision."""
    states = trace.array(DECODER, "hidden_state").astype(float)
    return np.concatenate([initial_states(network, trace)["hidden_state"][None], states[:-1]])


def encoder_states(network: Translator, trace: Trace) -> Doubles:
    """The states that attention looks at, directions joined, ``[key, unit]``, in double precision."""
    top = [layer.site for layer in network.layers[-1]]
    return np.concatenate([trace.array(site, "hidden_state").astype(float) for site in top], axis=1)


def gathered_from(network: Translator, trace: Trace, step: int) -> tuple[Doubles | None, Doubles]:
    """What every source token adds to a step's context, ``[key, unit]``, and what is added besides, ``[unit]``."""
    if network.attention is None:
        return None, np.zeros(network.architecture.hidden)
    score = copy.deepcopy(network.attention).double().cpu()
    weights = torch.from_numpy(trace.array(ATTENTION, "attention_weights")[:, step].astype(float))
    with torch.no_grad():
        values = score.values(torch.from_numpy(encoder_states(network, trace)))
        alone = (weights.expand(len(values), -1)[..., None] * values).transpose(0, 1)[:, :, None]
        rest = score.join(torch.zeros_like(alone[:1]))[0, 0]
        return (score.join(alone)[:, 0] - rest).numpy(), rest.numpy()


def score_anew(network: Translator, trace: Trace, score: str, temperature: float = 1.0) -> tuple[Doubles, Doubles]:
    """Scores and weights ``[query, key]`` that another score function gives for the very states of a trace.

    The states stay as they were: this says where each step *would* have looked. To let the decoder go on from there,
    pass ``Rescore(score, temperature)`` to a search.

    Args:
        network: the network that made the trace.
        trace: the trace.
        score: ``dot`` or ``scaled_dot``.
        temperature: the scores are divided by it.

    Raises:
        KeyError: if the score function has parameters, which would have to be trained first.
    """
    if score not in FREE_SCORES:
        raise KeyError(f"explain: expected one of {', '.join(FREE_SCORES)}, got {score!r}")
    keys, queries = (torch.from_numpy(f(network, trace)) for f in (encoder_states, states_before))
    scores: Tensor = SCORES[score](keys.shape[1])(keys, queries)[0] / temperature
    weights = masked_softmax(scores, torch.ones_like(scores, dtype=torch.bool))
    return scores.numpy(), weights.numpy()
