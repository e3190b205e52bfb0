"""What the pictures of recognisers share: the answer beside the figure, and the scores on the card."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core_models.heads.classes import ANSWER
from core_models.trace import Trace
from pretrained.families.classes.trained import TrainedClassifier
from pretrained.registry import sound_recipes
from pretrained.trained import Trained
from viz.cards import Card, Origin, show
from viz.figures.sequences import labels
from viz.kinds.scores import scores_card
from viz.markdown import escape


def as_reader(model: Trained) -> TrainedClassifier:
    """The model as the recogniser that it is.

    Raises:
        TypeError: if it is none.
    """
    if not isinstance(model, TrainedClassifier):
        raise TypeError(f"recogniser: expected a TrainedClassifier, got {type(model).__name__}")
    return model


def classes_card(names: list[str], trace: Trace) -> Card:
    """How probable the network finds each class of the whole sequence."""
    probability = trace.array(ANSWER, "class_probability")
    return Card(
        key="classes",
        title="Every class",
        question="How probable is each class of the whole sequence?",
        figure=labels.draw_classes(names, probability),
        numbers=lambda: pd.DataFrame({"class": names, "probability": probability}),
        origin=Origin.of(trace),
        group="class",
    )


def show_verdict(reader: TrainedClassifier, trace: Trace, text: str | None = None) -> None:
    """The answer, now, the right one where it is known, and how far to trust it.

    Args:
        reader: the model.
        trace: what it made of the sequence.
        text: that of the example, where the trace does not hold it.
    """
    task, scores = reader.task, reader.recipe.scores
    answer, chance = reader.answer(trace)
    st.metric("The network says", task.name(answer), help=f"p = {chance:.6f}")
    show(classes_card([task.name(name) for name in task.classes], trace))
    shown = trace.tokens.text if text is None else text
    example = next((example for example in task.examples if example.text == shown), None)
    if example:
        known = "right" if example.reference == answer else "wrong"
        st.markdown(f"**Known answer: {escape(task.name(example.reference))}**, so the network is {known}.")
        st.caption(example.why)
    unknown = trace.tokens.known.count(False)
    if unknown:
        what = "One letter is" if unknown == 1 else f"{unknown} letters are"
        st.caption(f"{what} underlined with dots: not one of the four bases for certain, so read as unknown.")
    st.caption(f"It gets {scores['test_accuracy']:.1%} of {scores['test_count']:,} unseen sequences right.")


def show_scores(model: Trained) -> None:
    """Accuracy on test with its interval beside simpler methods, and on groups that were left out of training."""
    reader = as_reader(model)
    recipe, scores, task = reader.recipe, reader.recipe.scores, reader.task
    low, high = scores["test_interval"]
    st.markdown(
        f"**{scores['test_accuracy']:.1%}** of {scores['test_count']:,} test sequences right "
        f"(95% interval {low:.1%} to {high:.1%}); dev {scores['dev_accuracy']:.1%}."
    )
    models = {r.title: r.scores["test_accuracy"] for r in sound_recipes("recognise").values() if r.task == task.key}
    simpler = dict(task.references)
    if "linear_test" in recipe.left_out:
        simpler["logistic regression on the same frames"] = recipe.left_out["linear_test"]
    table = pd.DataFrame([*models.items(), *simpler.items()], columns=["model", "score"])
    table["highlighted"] = table["model"] == recipe.title
    show(scores_card(recipe, table, "score", "share of test sequences right"))
    if recipe.left_out:
        _show_left_out(reader)


def _show_left_out(reader: TrainedClassifier) -> None:
    """Share right on every group by a network that never met it."""
    found = reader.recipe.left_out
    st.markdown(
        "**On a stranger.** The test has the voices of training. Trained anew without one speaker, the same network "
        f"gets this share of that speaker's {next(iter(found['count'].values())):,} recordings right:"
    )
    table = pd.DataFrame(
        {
            "speaker left out": list(found["network"]),
            "this network": [f"{share:.1%}" for share in found["network"].values()],
            "logistic regression": [f"{found['linear'][name]:.1%}" for name in found["network"]],
        }
    )
    st.table(table.set_index("speaker left out"))
