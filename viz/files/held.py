"""The sequences that a visitor gave last, kept for the Batch page until others come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pretrained.uploads.tables.table import Table
from viz import params
from viz.kept import Kept
from viz.params import Param

COLUMN = Param("batch column", public=False)
"""The column that is read."""


@dataclass(frozen=True, eq=False)
class Source:
    """What one visitor gave: its name, and the table it holds."""

    name: str
    table: Table


class Reader(Protocol):
    """What reads a table."""

    def cancel(self) -> None:
        """Read no further."""


SOURCE = Kept[Source]("batch source")
"""The table."""

READER = Kept[Reader]("batch job")
"""What reads it."""


def keep(name: str, table: Table) -> None:
    """Take a table as the source; what was read before, and its answers, are let go."""
    SOURCE.put(Source(name, table))
    if before := READER.take():
        before.cancel()
    params.drop(COLUMN)
