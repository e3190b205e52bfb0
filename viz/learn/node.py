"""One place in a lesson's file: what stands there, and a sentence that names it where that is something else."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, NoReturn

from core_models.language import languages, say
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
        where, line = name_of(self.path) or say("the file"), line_of(self.text, self.path)
        if not got:
            raise LessonError(
                say("Line {line}, {where}: expected {expected}.", line=line, where=where, expected=expected)
            )
        raise LessonError(
            say(
                "Line {line}, {where}: expected {expected}, got {got}.",
                line=line,
                where=where,
                expected=expected,
                got=got,
            )
        )

    def table(self, known: Collection[str]) -> Node:
        """Itself, if it is a table that holds nothing but ``known`` fields."""
        if not isinstance(self.value, dict):
            self.refuse(say("a table of fields"), _shown(self.value))
        for key in self.value:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                advice = f"“{near[0]}”" if near else say("one of {names}", names=say(", ").join(known))
                Node(self.text, (*self.path, key), None).refuse(advice, f"“{key[:40]}”")
        return self

    def get(self, key: str) -> Node | None:
        """A field, if it is there."""
        return Node(self.text, (*self.path, key), self.value[key]) if key in self.value else None

    def need(self, key: str) -> Node:
        """A field that must be there."""
        found = self.get(key)
        return found if found is not None else self.refuse(say("the field “{key}”", key=key), say("none"))

    def each(self, fewest: int, most: int) -> Iterator[Node]:
        """The entries of a list."""
        if not isinstance(self.value, list) or not fewest <= len(self.value) <= most:
            got = f"{len(self.value)}" if isinstance(self.value, list) else _shown(self.value)
            self.refuse(say("a list of {fewest} to {most} entries", fewest=fewest, most=most), got)
        return (Node(self.text, (*self.path, place), value) for place, value in enumerate(self.value))

    def words(self, besides: Collection[str] = ()) -> Words:
        """A text in at least one language."""
        self.table([*languages(), *besides])
        found = {language: part.string() for language in languages() if (part := self.get(language))}
        return found or self.refuse(say("a text in one of {names}", names=say(", ").join(languages())), say("none"))

    def string(self, most: int = LONGEST) -> str:
        """Some text."""
        if not isinstance(self.value, str) or not self.value.strip() or len(self.value) > most:
            long = isinstance(self.value, str) and len(self.value) > most
            got = f"{len(self.value)}" if long else _shown(self.value)
            self.refuse(say("a text of 1 to {most} characters", most=most), got)
        return self.value

    def one_of(self, options: Collection[str], what: str) -> str:
        """One of some names."""
        if self.value not in options:
            near = difflib.get_close_matches(str(self.value), options, n=1)
            listed = say("{what}, such as “{near}”", what=what, near=near[0]) if near else what
            if not near and len(options) <= 12:
                listed = say("{what}: {names}", what=what, names=say(", ").join(options))
            self.refuse(listed, _shown(self.value))
        return self.value

    def number(self) -> float:
        """A finite number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float) or not isfinite(self.value):
            self.refuse(say("a number"), _shown(self.value))
        return float(self.value)

    def whole(self, low: int, high: int) -> int:
        """A whole number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not low <= self.value <= high:
            self.refuse(say("a whole number from {low} to {high}", low=low, high=high), _shown(self.value))
        return self.value

    def flag(self) -> bool:
        """True or false."""
        return self.value if isinstance(self.value, bool) else self.refuse(say("true or false"), _shown(self.value))

    def query(self, forbidden: Collection[str]) -> Mapping[str, str]:
        """What stands in an address: texts by name."""
        if not isinstance(self.value, dict):
            self.refuse(say("a table such as {code}", code='{ tab = "cell" }'), _shown(self.value))
        found = {}
        for key in self.value:
            part = self.need(key)
            if key in forbidden or not re.fullmatch("[a-z0-9-]{1,40}", key):
                part.refuse(say("a name of the address of Explore, Compare, Memory or Explain"), f"“{key[:40]}”")
            found[key] = part.string()
        return found


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return say("a table")
    return say("a list") if isinstance(value, list) else f"“{str(value)[:40]}”"
