"""A sequence that another one is written for: a source to type.

The Translate page shows how it is written, and Explore does not offer these models: there is no picture of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core_models.heads.written import OUTPUT
from core_models.language import mark, say
from core_models.networks.translator import END
from core_models.trace import Site, Trace
from pretrained.data.copies import fill
from pretrained.data.side import START, Side
from pretrained.task import Given
from pretrained.trained import Trained
from viz import inputs
from viz.kinds.kind import SequenceKind
from viz.placing import Pick
from viz.view import Options


def spelled(
    side: Side, ids: Sequence[int], copied: Mapping[str, str] | None = None
) -> tuple[str, list[tuple[int, int]]]:
    """A target as text, the end written out, with each token's place in it; ``copied`` are the source's own words."""
    text, spans = "", []
    for index in ids:
        name = side.name(index)
        apart = " " if name.startswith(START) or index == END else side.joiner
        word = fill(name.replace(START, "") or START, copied or {})
        text += apart if text else ""
        spans.append((len(text), len(text) + len(word)))
        text += word
    return text, spans


def _take_input(task: Any) -> Given:
    return Given(inputs.type_text(task, label=say("Source: {question}", question=task.question)))


def _show_answer(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    return []


def _show_scores(model: Trained) -> None:
    return None


def _address(trace: Trace) -> tuple[Site, str]:
    return OUTPUT, "chosen_probability"


TRANSLATION = SequenceKind(
    headline=mark("Watch a trained network write, token by token"),
    about=mark("One network reads what you type; a second one writes the answer."),
    take_input=_take_input,
    show_answer=_show_answer,
    show_scores=_show_scores,
    address=_address,
)
