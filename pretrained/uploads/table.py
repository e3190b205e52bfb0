"""Tables that people upload: CSV and its like, JSON Lines and Parquet."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pretrained.task import InputError
from pretrained.uploads.arrays import read_arrays
from pretrained.uploads.delimited import read_delimited
from pretrained.uploads.encoding import decode
from pretrained.uploads.json_lines import read_json_lines
from pretrained.uploads.name import quoted
from pretrained.uploads.parquet import read_parquet
from pretrained.uploads.recognise import ARRAYS, Form, recognise


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
        encoding: a key of ``pretrained.uploads.encoding.ENCODINGS``; UTF-8 if None.

    Raises:
        EncodingError: if it is text but not UTF-8; it names the encoding that was found.
        InputError: if it cannot be read; the sentence says what is wrong where, and what to do.
    """
    recognised = recognise(name, content)
    if recognised.form is Form.PARQUET:
        frame = read_parquet(name, content)
        return Table(frame, recognised.notices, np.arange(1, len(frame) + 1, dtype=np.int32))
    if recognised.form not in (Form.CSV, Form.TSV, Form.JSON_LINES, Form.TEXT):
        raise InputError(f"{quoted(name)} is {recognised.form}, not a table: upload CSV, TSV, JSON Lines or Parquet.")
    text = decode(name, content, encoding)
    if recognised.form is Form.JSON_LINES:
        frame, lines = read_json_lines(name, text)
        return Table(frame, recognised.notices, lines)
    frame, notices, lines = read_delimited(name, text)
    return Table(frame, (*recognised.notices, *notices), lines)


def read_columns(name: str, content: bytes) -> Table:
    """As ``read_table``, or the channels of NumPy arrays as columns; shorter ones end in missing values.

    Raises:
        EncodingError, InputError: as ``read_table`` and ``read_arrays``.
    """
    recognised = recognise(name, content)
    if recognised.form not in ARRAYS:
        return read_table(name, content)
    columns = {
        f"{array.name} channel {channel + 1}".strip(): pd.Series(values)
        for array in read_arrays(name, content)
        for channel, values in enumerate(array.values.T)  # noqa: PD011
    }
    frame = pd.DataFrame(columns)
    return Table(frame, recognised.notices, np.arange(1, len(frame) + 1, dtype=np.int32))


def numbers(name: str, table: Table, column: str) -> NDArray[np.float64]:
    """The finite numbers of a column, ``[row]``.

    Raises:
        InputError: if a cell is empty or holds anything but a finite number; the sentence names its line.
    """
    cells = table.frame[column]
    known = cells if pd.api.types.is_numeric_dtype(cells) else cells.astype(str)
    values = np.asarray(pd.to_numeric(known, errors="coerce"), dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(values))
    if wrong.size:
        row = int(wrong[0])
        cell = cells.iloc[row]
        got = "nothing" if pd.isna(cell) else f"“{str(cell)[:40]}”"
        more = f" ({wrong.size:,} such cells in all)" if wrong.size > 1 else ""
        raise InputError(
            f"{quoted(name)}, line {int(table.lines[row]):,}, column “{column[:40]}”: expected a number, got {got}"
            f"{more}. Fill it in, leave the row out, or choose another column."
        )
    return values
