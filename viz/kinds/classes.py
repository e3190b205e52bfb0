"""Classes of whole sequences, whatever is read: the answer so far, the classes as bars, and the scores on the card."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core_models.heads.classes import ANSWER, READOUT
from core_models.language import mark, say, say_n
from core_models.trace import Site, Trace
from core_models.vocabulary import Kind
from pretrained.evidence import doubt_about
from pretrained.families.classes.trained import TrainedClassifier
from pretrained.registry import every_recipe, sound_recipes
from pretrained.task import Given
from pretrained.trained import Trained
from viz import inputs, params, session
from viz.cards import Card, Origin, show, show_and_pick
from viz.figures.sequences import labels
from viz.kinds.kind import SequenceKind
from viz.kinds.named import GIVEN, hold, take_named
from viz.kinds.scores import scores_card
from viz.markdown import escape
from viz.placing import Pick
from viz.view import Options, Target

ONE, SEVERAL = Target(READOUT, "probability"), Target(ANSWER, "running_probability")
"""The answer after every step: of two classes the second one's probability, else that of each."""

CHINESE = ("dialogue-zh-bilstm", "poems-lstm")
"""Models that read Chinese characters."""


def take_input(task: Any) -> Given:
    """The person's sequence, from a box where it can be typed: of one line, or of several where it is letters."""
    if not task.characters:
        return take_named(task, say("Record a sound, or open a file") if task.medium == "sound" else "")
    if task.named:
        return Given(inputs.type_named(task))
    if task.medium == "text":
        return Given(inputs.type_text(task, label=say("Type or paste a text")))
    label = say("Paste letters or FASTA; Ctrl+Enter or a click elsewhere lets the network read it")
    return Given(inputs.type_lines(label, task.examples[0].text, task.characters))


