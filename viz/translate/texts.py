"""The source and what was written, token by token; with what-ifs the original stands beside the changed."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

import streamlit as st

from core_models.edits.edit import kept_steps
from core_models.language import mark, say
from core_models.networks.translator import END
from pretrained.families.translation.trained import TrainedTranslator
from viz.kinds.translation import spelled
from viz.linked_plot import linked_text
from viz.translate.copied import NOTES, source_marks, written_marks
from viz.translate.said import DROPPED, dropped
from viz.translate.state import Shown

NEW, GONE = 0.45, -0.45
"""Shades of tokens that are only in the changed or only in the original translation."""

UNKNOWN_NOTE = mark("the model never saw this and reads it as unknown")


def differing(original: Sequence[int], changed: Sequence[int]) -> tuple[list[bool], list[bool]]:
    """Which tokens of either target have no counterpart in the other."""
    lost, new = [True] * len(original), [True] * len(changed)
    for start, other, length in SequenceMatcher(None, original, changed, autojunk=False).get_matching_blocks():
        lost[start : start + length] = [False] * length
        new[other : other + length] = [False] * length
    return lost, new


def show_texts(model: TrainedTranslator, original: Shown, changed: Shown | None, step: int | None) -> int | None:
    """Both texts, and both again with the what-ifs; returns a written token that was clicked."""
    left, right = st.columns(2)
    lost, new = differing(original.translation.target, changed.translation.target) if changed else ([], [])
    source, target = (
        (say("Original: source"), say("Original: what the network wrote"))
        if changed
        else (say("Source"), say("What the network wrote"))
    )
    with left:
        _show_source(model, original, [], source, "source-tokens")
    with right:
        first = _show_target(model, original, lost, GONE, target, "target-tokens",
                             None if changed else step)  # fmt: skip
    if changed is None:
        return first
    labels, kept = original.sources, kept_steps(changed.translation.stack, len(original.sources))
    with left:
        swaps = [labels[place] != label for place, label in zip(kept, changed.sources, strict=True)]
        _show_source(model, changed, swaps, say("With your what-ifs: source"), "source-tokens-changed")
    with right:
        same = say("the same") if not any(new) and not any(lost) else say("changes are underlined")
        found = _show_target(
            model, changed, new, NEW, say("With your what-ifs: {same}", same=same), "target-tokens-changed", step
        )
    return found if found is not None else first


def unended(target: Sequence[int]) -> str:
    """That the network never ended a target, and whether it only repeats itself there; "" if it ended it."""
    if target and target[-1] == END:
        return ""
    again = any(tuple(target[-n:]) * 3 == tuple(target[-3 * n :]) for n in range(1, len(target) // 3 + 1))
    return (
        say("It never came to an end, but repeats itself: it was stopped after {n} tokens, the most that are written.",
            n=len(target))
        if again
        else say("It never came to an end: it was stopped after {n} tokens, the most that are written.", n=len(target))
    )  # fmt: skip


def _show_source(model: TrainedTranslator, shown: Shown, changed: Sequence[bool], caption: str, key: str) -> None:
    tokens = shown.reading.tokens
    known = tokens.known or (True,) * len(tokens)
    changes, lost = changed or [False] * len(tokens), dropped(model, shown)
    marks = {"changed": changes, "unknown": [not k for k in known], "lost": [t in lost for t in range(len(tokens))]}
    missing, unknown, taken = say(DROPPED), say(UNKNOWN_NOTE), source_marks(model, shown)
    st.caption(caption)
    linked_text(
        tokens.text,
        tokens.spans,
        key=key,
        marks=[
            " ".join([*(name for name in marks if marks[name][place]), taken[place]]).strip()
            for place in range(len(tokens))
        ],
        notes=[missing if place in lost else "" if k else unknown for place, k in enumerate(known)],
        values=[NEW if new else 0.0 for new in changes],
        group="source",
    )


def _show_target(
    model: TrainedTranslator,
    shown: Shown,
    changed: Sequence[bool],
    shade: float,
    caption: str,
    key: str,
    step: int | None,
) -> int | None:
    copied = model.task.copied(shown.reading.tokens.text)
    text, spans = spelled(model.task.target, shown.translation.target, copied)
    changes = changed or [False] * len(spans)
    steps, said, own = shown.translation.steps, say("probability {chance:.1%}"), written_marks(model, shown)
    st.caption(caption)
    if sentence := unended(shown.translation.target):
        st.warning(sentence, icon=":material/all_inclusive:")
    return linked_text(
        text,
        spans,
        key=key,
        marks=[f"{'changed ' if new else ''}{kind}".strip() for new, kind in zip(changes, own, strict=True)],
        notes=[
            say("{chance}; {where}", chance=said.format(chance=one.chosen.probability), where=say(NOTES[kind]))
            if kind
            else said.format(chance=one.chosen.probability)
            for one, kind in zip(steps, own, strict=True)
        ],
        values=[shade if new else 0.0 for new in changes],
        selected=step,
    )
