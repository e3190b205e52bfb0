"""What the code says, by room: the part of the catalogues that a part of the code writes, and all texts in it.

``python -m core_models.language`` brings the catalogues up to date by it. Several people can translate at the same time
without touching one file: each room has its own in every language.
"""

from __future__ import annotations

import ast
import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

ROOMS: Mapping[str, tuple[str, ...]] = {
    "core": ("core_models",),
    "uploads": ("pretrained/uploads", "viz/files"),
    "lab": ("pretrained/lab", "viz/lab", "viz/figures/lab", "viz/app_pages/lab"),
    "pretrained": ("pretrained",),
    "explore": ("viz/kinds", "viz/cell_diagram", "viz/explore"),
    "compare": ("viz/compare", "viz/figures/compare"),
    "memory": ("viz/memory", "viz/figures/memory", "viz/app_pages/memory"),
    "translate": ("viz/translate", "viz/figures/translation", "viz/app_pages/translate"),
    "explain": ("viz/explain", "viz/figures/explain"),
    "generate": ("viz/generate", "viz/app_pages/generate"),
    "corpus": ("viz/corpus", "viz/figures/corpus"),
    "batch": ("viz/batch", "viz/figures/scores"),
    "own_model": ("viz/own_model", "viz/app_pages/own_model"),
    "learn": ("viz/learn",),
    "glossary": ("viz/glossary",),
    "figures": ("viz/figures",),
    "outside": ("viz/outside",),
    "shell": ("viz",),
}
"""By name, the beginnings of the paths that belong to a room; a file belongs to the first that fits."""

KEYWORDS = {"say": 1, "say_n": 2, "mark": 1}
"""What says something, and how many of its arguments are the text. It is read from the syntax tree, since Babel's own
extraction does not look into f-strings before Python 3.12."""

SHOWN = ("title", "summary")
"""The fields of a recipe that are shown."""

PLACES = {"Example": (0, 2), "SeriesExample": (0, 2), "TagExample": (0, 2), "Pair": (0, 3)}
"""What is made of texts that are shown, and at which places of its arguments they stand: a title, and why to look."""

OF_DATA = ("name", "licence", "limits", "background")
"""What is shown of the dictionary ``DATA`` that says what networks learned from."""

Text = str | tuple[str, str]
"""A text, or singular and plural of one about a number."""


def room_of(path: Path) -> str:
    """The room of a file of the project."""
    name = path.relative_to(ROOT).as_posix()
    return next(room for room, starts in ROOMS.items() if name.startswith(starts))


def sources() -> Iterator[Path]:
    """Every file that says something."""
    for package in ("core_models", "pretrained", "viz"):
        yield from sorted((ROOT / package).rglob("*.py"))
    for kept in ("recipes/*.toml", "corpus/texts/*.json", "probing/results/*.safetensors"):
        yield from sorted((ROOT / "pretrained").glob(kept))


def texts_in(path: Path) -> Iterator[Text]:
    """Every text that a file says."""
    if path.suffix != ".py":
        yield from HELD[path.suffix](path.read_bytes())
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and (places := PLACES.get(called(node.func))):
            parts = [node.args[place] for place in places if place < len(node.args)]
            yield from (part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) and "tasks" in path.parts:
            yield from _shown(_names(node), node.value)
        if isinstance(node, ast.Call) and (count := KEYWORDS.get(called(node.func))):
            parts = [part.value for part in node.args[:count] if isinstance(part, ast.Constant)]
            found = [text for text in parts if isinstance(text, str)]
            if len(found) == count:
                yield found[0] if count == 1 else (found[0], found[1])


def _of_recipe(content: bytes) -> Iterator[str]:
    recipe = tomllib.loads(content.decode())
    yield from (recipe[field] for field in SHOWN)


def _of_texts(content: bytes) -> Iterator[str]:
    """What texts that are searched are called, and of their licence the first sentence."""
    held = json.loads(content)
    yield from (held["name"], held["licence"].partition(". ")[0])


def _of_probes(content: bytes) -> Iterator[str]:
    """Every statement that probes were fitted to: its name, and when it is true."""
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    for row in json.loads(header["__metadata__"]["table"])["statements"].values():
        yield from (row["name"], row["meaning"])


HELD = {".toml": _of_recipe, ".json": _of_texts, ".safetensors": _of_probes}
"""What says the texts in a file that is no code."""


def _shown(names: list[str], held: ast.Dict) -> Iterator[str]:
    """What is shown of the dictionaries of a task: ``DATA``, and what its labels are called, ``NAMES``."""
    for key, value in zip(held.keys, held.values, strict=True):
        wanted = names == ["NAMES"] or (names == ["DATA"] and isinstance(key, ast.Constant) and key.value in OF_DATA)
        if wanted and isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value


def _names(node: ast.Assign) -> list[str]:
    return [target.id for target in node.targets if isinstance(target, ast.Name)]


def called(function: ast.expr) -> str:
    """The name by which a function is called, without that of its module and its types."""
    function = function.value if isinstance(function, ast.Subscript) else function
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@cache
def texts() -> Mapping[str, frozenset[Text]]:
    """All that is said, by room; what several rooms say stands in the first of them."""
    found: dict[str, set[Text]] = {room: set() for room in ROOMS}
    for path in sources():
        found[room_of(path)].update(texts_in(path))
    known, rooms = set[str](), dict[str, frozenset[Text]]()
    for room, said in found.items():
        own = {text for text in said if not {text if isinstance(text, str) else text[1]} & known}
        known |= {text if isinstance(text, str) else text[1] for text in own}
        rooms[room] = frozenset(own)
    return rooms
