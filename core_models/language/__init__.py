"""What stands on the screen, in the language of whoever reads it.

English is written in the code and is its own catalogue: ``say("{n} tokens are read", n=5)`` gives the sentence that a
language has for exactly this English one, with the fields filled in as by ``str.format``, and numbers below zero with a
true minus. Sentences are whole, never glued from pieces; a word inside one that is itself translated is said before it
is put in.

The language of the moment belongs to one line of work: ``speaking`` sets it for the code within, in its own thread, and
a thread that works for somebody is handed it by ``carried``. Where nobody has set it, what ``ask`` was given is asked,
which the app answers for whoever looks at the page. So no visitor's language can reach another.

What was said once and is shown later, such as why a file was refused, is put through ``str`` when it is shown: ``Said``
says itself anew, in the language of that moment, and so does an error whose message it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from numbers import Real
from typing import Any, ParamSpec, TypeVar

from core_models.language.filling import filled
from core_models.language.folder import ENGLISH, Catalogue, catalogue, languages

__all__ = [
    "ENGLISH", "Catalogue", "Number", "Said", "ask", "carried", "current", "languages", "listed", "mark", "say",
    "say_n", "speaking", "tag", "together",
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


class Said(str):
    """A text that was said, with what it takes to say it again: ``str`` gives it in the language of that moment.

    Attributes:
        language: in which it stands here.
        again: what says it, and with what.
    """

    __slots__ = ("again", "language")

    language: str
    again: tuple[Callable[..., str], tuple[object, ...], dict[str, object]]

    def __str__(self) -> str:
        if self.language == current():
            return self
        function, texts, fields = self.again
        return function(*texts, **fields)


def say(text: str, /, **fields: object) -> str:
    """A text in the language that is spoken, with ``fields`` put in for the names in braces.

    Without fields braces mean themselves, as in LaTeX. A text that the language lacks stays English, and one that was
    said already is said again.
    """
    if isinstance(text, Said):
        return str(text)
    spoken = _SPOKEN.get() or _asked()
    found = text if spoken == ENGLISH else catalogue(spoken).text(text)
    if fields:
        written = _written(fields)
        found = found.format(**written) if spoken == ENGLISH else filled(found, written)
    return _said(found, spoken, say, (text,), fields)


def say_n(one: str, many: str, count: int, /, **fields: object) -> str:
    """As ``say``, of a number of things: ``one`` where it is one and ``many`` otherwise, or by the language's own rule.

    The number itself is the field ``n`` of the text.
    """
    spoken = _SPOKEN.get() or _asked()
    text, given = one if count == 1 else many, {"n": count, **_written(fields)}
    if spoken == ENGLISH:
        found = text.format(**given)
    else:
        found = filled(catalogue(spoken).of_number(many, count) or text, given)
    return _said(found, spoken, say_n, (one, many, count), fields)


def _said(
    found: str, spoken: str, function: Callable[..., str], texts: tuple[object, ...], fields: dict[str, object]
) -> Said:
    """``found`` with how it was found; of an error among the fields its message is kept, not what it was raised in."""
    said = Said(found)
    said.language = spoken
    for name, field in fields.items():
        if isinstance(field, Exception):
            fields = {**fields, name: _message(field)}
    said.again = function, texts, fields
    return said


def _message(error: Exception) -> object:
    return error.args[0] if len(error.args) == 1 and isinstance(error.args[0], Said) else str(error)


def listed(words: Sequence[object], *, more: bool = False) -> str:
    """Words one after the other, the last with an “and”: ``a, b and c``, or ``a, b and more``."""
    first, last = [str(word) for word in words[: None if more else -1]], words[-1:]
    if more:
        return say("{words} and more", words=say(", ").join(first))
    return say("{words} and {last}", words=say(", ").join(first), last=last[0]) if first else "".join(map(str, last))


def together(*sentences: str) -> str:
    """Sentences one after the other, as the language sets them; empty ones are left out."""
    first, *others = [one for one in sentences if one] or [""]
    for other in others:
        first = say("{sentence} {next}", sentence=first, next=other)
    return first


def tag() -> str:
    """Of the language that is spoken here, as HTML has it."""
    return catalogue(current()).tag


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
