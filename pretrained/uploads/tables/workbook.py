"""Excel workbooks (XLSX): the first sheet that holds something, bounded before it is unpacked."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd
from python_calamine import CalamineSheet, CalamineWorkbook

from core_models.language import mark, say
from pretrained.task import InputError
from pretrained.uploads.damage import refused_as
from pretrained.uploads.limits import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_UNPACKED_BYTES,
    MOST_UNPACKED_MEGABYTES,
)
from pretrained.uploads.name import quoted
from pretrained.uploads.series.cells import cells_of
from pretrained.uploads.tables.delimited import frame_of, names_of
from pretrained.uploads.tables.layout import lay_out

Cell = str | float | int | bool | date | datetime | time | timedelta
MOST_SHEETS = 50


def read_workbook(name: str, content: bytes) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The table on the first sheet that holds one, and sentences to show.

    Raises:
        InputError: if it is damaged, locked, empty, or too large when unpacked.
    """
    damaged = say("{file} is a workbook that cannot be read: save it again, or as CSV in UTF-8.", file=quoted(name))
    with refused_as(damaged):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(member.file_size for member in archive.infolist())
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
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = workbook.sheet_names[:MOST_SHEETS]
        for sheet_name in names:
            sheet = workbook.get_sheet_by_name(sheet_name)
            _check(name, sheet)
            rows = [row for row in sheet.to_python(skip_empty_area=True) if any(cell != "" for cell in row)]
            if len(rows) > 1:
                frame, told = _table(rows)
                other = say("Of {n} sheets “{name}” is read.", n=len(names), name=sheet_name[:40])
                return frame, (*((other,) if len(names) > 1 else ()), *told)
    raise InputError(
        say("{file} holds no table: put the names of columns in a row, and data below.", file=quoted(name))
    )


def _check(name: str, sheet: CalamineSheet) -> None:
    """Refuse a sheet that claims more than is read; far cells count, as all up to them are made."""
    rows, columns = sheet.height, sheet.width
    if columns > MOST_COLUMNS or rows > MOST_ROWS or rows * columns > MOST_CELLS:
        raise InputError(
            say(
                "{file} has {n_rows:,} rows of {n_columns:,} columns, and {most:,} rows, "
                "{most_2:,} columns and {cells:,} cells are the most that is read: leave some "
                "out.",
                file=quoted(name),
                n_rows=rows,
                n_columns=columns,
                most=MOST_ROWS,
                most_2=MOST_COLUMNS,
                cells=MOST_CELLS,
            )
        )


def _table(rows: Sequence[Sequence[Cell]]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    written = [[_written(cell) for cell in row] for row in rows]
    layout = lay_out(written)
    header = written[layout.header] if layout.header is not None else None
    names, told = names_of(header, layout.width)
    frame = frame_of(names, written[layout.begin : layout.end], header or ())
    for place, column in enumerate(names):
        if column in frame:
            cells = [row[place] for row in rows[layout.begin : layout.end]]
            frame[column] = _column(cells, cells_of(frame, column))
    skipped = (layout.header if layout.header is not None else layout.begin) + len(layout.units)
    rest = len(rows) - layout.end
    if skipped or rest:
        text = mark("Rows that are no data are left out: {above:,} above and {below:,} below the table.") if (
            skipped and rest
        ) else (
            mark("Rows that are no data are left out: {above:,} above the table.")
            if skipped
            else mark("Rows that are no data are left out: {below:,} below the table.")
        )  # fmt: skip
        told = (*told, say(text, above=skipped, below=rest))
    return frame, told


def _column(cells: Sequence[Cell], written: pd.Series) -> pd.Series:
    """Cells that are all numbers, or all times, as such; others as they are written."""
    held = [cell for cell in cells if cell != ""]
    if held and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in held):
        return pd.Series([np.nan if cell == "" else cell for cell in cells], index=written.index, dtype="float64")
    if held and all(isinstance(cell, date) for cell in held):
        days = [pd.Timestamp(cell) if isinstance(cell, date) else pd.NaT for cell in cells]
        return pd.Series(days, index=written.index, dtype="datetime64[us]")
    return written


def _written(cell: Cell) -> str:
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and float(cell).is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    return str(cell)
