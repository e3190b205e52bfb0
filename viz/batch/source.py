"""What a person wants to be read: a table made of the file or of pasted lines, and the column that holds sequences."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from pretrained.files.encoding import decode
from pretrained.files.fasta import read_fasta
from pretrained.files.limits import MOST_ROWS
from pretrained.files.name import quoted
from pretrained.files.plain_text import read_lines
from pretrained.files.recognise import Form, recognise
from pretrained.files.table import Table, read_table
from pretrained.task import InputError

PASTED = "the pasted lines"

NAMES = ("text", "sentence", "sequence", "review", "utterance", "question", "content", "comment", "message", "line")
"""Names that columns of sequences often have, the likeliest first."""

LOOKED_AT = 200
"""Rows by which a column of sequences is guessed."""

ELSEWHERE = {
    Form.WAV: "sound: open it on Explore with a model that listens",
    Form.FLAC: "sound: open it on Explore with a model that listens",
    Form.NPY: "numbers: open them on Explore with a model of series or signals",
    Form.NPZ: "numbers: open them on Explore with a model of series or signals",
}
"""Forms that hold no texts, and where they are opened."""


def read_sequences(name: str, content: bytes, encoding: str | None = None) -> Table:
    """A table of the names and letters in a FASTA file.

    Raises:
        EncodingError: if it is not UTF-8; it names the encoding that was found.
        InputError: if there are none, or too many.
    """
    text = decode(name, content, encoding)
    if text.count(">") > MOST_ROWS:
        raise InputError(f"{quoted(name)} has more than {MOST_ROWS:,} sequences, the most that is read: split it.")
    found = read_fasta(text)
    if not found:
        raise InputError(f"{quoted(name)} holds no sequence: a line that begins with > names one, its letters follow.")
    frame = pd.DataFrame(found, columns=["name", "sequence"], dtype="str")
    return Table(frame, (), np.arange(1, len(frame) + 1, dtype=np.int32))


READERS: Mapping[Form, Callable[[str, bytes, str | None], Table]] = {
    Form.TEXT: read_lines,
    Form.CSV: read_table,
    Form.TSV: read_table,
    Form.JSON_LINES: read_table,
    Form.PARQUET: read_table,
    Form.FASTA: read_sequences,
}


def read_source(name: str, content: bytes, encoding: str | None = None) -> Table:
    """The table of sequences that a file holds.

    Raises:
        EncodingError: if it is not UTF-8; it names the encoding that was found.
        InputError: if it cannot be read, or holds no texts; the sentence says what to do.
    """
    form = recognise(name, content).form
    if form not in READERS:
        where = ELSEWHERE.get(
            form, f"{form}, which is not read here: upload text, CSV, TSV, JSON Lines, Parquet or FASTA"
        )
        raise InputError(f"{quoted(name)} holds {where}.")
    return READERS[form](name, content, encoding)


def text_columns(frame: pd.DataFrame) -> list[str]:
    """Columns that can hold sequences, the one that most likely does first; all columns if none holds texts."""
    names = [str(name) for name, kind in frame.dtypes.items() if pd.api.types.is_string_dtype(kind)]
    means = {name: frame[name].head(LOOKED_AT).astype(str).str.len().mean() for name in names}
    known = {name: at for at, name in enumerate(NAMES)}
    return sorted(names, key=lambda name: (known.get(name.lower(), len(NAMES)), -means[name])) or list(frame.columns)


def texts_of(table: Table, column: str) -> tuple[pa.ChunkedArray, pa.Array, pa.Table]:
    """The sequences of a column, a null where a cell was empty, the lines they stand on, and the other columns."""
    cells = table.frame[column]
    texts = pa.array(cells.astype("str"), pa.string(), from_pandas=True)
    others = pa.Table.from_pandas(table.frame.drop(columns=column), preserve_index=False)
    return pa.chunked_array([texts]) if isinstance(texts, pa.Array) else texts, pa.array(table.lines), others
