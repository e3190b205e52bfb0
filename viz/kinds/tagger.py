"""Taggers: a label for every token, marked stretches, and where asked a class for the whole sequence."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core_models.heads.labels import TAGS
from core_models.language import mark, say, say_n
from core_models.trace import Site, Trace
from pretrained.data.spans import spans_of
from pretrained.evidence import doubt_about
from pretrained.families.labels.trained import TrainedTagger
from pretrained.registry import sound_recipes
from pretrained.task import Given
from pretrained.trained import Trained
from viz import inputs, session
from viz.cards import Card, Origin, show, show_and_pick
from viz.figures.sequences import labels
from viz.kinds.classes import classes_card, say_sure
from viz.kinds.kind import SPELLED, SequenceKind
from viz.kinds.scores import scores_card
from viz.markdown import escape
from viz.placing import Pick
from viz.view import Options, Target

TARGET = Target(TAGS, "tag_probability")
LONG = 60
"""Tokens from which the strip of labels is drawn beside the table of probabilities."""


def show_answer(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    """The labels in the person's own text, their probabilities token by token, and the class of the whole."""
    reader = as_reader(model)
    shown = labelled_of(reader, trace)
    if reader.task.chained:
        _show_stretches(reader, trace)
    left, right = st.columns([3, 1])
    with left:
        if len(trace) > LONG or reader.task.colors:
            found = _show_strip(shown, trace)
        else:
            found = _show_map(reader, trace, shown, options, brief=True)
    with right:
        _show_verdict(reader, trace, shown)
    return found


