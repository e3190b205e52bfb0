"""What of every task decides which files its models open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pretrained.kinds.forecast import SeriesTask
from pretrained.kinds.next_token import CharacterTask
from pretrained.uploads.route import Models, Offered, Takes


def models_of(tasks: Mapping[str, Any], current: str) -> Models:
    """The models whose tasks stand under their keys; ``current`` is the one on screen."""
    return Models({key: offered(task) for key, task in tasks.items()}, current)


def offered(task: Any) -> Offered:
    """What the models of ``task`` read."""
    letters, doubtful = getattr(task, "letters", ""), getattr(task, "doubtful", "")
    if isinstance(task, SeriesTask):
        channel = task.channels[0]
        names = (channel.key, channel.title, *channel.also)
        return Offered(
            Takes(task.medium), seconds=task.step.seconds, names=names, channels=len(task.channels), window=task.window
        )
    return Offered(Takes(task.medium), letters, doubtful, isinstance(task, CharacterTask))
