"""What libraries raise on damaged bytes, whatever it is, as one sentence for the person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pretrained.task import InputError


@contextmanager
def refused_as(sentence: str) -> Iterator[None]:
    """Within it every error becomes ``sentence``, but for refusals, which say themselves what is wrong.

    Libraries name no complete list of what they raise on bytes that no program wrote, so none is kept here.

    Raises:
        InputError: in place of whatever was raised.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(sentence) from error
