"""Tasks that name the class of a whole sequence: of words, of letters or of sound."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core_models.encoded import Encoded
from core_models.language import mark, say
from pretrained.task import Example, Group, Kind, Medium, Named


@dataclass(frozen=True, eq=False)
class Sample:
    """One sequence of the data.

    Attributes:
        content: as it stands in the data, such as ids, letters or energies of sound.
        label: its class; "" where ``aim`` is given.
        group: what sequences have in common, such as their speaker, without whom a network should do, or what is asked.
        aim: for two classes, the probability of the second one that is aimed at, where people were not agreed.
        whole: whether it is an input as people give it, and not a part of one.
        part: for every step the number of the sentence that it belongs to, -1 for none; empty where nobody asks.
        facts: the numbers of the sentences that its class rests on.
    """

    content: Any
    label: str = ""
    group: str = ""
    aim: float | None = None
    whole: bool = True
    part: tuple[int, ...] = ()
    facts: tuple[int, ...] = ()


@dataclass(frozen=True)
class ClassTask:
    """One question about whole sequences that has one of several answers.

    Attributes:
        key, title: names in recipes and on screen.
        group: what its models do; see ``pretrained.task``.
        medium: what is read.
        classes: the answers, in the order of the network's outputs; of two, the second is the high end.
        names: answers in words.
        count: number of token ids, or of numbers in a frame.
        encoder: encodes what a person gave, text and content; it may refuse by ``InputError``.
        samples: sequences of a split from the folder of the data.
        convert: ids ``[step]`` or frames ``[step, channel]`` of a sample's content.
        vary: the same of a sample as it might also have been, for training; None where it is always read as it is.
        background: texts and numbers of their classes, whose states are kept beside the weights as the map on which
            trajectories are drawn; None where there is no map.
        files: sha256 of every data file, by name below the folder.
        examples: inputs worth looking at; the first is what the page opens with.
        references: test accuracy of simpler methods on the same split, by name.
        limit: the most steps that are read; None where the encoder has a rule of its own.
        trained: steps of the longest training sequence.
        characters: the most characters that a box takes; 0 where sequences are recordings.
        letters: of what its sequences consist, where it reads FASTA.
        doubtful: letters for what is not known exactly, of which no sequence mainly consists.
        splits: the splits that are scored, dev first.
        parts: groups of samples that are scored by themselves, by name.
        named: its inputs by name, where it has several; see ``pretrained.task.Task``.
        noun: what one step is called on screen.
        unseen: what the test split consists of, in words.
        data: what its networks learn from; see ``pretrained.task.Task``.
        spelt: how each id is typed, by id; "" where it cannot be; none where nothing is typed.
    """

    key: str
    title: str
    group: Group
    medium: Medium
    classes: tuple[str, ...]
    count: Callable[[], int]
    encoder: Callable[[str, Any], Encoded]
    samples: Callable[[Path, str], Sequence[Sample]]
    convert: Callable[[Any], NDArray[Any]]
    files: Mapping[str, str]
    examples: tuple[Example, ...]
    references: Mapping[str, float]
    data: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    vary: Callable[[Any, np.random.Generator], NDArray[Any]] | None = None
    background: Callable[[Path], tuple[Sequence[str], Sequence[int]]] | None = None
    limit: int | None = None
    trained: int | None = None
    characters: int = 0
    letters: str = ""
    doubtful: str = ""
    splits: tuple[str, ...] = ("dev", "test")
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    named: Named | None = None
    noun: str = "token"
    unseen: str = mark("sequences")
    spelt: Callable[[], Sequence[str]] = tuple

    kind: Kind = "classes"

    @property
    def vocabulary(self) -> int:
        """Number of token ids, padding and unknown included, or of numbers in a frame."""
        return self.count()

    @cached_property
    def spellings(self) -> Sequence[str]:
        """How each id is typed; see ``spelt``."""
        return self.spelt()

    def name(self, label: str) -> str:
        """A class in English words, as files have it."""
        return self.names.get(label, label)

    def called(self, label: str) -> str:
        """The same on screen; what somebody named who brought their own data stays as it is."""
        return say(self.name(label)) if self.data else self.name(label)

    def encode(self, text: str, content: Any = None) -> Encoded:
        """What a person gave, as a network reads it; see ``pretrained.task.Task.encode``."""
        return self.encoder(text, content)