def show_answer(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    """The classes after every step, where the trace holds them, and the answer beside them."""
    reader = as_reader(model)
    left, right = st.columns([3, 1])
    with left:
        found = show_running(reader, trace, options)
    with right:
        given = GIVEN.get()
        show_verdict(reader, trace, None if reader.task.characters or given is None else given.text)
    return found


def show_running(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    """The classes that matter after every step, where the trace holds them; returns what was clicked."""
    target = next((target for target in (ONE, SEVERAL) if (target.site, target.key) in trace), None)
    if target:
        return _show_running(as_reader(model), trace, target, options)
    st.caption(say("This network classifies whole inputs only, so there is no answer after a part of one."))
    return []


def show_more(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    """Every class after every step, where the trace holds that, and of the whole."""
    reader = as_reader(model)
    if (SEVERAL.site, SEVERAL.key) not in trace:
        show_classes(reader, trace)
        return []
    left, right = st.columns([3, 2])
    with left:
        found = _show_running(reader, trace, SEVERAL, options, brief=False)
    with right:
        show_classes(reader, trace)
    return found


def _show_running(
    reader: TrainedClassifier, trace: Trace, target: Target, options: Options, *, brief: bool = True
) -> list[Pick]:
    """How probable each class is after every step, ``brief`` of those that matter; returns what was clicked."""
    chance = trace.array(target.site, target.key)
    chance = np.stack([1.0 - chance, chance], axis=1) if target == ONE else chance
    shown = labels.TokenLabels(
        probability=chance,
        labels=[reader.task.called(name) for name in reader.task.classes],
        given=chance.argmax(axis=1).tolist(),
        tokens=trace.tokens.labels,
        noun=trace.tokens.noun,
        said=mark("class"),
        marked=say("most probable"),
    )
    selection, _ = session.selected(trace)
    label = selection.unit if selection and target == SEVERAL and selection.key == target.key else None
    click = show_and_pick(Card(
        key="running" if brief else "every-class-so-far",
        title=say("The answer so far") if brief else say("Every class so far"),
        origin=Origin.of(trace), figure=labels.draw(shown, options.step, label, brief=brief), asks=not brief,
        numbers=lambda: labels.tabulate(shown),
        question=say("How probable is each class after every {noun}?", noun=say(trace.tokens.noun)),
        how_to_read=say(
        "Each column is a {noun}, each row a class; the colour is its probability if the sequence "
        "had ended there. The white dot marks the most probable one.", noun=say(trace.tokens.noun)),
        alt=say("Probability of every class after every {noun}", noun=say(trace.tokens.noun)),
    ))  # fmt: skip
    if not click:
        return []
    return [(target, (click[0], None) if target == ONE else click)]


def as_reader(model: Trained) -> TrainedClassifier:
    """The model as one that names classes.

    Raises:
        TypeError: if it is none.
    """
    if not isinstance(model, TrainedClassifier):
        raise TypeError(f"classes: expected a TrainedClassifier, got {type(model).__name__}")
    return model


def chances(trace: Trace) -> NDArray[np.floating]:
    """Probability of every class of the whole sequence, ``[class]``."""
    if (READOUT, "probability") not in trace:
        return trace.array(ANSWER, "class_probability")
    high = float(trace.array(READOUT, "probability")[-1])
    return np.array([1.0 - high, high])


def classes_card(names: list[str], trace: Trace) -> Card:
    """How probable the network finds each class of the whole sequence."""
    probability = chances(trace)
    return Card(
        key="classes",
        title=say("Every class"),
        question=say("How probable is each class for the whole sequence?"),
        figure=labels.draw_classes(names, probability),
        numbers=lambda: pd.DataFrame({"class": names, "probability": probability}),
        origin=Origin.of(trace),
        group="class",
    )


def show_classes(reader: TrainedClassifier, trace: Trace, text: str | None = None) -> None:
    """Every class of the whole, and what to look for in an example; ``text`` is that of ``show_verdict``."""
    task, shown = reader.task, trace.tokens.text if text is None else text
    show(classes_card([task.called(name) for name in task.classes], trace))
    for example in task.examples:
        if example.why and example.text == shown:
            st.caption(say(example.why))


def show_doubt(says: str, model: Trained, trace: Trace) -> bool:
    """That there is no answer, and why, where what was read is unlike what the model learned from; whether it is."""
    doubt = doubt_about(model, trace)
    if doubt:
        st.metric(says, say("No answer"))
        st.info(escape(doubt), icon=":material/help:")
        _link_to_chinese(trace.tokens.text)
    return bool(doubt)


def _link_to_chinese(text: str) -> None:
    """The ways to the models that read Chinese characters, for a text that has some."""
    if re.search("[\u4e00-\u9fff]", text) and inputs.MODEL.free:
        with st.container(horizontal=True):
            for key in filter(every_recipe().__contains__, CHINESE):
                there = {inputs.MODEL: key, inputs.TEXT: inputs.in_url(text)}
                params.link("app_pages/explore.py", say(every_recipe()[key].title), ":material/translate:", there)


def show_verdict(reader: TrainedClassifier, trace: Trace, text: str | None = None) -> None:
    """The answer, now, and the right one where it is known.

    Args:
        reader: the model.
        trace: what it made of the sequence.
        text: that of the example, where the trace does not hold it.
    """
    task = reader.task
    answer, _ = reader.answer(trace)
    doubt = show_doubt(say("The network says"), reader, trace)
    if not doubt:
        st.metric(say("The network says, {sure}", sure=say_sure(float(chances(trace).max()))), task.called(answer))
    shown = trace.tokens.text if text is None else text
    example = next((example for example in task.examples if example.text == shown), None)
    if example and example.reference:
        name = escape(task.called(example.reference))
        right = say("**Known answer: {name}**, so the network is right.", name=name)
        wrong = say("**Known answer: {name}**, so the network is wrong.", name=name)
        st.markdown(right if example.reference == answer else wrong)
    unknown = trace.tokens.known.count(False)
    if unknown:
        st.caption(_say_doubtful(unknown, task.noun) if task.doubtful else say_n(
            "One {noun} is underlined with dots: read as unknown.",
            "{n} {noun}s are underlined with dots: read as unknown.", unknown, noun=say(task.noun),
        ))  # fmt: skip


def _say_doubtful(count: int, noun: str) -> str:
    """That steps are not known for certain."""
    return say_n(
        "One {noun} is underlined with dots: not known for certain, so read as unknown.",
        "{n} {noun}s are underlined with dots: not known for certain, so read as unknown.", count, noun=say(noun),
    )  # fmt: skip


def say_sure(share: float) -> str:
    """How sure the network is, never wholly."""
    if share > 0.999:
        return say("over 99.9% sure")
    return say("{share:.1%} sure", share=share) if share > 0.99 else say("{share:.0%} sure", share=share)


def show_scores(model: Trained) -> None:
    """Accuracy on test with its interval beside simpler methods, and on groups that were left out of training."""
    reader = as_reader(model)
    recipe, scores, task = reader.recipe, reader.recipe.scores, reader.task
    low, high = scores["test_interval"]
    st.markdown(
        say(
            "**{accuracy:.1%}** of {count:,} test {unseen} right (95% interval {low:.1%} to {high:.1%}); "
            "dev {dev_accuracy:.1%}.",
            accuracy=scores["test_accuracy"],
            count=scores["test_count"],
            unseen=say(task.unseen),
            low=low,
            high=high,
            dev_accuracy=scores["dev_accuracy"],
        )
    )
    models = {say(r.title): r.scores["test_accuracy"] for r in sound_recipes(task.group).values() if r.task == task.key}
    simpler = {say(name): score for name, score in task.references.items()}
    if "linear_test" in recipe.left_out:
        simpler[say("logistic regression on the same frames")] = recipe.left_out["linear_test"]
    table = pd.DataFrame([*models.items(), *simpler.items()], columns=["model", "score"])
    table["highlighted"] = table["model"] == say(recipe.title)
    show(scores_card(recipe, table, "score", say("share of test {unseen} right", unseen=say(task.unseen))))
    if recipe.left_out:
        _show_left_out(reader)


def _show_left_out(reader: TrainedClassifier) -> None:
    """Share right on every group by a network that never met it."""
    found = reader.recipe.left_out
    st.markdown(
        say(
            "**On a new speaker.** The test has the same voices as training. Trained again without one "
            "speaker, the same network gets this share of that speaker's {next:,} recordings right:",
            next=next(iter(found["count"].values())),
        )
    )
    table = pd.DataFrame(
        {
            say("speaker left out"): list(found["network"]),
            say("this network"): [f"{share:.1%}" for share in found["network"].values()],
            say("logistic regression"): [f"{found['linear'][name]:.1%}" for name in found["network"]],
        }
    )
    st.table(table.set_index(say("speaker left out")))


def address(trace: Trace) -> tuple[Site, str]:
    """The answer so far, or where there is none the state at a step."""
    place = next(((target.site, target.key) for target in (ONE, SEVERAL) if (target.site, target.key) in trace), None)
    if place:
        return place
    site, row = trace.find(Kind.STATE)[-1]
    return site, row.key


CLASSES = SequenceKind(
    headline=mark("Watch a trained network recognise what it reads"),
    about=mark(
        "A small recurrent network reads the sequence step by step and says which of several classes "
        "it belongs to. Below is everything that happened inside it, in exact numbers."
    ),
    take_input=take_input,
    show_answer=show_answer,
    show_more=show_more,
    show_scores=show_scores,
    address=address,
    places_views=True,
    hold=hold,
)
"""How a task of classes is shown that has no picture of its own."""
