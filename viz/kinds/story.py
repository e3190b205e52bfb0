"""A question about a story: the answer after every word, and which sentences attention lies on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core_models.language import mark, say
from core_models.networks.sequence import ATTENTION
from core_models.trace import Trace
from pretrained.data.stories.world import Answer, solve
from pretrained.task import InputError
from pretrained.tasks.classes.story_questions import divide
from pretrained.trained import Trained
from viz.cards import Card, Origin, show
from viz.figures.scores.sentences import draw_sentences
from viz.kinds import classes
from viz.kinds.classes import as_reader, show_doubt
from viz.kinds.kind import SequenceKind
from viz.markdown import escape
from viz.placing import Pick
from viz.view import Options

PARTS = {
    "one_fact": mark("one fact"), "two_facts": mark("two facts"), "three_facts": mark("three facts"),
    "counting": mark("counting"),
}  # fmt: skip
"""Groups of questions that are scored by themselves."""

ENDS = frozenset(".!?")


def sentences_of(trace: Trace) -> list[range]:
    """The steps of each sentence of the story; the question comes before them."""
    ends = [step + 1 for step, label in enumerate(trace.tokens.labels) if label in ENDS]
    ends += [] if ends and ends[-1] == len(trace) else [len(trace)]
    return [range(first, last) for first, last in pairwise(ends)]


def looked_at(trace: Trace) -> NDArray[np.floating]:
    """Attention of the answer over the words, mean over heads, ``[step]``; empty without attention."""
    if (ATTENTION, "attention_weights") not in trace:
        return np.zeros(0)
    return trace.array(ATTENTION, "attention_weights")[:, -1].mean(axis=0)


def shades(trace: Trace) -> Sequence[float]:
    """How strongly each word is attended to, the strongest in full colour."""
    weights = looked_at(trace)
    return (weights / weights.max()).tolist() if len(weights) else []


def show_answer(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    """The answer after every word, and beside it the answer, the right one, and the sentences that it rests on."""
    left, right = st.columns([3, 1])
    with left:
        found = classes.show_running(model, trace, options)
    with right:
        _show_verdict(model, trace)
    return found


def show_more(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    """How much of the attention lies on each sentence; every answer after every word, and of the whole."""
    if len(looked_at(trace)):
        _show_sentences(trace)
    return classes.show_more(model, trace, options)


def known_answer(trace: Trace) -> Answer | None:
    """What answers the question, where the story is of the grammar and says it."""
    try:
        question, story = divide(trace.tokens.text)
    except InputError:
        return None
    return solve(story, question)


def _show_verdict(model: Trained, trace: Trace) -> None:
    reader = as_reader(model)
    answer, share = reader.answer(trace)
    if not show_doubt(say("The network says"), reader, trace):
        st.metric(say("The network says, {sure}", sure=classes.say_sure(share)), answer)
    known = known_answer(trace)
    if known is None:
        st.caption(say("The story does not tell, as far as it is told in sentences that the network learned."))
        return
    right = say("**Known answer: {name}**, so the network is right.", name=known.word)
    wrong = say("**Known answer: {name}**, so the network is wrong.", name=known.word)
    st.markdown(right if known.word == answer else wrong)
    if known.facts:
        numbers = ", ".join(str(fact + 1) for fact in known.facts)
        st.caption(say("It rests on these sentences of the story: {numbers}.", numbers=numbers))
    for example in reader.task.examples:
        if example.text == trace.tokens.text:
            st.caption(escape(say(example.why)))


def _show_sentences(trace: Trace) -> None:
    table = sentence_table(trace)
    show(Card(
        key="sentences", title=say("Which sentences does attention lie on?"), figure=draw_sentences(table),
        question=say("How much of the attention of the answer lies on the words of each sentence?"), group="sentences",
        numbers=lambda: table, origin=Origin.of(trace),
        how_to_read=say(
        "One bar for the question and for each sentence, as long as the sum of the weights on its words. Marked are "
        "the sentences that one must know to answer. What a network attends to need not be what its answer rests on: "
        "its state after a later word may hold what it read before."),
    ))  # fmt: skip


def sentence_table(trace: Trace) -> pd.DataFrame:
    """Question and sentences with the attention on each, and whether the answer rests on it."""
    weights, known = looked_at(trace), known_answer(trace)
    parts = sentences_of(trace)
    every = [range(parts[0].start if parts else len(trace)), *parts]
    text, spans = trace.tokens.text, trace.tokens.spans
    rows = [
        (
            (f"{number}. " if number else "") + text[spans[part.start][0] : spans[part.stop - 1][1]],
            float(weights[part.start : part.stop].sum()),
            bool(number and known and number - 1 in known.facts),
        )
        for number, part in enumerate(every)
    ]
    return pd.DataFrame(rows, columns=["sentence", "attention", "needed"])


def show_scores(model: Trained) -> None:
    """Accuracy on test beside simple methods, by the facts that a question needs, and where attention lay."""
    classes.show_scores(model)
    scores = model.recipe.scores
    rows = [
        {
            say("questions"): say(name),
            say("right, unseen stories"): _said(scores.get(f"test_{key}")),
            say("right, pairs never seen"): _said(scores.get(f"unseen_{key}")),
        }
        for key, name in PARTS.items()
    ]
    st.table(pd.DataFrame(rows).set_index(say("questions")))
    looked = scores.get("test_looked")
    if looked:
        st.markdown(say(
            "**Where it looks.** Most of the attention lay on a sentence that the answer rests on in {right:.1%} of "
            "right answers and {wrong:.1%} of wrong ones; of sentences picked by chance, {chance:.1%} would be such.",
            right=looked["right"]["accuracy"], wrong=looked["wrong"]["accuracy"], chance=looked["chance"],
        ))  # fmt: skip
    st.caption(say(
        "Networks on the stories of Weston et al. 2015, another data set, so for scale alone: an LSTM got 50% of one "
        "fact, 20% of two and 20% of three; a memory network that was told which sentences matter, 100% of all three."
    ))  # fmt: skip


def _said(score: dict | None) -> str:
    if not score:
        return "–"
    low, high = score["interval"]
    return f"{score['accuracy']:.1%} [{low:.1%}, {high:.1%}]"


STORY = SequenceKind(
    headline=mark("Watch a trained network answer a question about a story"),
    about=mark(
        "A small recurrent network reads your question and then your story, word by word, and answers with one word. "
        "Below is everything that happened inside it, in exact numbers."
    ),
    take_input=classes.take_input,
    show_answer=show_answer,
    show_more=show_more,
    show_scores=show_scores,
    address=classes.address,
    places_views=True,
    shades=shades,
)
