"""Numbers about the answer, and where in the input a token stands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core_models.edits.edit import EditError, Stack
from core_models.edits.run import edited_outputs, run
from core_models.encoded import Encoded
from core_models.heads.classes import READOUT
from core_models.language import say
from core_models.trace import Trace, TraceError
from pretrained.data.shuffle import reordered, shuffle_order
from viz.explain.edits.text import read_edit
from viz.learn.measures.error import MeasureError
from viz.run import ModelRun

Token = str | int

ANSWER = "answer"
"""The answer so far, as a curve over the tokens."""


def answer(asked: ModelRun, edits: str = "", token: Token = "", order: str = "typed") -> float:
    """The probability of the answer, or what else the network's output is."""
    output = asked.outputs.known[asked.outputs.telling].target
    encoded, stack = asked.encoded, stack_of(asked, edits)
    if token != "":
        return float(running(asked, stack)[place_of(asked, token)])
    if order != "typed":
        encoded = _ordered(encoded, order)
    raw = edited_outputs(asked.model.network, encoded, [stack], output)
    return float(asked.model.network.head(output.head).squash(raw)[0])


def _ordered(encoded: Encoded, order: str) -> Encoded:
    count = len(encoded)
    return reordered(encoded, np.arange(count)[::-1] if order == "reversed" else shuffle_order(count, 1))


def stack_of(asked: ModelRun, edits: str) -> Stack:
    """Edits in the grammar of the address.

    Raises:
        MeasureError: if one does not fit the reading.
    """
    try:
        return tuple(read_edit(part, asked) for part in edits.split(";") if part)
    except EditError as error:
        raise MeasureError(str(error).removeprefix("edit: ")) from error


def edited(asked: ModelRun, stack: Stack) -> Trace:
    """The trace under edits.

    Raises:
        MeasureError: if impossible values come out.
    """
    if not stack:
        return asked.trace
    try:
        return run(asked.model.network, asked.encoded, stack)
    except TraceError as error:
        raise MeasureError(str(error)) from error


def running(asked: ModelRun, stack: Stack = ()) -> NDArray[np.floating]:
    """The probability of the second class after every token.

    Raises:
        MeasureError: if the network answers wholes only, or with more classes.
    """
    trace = edited(asked, stack)
    if (READOUT, "probability") not in trace:
        raise MeasureError(say("this network gives no probability after every token"))
    return trace.array(READOUT, "probability")


def move(asked: ModelRun, token: Token, edits: str = "") -> float:
    """The probability after a token less that before it; before the first one it is taken as 0.5."""
    moves = np.diff(running(asked, stack_of(asked, edits)), prepend=0.5)
    return float(moves[place_of(asked, token)])


def place_of(asked: ModelRun, token: Token) -> int:
    """The step of a token.

    Raises:
        MeasureError: if the input has none such.
    """
    labels, count = asked.trace.tokens.labels, len(asked.trace)
    if isinstance(token, int):
        step = token - 1 if token > 0 else count + token
        if not 0 <= step < count or token == 0:
            raise MeasureError(
                say(
                    "the input has {count} {noun}s, none of them is number {token}",
                    count=count,
                    noun=say(asked.tokens.noun),
                    token=token,
                )
            )
        return step
    if token == "@turn":
        return int(np.abs(np.diff(running(asked), prepend=0.5)).argmax())
    named = {"@first": 0, "@last": count - 1}
    found = [step for step, label in enumerate(labels) if label.casefold() == token.casefold()]
    if token not in named and not found:
        raise MeasureError(say("the input has no {noun} “{token}”", noun=say(asked.tokens.noun), token=token))
    return named[token] if token in named else found[0]


def steps_read(asked: ModelRun) -> float:
    """The number of tokens."""
    return float(len(asked.encoded))
