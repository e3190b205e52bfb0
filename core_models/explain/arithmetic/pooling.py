"""The arithmetic behind attention and readout numbers; see core_models.explain.arithmetic.cell for the cells'."""

from __future__ import annotations

import math

import numpy as np

from core_models.attention import Score
from core_models.attention.join import Fused
from core_models.attention.score import double
from core_models.explain.arithmetic.cell import SQUASH, Arithmetic, number
from core_models.explain.arithmetic.term import Term, weighted
from core_models.language import say
from core_models.trace import Site, Trace
from core_models.vocabulary import quantity


def explain_score(
    score: Score,
    site: Site,
    trace: Trace,
    states: np.ndarray,
    query: int,
    key: int,
    head: int,
    queries: np.ndarray | None = None,
) -> Arithmetic:
    """Arithmetic of one score e_ti, from the states ``[step, unit]`` it compares.

    Args:
        queries: what compares itself with the states, ``[step, unit]``; the states themselves if None.
    """
    asking = states if queries is None else queries
    terms = score.terms(asking[query].astype(float), states[key].astype(float), head)
    value = SQUASH[score.squash](math.fsum(term.product for term in terms))
    lines = (_equation(trace, site, "attention_scores", score.equation), rf"e_{{{query + 1},{key + 1}}} = {value:.6f}")
    return _pair(trace, site, "attention_scores", (head, query, key), lines, terms, value)


def explain_weight(site: Site, trace: Trace, query: int, key: int, head: int) -> Arithmetic:
    """Arithmetic of one attention weight: its exponential over the sum of those that the mask allows."""
    scores = trace.array(site, "attention_scores")[head, query].astype(float)
    allowed = trace.array(site, "attention_mask")[head, query] > 0
    powers = np.where(allowed, np.exp(scores - scores[allowed].max(initial=-np.inf)), 0.0)
    shares = (powers / max(powers.sum(), 1e-300)).tolist()
    read = trace.tokens_of(site, "key")
    terms = [Term(read.noun, f"{i + 1}: {read.labels[i]}", 1.0, shares[i], shares[i]) for i in np.flatnonzero(allowed)]
    total = float(np.exp(scores[allowed]).sum())
    name = rf"\alpha_{{{query + 1},{key + 1}}}"
    if allowed[key]:
        body = rf"\frac{{e^{{{number(scores[key])}}}}}{{{number(total)}}} = {shares[key]:.6f}"
    else:
        body = r"0 \quad \text{(masked: not read yet)}"
    lines = (_equation(trace, site, "attention_weights"), f"{name} = {body}")
    return _pair(trace, site, "attention_weights", (head, query, key), lines, terms, shares[key])


def explain_mask(site: Site, trace: Trace, query: int, key: int, head: int) -> Arithmetic:
    """Why a position may be looked at or not."""
    mask = trace.array(site, "attention_mask")
    if len(trace.tokens_of(site)) > 1 and mask[0, 0, -1]:
        equation = rf"m_{{ti}} = 1 \quad \text{{(read from both ends, every {trace.tokens.noun} may be looked at)}}"
        lines = (equation, rf"m_{{{query + 1},{key + 1}}} = 1")
        return _pair(trace, site, "attention_mask", (head, query, key), lines, [], 1.0)
    own = bool(mask[0, query, query])
    value = float(key <= query if own else key < query)
    relation = ("<" if key < query else "=" if key == query else ">") if not own else (r"\le" if value else ">")
    equation = quantity("attention_mask").equation if own else r"m_{ti} = [\, i < t \,]"
    lines = (equation, rf"{key + 1} {relation} {query + 1} \Rightarrow m = {value:g}")
    return _pair(trace, site, "attention_mask", (head, query, key), lines, [], value)


def explain_context(
    score: Score, site: Site, trace: Trace, states: np.ndarray, step: int, unit: int, key: str = "context"
) -> Arithmetic:
    """Arithmetic of one unit of what attention gathered: what every token contributes, and the bias if there is one."""
    tokens = trace.tokens_of(site, "key")
    mask = trace.entries.get((site, "attention_mask"))
    seen = len(tokens) if mask is None else int(np.flatnonzero(mask[0, step]).max(initial=-1)) + 1
    weights = trace.array(site, "attention_weights")[:, step, :seen].astype(float)
    shares, bias = score.contributions(states[:seen].astype(float), weights, unit)
    means = weights.mean(axis=0).tolist()
    terms = [
        Term(tokens.noun, f"{i + 1}: {label}", mean, share / max(mean, 1e-300), share)
        for i, (label, mean, share) in enumerate(zip(tokens.labels, means, shares.tolist(), strict=False))
    ]
    terms += [Term("bias", say("output bias"), bias, 1.0, bias)] if bias else []
    value = math.fsum(term.product for term in terms)
    lines = (_equation(trace, site, key, score.equations[-1]), rf"{quantity(key).latex}[{unit}] = {value:.6f}")
    return unit_result(trace, site, key, step, unit, lines, terms, value)


