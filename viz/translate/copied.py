"""Which tokens of what was written stand in the source too, and which the network added."""

from __future__ import annotations

import streamlit as st

from core_models.language import mark, say, say_n, together
from core_models.networks.translator import END
from pretrained.families.translation.trained import TrainedTranslator
from viz.markdown import escape
from viz.translate.state import Shown

TAKEN, ADDED = "taken", "added"
"""Marks of tokens that stand on the other side, and of those that do not."""

NOTES = {TAKEN: mark("stands in the source"), ADDED: mark("stands nowhere in the source")}


def written_marks(model: TrainedTranslator, shown: Shown) -> list[str]:
    """For every written token, whether it stands in the source; nothing where that is not told apart."""
    target = shown.translation.target
    if not model.task.quotes:
        return [""] * len(target)
    read = set(shown.reading.tokens.labels)
    labels = [model.task.target.label(index) for index in target]
    return ["" if index == END else TAKEN if label in read else ADDED
            for index, label in zip(target, labels, strict=True)]  # fmt: skip


def source_marks(model: TrainedTranslator, shown: Shown) -> list[str]:
    """For every source token, whether it stands in what was written."""
    tokens = shown.reading.tokens
    if not model.task.quotes:
        return [""] * len(tokens)
    written = {model.task.target.label(index) for index in shown.translation.target if index != END}
    return [TAKEN if label in written else "" for label in tokens.labels]


def show_copied(model: TrainedTranslator, shown: Shown) -> None:
    """How many tokens were copied and how many were added, beside how people do it."""
    marks = written_marks(model, shown)
    count = marks.count(TAKEN) + marks.count(ADDED)
    if not model.task.quotes or not count:
        return
    labels = [model.task.target.label(index) for index in shown.translation.target]
    named = {
        kind: escape("".join(label for label, own in zip(labels, marks, strict=True) if own == kind)) or "–"
        for kind in (TAKEN, ADDED)
    }
    said = [say_n(
        "Of its one character, {taken} stands in the source and {added} was added ({copied} | {invented}).",
        "Of its {n} characters, {taken} stand in the source, underlined in green ({copied}), and {added} do not, "
        "overlined in orange ({invented}).",
        count, taken=marks.count(TAKEN), added=marks.count(ADDED), copied=named[TAKEN], invented=named[ADDED],
    )]  # fmt: skip
    scores = model.recipe.scores
    if "test_copied" in scores:
        said.append(say(
            "On unseen sources {ours:.1%} of the network's characters stand in the source, and {people:.1%} of "
            "people's.", ours=scores["test_copied"], people=scores["test_copied_in_references"],
        ))  # fmt: skip
    st.caption(f":material/content_copy: {together(*said)}")
