"""The process that ``pretrained.uploads.apart`` starts: it calls one function after another until its input ends.

Run as ``python -m pretrained.uploads.worker``; the environment names the module that it imports first.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from core_models.language import say, speaking
from pretrained.task import InputError
from pretrained.uploads.apart import MODULE, MOST_MEMORY, receive, send
from pretrained.uploads.name import quoted

GRACE = 5.0
"""Seconds after its time at which the process ends by itself, should nobody end it."""


def main() -> None:
    """Answer questions from standard input; what libraries print goes to standard error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with the program that started it
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(5)
    import_module(os.environ[MODULE])  # with all its libraries, before memory is bounded
    bound_memory()
    while True:
        try:
            question = receive(sys.stdin.buffer)
        except EOFError:
            return
        try:
            message = answer(question)
        except MemoryError:
            return
        send(answers, message)


def answer(question: bytes) -> bytes:
    """What a function returned, or the refusal that it raised.

    Raises:
        MemoryError: if there is not enough.
    """
    seconds, name, spoken, function, args, kwargs = pickle.loads(question)  # noqa: S301 (made by our own program)
    with speaking(spoken):
        return _answer(seconds, name, function, args, kwargs)


def _answer(seconds: float, name: str, function: Callable[..., object], args: Any, kwargs: Any) -> bytes:
    faulthandler.dump_traceback_later(seconds + GRACE, exit=True)
    try:
        return pickle.dumps(function(*args, **kwargs), 5)
    except InputError as error:
        return pickle.dumps(error)
    except MemoryError:
        raise
    except Exception:
        traceback.print_exc()
        return pickle.dumps(InputError(say("{file} is damaged and cannot be read: save it again.", file=quoted(name))))
    finally:
        faulthandler.cancel_dump_traceback_later()


def bound_memory() -> None:
    """Let the process take ``MOST_MEMORY`` beside what it has, on Linux; elsewhere its time alone can be bounded."""
    if sys.platform == "linux":
        import resource

        taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + MOST_MEMORY, taken + MOST_MEMORY))


if __name__ == "__main__":
    main()
