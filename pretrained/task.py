"""What a task is: how a person's input is encoded and checked, and what the output means.

A task is a definition. What its networks learn from, and by which objective, belongs to the family of its kind of
output; see ``pretrained.families``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

from core_models.encoded import Encoded

Kind = Literal["classes", "labels", "next_token", "forecast", "translation"]
"""What the networks of a task give: a class of the whole sequence, a label of every token, the token that comes next,
the values of the next steps, or another sequence."""

Group = Literal["sentiment", "answer", "label", "recognise", "forecast", "write", "translate"]
"""What a model does, as a person looks for it in a list."""

Medium = Literal["text", "letters", "series", "sound"]
"""What is read: any text, letters of an alphabet, a series of numbers, or a recording."""

KINDS: tuple[Kind, ...] = get_args(Kind)
GROUPS: tuple[Group, ...] = get_args(Group)


class InputError(ValueError):
    """Input that cannot be read; the message tells the person what to type or do instead."""


class DataError(ValueError):
    """Training data that is missing or not what the task names; the message says where to get it."""


@dataclass(frozen=True)
class StandIn:
    """The name of what one visitor brought; as a key of a cache it differs from every text, whatever is typed."""

    name: str


@dataclass(frozen=True)
class Named:
    """The inputs of a task that has several, such as a question and a story, each with a name.

    A network reads one sequence, and so do caches, files, addresses and tools that know of no names: as one text the
    inputs stand one behind the other, so that they can be told apart again.

    Attributes:
        titles: what each input is called on screen, by its name, in the order in which they are read.
        divide: the inputs in one text, by name; whatever the text is, nothing is refused.
        join: one text of the inputs.
        tall: names of those that may be long.
    """

    titles: Mapping[str, str]
    divide: Callable[[str], Mapping[str, str]]
    join: Callable[[Mapping[str, str]], str]
    tall: Collection[str] = ()


@dataclass(frozen=True)
class Given:
    """What a person gave to be read.

    Attributes:
        text: the text itself, the name of an example, or a random name that stands for ``content`` and nothing else;
            of several named inputs their one text, see ``Named``.
        content: what was uploaded, pasted at length or recorded; what it is belongs to the task.
    """

    text: str
    content: Any = None

    @property
    def key(self) -> str | StandIn:
        """By what its traces are cached."""
        return self.text if self.content is None else StandIn(self.text)


@dataclass(frozen=True)
class Example:
    """An input worth looking at, and why; where an answer can be right, a right one."""

    title: str
    text: str
    why: str = ""
    reference: str = ""


class Task(Protocol):
    """One question that models answer.

    Attributes:
        key: short name, used in recipes.
        title: name on screen.
        kind: what its networks give; the family of that name builds and teaches them.
        group: what its models do, by which lists of models are ordered.
        medium: what is read.
        noun: what one step of the input is called on screen.
        vocabulary: number of token ids, padding and unknown included, or of numbers in a step.
        examples: inputs worth looking at; the first is what a page opens with.
        references: headline score of simpler or larger models on the same test split, by name.
        limit: the most steps that are read; None where the task has a rule of its own.
        characters: the most characters that the box takes; 0 where the input is not typed.
        trained: steps of the longest training input, where it is known.
        unseen: what the test split consists of, in words, such as ``review sentences``.
        data: what its networks learn from: name, source, licence, citation, limits.
        named: its inputs by name, where it has several.
    """

    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def group(self) -> Group: ...
    @property
    def medium(self) -> Medium: ...
    @property
    def noun(self) -> str: ...
    @property
    def vocabulary(self) -> int: ...
    @property
    def examples(self) -> tuple[Example, ...]: ...
    @property
    def references(self) -> Mapping[str, float]: ...
    @property
    def limit(self) -> int | None: ...
    @property
    def characters(self) -> int: ...
    @property
    def trained(self) -> int | None: ...
    @property
    def unseen(self) -> str: ...
    @property
    def data(self) -> Mapping[str, str]: ...
    @property
    def named(self) -> Named | None: ...

    def encode(self, text: str, content: Any = None) -> Encoded:
        """What a person gave, as a network reads it; see ``Given``.

        Raises:
            InputError: if there is nothing that can be read.
        """
        ...
