"""JSON Lines (jsonlines.org): one object a line, all with the same keys and plain values."""

from __future__ import annotations

import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray

from pretrained.task import InputError
from pretrained.uploads.limits import LONGEST_LINE, MOST_CELLS, MOST_COLUMNS, MOST_LINES, MOST_ROWS
from pretrained.uploads.name import quoted

PLAIN = (str, int, float, bool, type(None))


def read_json_lines(name: str, text: str) -> tuple[pd.DataFrame, NDArray[np.int32]]:
    """The table, and the line that each of its rows stands on, from 1.

    Raises:
        InputError: if a line is not an object with the keys of the first one and plain values.
    """
    if text.count("\n") > MOST_LINES:
        raise InputError(f"{quoted(name)} has more than {MOST_LINES:,} lines, the most that is read: split it.")
    columns: dict[str, list] = {}
    lines: list[int] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{quoted(name)}, line {number:,}"
        found = _object(where, line)
        if not lines:
            columns = {key: [] for key in found}
            _check_width(where, len(columns))
        if found.keys() != columns.keys():
            raise InputError(
                f"{where}: expected the keys {_listed(columns)} as in the first line, got {_listed(found)}: give every "
                "line the same keys, with null where there is nothing."
            )
        _check_values(where, found)
        for key, value in found.items():
            columns[key].append(value)
        lines.append(number)
        _check_count(name, len(lines), len(columns))
    if not lines:
        raise InputError(f"{quoted(name)} holds nothing but blanks: upload a file that holds something.")
    return pd.DataFrame(columns), np.array(lines, dtype=np.int32)


def _object(where: str, line: str) -> dict:
    if len(line) > LONGEST_LINE:
        raise InputError(f"{where}: {len(line):,} characters, and {LONGEST_LINE:,} is the most in a line: break it up.")
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InputError(
            f"{where}: not JSON ({error.msg} at character {error.colno}). JSON Lines has one object a line, such as "
            '{"text": "a fine film"}.'
        ) from error
    if not isinstance(found, dict) or not found:
        raise InputError(f'{where}: expected an object such as {{"text": "a fine film"}}, got {_kind(found)}.')
    return found


def _check_width(where: str, count: int) -> None:
    if count > MOST_COLUMNS:
        raise InputError(f"{where}: {count:,} keys, and {MOST_COLUMNS:,} is the most that is read: leave some out.")


def _check_values(where: str, found: dict) -> None:
    for key, value in found.items():
        if not isinstance(value, PLAIN):
            raise InputError(
                f"{where}: “{key[:40]}” holds {_kind(value)}, and a cell holds one text or one number: put what is "
                "inside under keys of its own."
            )


def _check_count(name: str, rows: int, columns: int) -> None:
    if rows > MOST_ROWS or rows * columns > MOST_CELLS:
        raise InputError(
            f"{quoted(name)} has more than {MOST_ROWS:,} lines or {MOST_CELLS:,} values, the most that is read: split "
            "it."
        )


def _kind(value: object) -> str:
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an object" if value else "an object without keys"
    return "a text" if isinstance(value, str) else "a single value"


def _listed(keys: dict) -> str:
    shown = ", ".join(f"“{key[:40]}”" for key in list(keys)[:5])
    return f"{shown} and {len(keys) - 5} more" if len(keys) > 5 else shown
