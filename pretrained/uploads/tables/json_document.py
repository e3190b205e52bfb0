"""JSON as programs and weather services give it: an array, or an object with the table somewhere inside.

Rows are objects or lists, columns are lists of one length, or the keys are dates. Of several tables the longest is
read, and that is said.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.language import say
from pretrained.task import InputError
from pretrained.uploads.dates.cells import take_apart
from pretrained.uploads.name import named_keys, quoted
from pretrained.uploads.tables.delimited import names_of
from pretrained.uploads.tables.json_lines import check_count, column_of, read_json_lines, whole_number

DEEPEST, FEWEST = 6, 2
"""Objects inside of objects that are looked into, and rows of which a table consists at least."""

FLATTENED = 3
"""Objects inside of a row whose values become columns of their own."""

NAMES, ROWS = ("columns", "fields", "header", "headers"), ("data", "rows", "values")
"""What the names of columns, and the rows below them, are called where they stand apart."""

HALF_SIGN = re.compile(r"\\u[dD][89a-fA-F]")

Columns = dict[str, list[Any]]


def read_json(name: str, text: str) -> tuple[pd.DataFrame, tuple[str, ...], NDArray[np.int32]]:
    """The table in a document, or in lines of objects; sentences to show; and the number of each row, from 1.

    Raises:
        InputError: if it is no JSON, or no table can be found in it.
    """
    strange: list[str] = []
    try:
        document, end = json.JSONDecoder(parse_int=whole_number, parse_constant=strange.append).raw_decode(
            text, len(text) - len(text.lstrip())
        )
    except (json.JSONDecodeError, RecursionError) as error:
        return _not_json(name, text, error)
    if text[end:].strip() or not isinstance(document, list | dict):
        return read_json_lines(name, text)
    if HALF_SIGN.search(text) and not _is_text(document):
        raise InputError(f"{quoted(name)}: a half of a character (\\ud800 to \\udfff) stands alone: leave it out.")
    tables = list(_tables(document))
    if isinstance(document, dict) and (not tables or all(_rows(table) < FEWEST for _, table in tables)):
        return read_json_lines(name, json.dumps(document))
    if not tables:
        raise InputError(
            say(
                "{file} holds no table: it needs a list of numbers, of objects or of rows, or lists of one length.",
                file=quoted(name),
            )
        )
    path, table = max(tables, key=lambda each: _rows(each[1]))
    return _frame(name, path, table, [other for other, _ in tables if other != path], bool(strange))


def _not_json(
    name: str, text: str, error: json.JSONDecodeError | RecursionError
) -> tuple[pd.DataFrame, tuple[str, ...], NDArray[np.int32]]:
    """What is not one document may be lines of objects.

    Raises:
        InputError: if it is neither.
    """
    if isinstance(error, RecursionError):
        raise InputError(
            say("{file}: lists stand too deep inside of one another to be read.", file=quoted(name))
        ) from error
    first, _, rest = text.lstrip().partition("\n")
    if first.startswith("{") and (error.lineno == 1 or rest.lstrip().startswith("{")):
        return read_json_lines(name, text)
    raise InputError(
        say(
            "{file}, line {line:,}: not JSON ({why} at character {at:,}): save it again, or as CSV.",
            file=quoted(name),
            line=error.lineno,
            why=error.msg.lower(),
            at=error.colno,
        )
    ) from error


def _is_text(document: object) -> bool:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _rows(table: Columns) -> int:
    return max(map(len, table.values()), default=0)


def _tables(value: object, path: str = "", deep: int = 0) -> Iterator[tuple[str, Columns]]:
    """The tables in a value, by the keys that lead to each."""
    if deep > DEEPEST:
        return
    found = _of_list(value, deep) if isinstance(value, list) else _of_object(value) if isinstance(value, dict) else {}
    if found:
        yield path, found
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _tables(inner, f"{path}.{key}" if path else key, deep + 1)
    elif isinstance(value, list) and _rows(found) < FEWEST:
        for inner in value[:FEWEST]:
            yield from _tables(inner, path, deep + 1)


def _of_list(value: list[Any], deep: int) -> Columns:
    """A list as columns: of objects, of rows, or of single values; texts alone only where there is nothing else."""
    if value and all(isinstance(each, dict) for each in value):
        return _records(value)
    if value and all(isinstance(each, list) for each in value) and len({len(each) for each in value}) == 1:
        below = [cell for row in value[1:] for cell in row]
        named = all(isinstance(cell, str) for cell in value[0]) and not all(isinstance(cell, str) for cell in below)
        return _below(value[0] if named else None, value[named:])
    if value and all(_is_plain(each) for each in value):
        kinds = {type(each) for each in value if each is not None}
        return {"text" if kinds == {str} else "value": value} if deep == 0 or kinds & {int, float} else {}
    return {}


def _of_object(value: dict[str, Any]) -> Columns:
    """An object as columns: names beside rows, lists of one length, objects by date or column, values by date."""
    names = next((_called(value[key]) for key in NAMES if _called(value.get(key))), None)
    rows = next((value[key] for key in ROWS if isinstance(value.get(key), list)), None)
    if names and rows and all(isinstance(row, list) and len(row) == len(names) for row in rows):
        index = value.get("index")
        beside = {"index": index} if isinstance(index, list) and len(index) == len(rows) else {}
        return _below(names, rows) | beside
    lists = {key: each for key, each in value.items() if isinstance(each, list) and each and all(map(_is_plain, each))}
    if lists:
        length = max(Counter(map(len, lists.values())).items(), key=lambda each: (each[1], each[0]))[0]
        found = {key: each for key, each in lists.items() if len(each) == length}
        return found if length >= FEWEST and not _are_words(found) else {}
    if len(value) > FEWEST and all(_is_plain(each) for each in value.values()) and _are_dates(value):
        return {"date": list(value), "value": list(value.values())}
    inner = [each for each in value.values() if isinstance(each, dict)]
    if not inner or len(inner) < len(value) or not all(_is_plain(cell) for each in inner for cell in each.values()):
        return {}
    if len(value) > FEWEST and _are_dates(value):
        return {"date": list(value), **_records(inner)}
    keys = list(dict.fromkeys(chain.from_iterable(inner)))
    by_row = len(keys) > FEWEST and (_are_dates(keys) or all(key.isdigit() for key in keys))
    columns = {key: [each.get(row) for row in keys] for key, each in value.items()}
    return ({"date": keys} if _are_dates(keys) else {}) | columns if by_row else {}


def _called(names: object) -> list[str]:
    """Names of columns: a list of texts, or of objects that have a name."""
    if not isinstance(names, list):
        return []
    found: list[Any] = [each.get("name", each.get("id")) if isinstance(each, dict) else each for each in names]
    return found if all(isinstance(each, str) for each in found) else []


def _below(names: list[str] | None, rows: list[list[Any]]) -> Columns:
    if not rows or not rows[0]:
        return {}
    called, _ = names_of(names, len(rows[0]))
    return {key: [row[place] for row in rows] for place, key in enumerate(called)}


def _records(rows: list[dict[str, Any]]) -> Columns:
    """Objects as columns, missing where one has no such key; objects inside by both keys."""
    columns: Columns = {}
    for at, row in enumerate(rows):
        for key, cell in _flat(row):
            column = columns.setdefault(key, [])
            column.extend([None] * (at - len(column)))
            column[at:] = [cell]
    return {key: column + [None] * (len(rows) - len(column)) for key, column in columns.items()}


def _flat(row: Mapping[str, Any], deep: int = 0) -> Iterator[tuple[str, Any]]:
    for key, cell in row.items():
        if isinstance(cell, dict) and deep < FLATTENED:
            yield from ((f"{key}.{inner}", each) for inner, each in _flat(cell, deep + 1))
        else:
            yield key, cell


def _is_plain(cell: object) -> bool:
    return not isinstance(cell, list | dict)


def _are_words(columns: Columns) -> bool:
    """Whether all cells are texts and none is a date, such as the words of one sentence."""
    return all(
        isinstance(cell, str) and take_apart(cell) is None for column in columns.values() for cell in column[:20]
    )


def _are_dates(keys: Any) -> bool:
    return all(take_apart(key) is not None for key in list(keys)[:20])


def _frame(
    name: str, path: str, table: Columns, others: list[str], strange: bool
) -> tuple[pd.DataFrame, tuple[str, ...], NDArray[np.int32]]:
    rows = _rows(table)
    check_count(name, quoted(name), rows, len(table))
    nested = [key for key, column in table.items() if not all(map(_is_plain, column))]
    plain = {key: column_of(column) for key, column in table.items() if key not in nested}
    if not plain:
        raise InputError(
            say(
                "{file}: “{key}” holds a list or an object, and a cell holds one text or one "
                "number: put what is inside under keys of its own.",
                file=quoted(name),
                key=nested[0][:40],
            )
        )
    told = [say("Of this file “{path}” is read.", path=path[:60])] if path and others else []
    if nested:
        told.append(say("What holds lists or objects inside is left out: {keys}.", keys=named_keys(nested)))
    if strange:
        told.append(say("NaN or Infinity is read as missing; JSON itself writes null for nothing."))
    return pd.DataFrame(plain), tuple(told), np.arange(1, rows + 1, dtype=np.int32)
