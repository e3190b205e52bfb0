"""Where a field stands in a TOML file, which tomllib does not tell."""

from __future__ import annotations

import re

Path = tuple[str | int, ...]
"""Names of tables and fields, and positions in lists, counted from 0."""

_HEADER = re.compile(r"\s*(\[\[|\[)\s*([\w\s.\"'-]+?)\s*\]")
_KEY = re.compile(r"\s*([\w.\"'-]+(?:\s*\.\s*[\w\"'-]+)*)\s*=")
_FENCE = re.compile(r'"""|' + "'''")


def line_of(text: str, path: Path) -> int:
    """The line, counted from 1, of a field of a TOML file, or of the part that lacks it."""
    best, length = 1, 0
    for number, full in _fields(text):
        if len(full) > length and path[: len(full)] == full:
            best, length = number, len(full)
    return best


def name_of(path: Path) -> str:
    """A field by its name, such as ``steps 2, predict.options 1.en``; positions are counted from 1."""
    name = ""
    for part in path:
        name += f" {part + 1}" if isinstance(part, int) else f"{'.' if name else ''}{part}"
    return re.sub(r"^(steps \d+)\.", r"\1, ", name)


def _fields(text: str) -> list[tuple[int, Path]]:
    """Line and path of every header and of every field that begins a line."""
    found: list[tuple[int, Path]] = []
    here: Path = ()
    counts: dict[Path, int] = {}
    quoted = False
    for number, line in enumerate(text.split("\n"), start=1):
        if not quoted:
            header, key = _HEADER.match(line), _KEY.match(line)
            if header:
                here = _open(_names(header[2]), header[1] == "[[", counts)
                found.append((number, here))
            elif key:
                found.append((number, here + _names(key[1])))
        quoted ^= len(_FENCE.findall(line)) % 2 == 1
    return found


def _open(names: tuple[str, ...], several: bool, counts: dict[Path, int]) -> Path:
    """The path of a table that begins; one of several is counted."""
    path: Path = ()
    for place, name in enumerate(names):
        path += (name,)
        if several and place == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path += (counts[path],)
    return path


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
