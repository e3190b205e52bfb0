"""The verdict on attention in words: what came out, how sure it is, what would change it, how to read it."""

from __future__ import annotations

from pretrained.faithfulness.verdict import MOVED, POINTS, UNUSED, USED, Estimate, Use, Verdict

ICONS = {Use.USED: ":material/check_circle:", Use.PARTLY: ":material/help:", Use.UNUSED: ":material/cancel:"}


def moved_by(*, is_probability: bool) -> str:
    """How much counts as a changed answer."""
    return f"{MOVED * 100:.0f} percentage points" if is_probability else f"{MOVED:g} standard deviations"


def how_to_read(*, is_probability: bool) -> str:
    """What the words of a verdict mean."""
    answer = "probability" if is_probability else "forecast"
    return (
        f"A trial counts as changed when shuffling the weights changes the {answer} by "
        f"{moved_by(is_probability=is_probability)} or more. Attention is called *used* when more than {USED:.0%} of "
        f"the trials change, *not used* when fewer than {UNUSED:.0%} do, each with 95% confidence, and said to "
        f"*point at the words that matter* when Kendall’s τ with removing them is above {POINTS}. These limits are "
        "conventions; the numbers are what was measured. *Not used* does not make a network worse: the states that "
        "attention gathers have already read much of the input, so any mixture of them may work. And *used* does "
        "not make the weights an explanation: they say which states were mixed, and a state is more than the word "
        "at its position."
    )


def percent(share: Estimate) -> str:
    """A share with its interval."""
    return f"{share.value:.0%} [{share.low:.0%}, {share.high:.0%}]"


def number(value: Estimate) -> str:
    """A rank correlation with its interval."""
    return f"{value.value:.2f} [{value.low:.2f}, {value.high:.2f}]"


def headline(verdict: Verdict) -> str:
    """The verdict in a few words."""
    if verdict.use is Use.UNUSED:
        return "Not an explanation: the attention is not used"
    used = "Used" if verdict.use is Use.USED else "Partly used"
    if verdict.points is None:
        return f"{used}; whether it points at the words that matter cannot be said"
    return f"{used}, {'and it points at the words that matter' if verdict.points else 'but not a ranking of words'}"


def verdict_line(verdict: Verdict, trials: str) -> str:
    """One line with both intervals; ``trials`` says what was tried, such as "300 unseen sentences"."""
    return (
        f"**{headline(verdict)}.** Shuffling the attention changes the answer in {percent(verdict.share)} of "
        f"{verdict.trials} {trials}; its ranking of words agrees with removing them at τ = "
        f"{number(verdict.agreement)} (1: same order, 0: none)."
    )


def what_would_change(verdict: Verdict, trials: str) -> str:
    """How far the verdict is from another one."""
    found = f"The verdict would differ if {verdict.flips} of the {verdict.trials} {trials} had come out the other way"
    if verdict.use is Use.UNUSED:
        return f"{found}."
    beyond = {True: "reached below", False: "reached above", None: "lay on one side of"}
    return f"{found}, or if the interval of τ {beyond[verdict.points]} {POINTS}."
