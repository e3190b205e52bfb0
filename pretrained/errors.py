"""What can be wrong with a shipped model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core_models.language import say
from core_models.trace import TraceError


class ModelError(ValueError):
    """A model that cannot be used; the message is a sentence for the person at the screen."""


@contextmanager
def values_of(title: str) -> Iterator[None]:
    """Within it, impossible values, as they come from damaged weights, are said to be those of the model ``title``.

    Raises:
        ModelError: where a trace was refused.
    """
    try:
        yield
    except TraceError as error:
        raise ModelError(
            say("The model “{title}” gave impossible values ({error}); choose another.", title=title, error=error)
        ) from error
