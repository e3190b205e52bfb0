"""Is this attention an explanation? The verdict on the model, then every test on the person's own sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
import torch

from core_models.explain.attribution.ranks import kendall_interval
from core_models.explain.faithfulness.adversary import TOLERANCE
from core_models.explain.faithfulness.attended import PLACES
from core_models.explain.faithfulness.panel import Faithfulness, FaithfulnessError, examine
from pretrained.errors import ModelError
from pretrained.faithfulness.results import Background, read_background
from pretrained.faithfulness.verdict import MOVED, UNUSED, USED, Estimate, Verdict, judge
from pretrained.registry import sound_recipes
from viz import session
from viz.cards import Card, Origin, save_table, show
from viz.explain.verdict_words import HOW_TO_READ, ICONS, POINTS_MOVED, percent, verdict_line, what_would_change
from viz.figures.explain import faithful_answers, faithful_erasure, faithful_models, faithful_tokens
from viz.figures.explain.faithful_erasure import Panel
from viz.markdown import escape
from viz.run import ModelRun

KEPT = 64
MOST_TOKENS = 100
"""Tokens up to which the tests run: every word is left out once, and inside a recurrence all steps are run again."""

LN2 = float(np.log(2.0))


@st.cache_resource(max_entries=KEPT, show_spinner="Testing the attention …")
def examined(model: str, text: str) -> Faithfulness:
    """Every test on a text; computed once for everybody.

    Raises:
        FaithfulnessError: if there is nothing to test.
    """
    loaded = session.model(model)
    reading, _ = session.traced(model, text)
    table = loaded.network.embedding.weight.detach()
    return examine(loaded.network, table[torch.tensor(reading.ids, device=table.device)])


def show_faithfulness(asked: ModelRun) -> None:
    """The verdict, the tests, all models."""
    st.markdown(
        "**What is asked:** attention shows where a network looked. Is that why it answered as it did? If the weights "
        "are a reason, changing them should change the answer, and the words they point at should be those that matter."
    )
    try:
        background, refused = read_background(asked.model.recipe), ""
    except ModelError as error:
        background, refused = None, str(error)
    if len(asked.trace) > MOST_TOKENS:
        st.info(
            f"The tests read the text some hundred times; shorten it to {MOST_TOKENS} tokens (it has "
            f"{len(asked.trace)}).",
            icon=":material/content_cut:",
        )
        return
    try:
        found = examined(asked.model.recipe.key, asked.text)
    except FaithfulnessError as error:
        st.info(str(error), icon=":material/edit:")
        _show_models(asked)
        return
    _show_verdict(found, background, refused)
    _show_tokens(asked, found)
    left, right = st.columns(2)
    with left:
        _show_answers(asked, found)
    with right:
        _show_erasure(asked, found)
    _show_table(asked, found, background)
    _show_models(asked)


def verdict_on(found: Faithfulness) -> Verdict:
    """The verdict on one sentence: a trial is a shuffle."""
    moved = int((np.abs(found.shuffled - found.answer) >= MOVED).sum())
    agreement = Estimate(found.agreement, *kendall_interval(found.attention, found.effects))
    return judge(moved, len(found.shuffled), agreement)


def _show_verdict(found: Faithfulness, background: Background | None, refused: str) -> None:
    own = verdict_on(found)
    with st.container(border=True, key="verdict"):
        if refused:
            st.error(refused, icon=":material/broken_image:")
        elif background is None:
            st.warning(
                "These weights have not been tested on other sentences yet, so that only your own sentence can be "
                "judged: python -m pretrained.faithfulness.measure does it.",
                icon=":material/history:",
            )
        else:
            verdict = background.verdict
            st.markdown(f"{ICONS[verdict.use]} On sentences it never saw: {verdict_line(verdict, 'unseen sentences')}")
            st.caption(what_would_change(verdict, "sentences"))
        st.markdown(f"{ICONS[own.use]} On your sentence: {verdict_line(own, 'shuffles')}")
        st.caption(what_would_change(own, "shuffles"))
        with st.expander("How to read this", icon=":material/info:"):
            st.markdown(f"{HOW_TO_READ}\n\n{PLACES[found.place]}")


def _show_tokens(asked: ModelRun, found: Faithfulness) -> None:
    labels = asked.trace.tokens.labels
    top, matters = int(found.attention.argmax()), int(found.effects.argmax())
    change = found.left_out - found.answer
    most = "which is also the word" if top == matters else f"but “{escape(labels[matters])}” is the word"
    show(Card(
        key="faithful-tokens", title="Where it looked, and what matters", origin=asked.origin,
        question="Do the words with most attention matter most to the answer?",
        how_to_read="Bars on top: attention each word got. Bars below: how the probability of "
        f"“{asked.model.task.classes[1]}” changes when the word is left out of the sentence (blue up, orange "
        "down). If attention were a ranking of reasons, tall bars would stand above tall bars: τ = "
        f"{found.agreement:.2f} (with |gradient × input| instead of leaving out {found.gradient_agreement:.2f}; "
        f"these two agree with each other at {found.reference_agreement:.2f}, which is what to compare with). "
        f"Diamonds: the most different attention that was found to give the same answer within {TOLERANCE:.0%}.",
        figure=faithful_tokens.draw(found.attention, found.adversary, change, labels),
        numbers=lambda: pd.DataFrame({
            "token": labels, "attention": found.attention, "other_attention": found.adversary, "change": change,
        }),
        alt="Attention and the effect of leaving out, by token",
        found=f"**What came out:** most attention goes to “{escape(labels[top])}”, {most} whose absence moves the "
        f"answer most ({change[matters]:+.3f}). The other attention answers {found.adversary_answer:.3f} "
        f"instead of {found.answer:.3f}, at a divergence of {found.divergence:.2f} of at most {LN2:.2f}. **What it "
        "means:** the larger that divergence, the more freely the same answer could have been explained by "
        "looking elsewhere. It is found for this sentence alone, though: no single trained attention need look "
        "like it (Jain & Wallace 2019; Wiegreffe & Pinter 2019).",
    ))  # fmt: skip


def _show_answers(asked: ModelRun, found: Faithfulness) -> None:
    others = {"uniform attention": found.uniform, "another attention": found.adversary_answer}
    title = f"probability of {asked.model.task.classes[1]}"
    verdict = verdict_on(found)
    turned = float(((found.shuffled > 0.5) != (found.answer > 0.5)).mean())
    show(Card(
        key="faithful-answers", title="Shuffle the weights", origin=asked.origin, group="answers",
        question="Does the answer stay when the same weights go to other words?",
        how_to_read=f"What is tested: {len(found.shuffled)} times the same weights go to other words at random. The "
        f"line is the network’s own answer; answers within {POINTS_MOVED} of it (the band) count as unchanged. The "
        "marks are the answers with the same weight everywhere and with the other attention from above.",
        figure=faithful_answers.draw(found.shuffled, found.answer, MOVED, others, title),
        numbers=lambda: pd.DataFrame({"shuffle": range(1, len(found.shuffled) + 1), title: found.shuffled}),
        alt="Answers with shuffled attention",
        found=f"**What came out:** {percent(verdict.share)} of the shuffles move the answer, {turned:.0%} turn it to "
        f"the other class; uniform attention answers {found.uniform:.3f} instead of {found.answer:.3f}. **What it "
        "means:** answers that stay inside the band did not need these weights.",
    ))  # fmt: skip


def _show_erasure(asked: ModelRun, found: Faithfulness) -> None:
    panels = [
        Panel(title, np.abs(erasure.top - found.answer), np.abs(erasure.random - found.answer))
        for title, erasure in (("no attention for them", found.muted), ("not in the sentence", found.removed))
    ]
    (muted, at_random), (removed, others) = ((p.top[0], p.random[0].mean()) for p in panels)
    show(Card(
        key="faithful-erasure", title="Take away the words that it looked at", origin=asked.origin, group="erasure",
        question="Do the most attended words move the answer more than random ones?",
        how_to_read="What is tested: the words with most attention are taken away, one, two, and so on, and as many "
        "words at random. On the left they stay in the sentence but get no attention; on the right the sentence is "
        "read without them.",
        figure=faithful_erasure.draw(panels), numbers=lambda: faithful_erasure.numbers(panels),
        alt="Change of the answer without some words",
        found=f"**What came out:** without attention for the top word the answer moves by {muted:.3f} (a random word: "
        f"{at_random:.3f}), without the word itself by {removed:.3f} (random: {others:.3f}). **What it means:** "
        "only where the solid line runs above the shaded range are the most attended words special. Where it does "
        "on the right but not on the left, the word matters, yet not through attention: the states of its "
        "neighbours remember it (Serrano & Smith 2019).",
    ))  # fmt: skip


def _estimate(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def comparison_table(found: Faithfulness, background: Background | None) -> pd.DataFrame:
    """Every measure on this sentence, and on many."""
    change = np.abs(found.shuffled - found.answer)
    muted, removed = found.muted, found.removed
    own = {
        "uniform": ("uniform attention", abs(found.uniform - found.answer)),
        "shuffled": ("shuffled attention (median)", float(np.median(change))),
        "muted_top": ("no attention for the top word", abs(muted.top[0] - found.answer)),
        "muted_random": ("no attention for a random word", float(np.abs(muted.random[0] - found.answer).mean())),
        "removed_top": ("the top word left out", abs(removed.top[0] - found.answer)),
        "removed_random": ("a random word left out", float(np.abs(removed.random[0] - found.answer).mean())),
        "agreement": ("τ: attention and leaving out", found.agreement),
        "gradient_agreement": ("τ: attention and |gradient × input|", found.gradient_agreement),
        "reference_agreement": ("τ: |gradient × input| and leaving out", found.reference_agreement),
        "divergence": ("divergence of another attention", found.divergence),
    }
    count = f"{background.count} unseen sentences" if background else "unseen sentences"
    lines = [
        (name, f"{value:.3f}", _estimate(background.mean(key)) if background else "not measured yet")
        for key, (name, value) in own.items()
    ]
    return pd.DataFrame(lines, columns=["test", "your sentence", f"{count}, mean"]).set_index("test")


def _show_table(asked: ModelRun, found: Faithfulness, background: Background | None) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("**All numbers, beside those of many sentences**", width="stretch")
            name = asked.origin.name("faithfulness")
            save_table("faithfulness", name, lambda: comparison_table(found, background).reset_index())
        st.table(comparison_table(found, background), alt="Every test on your sentence and on unseen ones")
        st.caption(
            "The first six are changes of the probability, the next three rank correlations between −1 and 1, the last "
            f"a Jensen-Shannon divergence between 0 and {LN2:.3f}. In brackets: 95% bootstrap intervals of the mean "
            "over sentences of the treebank’s development set, which no network was trained on."
        )


def _show_models(asked: ModelRun) -> None:
    try:
        backgrounds = {key: read_background(recipe) for key, recipe in sound_recipes("sentiment").items()}
    except ModelError:  # said above
        return
    rows = [
        {"model": sound_recipes("sentiment")[key].title, "share": one.verdict.share.value, "low": one.verdict.share.low,
         "high": one.verdict.share.high, "verdict": one.verdict.use.value, "highlighted": key == asked.model.recipe.key}
        for key, one in backgrounds.items() if one
    ]  # fmt: skip
    if not rows:
        return
    table = pd.DataFrame(rows)
    show(Card(
        key="faithful-models", title="Every model that attends", origin=Origin(asked.trace.model),
        question=f"Share of unseen sentences whose probability moves by {POINTS_MOVED} or more at the median shuffle.",
        how_to_read="Intervals are of 95%; the model on this page is blue. Where the readout also gets the last state "
        "(joined, fused), or attention stands inside a recurrence that remembers anyway, the network can answer "
        "another way.",
        figure=faithful_models.draw(table, UNUSED, USED), numbers=lambda: table,
        alt="Share of sentences that need the attention, by model",
    ))  # fmt: skip
