"""The texts that ship to be searched, one file for each task, with their source and licence in it.

    shipped("sentiment")       texts of the task, None where none ship
    passages(text, longest)    a long text in parts that begin with a line

A file holds ``name``, ``source``, ``licence``, ``citation``, ``texts``, and where they are known ``labels`` of whole
texts and ``tags`` of their tokens, parted by blanks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pretrained.shipped import FOLDER, is_listed, read_json, understood

TEXTS = FOLDER / "corpus" / "texts"


@dataclass(frozen=True)
class Texts:
    """Texts to be searched.

    Attributes:
        name: on screen.
        texts: one document each.
        labels: of each text; empty where there are none.
        tags: of the tokens of each text; empty where there are none.
        source, licence, citation: where they come from, and on what terms.
    """

    name: str
    texts: tuple[str, ...]
    labels: tuple[str, ...] = ()
    tags: tuple[tuple[str, ...], ...] = ()
    source: str = ""
    licence: str = ""
    citation: str = ""


def file_of(task: str) -> Path:
    """Where the texts of a task lie, if it has some."""
    return TEXTS / f"{task}.json"


def shipped(task: str) -> Texts | None:
    """The texts that ship for a task, by its key; None where none do.

    Raises:
        ModelError: if their file is missing or damaged.
    """
    path = file_of(task)
    if not (is_listed(path) or path.exists()):
        return None
    with understood(path, KeyError, TypeError, AttributeError):
        held = read_json(path)
        said = {name: str(held[name]) for name in ("name", "source", "licence", "citation")}
        tags = tuple(tuple(row.split()) for row in held.get("tags", ()))
        return Texts(texts=tuple(held["texts"]), labels=tuple(held.get("labels", ())), tags=tags, **said)


def passages(text: str, longest: int) -> Iterator[str]:
    """A text in passages of at most ``longest`` characters, each of whole lines where they fit."""
    held = ""
    for line in text.splitlines(keepends=True):
        while len(line) > longest:
            line, rest = line[:longest], line[longest:]
            if held:
                yield held
                held = ""
            yield line
            line = rest
        if len(held) + len(line) > longest:
            yield held
            held = ""
        held += line
    if held.strip():
        yield held
