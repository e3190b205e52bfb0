"""What stands on the screen, in the language of whoever reads it.

English is written in the code and is its own catalogue: ``say("{n} tokens are read", n=5)`` gives the sentence that a
language has for exactly this English one, with the fields filled in as by ``str.format``, and numbers below zero with a
true minus. Sentences are whole, never glued from pieces; a word inside one that is itself translated is said before it
is put in.

The language of the moment belongs to one line of work: ``speaking`` sets it for the code within, in its own thread, and
a thread that works for somebody is handed it by ``carried``. Where nobody has set it, what ``ask`` was given is asked,
which the app answers for whoever looks at the page. So no visitor's language can reach another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from numbers import Real
from typing import Any, ParamSpec, TypeVar

from core_models.language.folder import ENGLISH, Catalogue, catalogue, languages

__all__ = [
    "ENGLISH", "Catalogue", "Number", "ask", "carried", "current", "languages", "mark", "say", "say_n", "speaking",
]  # fmt: skip

Given = ParamSpec("Given")
Found = TypeVar("Found")

_SPOKEN: ContextVar[str] = ContextVar("spoken", default="")


def _silent() -> str:
    return ENGLISH


_asked: Callable[[], str] = _silent


def ask(whom: Callable[[], str]) -> None:
    """Let this say which language is spoken, where nobody set one."""
    global _asked
    _asked = whom


def current() -> str:
    """Key of the language that is spoken here, one of ``languages()``."""
    return _SPOKEN.get() or _asked()


@contextmanager
def speaking(key: str) -> Iterator[None]:
    """Within it, this language is spoken in this thread."""
    before = _SPOKEN.set(key)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def carried(function: Callable[Given, Found]) -> Callable[Given, Found]:
    """``function``, which speaks the language of this moment in whatever thread it is called."""
    spoken = current()

    @wraps(function)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Found:
        with speaking(spoken):
            return function(*args, **kwargs)

    return run


def say(text: str, /, **fields: object) -> str:
    """A text in the language that is spoken, with ``fields`` put in for the names in braces.

    Without fields braces mean themselves, as in LaTeX. A text that the language lacks stays English.
    """
    spoken = _SPOKEN.get() or _asked()
    if spoken != ENGLISH:
        text = catalogue(spoken).text(text)
    return text.format(**_written(fields)) if fields else text


def say_n(one: str, many: str, count: int, /, **fields: object) -> str:
    """As ``say``, of a number of things: ``one`` where it is one and ``many`` otherwise, or by the language's own rule.

    The number itself is the field ``n`` of the text.
    """
    spoken = _SPOKEN.get() or _asked()
    english = one if count == 1 else many
    text = english if spoken == ENGLISH else catalogue(spoken).of_number(many, count) or english
    return text.format(n=count, **_written(fields))


class Number:
    """A number as it stands in a sentence: with a true minus, and without a sign where nothing is left of it."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __format__(self, form: str) -> str:
        shown = format(self.value, form).replace("-", "−")
        return shown if shown.strip("+−0.,%") else shown.lstrip("+−")

    def __str__(self) -> str:
        return format(self)

    __repr__ = __str__


def _written(fields: dict[str, object]) -> dict[str, object]:
    return {name: Number(value) if isinstance(value, Real) else value for name, value in fields.items()}


def mark(text: str) -> str:
    """The text itself: where a constant is written that is said later, so that it gets into the catalogues."""
    return text
