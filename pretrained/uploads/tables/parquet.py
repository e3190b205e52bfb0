"""Parquet: what the footer claims is checked first, then what the columns really hold, and only then is it a table.

Columns of several values a row are left out. Whole numbers stay whole where some are missing.
"""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core_models.language import say
from pretrained.task import InputError
from pretrained.uploads.damage import refused_as
from pretrained.uploads.limits import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_UNPACKED_BYTES,
    MOST_UNPACKED_MEGABYTES,
)
from pretrained.uploads.name import named_keys, quoted


def read_parquet(name: str, content: bytes) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The table, and sentences to show.

    Raises:
        InputError: if it is damaged, too large when unpacked, or no column holds one value a row.
    """
    with refused_as(say("{file} is damaged Parquet and cannot be read; save it again.", file=quoted(name))):
        file = pq.ParquetFile(io.BytesIO(content))
        _check_footer(name, file.metadata)
        schema = file.schema_arrow
        held, told = _held(name, schema)
        # Texts stay words of a dictionary until they are counted, so that one repeated a million times is held once.
        texts = [field.name for field in schema if _is_text(field.type)]
        table = pq.ParquetFile(io.BytesIO(content), read_dictionary=texts).read(columns=held, use_threads=False)
        table = table.select(held)
        table.validate(full=True)
        _check_texts(name, table)
        frame = table.to_pandas(ignore_metadata=True, types_mapper=whole_types().get).pipe(_without_categories)
        return frame, told


def whole_types() -> dict[pa.DataType, Any]:
    """Types of whole numbers, and those of a table that keep them whole beside missing cells."""
    return {
        getattr(pa, f"{sign}int{bits}")(): getattr(pd, f"{sign.upper()}Int{bits}Dtype")()
        for sign in ("", "u") for bits in (8, 16, 32, 64)
    }  # fmt: skip


def _check_footer(name: str, footer: pq.FileMetaData) -> None:
    rows, columns = footer.num_rows, footer.num_columns
    if columns > MOST_COLUMNS:
        raise InputError(
            say(
                "{file} has {n_columns:,} columns, and {most:,} is the most that is read: leave some out.",
                file=quoted(name),
                n_columns=columns,
                most=MOST_COLUMNS,
            )
        )
    if rows > MOST_ROWS:
        raise InputError(
            say(
                "{file} has {n_rows:,} rows, and {most:,} is the most that is read: split it.",
                file=quoted(name),
                n_rows=rows,
                most=MOST_ROWS,
            )
        )
    if rows == 0 or columns == 0:
        raise InputError(say("{file} holds no rows: upload a table that holds something.", file=quoted(name)))
    if rows * columns > MOST_CELLS:
        raise InputError(
            say(
                "{file} has {n_rows:,} rows of {n_columns:,} columns, and {cells:,} cells is the "
                "most that is read: leave out rows or columns.",
                file=quoted(name),
                n_rows=rows,
                n_columns=columns,
                cells=MOST_CELLS,
            )
        )
    groups = [footer.row_group(index) for index in range(footer.num_row_groups)]
    _check_size(name, sum(group.column(place).total_uncompressed_size for group in groups for place in range(columns)))


def _check_size(name: str, size: int) -> None:
    if size > MOST_UNPACKED_BYTES:
        raise InputError(
            say(
                "{file} holds {n:,.0f} MB unpacked, and {most} MB is the most that is read: "
                "split it, or leave out columns.",
                file=quoted(name),
                n=size / 1e6,
                most=MOST_UNPACKED_MEGABYTES,
            )
        )


def _held(name: str, schema: pa.Schema) -> tuple[list[str], tuple[str, ...]]:
    """Columns of one value a row, and a sentence about the others."""
    names = schema.names
    if len(set(names)) < len(names):
        raise InputError(say("{file} has two columns of the same name: rename one.", file=quoted(name)))
    others = {}
    for field in schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if not any(getattr(pa.types, f"is_{held}")(kind) for held in HELD):
            others[field.name] = str(kind)
    held = [column for column in names if column not in others]
    if not held:
        column, kind = next(iter(others.items()))
        raise InputError(
            say(
                "{file}, column “{column}”: it holds {kind}, and a cell holds one text, number "
                "or time: save what is inside as columns of their own.",
                file=quoted(name),
                column=column[:40],
                kind=kind[:60],
            )
        )
    left = say("Columns of lists and the like are left out: {columns}.", columns=named_keys(list(others)))
    return held, (left,) if others else ()


HELD = (
    "integer", "floating", "boolean", "string", "large_string", "timestamp", "date", "time", "decimal", "null",
)  # fmt: skip
"""Types of cells that are read, as PyArrow asks for them."""


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _check_texts(name: str, table: pa.Table) -> None:
    """Characters of all texts together, each counted as often as it occurs: a dictionary holds each once."""
    total = 0
    for column in table.columns:
        if pa.types.is_dictionary(column.type) and _is_text(column.type.value_type):
            for chunk in column.chunks:
                lengths = pc.call_function("binary_length", [chunk.dictionary])
                total += pc.call_function("sum", [lengths.take(chunk.indices)]).as_py() or 0
    _check_size(name, total)


def _without_categories(frame: pd.DataFrame) -> pd.DataFrame:
    kinds = {name: "str" for name, kind in frame.dtypes.items() if isinstance(kind, pd.CategoricalDtype)}
    return frame.astype(kinds)
