"""Tables that people upload: CSV and its like, JSON Lines and Parquet."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.language import say, say_n
from pretrained.task import InputError
from pretrained.uploads.letters.encoding import decode
from pretrained.uploads.name import quoted
from pretrained.uploads.recognise import ARRAYS, Form, recognise
from pretrained.uploads.tables.arrays import read_arrays
from pretrained.uploads.tables.delimited import read_delimited
from pretrained.uploads.tables.json_document import read_json
from pretrained.uploads.tables.json_lines import read_json_lines
from pretrained.uploads.tables.parquet import read_parquet
from pretrained.uploads.tables.sideways import upright
from pretrained.uploads.tables.workbook import read_workbook


@dataclass(frozen=True, eq=False)
class Table:
    """A table as it was uploaded.

    Attributes:
        frame: its columns; a cell that holds nothing is missing (NaN).
        notices: sentences to show beside it.
        lines: the line of the file that each row begins at, from 1; the row's own number where a file has no lines.
    """

    frame: pd.DataFrame
    notices: tuple[str, ...] = ()
    lines: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))


def read_table(name: str, content: bytes, encoding: str | None = None) -> Table:
    """The table that a file holds.

    Args:
        name: of the file; where the content leaves a choice, its ending decides.
        content: its bytes.
        encoding: a key of ``pretrained.uploads.letters.encoding.ENCODINGS``; UTF-8 if None.

    Raises:
        EncodingError: if it is text but not UTF-8; it names the encoding that was found.
        InputError: if it cannot be read; the sentence says what is wrong where, and what to do.
    """
    recognised = recognise(name, content)
    if recognised.form in BINARY:
        frame, notices = BINARY[recognised.form](name, content)
        return _upright(Table(frame, (*recognised.notices, *notices), np.arange(1, len(frame) + 1, dtype=np.int32)))
    if recognised.form not in (*JSON, Form.CSV, Form.TSV, Form.TEXT):
        raise InputError(
            say(
                "{file} is {form}, not a table: upload CSV, TSV, JSON, Parquet or XLSX.",
                file=quoted(name),
                form=say(recognised.form),
            )
        )
    text = decode(name, content, encoding)
    read = JSON.get(recognised.form, read_delimited)
    frame, notices, lines = read(name, text)
    return _upright(Table(frame, (*recognised.notices, *notices), lines))


def _upright(table: Table) -> Table:
    found = upright(table.frame, table.lines)
    return Table(found[0], (*table.notices, found[2]), found[1]) if found else table


BINARY = {Form.PARQUET: read_parquet, Form.WORKBOOK: read_workbook}
"""Readers of tables that are no text."""

JSON = {Form.JSON: read_json, Form.JSON_LINES: read_json_lines}
"""Readers of JSON, as a document and line by line."""


def read_columns(name: str, content: bytes) -> Table:
    """As ``read_table``, or the channels of NumPy arrays as columns; shorter ones end in missing values.

    Raises:
        EncodingError, InputError: as ``read_table`` and ``read_arrays``.
    """
    recognised = recognise(name, content)
    if recognised.form not in ARRAYS:
        return read_table(name, content)
    arrays = read_arrays(name, content)
    columns = {key: pd.Series(values) for array in arrays for key, values in array.columns.items()}
    told = tuple(
        say_n("The array is read as [channel, step]: {n} channel of {steps:,} steps.",
              "The array is read as [channel, step]: {n} channels of {steps:,} steps.", len(array.columns),
              steps=array.steps)
        for array in arrays if array.turned
    )[:1]  # fmt: skip
    frame = pd.DataFrame(columns)
    return Table(frame, (*recognised.notices, *told), np.arange(1, len(frame) + 1, dtype=np.int32))
