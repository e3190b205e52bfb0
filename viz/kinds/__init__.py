"""The kinds of sequences that Explore shows, by family or task of their models: one file each, listed here alone."""

from __future__ import annotations

from typing import Any

from pretrained.trained import Trained
from viz.kinds.classifier import CLASSIFIER
from viz.kinds.kind import SequenceKind
from viz.kinds.language_model import LANGUAGE_MODEL
from viz.kinds.series import SERIES
from viz.kinds.speech import SPEECH
from viz.kinds.splice import SPLICE
from viz.kinds.tagger import TAGGER

KINDS: dict[str, SequenceKind] = {
    kind.task or kind.family: kind for kind in (CLASSIFIER, LANGUAGE_MODEL, TAGGER, SERIES, SPLICE, SPEECH)
}
"""By key of the task where it is for one task alone, else by key of the family."""


def kind_of(model: Trained) -> SequenceKind:
    """How a model is shown."""
    return kind_of_task(model.task)


def kind_of_task(task: Any) -> SequenceKind:
    """How the models of a task are shown."""
    return KINDS.get(task.key) or KINDS[task.group]
