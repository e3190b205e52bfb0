"""Tasks that label every token: how a text is split and encoded, and what the labels are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core_models.encoded import Encoded
from core_models.heads.labels import best_path
from core_models.language import ENGLISH, current, mark, say
from core_models.trace import Tokens
from pretrained.data.plain import plain, seen
from pretrained.shipped import read_json
from pretrained.task import Example, Group, InputError, Kind, Medium, Named

UNKNOWN_ID = 1
"""Id of a spelling that is not known; 0 is padding."""


@dataclass(frozen=True)
class Column:
    """One thing that is read off every token: its name, and how it is spelt."""

    name: str
    spell: Callable[[str], str]


@dataclass(frozen=True)
class Labelled:
    """One labelled sequence.

    Attributes:
        tokens: as they stand in the data.
        tags: one label a token; None where nobody labelled it.
        label: of the whole sequence; "" where the task has none.
    """

    tokens: tuple[str, ...]
    tags: tuple[str | None, ...]
    label: str = ""


@dataclass(frozen=True)
class TagExample(Example):
    """An input worth looking at; ``reference`` has the right labels, parted by blanks, ``label`` that of the whole."""

    label: str = ""


@dataclass(frozen=True)
class TagTask:
    """One labelling task.

    Attributes:
        key: short name, used in recipes.
        title: name on screen.
        ask: label of the box in which a person types.
        question: what to type, for an empty input.
        vocabulary_file: ids of every column, labels and classes; written by ``pretrained.data.text.tag_vocabulary``.
        columns: what is read off every token, the token itself first.
        split: start and end of every token of a text.
        items: sequences of a split from the folder of the data.
        files: sha256 of every data file, by name below the folder.
        names: labels and classes in words.
        glosses: what labels without such a name are about, which stands beside them in another language than theirs.
        joined: in words, what a class is joined of, by bars; on screen alone.
        colors: colour of some labels, where they have one by custom.
        examples: inputs worth looking at; the first is what the page opens with.
        references: headline score of simpler or larger models on the same test split, by name.
        headline: name of that score.
        splits: the splits that are scored, dev first.
        chained: whether labels are B-x, I-x and O, so that some cannot follow others.
        trained: tokens of the longest training sequence that is kept.
        limit: the most tokens that are read.
        characters: the most characters that the box takes.
        prepare: what is done to a person's text before it is split; it may refuse by ``InputError``.
        letters, doubtful: of what its sequences consist, where it reads FASTA; see ``ClassTask``.
        noun: what one token is called on screen.
        unseen: what the test split consists of, in words.
        data: what its networks learn from; see ``Task``.
    """

    key: str
    title: str
    ask: str
    question: str
    vocabulary_file: Path
    columns: tuple[Column, ...]
    split: Callable[[str], list[tuple[int, int]]]
    items: Callable[[Path, str], list[Labelled]]
    files: Mapping[str, str]
    names: Mapping[str, str]
    examples: tuple[TagExample, ...]
    references: dict[str, float]
    headline: str
    glosses: Mapping[str, str] = field(default_factory=dict)
    joined: Mapping[str, str] = field(default_factory=dict)
    colors: Mapping[str, str] = field(default_factory=dict)
    splits: tuple[str, ...] = ("dev", "test")
    chained: bool = False
    trained: int = 200
    limit: int = 256
    characters: int = 4000
    prepare: Callable[[str], str] = str
    letters: str = ""
    doubtful: str = ""
    noun: str = "token"
    unseen: str = mark("sentences")
    data: Mapping[str, str] = field(default_factory=dict)

    kind: Kind = "labels"
    named: Named | None = None
    group: Group = "label"

    @property
    def medium(self) -> Medium:
        """Letters of an alphabet, or any text."""
        return "letters" if self.letters else "text"

    @cached_property
    def _vocabulary(self) -> dict[str, Any]:
        return read_json(self.vocabulary_file)

    @cached_property
    def _ids(self) -> list[dict[str, int]]:
        """Id of every spelling of each column; 0 is padding and 1 whatever is unknown."""
        found = self._vocabulary["columns"]
        return [{spelling: at for at, spelling in enumerate(found[column.name], start=2)} for column in self.columns]

    @cached_property
    def _signs(self) -> frozenset[str]:
        """Every character of the spellings of the token itself."""
        return frozenset("".join(self._ids[0]))

    @property
    def spellings(self) -> Sequence[str]:
        """How each id of the token itself is typed, by id; "" for padding and whatever is unknown."""
        return ("", "", *self._ids[0])

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of ids of each column."""
        return tuple(len(ids) + 2 for ids in self._ids)

    @property
    def vocabulary(self) -> int:
        """Number of ids of the token itself."""
        return self.sizes[0]

    @property
    def tags(self) -> tuple[str, ...]:
        """Every label of a token, in the order of the network's outputs."""
        return tuple(self._vocabulary["tags"])

    @property
    def classes(self) -> tuple[str, ...]:
        """Every label of a sequence, in the order of the network's outputs; none where the task has none."""
        return tuple(self._vocabulary["classes"])

    def name(self, label: str) -> str:
        """A label or class in English words, as files have it."""
        return self.names.get(label, label)

    def called(self, label: str) -> str:
        """The same on screen; what somebody named who brought their own data stays as it is."""
        kind = label[2:] if self.chained and label[1:2] == "-" else label
        if kind in self.glosses and current() != ENGLISH:
            return say("{label} ({gloss})", label=label, gloss=say(self.glosses[kind]))
        if self.joined:
            return " + ".join(say(self.joined.get(each, each)) for each in label.split("|"))
        return say(self.name(label)) if self.data else self.name(label)

    def ids(self, tokens: Sequence[str]) -> list[list[int]]:
        """Ids of tokens, ``[step][column]``."""
        pairs = list(zip(self.columns, self._ids, strict=True))
        return [[known.get(column.spell(token), UNKNOWN_ID) for column, known in pairs] for token in tokens]

    def encode(self, text: str, content: Any = None) -> Encoded:
        """The person's text as tokens; see ``Task.encode``.

        Raises:
            InputError: if there is nothing that can be read.
        """
        text, notices = self.prepare(text), []
        if len(text) > self.characters:
            text = text[: self.characters]
            notices.append(say("Only the first {most:,} characters are read; the rest was left out.", most=len(text)))
        read = plain(text, self._signs)
        spans = self.split(read.text)
        if not spans:
            raise InputError(say("There is nothing to read yet: {question}", question=say(self.question)))
        if len(spans) > self.limit:
            notices.append(say(
                "Only the first {most:,} of {count:,} tokens are read; shorten the text to see its end.",
                most=self.limit, count=len(spans),
            ))  # fmt: skip
            spans = spans[: self.limit]
        rows = self.ids([read.text[start:end] for start, end in spans])
        spans = read.spans(spans)
        labels = tuple(seen(text[start:end]) for start, end in spans)
        known = tuple(row[0] != UNKNOWN_ID for row in rows)
        ids = tuple(map(tuple, rows)) if len(self.columns) > 1 else tuple(row[0] for row in rows)
        return Encoded(Tokens(labels, text, tuple(spans), known, self.noun, ids), tuple(notices))

    @cached_property
    def order(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether a label (row) may be followed by another (column), and whether a sequence may begin with it."""
        count = len(self.tags)
        allowed, begins = np.ones((count, count), dtype=bool), np.ones(count, dtype=bool)
        for column, tag in enumerate(self.tags if self.chained else ()):
            if tag.startswith("I-"):
                begins[column] = False
                allowed[:, column] = [before in (f"B-{tag[2:]}", tag) for before in self.tags]
        return allowed, begins

    def choose(self, probability: NDArray[np.floating]) -> list[str]:
        """The labels ``[step]`` that are given, from the probability of each ``[step, tag]``."""
        path = best_path(probability, *self.order) if self.chained else probability.argmax(axis=1)
        return [self.tags[index] for index in path.tolist()]
