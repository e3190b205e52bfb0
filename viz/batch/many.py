"""Answers for a file of any size: read part after part, by threads or by a cluster, and written as they come."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from core_models.language import say
from pretrained.corpus.readers import readers
from pretrained.registry import load
from pretrained.task import InputError
from pretrained.trained import Trained
from pretrained.uploads.letters.texts import text_columns
from pretrained.uploads.name import quoted
from viz.batch.answers import Values, columns_of, covers, read_all

ROWS, AHEAD = 512, 16
"""Rows of a part, and parts that are read before the first of them is written."""


def parts_of(path: Path) -> Iterator[pa.Table]:
    """A file part after part: Parquet, CSV or TSV with a first line of names, or one text a line.

    Raises:
        InputError: if it cannot be read.
    """
    kind = path.suffix.lower()
    try:
        if kind == ".parquet":
            parts = pq.ParquetFile(path).iter_batches(ROWS)
        elif kind in (".csv", ".tsv"):
            delimiter = "\t" if kind == ".tsv" else ","
            parts = pa_csv.open_csv(
                path, parse_options=pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
            )
        else:
            parts = _lines(path)
        for part in parts:
            for first in range(0, part.num_rows, ROWS):
                yield pa.table(part.slice(first, ROWS))
    except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
        why = str(error).partition("\n")[0]
        raise InputError(say("{file} cannot be read: {why}", file=quoted(path.name), why=why)) from error


def _lines(path: Path) -> Iterator[pa.RecordBatch]:
    found: list[str] = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            found.append(line.rstrip("\n"))
            if len(found) == ROWS:
                yield pa.record_batch({"text": found})
                found = []
    if found:
        yield pa.record_batch({"text": found})


def column_of(part: pa.Table, wanted: str) -> str:
    """The column of the sequences: the one that is named, or the likeliest.

    Raises:
        InputError: if there is none.
    """
    names = part.column_names
    if wanted and wanted not in names:
        raise InputError(say("There is no column “{name}”; there are {names}.", name=wanted, names=", ".join(names)))
    return wanted or text_columns(part.to_pandas())[0]


def answer(key: str, texts: list[str | None]) -> Values:
    """What the model of that key answers; see ``viz.batch.answers.read_all``."""
    return read_all(_loaded(key), texts)


@lru_cache(maxsize=1)
def _loaded(key: str) -> Trained:
    return load(key)


def read_file(
    model: Any, path: Path, output: Path, column: str = "", scheduler: str = "",
    told: Callable[[int], None] = lambda _: None,
) -> int:  # fmt: skip
    """Write the columns of a file with the answers behind them as Parquet; returns the number of rows.

    Args:
        model: whose key is known wherever it is read.
        path: of the file.
        output: of the answers; there is nothing at this place before all are there.
        column: of the sequences; the likeliest if none is named.
        scheduler: of a Dask cluster that reads; threads here if none is named.
        told: is called with the number of rows that are written.

    Raises:
        InputError: if the file cannot be read, or holds nothing, or the model reads no texts.
        SchedulerError: if the cluster cannot be used.
    """
    if not covers(model.task):
        raise InputError(say("“{model}” reads no texts: choose another model.", model=model.recipe.key))
    begun, written = output.with_name(f"{output.name}.part"), 0
    writer: pq.ParquetWriter | None = None
    with readers(scheduler) as pool:
        for part in _answered(model, pool, parts_of(path), column):
            writer = writer or pq.ParquetWriter(begun, part.schema, compression="zstd")
            writer.write_table(part)
            told(written := written + len(part))
    if writer is None:
        raise InputError(say("{file} holds no row.", file=quoted(path.name)))
    writer.close()
    begun.replace(output)
    return written


def _answered(model: Any, pool: Executor, parts: Iterator[pa.Table], wanted: str) -> Iterator[pa.Table]:
    """Every part with its answers, in order; few are read ahead of the one that is written."""
    waiting: deque[tuple[pa.Table, Future[Values]]] = deque()
    column = ""
    for part in parts:
        column = column or column_of(part, wanted)
        texts = part[column].cast(pa.string()).to_pylist()
        waiting.append((part, pool.submit(answer, model.recipe.key, texts)))
        if len(waiting) == AHEAD:
            yield _beside(model, *waiting.popleft())
    while waiting:
        yield _beside(model, *waiting.popleft())


def _beside(model: Trained, part: pa.Table, found: Future[Values]) -> pa.Table:
    """The columns of the file, and the answers behind them, named apart."""
    values = found.result()
    for own in columns_of(model):
        name = f"{own.key} (model)" if own.key in part.column_names else own.key
        part = part.append_column(name, pa.array(values[own.key], own.type))
    return part
