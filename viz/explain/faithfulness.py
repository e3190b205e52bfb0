"""Is this attention an explanation? The verdict on the model, then every test on the person's own sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core_models.explain.attribution.ranks import kendall_interval
from core_models.explain.faithfulness.adversary import TOLERANCE
from core_models.explain.faithfulness.attended import PLACES
from core_models.explain.faithfulness.panel import Faithfulness, FaithfulnessError, examine
from core_models.language import mark, say
from core_models.target import Target
from pretrained.errors import ModelError
from pretrained.faithfulness.results import Background, read_background
from pretrained.faithfulness.verdict import MOVED, Estimate, Verdict, judge
from pretrained.task import StandIn
from viz import params
from viz.cards import Card, show
from viz.explain.faithfulness_beside import LN2, show_models, show_table
from viz.explain.target import Question, pick_question
from viz.explain.verdict_words import ICONS, how_to_read, moved_by, percent, verdict_line, what_would_change
from viz.figures.explain import faithful_answers, faithful_erasure, faithful_tokens
from viz.figures.explain.faithful_erasure import Panel
from viz.figures.parts.token_axis import in_nouns
from viz.markdown import escape
from viz.params import Param
from viz.remembered import remembered
from viz.run import ModelRun

KEPT = 64
MOST_STEPS, MOST_INSIDE = 300, 100
"""Steps up to which the tests run: every one is left out once; inside a recurrence all steps are run again."""

TEST, TESTS = Param("test"), {
    "tokens": mark("Where it looked, and what matters"),
    "changes": mark("Shuffled, and removed"),
    "numbers": mark("All numbers"),
    "models": mark("Every model with attention"),
}  # fmt: skip
"""The tests by their key in the address; one is shown at a time."""


@remembered(max_entries=KEPT, show_spinner=mark("Testing the attention …"))
def examined(key: str, given: str | StandIn, target: Target, _asked: ModelRun) -> Faithfulness:
    """Every test about one output.

    Raises:
        FaithfulnessError: if there is nothing to test.
    """
    return examine(_asked.outputs, target)


def show_faithfulness(asked: ModelRun) -> None:
    """The verdict, the tests, all models."""
    noun, steps = asked.tokens.noun, len(asked.encoded)
    st.markdown(
        say(
            "Attention shows where a network looked. Is that why it gave this answer? If so, "
            "changing the weights should change the answer, and the {noun}s with large weights "
            "should be the ones that matter.",
            noun=say(noun),
        )
    )
    question = pick_question(asked)
    most = MOST_INSIDE if asked.model.network.attends_inside else MOST_STEPS
    if steps > most:
        st.info(
            say(
                "The tests read the input several hundred times; shorten it to {most} {noun}s (it has {steps}).",
                most=most,
                noun=say(noun),
                steps=steps,
            ),
            icon=":material/content_cut:",
        )
        return
    try:
        background, refused = read_background(asked.model.recipe), ""
    except ModelError as error:
        background, refused = None, str(error)
    try:
        found = examined(asked.model.recipe.key, asked.given.key, question.target, asked)
    except FaithfulnessError as error:
        st.info(str(error), icon=":material/edit:")
        return
    _show_verdict(question, found, background, refused)
    titles = {key: say(title) for key, title in TESTS.items() if background or key != "models"}
    chosen = params.choose(say("Which test"), TEST, titles, default="tokens", pills=True)
    if chosen == "tokens":
        _show_tokens(question, found)
    elif chosen == "changes":
        left, right = st.columns(2)
        with left:
            _show_answers(question, found)
        with right:
            _show_erasure(question, found)
    elif chosen == "numbers":
        show_table(question, found, background)
    else:
        show_models(asked)


def verdict_on(found: Faithfulness) -> Verdict:
    """The verdict on one sentence: a trial is a shuffle."""
    moved = int((np.abs(found.shuffled - found.answer) >= MOVED).sum())
    agreement = Estimate(found.agreement, *kendall_interval(found.attention, found.effects))
    return judge(moved, len(found.shuffled), agreement)


def _show_verdict(question: Question, found: Faithfulness, background: Background | None, refused: str) -> None:
    own, noun = verdict_on(found), question.asked.tokens.noun
    with st.container(border=True, key="verdict"):
        if refused:
            st.error(refused, icon=":material/broken_image:")
        if background:
            verdict = background.verdict
            st.markdown(
                say(
                    "{icon} On unseen sentences: {verdict}",
                    icon=ICONS[verdict.use],
                    verdict=verdict_line(verdict, say("unseen sentences")),
                )
            )
            st.caption(what_would_change(verdict, say("sentences")))
        line = in_nouns(verdict_line(own, say("shuffles")), noun)
        st.markdown(
            say(
                "{icon} On your input, about the {measure}: {line}",
                icon=ICONS[own.use],
                measure=escape(question.measure),
                line=line,
            )
        )
        st.caption(what_would_change(own, say("shuffles")))
        with st.expander(say("How to read this"), icon=":material/info:"):
            said = how_to_read(is_probability=question.is_probability)
            st.markdown(in_nouns(f"{said}\n\n{say(PLACES[found.place])}", noun))


def _show_tokens(question: Question, found: Faithfulness) -> None:
    asked, noun = question.asked, question.asked.tokens.noun
    labels = asked.tokens.labels
    change = found.left_out - found.answer
    top, matters = int(found.attention.argmax()), int(np.nan_to_num(found.effects).argmax())
    answers = {
        "change": change[matters], "other": found.adversary_answer, "answer": found.answer,
        "divergence": found.divergence, "most": LN2,
    }  # fmt: skip
    came_out = (
        say(
            "**What came out:** most attention goes to “{token}”, which is also the {noun} whose removal changes the "
            "answer most ({change:+.3f}). The other attention answers {other:.3f} instead of {answer:.3f}, at a "
            "divergence of {divergence:.2f} of at most {most:.2f}.",
            token=escape(labels[top]), noun=say(noun), **answers,
        )
        if top == matters
        else say(
            "**What came out:** most attention goes to “{token}”, but “{rival}” is the {noun} whose removal changes "
            "the answer most ({change:+.3f}). The other attention answers {other:.3f} instead of {answer:.3f}, at a "
            "divergence of {divergence:.2f} of at most {most:.2f}.",
            token=escape(labels[top]), rival=escape(labels[matters]), noun=say(noun), **answers,
        )
    )  # fmt: skip
    means = say(
        "**What it means:** the larger this divergence, the less the attention explains, because looking elsewhere "
        "gives the same answer. It was found for this input alone, though: no single trained attention need look like "
        "this (Jain & Wallace 2019; Wiegreffe & Pinter 2019)."
    )
    show(
        Card(
            key="faithful-tokens",
            title=say("Where it looked, and what matters"),
            origin=asked.origin,
            question=say("Do the {noun}s with the most attention matter most for the answer?", noun=say(noun)),
            how_to_read=say(
                "Bars on top: attention each {noun} got. Bars below: how the {measure} changes when the "
                "{noun} is removed (blue up, orange down). If attention ranked the {noun}s by "
                "importance, tall bars would line up with tall bars: τ = {agreement:.2f} (with |gradient "
                "× input| instead of removal {gradient_agreement:.2f}; those two agree with each other "
                "at {reference_agreement:.2f}, which is the number to compare with). Diamonds: the most "
                "different attention found that gives the same answer to within {tolerance:g}.",
                noun=say(noun),
                measure=question.measure,
                agreement=found.agreement,
                gradient_agreement=found.gradient_agreement,
                reference_agreement=found.reference_agreement,
                tolerance=TOLERANCE,
            ),
            figure=faithful_tokens.draw(
                found.attention, found.adversary, change, labels, noun=noun, answer=question.short
            ),
            numbers=lambda: pd.DataFrame(
                {
                    "token": labels,
                    "attention": found.attention,
                    "other_attention": found.adversary,
                    "change": change,
                }
            ),
            alt=say("Attention and the effect of removal, by {noun}", noun=say(noun)),
            found=f"{came_out} {means}",
        )
    )


def _show_answers(question: Question, found: Faithfulness) -> None:
    asked, noun = question.asked, question.asked.tokens.noun
    others = {say("uniform attention"): found.uniform, say("another attention"): found.adversary_answer}
    verdict, points = verdict_on(found), moved_by(is_probability=question.is_probability)
    turned = float(((found.shuffled > 0.5) != (found.answer > 0.5)).mean())
    answers = {"share": percent(verdict.share), "uniform": found.uniform, "answer": found.answer}
    came_out = (
        say(
            "**What came out:** {share} of the shuffles change the answer, {turned:.0%} take it across 0.5; uniform "
            "attention answers {uniform:.3f} instead of {answer:.3f}.",
            turned=turned, **answers,
        )
        if question.is_probability
        else say(
            "**What came out:** {share} of the shuffles change the answer; uniform attention answers {uniform:.3f} "
            "instead of {answer:.3f}.",
            **answers,
        )
    )  # fmt: skip
    means = say("**What it means:** answers inside the band did not need these weights.")
    show(
        Card(
            key="faithful-answers",
            title=say("Shuffle the weights"),
            origin=asked.origin,
            group="answers",
            question=say("Does the answer stay the same when the weights are given to other {noun}s?", noun=say(noun)),
            how_to_read=say(
                "{n} times, the same weights are given to other {noun}s at random. The line is the "
                "network’s own answer; answers within {points} of it (the band) count as unchanged. The "
                "marks are the answers with uniform weights and with the other attention from above.",
                n=len(found.shuffled),
                noun=say(noun),
                points=points,
            ),
            figure=faithful_answers.draw(
                found.shuffled, found.answer, MOVED, others, question.measure, span=question.span
            ),
            numbers=lambda: pd.DataFrame(
                {"shuffle": range(1, len(found.shuffled) + 1), str(question.measure): found.shuffled}
            ),
            alt=say("Answers with shuffled attention"),
            found=f"{came_out} {means}",
        )
    )


def _show_erasure(question: Question, found: Faithfulness) -> None:
    asked, noun = question.asked, question.asked.tokens.noun
    panels = [
        Panel(title, np.abs(erasure.top - found.answer), np.abs(erasure.random - found.answer))
        for title, erasure in ((say("no attention for them"), found.muted), (say("not in the input"), found.removed))
    ]
    (muted, at_random), (removed, others) = ((p.top[0], np.nanmean(p.random[0])) for p in panels)
    show(
        Card(
            key="faithful-erasure",
            title=say("Remove the {noun}s that it attended to", noun=say(noun)),
            origin=asked.origin,
            group="erasure",
            question=say("Do the most attended {noun}s change the answer more than random ones?", noun=say(noun)),
            how_to_read=say(
                "The {noun}s with the most attention are removed, one, two, and so on, and as many "
                "{noun}s at random. On the left they stay in the input but receive no attention; on the "
                "right the input is read without them, or with an unknown or average value in their "
                "place where none can be left out.",
                noun=say(noun),
            ),
            figure=faithful_erasure.draw(panels, noun=noun, answer=question.short),
            numbers=lambda: faithful_erasure.numbers(panels, noun),
            alt=say("Change of the answer without some {noun}s", noun=say(noun)),
            found=say(
                "**What came out:** without attention to the top {noun} the answer changes by "
                "{muted:.3f} (a random one: {at_random:.3f}), without the {noun} itself by {removed:.3f} "
                "(random: {others:.3f}). **What it means:** the most attended {noun}s are special only "
                "where the solid line is above the shaded range. If it is above on the right but not on "
                "the left, the {noun} matters, but not through attention: the states of its neighbours "
                "remember it (Serrano & Smith 2019).",
                noun=say(noun),
                muted=muted,
                at_random=at_random,
                removed=removed,
                others=others,
            ),
        )
    )
