"""What is computed once and looked up afterwards: for everybody, or of a person's own model in their session alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar, cast

import streamlit as st

from viz.models import is_own

Given = ParamSpec("Given")
Found = TypeVar("Found")

MOST_OWN = 16
"""Results of one function that a session keeps."""


class Remembered(Generic[Given, Found]):
    """A function whose first argument is the key of a model, with ``clear`` to forget what is kept for everybody."""

    def __init__(self, function: Callable[Given, Found], most: int, said: str | bool) -> None:
        wraps(function)(self)
        self._shared: Any = st.cache_resource(max_entries=most, show_spinner=said)(function)
        own = min(most, MOST_OWN)
        self._own: Any = st.cache_resource(max_entries=own, show_spinner=said, scope="session")(function)

    def __call__(self, *args: Given.args, **kwargs: Given.kwargs) -> Found:
        """What the function returns, kept for the next who asks."""
        kept = self._own if is_own(str(args[0])) else self._shared
        return cast("Found", kept(*args, **kwargs))

    def clear(self) -> None:
        """Forget what is kept for everybody."""
        self._shared.clear()


def remembered(
    *, max_entries: int, show_spinner: str | bool = False
) -> Callable[[Callable[Given, Found]], Remembered[Given, Found]]:
    """As ``st.cache_resource``, for a function of a model's key; see ``Remembered``."""
    return lambda function: Remembered(function, max_entries, show_spinner)
