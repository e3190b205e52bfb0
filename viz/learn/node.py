"""One place in a lesson's file: what stands there, and a sentence that names it where that is something else."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, NoReturn

from core_models.language import languages
from viz.learn.lesson import Words
from viz.learn.lines import Path, line_of, name_of

LONGEST = 1200
"""Characters of one text."""


class LessonError(ValueError):
    """A lesson that cannot be read; the message names line and field, and says what is expected there."""


@dataclass(frozen=True)
class Node:
    """A value of a TOML file and where it stands.

    Attributes:
        text: of the whole file.
        path: of the value.
        value: what stands there.
    """

    text: str
    path: Path
    value: Any

    def refuse(self, expected: str, got: str = "") -> NoReturn:
        """Raise the sentence.

        Raises:
            LessonError: always.
        """
        where = name_of(self.path) or "the file"
        tail = f", got {got}" if got else ""
        raise LessonError(f"Line {line_of(self.text, self.path)}, {where}: expected {expected}{tail}.")

    def table(self, known: Collection[str]) -> Node:
        """Itself, if it is a table that holds nothing but ``known`` fields."""
        if not isinstance(self.value, dict):
            self.refuse("a table of fields", _shown(self.value))
        for key in self.value:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                advice = f"“{near[0]}”" if near else f"one of {', '.join(known)}"
                Node(self.text, (*self.path, key), None).refuse(advice, f"“{key[:40]}”")
        return self

    def get(self, key: str) -> Node | None:
        """A field, if it is there."""
        return Node(self.text, (*self.path, key), self.value[key]) if key in self.value else None

    def need(self, key: str) -> Node:
        """A field that must be there."""
        found = self.get(key)
        return found if found is not None else self.refuse(f"the field “{key}”", "none")

    def each(self, fewest: int, most: int) -> Iterator[Node]:
        """The entries of a list."""
        if not isinstance(self.value, list) or not fewest <= len(self.value) <= most:
            got = f"{len(self.value)}" if isinstance(self.value, list) else _shown(self.value)
            self.refuse(f"a list of {fewest} to {most} entries", got)
        return (Node(self.text, (*self.path, place), value) for place, value in enumerate(self.value))

    def words(self, besides: Collection[str] = ()) -> Words:
        """A text in at least one language."""
        self.table([*languages(), *besides])
        found = {language: part.string() for language in languages() if (part := self.get(language))}
        return found or self.refuse(f"a text in one of {', '.join(languages())}", "none")

    def string(self, most: int = LONGEST) -> str:
        """Some text."""
        if not isinstance(self.value, str) or not self.value.strip() or len(self.value) > most:
            long = isinstance(self.value, str) and len(self.value) > most
            self.refuse(f"a text of 1 to {most} characters", f"{len(self.value)}" if long else _shown(self.value))
        return self.value

    def one_of(self, options: Collection[str], what: str) -> str:
        """One of some names."""
        if self.value not in options:
            near = difflib.get_close_matches(str(self.value), options, n=1)
            listed = f"{what}, such as “{near[0]}”" if near else what
            if not near and len(options) <= 12:
                listed = f"{what}: {', '.join(options)}"
            self.refuse(listed, _shown(self.value))
        return self.value

    def number(self) -> float:
        """A finite number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float) or not isfinite(self.value):
            self.refuse("a number", _shown(self.value))
        return float(self.value)

    def whole(self, low: int, high: int) -> int:
        """A whole number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not low <= self.value <= high:
            self.refuse(f"a whole number from {low} to {high}", _shown(self.value))
        return self.value

    def flag(self) -> bool:
        """True or false."""
        return self.value if isinstance(self.value, bool) else self.refuse("true or false", _shown(self.value))

    def query(self, forbidden: Collection[str]) -> Mapping[str, str]:
        """What stands in an address: texts by name."""
        if not isinstance(self.value, dict):
            self.refuse('a table such as { tab = "cell" }', _shown(self.value))
        found = {}
        for key in self.value:
            part = self.need(key)
            if key in forbidden or not re.fullmatch("[a-z0-9-]{1,40}", key):
                part.refuse("a name of the address of Explore, Compare, Memory or Explain", f"“{key[:40]}”")
            found[key] = part.string()
        return found


def _shown(value: object) -> str:
    return "a table" if isinstance(value, dict) else "a list" if isinstance(value, list) else f"“{str(value)[:40]}”"
