"""What of every task decides which files its models open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pretrained.kinds.forecast import SeriesTask
from pretrained.kinds.next_token import CharacterTask
from pretrained.uploads.route import Learned, Models, Offered, Takes
from pretrained.uploads.series.likeness import Likeness


def models_of(tasks: Mapping[str, Any], current: str) -> Models:
    """The models whose tasks stand under their keys; ``current`` is the one on screen."""
    return Models({key: offered(task) for key, task in tasks.items()}, current)


def offered(task: Any) -> Offered:
    """What the models of ``task`` read."""
    letters, doubtful = getattr(task, "letters", ""), getattr(task, "doubtful", "")
    if isinstance(task, SeriesTask):
        channel = task.channels[0]
        known = task.learned
        learned = Likeness(tuple(known["quantiles"]), known["roughness"][0], known["turning"][0], known["rhythm"][0])
        series = Learned(channel.names, channel.title, channel.unit, task.step.rule, task.season, learned)
        return Offered(
            Takes(task.medium), seconds=task.step.seconds, series=series, channels=len(task.channels),
            window=task.window,
        )  # fmt: skip
    return Offered(Takes(task.medium), letters, doubtful, isinstance(task, CharacterTask))
