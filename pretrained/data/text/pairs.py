"""Pairs of a source and what counts as right for it, as they stand in files of data."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Pair:
    """A source and every target that counts as right."""

    source: str
    references: tuple[str, ...]


def rows_of(path: Path) -> list[list[str]]:
    """Rows of a gzipped tab-separated file below its header."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines][1:]


def grouped(rows: Sequence[tuple[str, str]]) -> list[Pair]:
    """Pairs with all references of one source together, in the order in which sources come first."""
    found: dict[str, dict[str, None]] = {}
    for source, reference in rows:
        found.setdefault(source, {})[reference] = None
    return [Pair(source, tuple(references)) for source, references in found.items()]
