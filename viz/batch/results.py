"""The results as a person asks for them: searched, sorted, a page at a time, and as files."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pretrained.uploads.tables.parquet import whole_types
from viz.figures.parts import export

PAGE = 200
"""Rows on the screen at a time."""


@dataclass(frozen=True)
class Wanted:
    """What is asked for: texts that hold ``search``, answers that are ``prediction``, in the order of a column."""

    search: str = ""
    prediction: str = ""
    order: str = "line"
    descending: bool = False


def select(table: pa.Table, wanted: Wanted) -> pa.Table:
    """The rows that are asked for, in the order that is asked for; rows without the value that orders come last."""
    if wanted.search:
        options = pc.MatchSubstringOptions(wanted.search, ignore_case=True)
        table = table.filter(pc.call_function("match_substring", [table["text"]], options))
    if wanted.prediction and "prediction" in table.column_names:
        table = table.filter(pc.call_function("equal", [table["prediction"], pa.scalar(wanted.prediction)]))
    order = "descending" if wanted.descending else "ascending"
    return table.sort_by(
        [(wanted.order, order), ("line", "ascending")] if wanted.order != "line" else [("line", order)]
    )


def predictions(table: pa.Table) -> list[tuple[str, int]]:
    """Every prediction with how often it was made, the most frequent first."""
    if "prediction" not in table.column_names or not len(table):
        return []
    counted = pc.call_function("value_counts", [table["prediction"]]).to_pylist()
    pairs = [(row["values"], row["counts"]) for row in counted if row["values"] is not None]
    return sorted(pairs, key=lambda pair: -pair[1])


def unread(table: pa.Table) -> int:
    """How many rows could not be read."""
    return table["length"].null_count


def to_csv(table: pa.Table) -> bytes:
    """The rows as CSV in UTF-8, guarded as every CSV is; whole numbers stay whole beside missing ones."""
    return export.to_csv(table.to_pandas(types_mapper=whole_types().get)).encode()


def to_parquet(table: pa.Table) -> bytes:
    """The rows as Parquet, every text as it was."""
    written = io.BytesIO()
    pq.write_table(table, written, compression="zstd")
    return written.getvalue()
