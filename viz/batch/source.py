"""The sequences of a table as the Batch page reads them."""

from __future__ import annotations

import pyarrow as pa

from pretrained.uploads.table import Table

PASTED = "the pasted lines"


def texts_of(table: Table, column: str) -> tuple[pa.ChunkedArray, pa.Array, pa.Table]:
    """The sequences of a column, a null where a cell was empty, the lines they stand on, and the other columns."""
    cells = table.frame[column]
    texts = pa.array(cells.astype("str"), pa.string(), from_pandas=True)
    others = pa.Table.from_pandas(table.frame.drop(columns=column), preserve_index=False)
    return pa.chunked_array([texts]) if isinstance(texts, pa.Array) else texts, pa.array(table.lines), others
