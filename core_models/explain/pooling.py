"""The arithmetic behind attention and readout numbers; see core_models.explain.arithmetic for the cells'."""

from __future__ import annotations

import math

import numpy as np

from core_models.attention import AdditiveScore
from core_models.explain.arithmetic import Arithmetic, Term, number, weighted
from core_models.trace import Site, Trace
from core_models.vocabulary import quantity


def explain_score(
    score: AdditiveScore, site: Site, trace: Trace, states: np.ndarray, query: int, key: int
) -> Arithmetic:
    """Arithmetic of one additive score e_ti, from the states ``[step, unit]`` it compares."""
    w, u, v = (part.weight.detach().cpu().double().numpy() for part in (score.w, score.u, score.v))
    compared = np.tanh(w @ states[key].astype(float) + u @ states[query].astype(float))
    terms = weighted("attention", "tanh(W h + U h)[{}]", v[0], compared)
    value = math.fsum(term.product for term in terms)
    lines = (quantity("attention_scores").equation, rf"e_{{{query + 1},{key + 1}}} = {value:.6f}")
    return _pair(trace, site, "attention_scores", query, key, lines, terms, value)


def explain_weight(site: Site, trace: Trace, query: int, key: int) -> Arithmetic:
    """Arithmetic of one attention weight: its exponential over the sum of those that the mask allows."""
    scores = trace.array(site, "attention_scores")[0, query].astype(float)
    allowed = trace.array(site, "attention_mask")[0, query] > 0
    powers = np.where(allowed, np.exp(scores - scores[allowed].max()), 0.0)
    value = float(powers[key] / powers.sum())
    terms = [
        Term("token", f"{i + 1} {label}", 1.0, float(p / powers.sum()), float(p / powers.sum()))
        for i, (label, p) in enumerate(zip(trace.tokens.labels, powers, strict=True))
        if allowed[i]
    ]
    total = float(np.exp(scores[allowed]).sum())
    name = rf"\alpha_{{{query + 1},{key + 1}}}"
    if allowed[key]:
        body = rf"\frac{{e^{{{number(scores[key])}}}}}{{{number(total)}}} = {value:.6f}"
    else:
        body = r"0 \quad \text{(masked: not read yet)}"
    lines = (quantity("attention_weights").equation, f"{name} = {body}")
    return _pair(trace, site, "attention_weights", query, key, lines, terms, value)


def explain_mask(site: Site, trace: Trace, query: int, key: int) -> Arithmetic:
    """Why a position may be looked at or not."""
    relation = r"\le" if key <= query else ">"
    value = float(key <= query)
    lines = (quantity("attention_mask").equation, rf"{key + 1} {relation} {query + 1} \Rightarrow m = {value:g}")
    return _pair(trace, site, "attention_mask", query, key, lines, [], value)


def explain_context(site: Site, trace: Trace, states: np.ndarray, step: int, unit: int) -> Arithmetic:
    """Arithmetic of one unit of the context vector: attention-weighted states, token by token."""
    weights = trace.array(site, "attention_weights")[0, step].astype(float)
    pairs = zip(trace.tokens.labels, weights.tolist(), states[:, unit].astype(float).tolist(), strict=True)
    terms = [Term("token", f"{i + 1} {label}", a, h, a * h) for i, (label, a, h) in enumerate(pairs) if i <= step]
    value = math.fsum(term.product for term in terms)
    lines = (quantity("context").equation, rf"c_t[{unit}] = {value:.6f}")
    title = f"context vector cₜ, unit {unit}, token {step + 1} “{trace.tokens.labels[step]}”"
    return Arithmetic(title, lines, tuple(terms), (), value, float(trace.array(site, "context")[step, unit]))


def explain_readout(
    site: Site, trace: Trace, weight: np.ndarray, bias: float, summary: np.ndarray | None, key: str, step: int
) -> Arithmetic:
    """Arithmetic of the logit or probability after one token.

    Args:
        summary: what the readout read after that token, ``[unit]``; None when it is not part of the trace, as for the
            inner prefixes of a bidirectional network, where the logit is taken as given.
    """
    terms: list[Term] = []
    logit = float(trace.array(site, "logit")[step])
    if summary is not None:
        terms = [*weighted("state", "s[{}]", weight, summary.astype(float)), Term("bias", "bias", bias, 1.0, bias)]
        logit = math.fsum(term.product for term in terms)
    probability = 1.0 / (1.0 + math.exp(-logit))
    lines: tuple[str, ...] = (quantity("logit").equation, rf"\ell_{{{step + 1}}} = {logit:.6f}")
    if key == "probability":
        lines += (rf"p_{{{step + 1}}} = \sigma({logit:.6f}) = {probability:.6f}",)
    title = f"{quantity(key).label}, after token {step + 1} “{trace.tokens.labels[step]}”"
    value = probability if key == "probability" else logit
    return Arithmetic(title, lines, tuple(terms), (), value, float(trace.array(site, key)[step]))


def _pair(
    trace: Trace, site: Site, name: str, query: int, key: int, lines: tuple[str, ...], terms: list[Term], value: float
) -> Arithmetic:
    labels = trace.tokens.labels
    title = f"{quantity(name).label}, from token {query + 1} “{labels[query]}” to token {key + 1} “{labels[key]}”"
    return Arithmetic(title, lines, tuple(terms), (), value, float(trace.array(site, name)[0, query, key]))
