"""From scores to weights: the values of attention at each stage, and the checks that they must pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core_models.language import mark, say, say_n
from core_models.trace import SUM_TOLERANCE, Site, Trace
from core_models.vocabulary import Kind, Quantity
from viz.view import Options, Target

SOFTMAX_TOLERANCE = 1e-6
STAGES = {
    "scores": mark("scores (step 1 of 4)"),
    "mask": mark("mask (step 2 of 4)"),
    "softmax": mark("softmax without mask (step 3 of 4)"),
    "weights": mark("weights (step 4 of 4)"),
}
"""Names on screen of the stages, numbered in their order."""
_KINDS = {"scores": Kind.SCORE, "mask": Kind.MASK, "weights": Kind.WEIGHT}


@dataclass(frozen=True)
class Check:
    """One property that the attention at a site must have, with the finding in words."""

    name: str
    passed: bool
    detail: str


def attention_targets(trace: Trace) -> tuple[Target, ...]:
    """Everywhere the trace holds attention weights over (head, query, key)."""
    return tuple(Target(site, row.key) for site, row in trace.find(Kind.WEIGHT) if row.dims == ("head", "query", "key"))


def between_equals(trace: Trace, site: Site) -> bool:
    """Whether readers and the tokens they look at are the same sequence, rather than a target and its source."""
    return trace.tokens_of(site, "query") is trace.tokens_of(site, "key")


def stage_target(target: Target, options: Options) -> Target:
    """The quantity whose numbers a stage shows; that of ``target`` where it is one that no trace holds."""
    key = {"scores": "attention_scores", "mask": "attention_mask"}.get(options.stage, target.key)
    return Target(target.site, key)


def row_of(trace: Trace, site: Site, stage: str) -> Quantity | None:
    """The quantity that is held at a stage; None for ``softmax``, which no trace holds, and where it is missing."""
    return next((row for where, row in trace.find(_KINDS[stage]) if where == site), None) if stage in _KINDS else None


def stage_values(trace: Trace, site: Site, stage: str) -> NDArray[np.floating] | None:
    """Values of one stage, ``[head, query, key]``; None where the trace lacks what it needs.

    ``softmax`` is the softmax of every row's scores over all positions, as if there were no mask, in double precision.
    """
    if stage == "softmax":
        scores = stage_values(trace, site, "scores")
        return None if scores is None else softmax(scores, np.ones(scores.shape, dtype=bool))
    row = row_of(trace, site, stage)
    return None if row is None else trace.array(site, row.key)


def allowed(trace: Trace, site: Site) -> NDArray[np.bool_]:
    """Which positions may be looked at, ``[head, query, key]``; all where the trace holds no mask."""
    mask = stage_values(trace, site, "mask")
    return mask > 0 if mask is not None else np.ones(_weights(trace, site).shape, dtype=bool)


def softmax(scores: NDArray[np.floating], among: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Softmax over the last axis among the marked positions, in double precision; 0 elsewhere."""
    values = np.where(among, scores.astype(np.float64), -np.inf)
    highest = np.where(among.any(axis=-1, keepdims=True), values.max(axis=-1, keepdims=True), 0.0)
    powers = np.exp(values - highest)
    return powers / np.where(among.any(axis=-1, keepdims=True), powers.sum(axis=-1, keepdims=True), 1.0)


def checks(trace: Trace, site: Site) -> list[Check]:
    """Rows sum to 1 where anything may be looked at; no weight where the mask forbids it; the weights are the masked
    softmax of the scores.

    Raises:
        KeyError: if the trace holds no attention weights at the site.
    """
    weights, scores, may = _weights(trace, site), stage_values(trace, site, "scores"), allowed(trace, site)
    blank = ~may.any(axis=-1)
    off = float(np.abs(weights.sum(axis=-1, dtype=np.float64) - ~blank).max())
    leaked = weights[~may]
    found = [
        Check(
            say("Every row sums to 1, except those with nothing to attend to, which sum to 0")
            if blank.any()
            else say("Every row sums to 1"),
            off <= SUM_TOLERANCE,
            say("largest deviation {off:.1e} over {rows}", off=off, rows=_rows(weights)),
        ),
        Check(
            say("No weight on masked {noun}s", noun=say(trace.tokens_of(site, "key").noun)),
            not leaked.any(),
            say(
                "{size} masked cells, {count_nonzero} of them with weight",
                size=leaked.size,
                count_nonzero=np.count_nonzero(leaked),
            ),
        ),
    ]
    if scores is not None:
        gap = float(np.abs(softmax(scores, may) - weights).max())
        detail = say("largest difference {gap:.1e}, recomputed in double precision", gap=gap)
        found.append(Check(say("Weights are the masked softmax of the scores"), gap <= SOFTMAX_TOLERANCE, detail))
    return found


def _weights(trace: Trace, site: Site) -> NDArray[np.floating]:
    weights = stage_values(trace, site, "weights")
    if weights is None:
        raise KeyError(f"attention: expected weights at {site.key}, got none")
    return weights


def _rows(weights: NDArray[np.floating]) -> str:
    count = weights.shape[0] * weights.shape[1]
    return say_n("{n} row", "{n} rows", count)
