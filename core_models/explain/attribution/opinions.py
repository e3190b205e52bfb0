"""What several methods say about the same answer: the shares of its tokens, and how far each can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core_models.explain.attribution.lime import lime
from core_models.explain.attribution.methods import Read, gradient_times_input, integrated_gradients, occlusion
from core_models.explain.attribution.quality import infidelity, remove, sensitivity
from core_models.explain.attribution.ranks import kendall, spearman
from core_models.explain.attribution.shapley import EXACT, ORDERS, shapley, shapley_values
from core_models.explain.faithfulness.attended import attend
from core_models.explain.outputs import Outputs
from core_models.language import mark, say
from core_models.target import Target

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Method:
    """One way to share an answer out among the tokens.

    Attributes:
        name: on screen.
        how: what it does, in one sentence.
        explain: shares ``[batch, step]`` from the output, inputs ``[batch, step, feature]`` and a baseline.
        sampled: whether it tries many subsets; if they are random, its sensitivity is mostly that of the draw.
        complete: whether the shares should add up to f(x) − f(baseline).
    """

    name: str
    how: str
    explain: Callable[[Read, Tensor, Tensor], Tensor]
    sampled: bool = False
    complete: bool = False


def _lime(read: Read, x: Tensor, baseline: Tensor) -> Tensor:
    return torch.stack([lime(read, one, baseline) for one in x])


METHODS: Mapping[str, Method] = {
    "gradient": Method(
        mark("gradient × input"),
        mark("how fast the answer would change at this very input, times how far the word is from the baseline"),
        gradient_times_input,
    ),
    "integrated": Method(
        mark("integrated gradients"),
        mark("that slope averaged on the straight way from the baseline to the input"),
        integrated_gradients,
        complete=True,
    ),
    "occlusion": Method(
        mark("occlusion"), mark("what the answer loses when the baseline replaces this word alone"), occlusion
    ),
    "shapley": Method(
        mark("Shapley values"),
        mark(
            "what the word adds when it joins the words before it, averaged over all orders of joining; of more than "
            "{exact} words, over {orders} random orders, with the standard error of that average"
        ),
        shapley_values,
        sampled=True,
        complete=True,
    ),
    "lime": Method(
        "LIME",
        mark("coefficients of a weighted sum of the words that mimics the network on 300 texts with words replaced"),
        _lime,
        sampled=True,
    ),
}  # fmt: skip


def how_of(key: str) -> str:
    """What a method does, in words that can follow its name."""
    return say(METHODS[key].how, exact=EXACT, orders=ORDERS)


@dataclass(frozen=True)
class Opinion:
    """What one method says, and how far it can be trusted.

    Attributes:
        shares: of every step, in the unit of the output, ``[step]``.
        gap: f(x) − f(baseline) − Σ shares.
        infidelity: relative to saying nothing; see core_models.explain.attribution.quality.
        sensitivity: relative change under small noise; None for a sampled method.
        error: largest standard error of a share that is a mean over random orders; None for others.
    """

    shares: Doubles
    gap: float
    infidelity: float
    sensitivity: float | None
    error: float | None = None


@dataclass(frozen=True)
class Opinions:
    """What all methods say about one output.

    Attributes:
        by_method: opinions by key of ``METHODS``.
        value: the output.
        without: the output for an input of baselines only.
        attention: what every token got, if the network attends, ``[step]``; it has no sign and is in no unit of f.
        attention_infidelity: of that, multiplied by the number that suits it best; None without attention.
    """

    by_method: Mapping[str, Opinion]
    value: float
    without: float
    attention: Doubles | None
    attention_infidelity: float | None


FEW, MANY, MOST, SMALL = 50, 300, 2000, 0.01
"""Points on the path of integrated gradients: few; from many to the most where the gap is more than a small share."""

ROOM = 60_000
"""Steps that are read at most for one path, if there are more than ``MANY`` points on it."""


def collect(outputs: Outputs, target: Target, baseline: str, methods: Sequence[str] = tuple(METHODS)) -> Opinions:
    """Every method about one output of one input.

    A label may turn within a short part of the path of integrated gradients: there are more points on it where the gap
    would otherwise be more than a hundredth of the difference.

    Args:
        outputs: the network and its input.
        target: the output.
        baseline: key of what stands for "nothing here".
        methods: keys of the methods that are asked; those that sample read the input some thousand times.
    """
    x, gone, read = outputs.x, outputs.baselines[baseline], outputs.about(target)
    with torch.no_grad():
        here, there = read(torch.stack([x, gone.expand_as(x)])).tolist()
    removals, found = remove(read, x, gone), {}
    for key in methods:
        explain, error = METHODS[key].explain, None
        if key == "shapley":
            drawn = shapley(read, x, gone)
            shares = drawn.values.double().cpu().numpy()
            error = None if drawn.error is None else float(drawn.error.max())
        else:
            shares = explain(read, x[None], gone)[0].double().cpu().numpy()
        if key == "integrated" and abs(here - there - shares.sum()) > SMALL * abs(here - there):
            points = max(MANY, min(MOST, ROOM // len(x)))
            explain = partial(integrated_gradients, steps=points)
            shares = explain(read, x[None], gone)[0].double().cpu().numpy()
        moved = None if METHODS[key].sampled else sensitivity(lambda rows, m=explain: m(read, rows, gone), x)
        found[key] = Opinion(shares, here - there - float(shares.sum()), infidelity(removals, shares), moved, error)
    attended = attend(outputs, target)
    attention = None if attended is None else attended.received.double().cpu().numpy()
    return Opinions(
        by_method=found,
        value=here,
        without=there,
        attention=attention,
        attention_infidelity=None if attention is None else infidelity(removals, attention, scaled=True),
    )


COEFFICIENTS: Mapping[str, Callable[[Doubles, Doubles], float]] = {"kendall": kendall, "spearman": spearman}


def compare_ranks(rows: Mapping[str, Doubles], coefficient: str = "kendall") -> Doubles:
    """Rank correlation of the magnitudes of every two rows, ``[row, row]``; not a number where a row has only ties.

    Args:
        rows: one number a token, by name.
        coefficient: ``kendall`` or ``spearman``.
    """
    measure, values = COEFFICIENTS[coefficient], [np.abs(row) for row in rows.values()]
    return np.array([[measure(one, other) for other in values] for one in values])
