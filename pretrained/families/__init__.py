"""Families of networks by what they give: one folder each, listed here and nowhere else.

``corpus`` is what networks of a kind learn from, ``objective`` how they are built and taught, and ``trained`` what a
trained one offers beside what all do.
"""

from __future__ import annotations

from collections.abc import Mapping

from pretrained.families.classes.objective import ClassesFamily
from pretrained.families.family import Family
from pretrained.families.forecast.objective import ForecastFamily
from pretrained.families.labels.objective import LabelsFamily
from pretrained.families.next_token.objective import NextTokenFamily
from pretrained.families.translation.objective import TranslationFamily
from pretrained.task import Kind, Task

FAMILIES: Mapping[Kind, Family] = {
    "classes": ClassesFamily(),
    "labels": LabelsFamily(),
    "next_token": NextTokenFamily(),
    "forecast": ForecastFamily(),
    "translation": TranslationFamily(),
}


def family_of(task: Task) -> Family:
    """The family that builds and teaches the networks of a task."""
    return FAMILIES[task.kind]