def explain_attention(
    score: Score, site: Site, trace: Trace, states: np.ndarray, key: str, step: int, unit: int, head: int
) -> Arithmetic:
    """Arithmetic of a score, mask, weight or unit of the context, of states ``[step, unit]`` that attend to them."""
    if key == "context":
        return explain_context(score, site, trace, states, step, unit)
    if key == "attention_scores":
        return explain_score(score, site, trace, states, step, unit, head)
    return (explain_mask if key == "attention_mask" else explain_weight)(site, trace, step, unit, head)


def explain_pooled(site: Site, trace: Trace, step: int, unit: int) -> Arithmetic:
    """Arithmetic of one unit of the mean of all contexts so far."""
    contexts = trace.array(site, "context")[: step + 1, unit].astype(float).tolist()
    share = 1.0 / (step + 1)
    noun, labels = trace.tokens.noun, trace.tokens.labels
    terms = [Term(noun, f"{i + 1}: {labels[i]}", share, value, share * value) for i, value in enumerate(contexts)]
    value = math.fsum(term.product for term in terms)
    row = quantity("pooled_context")
    lines = (row.equation, rf"{row.latex}[{unit}] = {value:.6f}")
    return unit_result(trace, site, row.key, step, unit, lines, terms, value)


def _equation(trace: Trace, site: Site, key: str, otherwise: str = "") -> str:
    """The equation of a quantity in the convention of the cell at ``site``."""
    row, cell = quantity(key), trace.cells.get(site)
    return (cell.equation(row.latex) if cell else None) or otherwise or row.equation


def explain_fusion(
    join: Fused, site: Site, trace: Trace, state: np.ndarray, key: str, step: int, unit: int
) -> Arithmetic:
    """Arithmetic of one unit of the fusion gate or of the fused state, with the last hidden ``state`` ``[unit]``."""
    context = trace.array(site, "context")[step].astype(float)
    weight, bias = double(join.gate.weight)[unit], double(join.gate.bias)[unit].item()
    terms = weighted("attention", "cₜ[{}]", weight[: len(context)], context)
    terms += weighted("state", "hₜ[{}]", weight[len(context) :], state.astype(float))
    terms.append(Term("bias", say("bias"), bias, 1.0, bias))
    total = math.fsum(term.product for term in terms)
    gate = SQUASH["sigmoid"](total)
    equation = quantity(key).equation
    if key == "fusion_gate":
        lines = (equation, rf"\gamma_t[{unit}] = \sigma({total:.6f}) = {gate:.6f}")
        return unit_result(trace, site, key, step, unit, lines, terms, gate)
    c, h = float(context[unit]), float(state[unit])
    value = gate * c + (1.0 - gate) * h
    body = rf"{gate:.6f} \cdot {number(c)} + (1 - {gate:.6f}) \cdot {number(h)} = {value:.6f}"
    return unit_result(trace, site, key, step, unit, (equation, rf"s_t[{unit}] = {body}"), [], value)


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
        terms = [*weighted("state", "s[{}]", weight, summary.astype(float)), Term("bias", say("bias"), bias, 1.0, bias)]
        logit = math.fsum(term.product for term in terms)
    probability = 1.0 / (1.0 + math.exp(-logit))
    lines: tuple[str, ...] = (quantity("logit").equation, rf"\ell_{{{step + 1}}} = {logit:.6f}")
    if key == "probability":
        lines += (rf"p_{{{step + 1}}} = \sigma({logit:.6f}) = {probability:.6f}",)
    title = say("{quantity}, after {token}", quantity=quantity(key).label, token=trace.tokens.name(step))
    value = probability if key == "probability" else logit
    return Arithmetic(title, lines, tuple(terms), (), value, float(trace.array(site, key)[step]))


def unit_result(
    trace: Trace, site: Site, key: str, step: int, unit: int, lines: tuple[str, ...], terms: list[Term], value: float
) -> Arithmetic:
    """The arithmetic of one unit at one token, with its heading and the traced number."""
    title = say(
        "{quantity}, unit {unit}, {token}",
        quantity=quantity(key).label, unit=unit, token=trace.tokens_of(site).name(step),
    )  # fmt: skip
    return Arithmetic(title, lines, tuple(terms), (), value, float(trace.array(site, key)[step, unit]))


def _pair(
    trace: Trace,
    site: Site,
    name: str,
    index: tuple[int, int, int],
    lines: tuple[str, ...],
    terms: list[Term],
    value: float,
) -> Arithmetic:
    head, query, key = index
    reader, read = trace.tokens_of(site, "query").name(query), trace.tokens_of(site, "key").name(key)
    title = say("{quantity}, from {reader} to {read}", quantity=quantity(name).label, reader=reader, read=read)
    if trace.array(site, name).shape[0] > 1:
        title = say("{place}, head {n}", place=title, n=head + 1)
    return Arithmetic(title, lines, tuple(terms), (), value, float(trace.array(site, name)[index]))
