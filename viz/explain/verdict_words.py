"""The verdict on attention in words: what came out, how sure it is, what would change it, how to read it."""

from __future__ import annotations

from core_models.language import say
from pretrained.faithfulness.verdict import MOVED, POINTS, UNUSED, USED, Estimate, Use, Verdict

ICONS = {Use.USED: ":material/check_circle:", Use.PARTLY: ":material/help:", Use.UNUSED: ":material/cancel:"}


def moved_by(*, is_probability: bool) -> str:
    """How much counts as a changed answer."""
    return (
        say("{moved:.0f} percentage points", moved=MOVED * 100)
        if is_probability
        else say("{moved:g} standard deviations", moved=MOVED)
    )


def how_to_read(*, is_probability: bool) -> str:
    """What the words of a verdict mean."""
    answer = say("probability") if is_probability else say("forecast")
    return say(
        "A trial counts as changed when shuffling the weights changes the {answer} by {moved_by} "
        "or more. Attention is called *used* when more than {used:.0%} of the trials change, "
        "*not used* when fewer than {unused:.0%} do, each with 95% confidence, and said to "
        "*point at the words that matter* when Kendall’s τ with removing them is above {points}. "
        "These limits are conventions; the numbers are what was measured. *Not used* does not "
        "make a network worse: the states that attention gathers have already read much of the "
        "input, so any mixture of them may work. And *used* does not make the weights an "
        "explanation: they say which states were mixed, and a state is more than the word at its "
        "position.",
        answer=answer,
        moved_by=moved_by(is_probability=is_probability),
        used=USED,
        unused=UNUSED,
        points=POINTS,
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
        return say("Not an explanation: the attention is not used")
    used = verdict.use is Use.USED
    if verdict.points is None:
        return (
            say("Used; whether it points at the words that matter cannot be said")
            if used
            else say("Partly used; whether it points at the words that matter cannot be said")
        )
    if verdict.points:
        return (
            say("Used, and it points at the words that matter")
            if used
            else say("Partly used, and it points at the words that matter")
        )
    return say("Used, but not a ranking of words") if used else say("Partly used, but not a ranking of words")


def verdict_line(verdict: Verdict, trials: str) -> str:
    """One line with both intervals; ``trials`` says what was tried, such as "300 unseen sentences"."""
    return say(
        "**{headline}.** Shuffling the attention changes the answer in {share} of {n} "
        "{trials}; its ranking of words agrees with removing them at τ = {agreement} (1: same "
        "order, 0: none).",
        headline=headline(verdict),
        share=percent(verdict.share),
        n=verdict.trials,
        trials=trials,
        agreement=number(verdict.agreement),
    )


def what_would_change(verdict: Verdict, trials: str) -> str:
    """How far the verdict is from another one."""
    count = {"flips": verdict.flips, "n": verdict.trials, "trials": trials, "limit": POINTS}
    if verdict.use is Use.UNUSED:
        return say(
            "The verdict would differ if {flips} of the {n} {trials} had come out the other way.",
            flips=verdict.flips, n=verdict.trials, trials=trials,
        )  # fmt: skip
    if verdict.points is None:
        return say(
            "The verdict would differ if {flips} of the {n} {trials} had come out the other way, or if the interval of "
            "τ lay on one side of {limit}.",
            **count,
        )
    if verdict.points:
        return say(
            "The verdict would differ if {flips} of the {n} {trials} had come out the other way, or if the interval of "
            "τ reached below {limit}.",
            **count,
        )
    return say(
        "The verdict would differ if {flips} of the {n} {trials} had come out the other way, or if the interval of τ "
        "reached above {limit}.",
        **count,
    )
