"""The inputs on which the models of a task are probed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pretrained.probing import classes, forecast, labels, next_token, sentiment, translation
from pretrained.probing.asked import ProbeInputs
from pretrained.task import Kind

ASKERS: Mapping[Kind, Callable[[Any, Path], ProbeInputs]] = {
    "classes": classes.ask,
    "labels": labels.ask,
    "next_token": next_token.ask,
    "forecast": forecast.ask,
    "translation": translation.ask,
}
"""What is asked, by the kind of a task; models of sentiment alone are asked about sentences made for that."""


def inputs_of(task: Any, folder: Path) -> ProbeInputs:
    """The inputs on which the models of a task are probed, from the folder of the data."""
    return sentiment.ask(task) if task.group == "sentiment" else ASKERS[task.kind](task, folder)
