"""Tasks of characters: given the text so far, which character comes next?"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from core_models.encoded import Encoded, State
from core_models.language import mark, say
from core_models.trace import Tokens
from pretrained.data.plain import alike, seen
from pretrained.shipped import read_json
from pretrained.task import Example, Group, InputError, Kind, Medium, Named

UNKNOWN = 0
"""Id of every character that the vocabulary lacks."""


@dataclass(frozen=True, eq=False)
class Part:
    """Where a part of a long text begins: the token's number, 0 being the start, and the state before it."""

    text: str
    begin: int
    state: State = None


@dataclass(frozen=True)
class CharacterTask:
    """A task whose tokens are the characters of a text.

    Attributes:
        key: short name, used in recipes.
        title: name on screen.
        question: what to type, for an empty input.
        alphabet: file with every character that is known, as one JSON string.
        documents: texts of a split (``train``, ``dev`` or ``test``) from the folder of the data.
        files: sha256 of every data file, by name below the folder.
        examples: texts worth looking at; the first is what the page opens with.
        references: nats a character of simpler or larger models on the same test split, by name.
        spelt: characters that are read as another one, such as a typographic quote as a straight one.
        start: what a text begins after: a newline, which is also what stands between two documents.
        limit: the most characters that are read.
        characters: the most characters that the box takes.
        prompts: beginnings to write on from; the first is what the page opens with.
        notices: sentences to show beside whatever is read, such as that an example is left out.
        spread: nats by which the mean surprise of n held-back characters exceeds that of all in one of a hundred
            texts, times √n.
        noun, unseen: what a step, and what the test split consists of, are called on screen.
        data: what its networks learn from; see ``pretrained.task.Task``.
    """

    key: str
    title: str
    question: str
    alphabet: Path
    documents: Callable[[Path, str], list[str]]
    files: Mapping[str, str]
    examples: tuple[Example, ...]
    references: dict[str, float]
    prompts: tuple[Example, ...] = ()
    spelt: Mapping[str, str] = field(default_factory=dict)
    start: str = "\n"
    limit: int = 400
    characters: int = 200_000
    notices: tuple[str, ...] = ()
    spread: float = 6.0
    noun: str = "token"
    unseen: str = mark("characters")
    data: Mapping[str, str] = field(default_factory=dict)

    kind: Kind = "next_token"
    named: Named | None = None
    group: Group = "write"
    medium: Medium = "text"
    trained: int | None = None

    @cached_property
    def known(self) -> str:
        """Every character that has an id; the id of the first is 1."""
        return read_json(self.alphabet)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {character: index for index, character in enumerate(self.known, 1)}

    @property
    def vocabulary(self) -> int:
        """Number of ids, the unknown one included."""
        return len(self.known) + 1

    @property
    def spellings(self) -> Sequence[str]:
        """How each id is typed, by id; "" for the unknown one and for what cannot be seen."""
        return ["", *(one if one.isprintable() else "" for one in self.known)]

    def ids(self, text: str) -> list[int]:
        """Ids of the characters of a text."""
        return [self._id(character) for character in text]

    def _id(self, character: str) -> int:
        asked = (self.spelt.get(character, character), alike(character))
        return next((self._ids[each] for each in asked if each in self._ids), UNKNOWN)

    def character(self, index: int) -> str:
        """The character that an id stands for; U+FFFD for the unknown one."""
        return self.known[index - 1] if index != UNKNOWN else "\ufffd"

    def encode(self, text: str, content: Part | None = None) -> Encoded:
        """The person's text as characters, after the start that every text has; of a long text a part.

        Raises:
            InputError: if there is none.
        """
        if content is not None:
            return self.encode_part(content)
        if not text.strip():
            raise InputError(say("There is nothing to read yet: {question}", question=say(self.question)))
        return self.encode_prompt(text)

    def encode_prompt(self, text: str) -> Encoded:
        """A text to write on from, as characters after the start that every text has; it may be empty."""
        text, notices = text.replace("\r\n", "\n"), list(map(str, self.notices))
        if len(text) > self.limit:
            notices.append(say(
                "Only the first {most:,} of {count:,} characters are read; shorten the text to see its end.",
                most=self.limit, count=len(text),
            ))  # fmt: skip
            text = text[: self.limit]
        ids = tuple(self.ids(self.start + text))
        strange = [c for c, index in zip(text, ids[1:], strict=True) if index == UNKNOWN]
        if strange:
            notices.append(said_unknown(list(dict.fromkeys(strange))))
        return Encoded(self.tokens(text, ids), tuple(notices))

    def encode_part(self, part: Part) -> Encoded:
        """A part of a long text, read on from the state in which what stands before it left the network."""
        if part.begin == 0:
            return replace(self.encode_prompt(part.text[: self.limit]), notices=())
        text = part.text[part.begin - 1 : part.begin - 1 + self.limit]  # the start stands before the first character
        ids = tuple(self.ids(text))
        labels, spans = tuple(map(shown, text)), tuple((at, at + 1) for at in range(len(text)))
        tokens = Tokens(labels, text, spans, tuple(index != UNKNOWN for index in ids), self.noun, ids)
        return Encoded(tokens, state=part.state)

    def tokens(self, text: str, ids: Sequence[int]) -> Tokens:
        """The start and every character of a text, with their places in it and whether they are known."""
        spans = ((0, 0), *((at, at + 1) for at in range(len(text))))
        known = tuple(index != UNKNOWN for index in ids)
        return Tokens(tuple(map(shown, self.start + text)), text, spans, known, self.noun, tuple(ids))


def shown(character: str) -> str:
    """A character as a label: blanks, newlines and tabs by the signs that stand for them, unseen ones by number."""
    return {" ": "␣", "\n": "↵", "\t": "⇥"}.get(character) or seen(character)


def said_unknown(characters: Sequence[str]) -> str:
    """A sentence that names the characters that the model never saw, those that cannot be seen by their number."""
    named = [f"U+{ord(one):04X}" if unicodedata.category(one) == "Cc" else shown(one) for one in characters[:8]]
    listed = " ".join(named) + (" …" if len(characters) > 8 else "")
    if len(characters) == 1:
        return say(
            "The model never saw {listed} and reads it as an unknown character; it is marked in the text.",
            listed=listed,
        )
    return say(
        "The model never saw {listed} and reads them all as the same unknown character; they are marked in the text.",
        listed=listed,
    )
