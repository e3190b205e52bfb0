"""Classifiers: the answer after every word, and how sure the network is at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core_models.language import mark, say
from core_models.trace import Array, Site, Trace
from core_models.vocabulary import Kind
from pretrained.recipe import Recipe
from pretrained.registry import sound_recipes
from pretrained.task import Given
from pretrained.trained import Trained
from viz import inputs
from viz.cards import Card, Origin, show
from viz.figures.parts.token_axis import spell
from viz.figures.scores.accuracy import draw_scores
from viz.figures.trace.prediction import jumps
from viz.kinds.classes import show_doubt
from viz.kinds.kind import SPELLED, SequenceKind
from viz.markdown import escape
from viz.placing import Pick, place_section
from viz.view import Options, Section

UNDECIDED = 0.55
"""Below this probability of its class an answer is called undecided."""

TOLD, FULL = 2, 0.4
"""Words whose move is told, and the change of the probability that has the full colour."""

NAMED = 3
"""Unknown words that are named."""


def show_answer(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    """The probability after every token, and the verdict beside it."""
    if len(trace) > SPELLED:
        low, high = model.task.classes
        st.caption(say("Blue: moved the answer towards {high}. Orange: towards {low}.", high=say(high), low=say(low)))
    left, right = st.columns([3, 1])
    with left:
        found = place_section(Section.ANSWER, trace, options)
    with right:
        show_verdict(model, trace, held=options.before is not None)
    return found


def show_verdict(model: Trained, trace: Trace, *, held: bool = False) -> None:
    """The answer, where there is evidence for one, and the words that the model never saw."""
    named = say(model.recipe.title)
    says = say("{model}, a gate held, says", model=named) if held else say("{model} says", model=named)
    if not show_doubt(says, model, trace):
        _show_probability(says, model, trace)
    unknown = [token for token, known in zip(trace.tokens.labels, trace.tokens.known, strict=True) if not known]
    if unknown:
        st.caption(escape(_say_unknown([spell(token) for token in dict.fromkeys(unknown)])))


def _show_probability(says: str, model: Trained, trace: Trace) -> None:
    site, _ = trace.find(Kind.OUTPUT)[0]
    probability = float(trace.array(site, "probability")[-1])
    low, high = model.task.classes
    answer, share = (high, probability) if probability > 0.5 else (low, 1.0 - probability)
    decided = share >= UNDECIDED
    sure = say("{answer}, {share:.0%} sure", answer=say(answer).capitalize(), share=share)
    verdict = sure if decided else say("Undecided ({share:.0%} {answer})", share=share, answer=say(answer))
    st.metric(says, verdict)
    if len(trace) > 1:
        st.markdown(escape(say_moves(trace.tokens.labels, trace.array(site, "probability"), high)))


def say_moves(tokens: Sequence[str], probability: Array, high: str) -> str:
    """At which tokens the probability of ``high`` moved most, and which way, in reading order."""
    said = []
    for step in sorted(jumps(probability), key=lambda step: -abs(probability[step] - probability[step - 1]))[:TOLD]:
        change = float(probability[step] - probability[step - 1])
        where = {"change": abs(change), "token": spell(tokens[step])}
        rises, falls = say("rises by {change:.2f} at “{token}”"), say("falls by {change:.2f} at “{token}”")
        said.append((step, (rises if change > 0 else falls).format(**where)))
    if not said:
        return say("No single word moves the answer much.")
    moves = say(", then ").join(words for _, words in sorted(said))
    return say("The probability of {high} {moves}.", high=say(high), moves=moves)


def shades(trace: Trace) -> list[float]:
    """By token, how far it moved the answer; the full colour from ``FULL`` on."""
    site, row = trace.find(Kind.OUTPUT)[-1]
    return (np.diff(trace.array(site, row.key), prepend=0.5) / FULL).clip(-1.0, 1.0).tolist()


def _say_unknown(words: list[str]) -> str:
    """That words are unknown, the first of them by name."""
    named = say(", ").join(f"“{word}”" for word in words[:NAMED]) + (" …" if len(words) > NAMED else "")
    if len(words) == 1:
        return say("The model never saw {words} and reads it as unknown.", words=named)
    return say("The model never saw {words} and reads them as unknown.", words=named)


def show_scores(model: Trained) -> None:
    """Accuracy on test with its interval, beside the other models of the task and simple methods."""
    recipe, scores = model.recipe, model.recipe.scores
    low, high = scores["test_interval"]
    st.markdown(
        say(
            "**{accuracy:.1%}** of {count:,} test sentences right (95% interval {low:.1%} to "
            "{high:.1%}); dev {dev_accuracy:.1%}.",
            accuracy=scores["test_accuracy"],
            count=scores["test_count"],
            low=low,
            high=high,
            dev_accuracy=scores["dev_accuracy"],
        )
    )
    table = score_table(recipe)
    simpler = {say(name): score for name, score in model.task.references.items()}
    show(Card(
        key="scores", title=say("Compared with other models"), question=say(
            "How many test sentences does each model get right?"),
        figure=draw_scores(table, simpler), numbers=lambda: table, origin=Origin(recipe.key),
        alt=say("Test accuracy of all models"),
    ))  # fmt: skip


def score_table(shown: Recipe) -> pd.DataFrame:
    """Test accuracy with its interval for every model of the same task, the shown one marked."""
    rows = [
        (say(r.title), r.scores["test_accuracy"], *r.scores["test_interval"], r.key == shown.key)
        for r in sound_recipes("sentiment").values()
        if r.task == shown.task
    ]
    return pd.DataFrame(rows, columns=["model", "accuracy", "low", "high", "highlighted"])


def address(trace: Trace) -> tuple[Site, str]:
    """The answer's probability."""
    site, row = trace.find(Kind.OUTPUT)[-1]
    return site, row.key


def type_sentence(task: Any) -> Given:
    """The person's sentence, from the box or from an example."""
    return Given(inputs.type_text(task))


CLASSIFIER = SequenceKind(
    headline=mark("Watch a trained network read your sentence"),
    about=mark(
        "A small recurrent network, trained on film reviews, reads what you type word by word and "
        "says whether it is positive. Below is everything that happened inside it, in exact numbers."
    ),
    take_input=type_sentence,
    show_answer=show_answer,
    show_scores=show_scores,
    address=address,
    places_views=True,
    spells=SPELLED,
    shades=shades,
)
