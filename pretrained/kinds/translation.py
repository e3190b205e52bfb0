"""Tasks that turn one sequence into another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core_models.encoded import Encoded
from core_models.language import mark, say
from core_models.networks.decoding import Search
from core_models.trace import Tokens
from pretrained.data.copies import fill, hide
from pretrained.data.side import Side
from pretrained.data.text.pairs import Pair
from pretrained.task import Example, Group, InputError, Kind, Medium, Named


@dataclass(frozen=True)
class Length:
    """What lengths of sources are counted in, and the longest of the training pairs where the others go beyond it."""

    unit: str
    trained: int | None = None


def copy_nothing(source: str) -> Mapping[str, str]:
    """For tasks whose targets are written by the network alone."""
    return {}


def remark_nothing(source: str) -> tuple[str, ...]:
    """For tasks that have nothing to say about a source that can be read."""
    return ()


SENTENCE = re.compile(r"(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bDr)(?<!\bSt)[.!?]+[\"'”’)]*\s+(?=\S)")
"""Between two sentences."""


def remark_sentences(source: str) -> tuple[str, ...]:
    """That a source holds several sentences, for tasks whose training pairs hold one, as nearly all do."""
    count = len(SENTENCE.split(source.strip()))
    if count == 1:
        return ()
    return (say("It learned from single sentences, and this holds {n}: give it one at a time.", n=count),)


Measure = Callable[[Sequence[str], Sequence[Pair]], dict[str, Any]]


@dataclass(frozen=True)
class Floor:
    """A simple method: what it is called, and what it writes for unseen pairs, given the training pairs."""

    title: str
    write: Callable[[Sequence[Pair], Sequence[Pair]], list[str]]


@dataclass(frozen=True)
class PairTask:
    """A task that turns one sequence into another.

    Attributes:
        key: short name, used in recipes.
        title: name on screen.
        question: what to type, for an empty input.
        source, target: how either side becomes ids.
        pairs: the pairs of a split (``train``, ``dev`` or ``test``) from the folder of the data.
        measure: scores of outputs against pairs, by name; a name that ends in ``signature`` says how it was computed.
        files: sha256 of every data file, by name below the folder; empty for a task that makes its own data.
        examples: inputs worth looking at; the first is what the page opens with.
        search: how an answer is searched for where nothing else is said; what the scores were computed with.
        limit: the most source tokens that are read.
        trained: the most source tokens of a training pair, the end included, where it is known.
        pieces_per_word: number of source tokens a word or mark above which a text is unlike those of the training, as
            another language is; None where tokens are not pieces of words.
        longest: the most target tokens that are written.
        characters: the most characters that are read.
        builds: functions that build the shipped tokenizers anew from the folder of the data.
        copied: the words of a source that are repeated as they stand, by the sign that is written in their place.
        remarks: sentences about a source that can be read but is unlike those of the training.
        said: for places in a source, whether a target speaks of what stands there; None where that cannot be checked.
        quotes: whether targets take some tokens from their source and not others, which is told apart on screen.
        floors: simple methods that are scored on the same pairs, by name.
        length: what the length of a source is counted in, where scores are told apart by it.
        references: headline score of other methods on the same test split, by name.
        noun, unseen: what a step, and what the test split consists of, are called on screen.
        data: what its networks learn from; see ``pretrained.task.Task``.
    """

    key: str
    title: str
    question: str
    source: Side
    target: Side
    pairs: Callable[[Path, str], list[Pair]]
    measure: Measure
    examples: tuple[Example, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    search: Search = field(default_factory=Search)
    limit: int = 60
    trained: int | None = None
    pieces_per_word: float | None = None
    longest: int = 80
    characters: int = 1000
    builds: tuple[Callable[[Path], None], ...] = ()
    copied: Callable[[str], Mapping[str, str]] = copy_nothing
    remarks: Callable[[str], tuple[str, ...]] = remark_nothing
    said: Callable[[str, str], Mapping[int, bool]] | None = None
    quotes: bool = False
    floors: Mapping[str, Floor] = field(default_factory=dict)
    length: Length = Length(mark("words"))
    references: Mapping[str, float] = field(default_factory=dict)
    noun: str = "token"
    unseen: str = mark("sources")
    data: Mapping[str, str] = field(default_factory=dict)

    kind: Kind = "translation"
    named: Named | None = None
    group: Group = "translate"
    medium: Medium = "text"

    @property
    def vocabulary(self) -> int:
        """Number of ids of the source."""
        return self.source.size

    def aim(self, source: str, text: str) -> list[int]:
        """Ids of a target for ``source``, the end included."""
        return self.target.ids(hide(text, self.copied(source)))

    def spell(self, source: str, ids: Iterable[int]) -> str:
        """The target for ``source`` that ids spell."""
        return fill(self.target.text(ids), self.copied(source))

    def label(self, source: str, index: int) -> str:
        """One token of the target for ``source``, as a page shows it."""
        return fill(self.target.label(index), self.copied(source))

    def encode(self, text: str, content: Any = None) -> Encoded:
        """The person's text as source tokens, the end included; see ``pretrained.task.Task.encode``.

        Raises:
            InputError: if there is nothing that can be read.
        """
        notices: list[str] = []
        if len(text) > self.characters:
            text = text[: self.characters]
            notices.append(say("Only the first {most:,} characters are read; the rest was left out.", most=len(text)))
        tokens = self.source.tokens(text)
        if len(tokens) == 1 or not text.strip():
            raise InputError(say("There is nothing to read yet: {question}", question=say(self.question)))
        notices += self.remarks(text)
        if len(tokens) > self.limit:
            count, kept = len(tokens), self.limit - 1
            notices.append(say(
                "Only the first {most:,} of {count:,} tokens are read; shorten the text to see its end.", most=kept,
                count=count - 1,
            ))  # fmt: skip
            tokens = _cut(tokens, kept)
        return Encoded(tokens, tuple(notices))


def _cut(tokens: Tokens, kept: int) -> Tokens:
    """The first ``kept`` tokens and the end."""
    labels, spans = (*tokens.labels[:kept], tokens.labels[-1]), (*tokens.spans[:kept], tokens.spans[-1])
    known = (*tokens.known[:kept], tokens.known[-1])
    return Tokens(labels, tokens.text, spans, known, tokens.noun, (*tokens.ids[:kept], tokens.ids[-1]))
