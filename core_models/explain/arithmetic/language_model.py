"""The arithmetic behind any number of a language model's trace."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from core_models.attention.score import double
from core_models.explain.arithmetic.cell import Arithmetic, explain_cell, number
from core_models.explain.arithmetic.term import Term, weighted
from core_models.networks.language_model import EMBEDDING, NEXT, LanguageModel, candidates
from core_models.trace import Site, Trace
from core_models.tracing import layers_of
from core_models.vocabulary import quantity


def explain(network: LanguageModel, trace: Trace, site: Site, key: str, step: int, unit: int = 0) -> Arithmetic:
    """The arithmetic behind one number of a trace that ``network`` made.

    Args:
        network: the network.
        trace: the trace.
        site: where the number stands.
        key: its quantity.
        step: token, counted from 0.
        unit: unit (for candidates the rank), counted from 0.

    Raises:
        KeyError: if there is no such number, or nothing to say about it beyond its definition.
    """
    if site == NEXT:
        return _explain_next(network, trace, key, step, unit)
    for depth, (layer,) in enumerate(layers_of(network.rnn)):
        if layer.site == site:
            below = trace.array(EMBEDDING, "embedding") if depth == 0 else trace.array(_site(depth - 1), "hidden_state")
            return explain_cell(layer, trace, below, key, step, unit)
    raise KeyError(f"explain: expected a recurrent layer or the next token, got {site.key}")


def _site(depth: int) -> Site:
    return Site("rnn", depth)


def _explain_next(network: LanguageModel, trace: Trace, key: str, step: int, rank: int) -> Arithmetic:
    """A probability: the token's own score, and what all scores together make of it; or the entropy of them all."""
    site, read = _site(network.rnn.num_layers - 1), step - 1 if key == "chosen_probability" else step
    last = trace.array(site, "hidden_state")[read] if read >= 0 else trace.before(site, "hidden_state")
    state = last.astype(float)
    weight, bias = double(network.readout.weight), double(network.readout.bias)
    scores = weight @ state + bias
    if key == "entropy":
        return _entropy(trace, scores, step)
    token = _token(network, trace, step) if key == "chosen_probability" else candidates(np.exp(scores).tolist())[rank]
    terms = [*weighted("state", "h[{}]", weight[token], state), Term("bias", "bias", bias[token], 1.0, bias[token])]
    score, total = math.fsum(term.product for term in terms), _log_sum(scores)
    value = math.exp(score - total)
    row = quantity(key)
    when = "h_{t-1}" if key == "chosen_probability" else "h_t"
    lines = (
        rf"{row.latex} = \frac{{e^{{w_k \cdot {when} + b_k}}}}{{\sum_j e^{{w_j \cdot {when} + b_j}}}}",
        rf"w_k \cdot {when} + b_k = {score:.6f}",
        rf"{row.latex} = e^{{{number(score)} - {number(total)}}} = {value:.6f}",
    )
    shown = trace.array(NEXT, key)[step]
    told = f"candidate {rank + 1} after" if key == "candidate_probability" else "before it was read,"
    title = f"{row.label}, {told} {trace.tokens.name(step)}"
    return Arithmetic(title, lines, tuple(terms), (), value, float(shown[rank] if shown.ndim else shown))


def _token(network: LanguageModel, trace: Trace, step: int) -> int:
    """Id of the token that was read at a step: the row of the embedding that the trace holds there."""
    rows = network.embedding.weight.detach().cpu().numpy()
    return int(np.abs(rows - trace.array(EMBEDDING, "embedding")[step]).max(axis=1).argmin())


def _entropy(trace: Trace, scores: NDArray[np.float64], step: int) -> Arithmetic:
    row, total = quantity("entropy"), _log_sum(scores)
    logs = scores - total
    value = -math.fsum((np.exp(logs) * logs).tolist())
    lines = (row.equation, rf"H_{{{step + 1}}} = {value:.6f}\ \text{{nats of at most}}\ \ln {len(scores)} = "
             f"{math.log(len(scores)):.6f}")  # fmt: skip
    title = f"{row.label}, after {trace.tokens.name(step)}"
    return Arithmetic(title, lines, (), (), value, float(trace.array(NEXT, "entropy")[step]))


def _log_sum(scores: NDArray[np.float64]) -> float:
    largest = float(scores.max())
    return largest + math.log(math.fsum(np.exp(scores - largest).tolist()))
