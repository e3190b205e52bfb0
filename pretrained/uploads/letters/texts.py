"""Files of texts: a table with one sequence a row, whatever its form, and the column that holds the sequences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from core_models.language import say
from pretrained.task import InputError
from pretrained.uploads.letters.encoding import decode
from pretrained.uploads.letters.fasta import read_fasta
from pretrained.uploads.letters.plain_text import read_lines
from pretrained.uploads.limits import MOST_ROWS
from pretrained.uploads.name import quoted
from pretrained.uploads.recognise import SEQUENCES, Form, recognise
from pretrained.uploads.tables.numerals import numeral
from pretrained.uploads.tables.table import Table, read_table

NAMES = ("text", "sentence", "sequence", "review", "utterance", "question", "content", "comment", "message", "line")
"""Names that columns of sequences often have, the likeliest first."""

LOOKED_AT = 200
"""Rows by which a column of sequences is guessed."""


def read_sequences(name: str, content: bytes, encoding: str | None = None) -> Table:
    """A table of the names and letters in a file of FASTA, FASTQ or GenBank.

    Raises:
        EncodingError: if it is not UTF-8; it names the encoding that was found.
        InputError: if there are none, or too many.
    """
    text = decode(name, content, encoding)
    if max(text.count(">"), text.count("\n@"), text.count("\nORIGIN")) > MOST_ROWS:
        raise InputError(
            say(
                "{file} has more than {most:,} sequences, the most that is read: split it.",
                file=quoted(name),
                most=MOST_ROWS,
            )
        )
    found = read_fasta(text)
    if not found:
        raise InputError(f"{quoted(name)} holds no sequence: a line that begins with > names one, its letters follow.")
    frame = pd.DataFrame(found, columns=["name", "sequence"], dtype="str")
    return Table(frame, (), np.arange(1, len(frame) + 1, dtype=np.int32))


READERS: Mapping[Form, Callable[[str, bytes, str | None], Table]] = {
    Form.TEXT: read_lines,
    Form.CSV: read_table,
    Form.TSV: read_table,
    Form.JSON: read_table,
    Form.JSON_LINES: read_table,
    Form.PARQUET: read_table,
    **dict.fromkeys(SEQUENCES, read_sequences),
}


def read_texts(name: str, content: bytes, encoding: str | None = None) -> Table:
    """The table of sequences that a file holds.

    Raises:
        EncodingError: if it is not UTF-8; it names the encoding that was found.
        InputError: if it cannot be read, or holds no texts; the sentence says what to do.
    """
    form = recognise(name, content).form
    if form not in READERS:
        raise InputError(
            say(
                "{file} is {form}, not texts: upload text, CSV, TSV, JSON, Parquet or FASTA.",
                file=quoted(name),
                form=say(form),
            )
        )
    return READERS[form](name, content, encoding)


def text_columns(frame: pd.DataFrame) -> list[str]:
    """Columns that can hold sequences, the one that most likely does first; all columns if none holds texts."""
    return word_columns(frame) or list(frame.columns)


def word_columns(frame: pd.DataFrame) -> list[str]:
    """Columns of texts that are not numbers, the one that most likely holds sequences first."""
    names = [str(name) for name, kind in frame.dtypes.items() if pd.api.types.is_string_dtype(kind)]
    names = [name for name in names if not _are_numbers(frame[name])]
    means = {name: _mean_length(frame[name]) for name in names}
    known = {name: at for at, name in enumerate(NAMES)}
    return sorted(names, key=lambda name: (known.get(name.lower(), len(NAMES)), -means[name]))


def _are_numbers(cells: Any) -> bool:
    """Whether all the first cells that hold something are numbers."""
    held = [cell for cell in cells.head(LOOKED_AT).tolist() if isinstance(cell, str) and cell.strip()]
    return bool(held) and all(numeral(cell) is not None for cell in held)


def _mean_length(cells: Any) -> float:
    """Characters of a cell that is not empty, over the first ones; by hand, as a table may have a thousand columns."""
    lengths = [len(cell) for cell in cells.head(LOOKED_AT).tolist() if isinstance(cell, str)]
    return sum(lengths) / max(1, len(lengths))
