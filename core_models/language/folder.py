"""The catalogues: one folder for each language beside this file, named by its key, with GNU gettext ``.po`` files.

All files of a folder are one catalogue, read when somebody first asks for the language. They are read as they are:
a second, compiled form of each could disagree with it.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ENGLISH = "en"
"""The language of the code."""

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Catalogue:
    """The texts of one language.

    Attributes:
        tag: of the language, as HTML has it (BCP 47).
        texts: by the English one; of a text about a number (by the English plural) one for each form.
        form: which form a number asks for.
    """

    tag: str
    texts: Mapping[str, str | tuple[str, ...]]
    form: Callable[[int], int]

    def text(self, english: str) -> str:
        """The text for this English one, or that itself."""
        found = self.texts.get(english)
        return found if isinstance(found, str) else english

    def of_number(self, many: str, count: int) -> str:
        """The text about so many things, by its English plural; empty if there is none."""
        found = self.texts.get(many)
        return found[self.form(count)] if isinstance(found, tuple) else ""


@cache
def languages() -> tuple[str, ...]:
    """Keys of all languages, English first."""
    found = sorted({path.parent.name for path in FOLDER.glob("*/*.po")})
    return (ENGLISH, *found)


@cache
def name_of(key: str) -> str:
    """The name of a language in itself, with a capital letter where it has such."""
    from babel import Locale

    name = Locale.parse(key).get_display_name() or key
    return name[:1].upper() + name[1:]


@cache
def catalogue(key: str) -> Catalogue:
    """The catalogue of a language; what is not translated yet is left out."""
    from babel.messages.pofile import read_po

    texts: dict[str, str | tuple[str, ...]] = {}
    tag, plural = key, "(n != 1)"
    for path in sorted((FOLDER / key).glob("*.po")):
        with path.open("rb") as file:
            found = read_po(file)
        tag, plural = str(found.locale_identifier or key), found.plural_expr
        for message in found:
            if message.id and message.string and all(message.string):
                name = message.id if isinstance(message.id, str) else message.id[1]
                texts[name] = message.string if isinstance(message.string, str) else tuple(message.string)
    return Catalogue(tag.replace("_", "-"), texts, gettext.c2py(plural))
