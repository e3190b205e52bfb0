"""A sequence that another one is written for: a source to type.

The Translate page shows how it is written, and Explore does not offer these models: there is no picture of its own.
"""

from __future__ import annotations

from typing import Any

from core_models.heads.written import OUTPUT
from core_models.trace import Site, Trace
from pretrained.task import Given
from pretrained.trained import Trained
from viz import inputs
from viz.kinds.kind import SequenceKind
from viz.placing import Pick
from viz.view import Options


def _take_input(task: Any) -> Given:
    return Given(inputs.type_text(task, label=f"Source: {task.question}"))


def _show_answer(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    return []


def _show_scores(model: Trained) -> None:
    return None


def _address(trace: Trace) -> tuple[Site, str]:
    return OUTPUT, "chosen_probability"


TRANSLATION = SequenceKind(
    headline="Watch a trained network write, token by token",
    about="One network reads what you type; a second one writes the answer.",
    take_input=_take_input,
    show_answer=_show_answer,
    show_scores=_show_scores,
    address=_address,
)
