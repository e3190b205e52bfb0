"""What of every task decides which files its models open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pretrained.characters import CharacterTask
from pretrained.series.task import SeriesTask
from pretrained.uploads.route import Models, Offered, Takes


def models_of(tasks: Mapping[str, Any], current: str) -> Models:
    """The models whose tasks stand under their keys; ``current`` is the one on screen."""
    return Models({key: offered(task) for key, task in tasks.items()}, current)


def offered(task: Any) -> Offered:
    """What the models of ``task`` read."""
    if isinstance(task, SeriesTask):
        return Offered(Takes.SERIES, seconds=task.step.seconds)
    if not task.characters:
        return Offered(Takes.SOUND)
    letters, doubtful = getattr(task, "letters", ""), getattr(task, "doubtful", "")
    takes = Takes.LETTERS if letters or doubtful else Takes.TEXT
    return Offered(takes, letters, doubtful, isinstance(task, CharacterTask))
