"""Catalogues kept as the code is: what a file should hold, and what is wrong with a translation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po

from core_models.language.folder import FOLDER
from core_models.language.rooms import Text, texts

WIDTH = 118
FIELD = re.compile(r"(?<![\\{\w])\{([a-z_]\w*(?:[:!][^{}]*)?)\}", re.ASCII)
"""A field of a text, with its format; what stands in braces in LaTeX is none."""

TERMS = "terms.txt"
"""The file of a language with its words of the field: ``update gate: 更新门``, or several apart by ``/``."""

HEADER = """msgid ""
msgstr ""
"Language: {key}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""
"""Of every file: nothing that changes when nothing is translated, as dates and line numbers would."""


def translated(key: str) -> dict[str, Message]:
    """Every message in the files of a language, by its English text (of a text about a number the plural)."""
    found: dict[str, Message] = {}
    for path in sorted((FOLDER / key).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                name = message.id if isinstance(message.id, str) else message.id[1]
                if name and (name not in found or not _done(found[name])):
                    found[name] = message
    return found


def wanted(key: str) -> dict[Path, str]:
    """What each file of a language should hold: all that its room says, with the translations that there are."""
    have, found = translated(key), dict[Path, str]()
    for room, said in texts().items():
        catalog = Catalog(Locale.parse(key))
        for text in said:
            held = have.get(_name(text))
            fits = held is not None and isinstance(held.id, str) == isinstance(text, str)
            catalog.add(text, held.string if fits and held else None)
        if said:
            made = BytesIO()
            write_po(made, catalog, WIDTH, no_location=True, omit_header=True, sort_output=True)
            head = HEADER.format(key=key, plural=get_plural(key))
            found[FOLDER / key / f"{room}.po"] = head + made.getvalue().decode().strip() + "\n"
    return found


def bring_up_to_date(key: str) -> None:
    """Write the files of a language as they should be; texts that nobody says any more go, new ones are empty."""
    files = wanted(key)
    for path in set((FOLDER / key).glob("*.po")) - set(files):
        path.unlink()
    (FOLDER / key).mkdir(exist_ok=True)
    for path, content in files.items():
        path.write_text(content, encoding="utf-8")


def missing(key: str) -> dict[str, list[str]]:
    """What a language lacks, by room."""
    have = translated(key)
    lacks = {
        room: sorted(_name(text) for text in said if not (_name(text) in have and _done(have[_name(text)])))
        for room, said in texts().items()
    }
    return {room: names for room, names in lacks.items() if names}


def faults(key: str) -> Iterator[str]:
    """What is wrong with the translations of a language, a sentence each."""
    terms = words(key)
    for name, message in translated(key).items():
        if message.fuzzy:
            yield f"{name!r} is marked as fuzzy: read it again, and take the mark away"
        if not _done(message):
            continue
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        needed, spelled = _fields(name), FIELD.sub("", name).casefold()
        for form in forms:
            if needed != _fields(form):
                yield f"{name!r}: expected the fields {sorted(needed)}, got {sorted(_fields(form))}"
            for english, own in terms.items():
                if re.search(rf"\b{english}s?\b", spelled) and not any(word in form for word in own):
                    yield f"{name!r}: expected “{'” or “'.join(own)}” for “{english}”, got {form!r}"


def words(key: str) -> dict[str, list[str]]:
    """What a language calls the things of the field, by the English word; nothing where it has no such list."""
    path = FOLDER / key / TERMS
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    pairs = (line.partition(":") for line in lines if line and not line.startswith("#"))
    return {english.strip().casefold(): own.strip().split("/") for english, _, own in pairs}


def _name(text: Text) -> str:
    return text if isinstance(text, str) else text[1]


def _done(message: Message) -> bool:
    return bool(message.string) and (isinstance(message.string, str) or all(message.string))


def _fields(text: str) -> set[str]:
    """The fields of a text, with their formats; what stands in braces in LaTeX is none."""
    return set(FIELD.findall(text))
