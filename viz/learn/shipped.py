"""The lessons that come with the app, one TOML file each, in the order in which they build on one another."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from viz.learn.lesson import Lesson
from viz.learn.schema import read_lesson

FOLDER = Path(__file__).parent / "lessons"


@cache
def lessons() -> dict[str, Lesson]:
    """All of them by their key; a number before the name of a file gives its place.

    Raises:
        LessonError: if one cannot be read.
    """
    return {key: read_lesson(source(key), key) for key in _files()}


def source(key: str) -> str:
    """The file of a lesson."""
    return _files()[key].read_text(encoding="utf-8")


def _files() -> dict[str, Path]:
    return {path.stem.partition("-")[2]: path for path in sorted(FOLDER.glob("*.toml"))}