def show_more(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    """Every label at every token, and every class of the whole."""
    reader = as_reader(model)
    shown = labelled_of(reader, trace)
    found = _show_map(reader, trace, shown, options)
    if reader.answer(trace):
        show(classes_card([reader.task.called(each) for each in reader.task.classes], trace))
    return found


def _show_map(
    reader: TrainedTagger, trace: Trace, shown: labels.TokenLabels, options: Options, *, brief: bool = False
) -> list[Pick]:
    """Labels by token; of all labels, or ``brief``, of those that matter here."""
    selection, _ = session.selected(trace)
    label = selection.unit if selection and selection.key == TARGET.key else None
    click = show_and_pick(Card(
        key="labels" if brief else "every-label",
        title=say("The label of every token") if brief else say("Every label"),
        origin=Origin.of(trace), figure=labels.draw(shown, options.step, label, brief=brief),
        numbers=lambda: labels.tabulate(shown), asks=not brief,
        question=say("How probable is every label at every token?"),
        how_to_read=_how_to_read(reader, shown) + _left_out(shown, brief),
        alt=say("Probability of every label at every token"),
    ))  # fmt: skip
    return [(TARGET, click)] if click else []


def _how_to_read(reader: TrainedTagger, shown: labels.TokenLabels) -> str:
    """What stands in the map of labels, and which of them is predicted."""
    chained = say(
        "Each column is a token, each row a label; the brighter, the more probable. The white dot is the predicted "
        "label: the most probable row of labels in which every I- follows its B-. "
    )
    single = say(
        "Each column is a token, each row a label; the brighter, the more probable. The white dot is the predicted "
        "label: the most probable one. "
    )
    cross = say("A white cross marks the correct label where another one is predicted. ") if shown.right else ""
    return (chained if reader.task.chained else single) + cross


def _left_out(shown: labels.TokenLabels, brief: bool) -> str:
    """How many labels have no row, if any."""
    count = len(shown.labels) - len(shown.rows(brief=brief))
    return (
        say("The {count} least probable of {n} labels are not shown.", count=count, n=len(shown.labels))
        if count
        else ""
    )


def as_reader(model: Trained) -> TrainedTagger:
    """The model as the tagger that it is.

    Raises:
        TypeError: if it is none.
    """
    if not isinstance(model, TrainedTagger):
        raise TypeError(f"tagger: expected a TrainedTagger, got {type(model).__name__}")
    return model


def labelled_of(reader: TrainedTagger, trace: Trace) -> labels.TokenLabels:
    """What the network says of every token, and the right labels if the text is an example that has them."""
    task = reader.task
    number = {tag: index for index, tag in enumerate(task.tags)}
    known = next((example.reference.split() for example in task.examples if example.text == trace.tokens.text), [])
    right = [number.get(tag) for tag in known] if len(known) == len(trace) else []
    return labels.TokenLabels(
        probability=trace.array(TAGS, "tag_probability"),
        labels=[task.called(tag) for tag in task.tags],
        given=[number[tag] for tag in reader.labels(trace)],
        tokens=trace.tokens.labels,
        right=right,
        colors={number[tag]: color for tag, color in task.colors.items()},
    )


def _show_stretches(reader: TrainedTagger, trace: Trace) -> None:
    """The person's text with every marked stretch on a ground of its own, its label behind it."""
    text, spans, task = trace.tokens.text, trace.tokens.spans, reader.task
    parts, end = [], 0
    for start, stop, kind in sorted(spans_of(reader.labels(trace))):
        first, last = spans[start][0], spans[stop - 1][1]
        name = task.called(kind).replace("_", " ")
        parts.append(escape(text[end:first]))
        parts.append(f":blue-background[{escape(text[first:last])}] :gray[:small[{escape(name)}]]")
        end = last
    parts.append(escape(text[end : spans[-1][1]]))
    if len(parts) > 1:
        st.markdown(say("**Found:** ") + "".join(parts).replace("\n", " "))
    else:
        st.markdown(say("**Found:** nothing that has a label of its own."))


def _show_strip(shown: labels.TokenLabels, trace: Trace) -> list[Pick]:
    click = show_and_pick(Card(
        key="label-strip", title=say("Predicted labels along the whole sequence"), origin=Origin.of(trace),
        figure=labels.draw_strip(shown), numbers=lambda: labels.tabulate(shown),
        question=say("One bar per token: its colour is the predicted label, its height the probability."), asks=False,
        how_to_read=say("One bar per token: its colour is the predicted label, its height the probability."),
        alt=say("The predicted label of every token as a strip of colours"),
    ))  # fmt: skip
    return [(TARGET, (click[0], shown.given[click[0]]))] if click else []


def _show_verdict(reader: TrainedTagger, trace: Trace, shown: labels.TokenLabels) -> None:
    """The class of the whole, and how many labels are right."""
    task = reader.task
    answer = reader.answer(trace)
    if doubt := doubt_about(reader, trace):
        st.info(escape(doubt), icon=":material/help:")
    elif answer:
        name, chance = answer
        st.metric(say("{model} says, {sure}", model=say(reader.recipe.title), sure=say_sure(chance)), task.called(name))
    if shown.right:
        known = [(given, right) for given, right in zip(shown.given, shown.right, strict=True) if right is not None]
        hits = sum(given == right for given, right in known)
        st.metric(say("Correct on this example"), say("{n} of {all}", n=hits, all=len(known)))
    else:
        _count_labels(shown)
    unknown = trace.tokens.known.count(False)
    if unknown:
        spelling = say_n(
            "One token, underlined with dots, is unknown to the model; it relies on spelling and neighbours.",
            "{n} tokens, underlined, are unknown to the model; it relies on spelling and neighbours.", unknown,
        )  # fmt: skip
        neighbours = say_n(
            "One token, underlined with dots, is unknown to the model; it relies on the neighbours.",
            "{n} tokens, underlined, are unknown to the model; it relies on the neighbours.", unknown,
        )  # fmt: skip
        st.caption(spelling if len(task.columns) > 1 else neighbours)


def _count_labels(shown: labels.TokenLabels) -> None:
    table = pd.Series([shown.labels[index] for index in shown.given]).value_counts()
    told = say(", ").join(f"{name} {count}" for name, count in table.head(4).items())
    told += " …" if len(table) > 4 else ""
    st.caption(escape(say_n("{n} token: {labels}", "{n} tokens: {labels}", len(shown.given), labels=told)))


def headline(reader: TrainedTagger) -> str:
    """What is claimed of the network on unseen data, in one sentence."""
    scores, task = reader.recipe.scores, reader.task
    if task.headline == "f1":
        return say(
            "On {class_count:,} unseen sequences it finds slots with F1 {f1:.1%}. It gets the intent "
            "right in {class_accuracy:.1%} of them, and both slots and intent in {whole_accuracy:.1%}.",
            class_count=scores["test_class_count"],
            f1=scores["test_f1"],
            class_accuracy=scores["test_class_accuracy"],
            whole_accuracy=scores["test_whole_accuracy"],
        )
    others = say(", ").join(
        f"{split.upper()} {scores[f'{split}_accuracy']:.1%}" for split in task.splits if split not in ("dev", "test")
    )
    return say(
        "It gets {accuracy:.1%} of {count:,} unseen tokens right.",
        accuracy=scores["test_accuracy"],
        count=scores["test_count"],
    ) + (say(" On other test sets: {others}.", others=others) if others else "")


def show_scores(model: Trained) -> None:
    """The headline on test beside the other models of the task and simple methods."""
    reader = as_reader(model)
    st.markdown(headline(reader))
    key, task = f"test_{reader.task.headline}", reader.task
    models = {say(r.title): r.scores[key] for r in sound_recipes("label").values() if r.task == task.key}
    table = pd.DataFrame(
        [*models.items(), *((say(name), score) for name, score in task.references.items())], columns=["model", "score"]
    )
    table["highlighted"] = table["model"] == say(reader.recipe.title)
    title = say("F1 of slots on test") if task.headline == "f1" else say("share of test tokens right")
    show(scores_card(reader.recipe, table, "score", title))


def address(trace: Trace) -> tuple[Site, str]:
    """The probability of a token's labels."""
    return TAGS, "tag_probability"


def take_input(task: Any) -> Given:
    """The person's sequence, from a box of one line, or of several where sequences are long."""
    if not task.colors:
        return Given(inputs.type_text(task, label=say(task.ask)))
    label = say("{ask}; Ctrl+Enter or a click elsewhere lets the network read it", ask=say(task.ask))
    return Given(inputs.type_lines(label, task.examples[0].text, task.characters))


TAGGER = SequenceKind(
    headline=mark("Watch a trained network label every token"),
    about=mark(
        "The network reads the sequence from both ends, so that each label can depend on what comes "
        "before and after. Below is everything that happened inside it, in exact numbers."
    ),
    take_input=take_input,
    show_answer=show_answer,
    show_more=show_more,
    show_scores=show_scores,
    address=address,
    spells=SPELLED,
)
