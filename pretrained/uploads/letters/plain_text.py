"""Plain text: one sequence a line, or all of it as one text."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core_models.language import say
from pretrained.task import InputError
from pretrained.uploads.letters.encoding import decode
from pretrained.uploads.limits import LONGEST_LINE, MOST_LINES, MOST_ROWS
from pretrained.uploads.name import quoted
from pretrained.uploads.recognise import Form, recognise
from pretrained.uploads.tables.table import Table


def read_lines(name: str, content: bytes, encoding: str | None = None) -> Table:
    """A table of one column, ``text``, with every line that holds something.

    Raises:
        EncodingError: if it is not UTF-8; it names the encoding that was found.
        InputError: if it cannot be read; the sentence says what is wrong where, and what to do.
    """
    recognised = recognise(name, content)
    text = decode(name, content, encoding)
    if text.count("\n") > MOST_LINES:
        raise InputError(
            say(
                "{file} has more than {most:,} lines, the most that is read: split it.",
                file=quoted(name),
                most=MOST_LINES,
            )
        )
    texts: list[str] = []
    lines: list[int] = []
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if line.strip():
            _check(name, number, line, len(texts))
            texts.append(line)
            lines.append(number)
    if not texts:
        raise InputError(say("{file} holds nothing but blanks: upload a file that holds something.", file=quoted(name)))
    frame = pd.DataFrame({"text": pd.array(texts, dtype="str")})
    return Table(frame, recognised.notices, np.array(lines, dtype=np.int32))


def _check(name: str, number: int, line: str, before: int) -> None:
    if len(line) > LONGEST_LINE:
        raise InputError(
            say(
                "{file}, line {number:,}: {n:,} characters, and {most:,} is the most in a line: break it up.",
                file=quoted(name),
                number=number,
                n=len(line),
                most=LONGEST_LINE,
            )
        )
    if before >= MOST_ROWS:
        raise InputError(
            say(
                "{file} has more than {most:,} lines, the most that is read: split it.",
                file=quoted(name),
                most=MOST_ROWS,
            )
        )


def read_text(name: str, content: bytes, encoding: str | None = None) -> str:
    """All of a file as one text.

    Raises:
        EncodingError: if it is not UTF-8; it names the encoding that was found.
        InputError: if it is no text.
    """
    form = recognise(name, content).form
    if form not in (Form.TEXT, Form.FASTA):
        raise InputError(say("{file} is {form}, not a text: upload a text file.", file=quoted(name), form=say(form)))
    return decode(name, content, encoding)
