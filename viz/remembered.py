"""What is computed once and looked up afterwards: for everybody, or of a person's own model in their session alone.

The language is part of what was asked, so that a sentence in a result is found again in its own language alone.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, Generic, Literal, ParamSpec, TypeVar, cast

import streamlit as st

from core_models.language import current, say
from viz.models import is_own

Given = ParamSpec("Given")
Found = TypeVar("Found")

MOST_OWN = 16
"""Results of one function that a session keeps."""


class _Said(str):
    """A text that Streamlit is given once, and that is said when it is shown."""

    def __str__(self) -> str:
        return say(str.__str__(self))


class LookedUp(Generic[Given, Found]):
    """A function whose results are kept, by the language as well; ``clear`` forgets them all."""

    def __init__(self, function: Callable[Given, Found], *, wordless: bool, **how: Any) -> None:
        def made(language: str, /, *args: Given.args, **kwargs: Given.kwargs) -> Found:
            return function(*args, **kwargs)

        wraps(function)(self)
        own = inspect.signature(function)
        spoken = inspect.Parameter("language", inspect.Parameter.POSITIONAL_ONLY)
        named: Any = wraps(function)(made)
        named.__signature__ = own.replace(parameters=[spoken, *own.parameters.values()])  # by which it leaves out “_…”
        self._wordless, self._cached = wordless, cast("Any", st.cache_resource(**how)(named))

    def __call__(self, *args: Given.args, **kwargs: Given.kwargs) -> Found:
        """What the function returns, kept for the next who asks."""
        return self._cached("" if self._wordless else current(), *args, **kwargs)

    def clear(self) -> None:
        """Forget what is kept."""
        self._cached.clear()


def kept(
    *,
    max_entries: int | None = None,
    show_spinner: str | bool = False,
    scope: Literal["global", "session"] = "global",
    wordless: bool = False,
) -> Callable[[Callable[Given, Found]], LookedUp[Given, Found]]:
    """As ``st.cache_resource``, by the language too unless the result is ``wordless``; see ``LookedUp``."""
    said = _Said(show_spinner) if isinstance(show_spinner, str) else show_spinner
    return lambda function: LookedUp(
        function, wordless=wordless, max_entries=max_entries, show_spinner=said, scope=scope
    )


class Remembered(Generic[Given, Found]):
    """A function whose first argument is the key of a model, with ``clear`` to forget what is kept for everybody."""

    def __init__(self, function: Callable[Given, Found], most: int, said: str | bool, wordless: bool) -> None:
        wraps(function)(self)
        own = min(most, MOST_OWN)
        self._shared = kept(max_entries=most, show_spinner=said, wordless=wordless)(function)
        self._own = kept(max_entries=own, show_spinner=said, scope="session", wordless=wordless)(function)

    def __call__(self, *args: Given.args, **kwargs: Given.kwargs) -> Found:
        """What the function returns, kept for the next who asks."""
        look_up = self._own if is_own(str(args[0])) else self._shared
        return look_up(*args, **kwargs)

    def clear(self) -> None:
        """Forget what is kept for everybody."""
        self._shared.clear()


def remembered(
    *, max_entries: int, show_spinner: str | bool = False, wordless: bool = False
) -> Callable[[Callable[Given, Found]], Remembered[Given, Found]]:
    """As ``kept``, for a function of a model's key; see ``Remembered``."""
    return lambda function: Remembered(function, max_entries, show_spinner, wordless)
