"""JSON Lines (jsonlines.org): one object a line; keys may come and go, and lists and objects inside are left out."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.language import say, say_n
from pretrained.task import InputError
from pretrained.uploads.limits import LONGEST_LINE, MOST_CELLS, MOST_COLUMNS, MOST_LINES, MOST_ROWS
from pretrained.uploads.name import named_keys, quoted

WHOLE, EXACT = 2**63, 2**53
"""Beyond the first no column of whole numbers can hold a number; beyond the second no column of decimals exactly."""


class Written(str):
    """A number as it is written, too long to be held as one."""


def read_json_lines(name: str, text: str) -> tuple[pd.DataFrame, tuple[str, ...], NDArray[np.int32]]:
    """The table, sentences to show, and the line that each of its rows stands on, from 1.

    Raises:
        InputError: if a line is not an object, or no key holds a plain value.
    """
    if text.count("\n") > MOST_LINES:
        raise InputError(
            say(
                "{file} has more than {most:,} lines, the most that is read: split it.",
                file=quoted(name),
                most=MOST_LINES,
            )
        )
    columns: dict[str, list] = {}
    nested: dict[str, int] = {}
    lines: list[int] = []
    strange: list[int] = []
    decoder = json.JSONDecoder(parse_int=whole_number, parse_constant=lambda sign: strange.append(number) or None)
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = say("{file}, line {line:,}", file=quoted(name), line=number)
        for key, value in _object(where, line, decoder).items():
            if isinstance(value, list | dict):
                nested.setdefault(key, number)
            elif value is not None:
                column = columns.setdefault(key, [])
                column.extend([None] * (len(lines) - len(column)))
                column.append(value)
            else:
                columns.setdefault(key, [])
        lines.append(number)
        check_count(name, where, len(lines), len(columns) + len(nested))
    if not lines:
        raise InputError(say("{file} holds nothing but blanks: upload a file that holds something.", file=quoted(name)))
    plain = {key: column + [None] * (len(lines) - len(column)) for key, column in columns.items() if key not in nested}
    if not plain:
        key, line = next(iter(nested.items()))
        raise InputError(
            say(
                "{file}, line {line:,}: “{key}” holds a list or an object, and a cell holds one "
                "text or one number: put what is inside under keys of its own.",
                file=quoted(name),
                line=line,
                key=key[:40],
            )
        )
    return (
        pd.DataFrame({key: column_of(cells) for key, cells in plain.items()}),
        _told(nested, strange),
        np.array(lines, dtype=np.int32),
    )


def whole_number(digits: str) -> int | Written:
    """A whole number, as it is written where no column of numbers can hold it."""
    if len(digits) > 19:
        return Written(digits)
    value = int(digits)
    return value if -WHOLE <= value < WHOLE else Written(digits)


def _object(where: str, line: str, decoder: json.JSONDecoder) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise InputError(
            say(
                "{where}: {n:,} characters, and {most:,} is the most in a line: break it up.",
                where=where,
                n=len(line),
                most=LONGEST_LINE,
            )
        )
    try:
        found = decoder.decode(line)
    except (json.JSONDecodeError, RecursionError) as error:
        why = ""
        if isinstance(error, json.JSONDecodeError):
            why = say(" ({why} at character {at})", why=error.msg.lower(), at=error.colno)
        raise InputError(
            say(
                '{where}: not JSON{why}. JSON Lines has one object a line, such as {{"text": "a fine film"}}.',
                where=where,
                why=why,
            )
        ) from error
    if isinstance(found, dict) and "\\u" in line and not _is_text(found):
        raise InputError(f"{where}: a half of a character (\\ud800 to \\udfff) stands alone: leave it out.")
    if not isinstance(found, dict) or not found:
        raise InputError(
            say(
                '{where}: expected an object such as {{"text": "a fine film"}}, got {found}.',
                where=where,
                found=_kind(found),
            )
        )
    return found


def _is_text(found: dict[str, Any]) -> bool:
    try:
        "".join([*found, *(value for value in found.values() if isinstance(value, str))]).encode()
    except UnicodeEncodeError:
        return False
    return True


def column_of(cells: list) -> Any:
    """Cells of one kind as they are, of several as texts as they are written; nothing where a key is missing."""
    held = [cell for cell in cells if cell is not None]
    kinds = {bool if isinstance(cell, bool) else type(cell) for cell in held}
    if kinds == {int}:
        return pd.array(cells, dtype="Int64")
    if kinds == {bool}:
        return pd.array(cells, dtype="boolean")
    if kinds and kinds <= {int, float} and all(abs(cell) <= EXACT for cell in held if isinstance(cell, int)):
        return pd.array([np.nan if cell is None else float(cell) for cell in cells], dtype="float64")
    return pd.array([None if cell is None else _written(cell) for cell in cells], dtype="str")


def _written(cell: object) -> str:
    return str(cell) if isinstance(cell, str) else json.dumps(cell)


def _told(nested: dict[str, int], strange: list[int]) -> tuple[str, ...]:
    told = []
    if nested:
        told.append(say("What holds lists or objects inside is left out: {keys}.", keys=named_keys(list(nested))))
    if strange:
        told.append(
            say_n(
                "NaN or Infinity in line {line:,} is read as missing; JSON itself writes null for nothing.",
                "NaN or Infinity in line {line:,} and elsewhere, at {n:,} places, is read as missing; JSON itself "
                "writes null for nothing.", len(strange), line=strange[0],
            )
        )  # fmt: skip
    return tuple(told)


def check_count(name: str, where: str, rows: int, columns: int) -> None:
    """Refuse more rows or columns than are read."""
    if columns > MOST_COLUMNS:
        raise InputError(
            say(
                "{where}: {n_columns:,} keys, and {most:,} is the most that is read: leave some out.",
                where=where,
                n_columns=columns,
                most=MOST_COLUMNS,
            )
        )
    if rows > MOST_ROWS or rows * columns > MOST_CELLS:
        raise InputError(
            say(
                "{file} has more than {most:,} lines or {cells:,} values, the most that is read: split it.",
                file=quoted(name),
                most=MOST_ROWS,
                cells=MOST_CELLS,
            )
        )


def _kind(value: object) -> str:
    if isinstance(value, list):
        return say("a list")
    if isinstance(value, dict):
        return say("an object without keys")
    return say("a text") if isinstance(value, str) else say("a single value")
