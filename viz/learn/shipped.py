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
    files = sorted(FOLDER.glob("*.toml"))
    keys = [path.stem.partition("-")[2] for path in files]
    return {key: read_lesson(path.read_text(encoding="utf-8"), key) for key, path in zip(keys, files, strict=True)}
