"""How sequences are shown on Explore: one file for each picture, listed here alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pretrained.task import Kind
from pretrained.trained import Trained
from viz.kinds.classes import CLASSES
from viz.kinds.classifier import CLASSIFIER
from viz.kinds.kind import SequenceKind
from viz.kinds.language_model import LANGUAGE_MODEL
from viz.kinds.own import OWN_CLASSES, OWN_NETWORK
from viz.kinds.series.picture import SERIES
from viz.kinds.speech import SPEECH
from viz.kinds.splice import SPLICE
from viz.kinds.story import STORY
from viz.kinds.tagger import TAGGER
from viz.kinds.translation import TRANSLATION

OWN: Mapping[str, SequenceKind] = {
    "sentiment": CLASSIFIER, "splice-junctions": SPLICE, "spoken-digits": SPEECH, "answer": STORY, "own": OWN_NETWORK,
}  # fmt: skip
"""Pictures for one task, or one group of tasks, alone; by its key."""

KINDS: Mapping[Kind, SequenceKind] = {
    "classes": CLASSES,
    "labels": TAGGER,
    "next_token": LANGUAGE_MODEL,
    "forecast": SERIES,
    "translation": TRANSLATION,
}
"""By what the networks of a task give."""


def kind_of(model: Trained) -> SequenceKind:
    """How a model is shown."""
    return kind_of_task(model.task)


def kind_of_task(task: Any) -> SequenceKind:
    """How the models of a task are shown."""
    if task.group == "own" and task.kind == "classes":
        return OWN_CLASSES
    return OWN.get(task.key) or OWN.get(task.group) or KINDS[task.kind]
