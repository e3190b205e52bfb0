"""Answers as they come in: numbers in arrays made beforehand, texts in lists, and a table made of them when asked.

A small Arrow table for every slice would be simpler, but its buffers come to lie between the large ones that the
network needs for a moment, and keep the memory around them from being given back: 7 kB a line were measured where 30
bytes are held.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from viz.batch.answers import Column, Values

MISSING = -1
"""Stands for no count."""


class Collected:
    """The answers for at most ``total`` sequences.

    Attributes:
        count: how many are there.
        size: bytes that they hold.
    """

    def __init__(self, columns: Sequence[Column], total: int) -> None:
        self.count = 0
        self._columns = columns
        self._names = {column.key for column in columns if column.kind == "name"}
        self._known: dict[str | None, str | None] = {}
        """Each name of a prediction once."""
        self._texts: dict[str, list[str | None]] = {c.key: [] for c in columns if pa.types.is_string(c.type)}
        self._numbers = {
            column.key: np.full(total, MISSING, np.int32)
            if column.kind == "count"
            else np.full(total, np.nan, np.float32)
            for column in columns
            if column.key not in self._texts
        }
        self.size = sum(array.nbytes for array in self._numbers.values())

    def add(self, values: Values, count: int) -> None:
        """Take the answers for the next ``count`` sequences."""
        for key, array in self._numbers.items():
            missing = MISSING if array.dtype == np.int32 else np.nan
            array[self.count : self.count + count] = [missing if value is None else value for value in values[key]]
        for key, texts in self._texts.items():
            texts += [self._known.setdefault(text, text) for text in values[key]] if key in self._names else values[key]
            self.size += sum(8 if text is None else 8 + len(text) for text in values[key])
        self.count += count

    def table(self) -> pa.Table:
        """What is there, one row a sequence."""
        return pa.table({column.key: self._array(column) for column in self._columns})

    def _array(self, column: Column) -> pa.Array:
        if column.key in self._texts:
            return pa.array(self._texts[column.key][: self.count], column.type)
        values = self._numbers[column.key][: self.count]
        missing = values == MISSING if column.kind == "count" else np.isnan(values)
        return pa.array(values, column.type, mask=missing)
