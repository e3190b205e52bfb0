"""The verdict on attention: one rule for one sentence, for hundreds, and for the control networks of the tests.

    used         the answer moves by MOVED or more when the weights are shuffled, in more than half of the trials
    not used     ... in fewer than a tenth
    partly used  neither can be said

each with 95% confidence: it is the whole Wilson interval of the share that must lie beyond the line. A trial is a
sentence (its median shuffle counts) or, on one sentence, a shuffle. If attention is used at all, a second question is
whether the tokens that it looks at are those that matter: Kendall's τ with the effect of leaving tokens out, with a
bootstrap interval; above POINTS attention points at them, below it does not.

The lines are conventions, set before anything was measured, and are shown wherever the verdict is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from core_models.language import mark
from pretrained.data.intervals import wilson_interval

MOVED = 0.05
"""Change of the probability that counts as a changed answer."""

USED, UNUSED, POINTS = 0.5, 0.1, 0.5


class Use(Enum):
    """Whether the answer hangs on the attention weights."""

    USED = mark("used")
    PARTLY = mark("partly used")
    UNUSED = mark("not used")


@dataclass(frozen=True)
class Estimate:
    """A number with its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Verdict:
    """What the tests say.

    Attributes:
        use: whether the answer hangs on the weights.
        share: share of the trials in which shuffling moved the answer.
        trials: how many there were.
        flips: how many trials would have to come out otherwise for ``use`` to change.
        points: whether attention points at the tokens that matter; None if that cannot be said.
        agreement: Kendall's τ of attention with the effect of leaving tokens out.
    """

    use: Use
    share: Estimate
    trials: int
    flips: int
    points: bool | None
    agreement: Estimate


def judge(moved: int, trials: int, agreement: Estimate) -> Verdict:
    """The verdict on ``moved`` of ``trials`` in which shuffling moved the answer.

    Raises:
        ValueError: if there was no trial.
    """
    if trials < 1 or not 0 <= moved <= trials:
        raise ValueError(f"verdict: expected at least one trial and no more moved than tried, got {moved} of {trials}")
    use = use_of(moved, trials)
    others = (abs(other - moved) for other in range(trials + 1) if use_of(other, trials) is not use)
    points = True if agreement.low > POINTS else False if agreement.high < POINTS else None
    return Verdict(
        use=use,
        share=Estimate(moved / trials, *wilson_interval(moved / trials, trials)),
        trials=trials,
        flips=min(others, default=trials),
        points=points,
        agreement=agreement,
    )


def use_of(moved: int, trials: int) -> Use:
    """Whether attention is used, by the interval of the share of trials that moved."""
    low, high = wilson_interval(moved / trials, trials)
    if high < UNUSED:
        return Use.UNUSED
    return Use.USED if low > USED else Use.PARTLY
