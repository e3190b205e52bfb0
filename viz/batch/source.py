"""The sequences of a table as the Batch page reads them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa

from core_models.language import mark
from pretrained.uploads.tables.table import Table

PASTED = mark("the pasted lines")


def texts_of(table: Table, column: str) -> tuple[pa.ChunkedArray, pa.Array, pa.Table]:
    """The sequences of a column, a null where a cell was empty, the lines they stand on, and the other columns."""
    cells = table.frame[column]
    texts = pa.array(cells.astype("str"), pa.string(), from_pandas=True)
    others = pa.table({str(name): _column(table.frame[name]) for name in table.frame if name != column})
    return pa.chunked_array([texts]) if isinstance(texts, pa.Array) else texts, pa.array(table.lines), others


def in_one(task: Any, table: Table) -> Table:
    """A table for a task of several named inputs: where it has a column for each, one of their texts in their place."""
    names = list(task.named.titles) if task.named else []
    if not names or not set(names) <= set(table.frame):
        return table
    rows = table.frame[names].fillna("").astype("str").itertuples(index=False)
    joined = [task.named.join(dict(zip(names, row, strict=True))) for row in rows]
    return replace(table, frame=table.frame.drop(columns=names).assign(**{" + ".join(names): joined}))


def _column(cells: Any) -> pa.Array | pa.ChunkedArray:
    """A column as it is; as texts where its cells are of several kinds."""
    try:
        return pa.array(cells, from_pandas=True)
    except (pa.ArrowException, OverflowError):
        return pa.array(cells.astype("str"), pa.string(), from_pandas=True)
