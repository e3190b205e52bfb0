"""What a task is: how a person's input is read and checked, what the output means, and what the network learns from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core_models.trace import Tokens
from core_models.tracing import State
from pretrained.family import Family


class InputError(ValueError):
    """Input that cannot be read; the message tells the person what to type or do instead."""


class DataError(ValueError):
    """Training data that is missing or not what the recipe names; the message says where to get it."""


@dataclass(frozen=True)
class StandIn:
    """The name of what one visitor brought; as a key of a cache it differs from every text, whatever is typed."""

    name: str


@dataclass(frozen=True)
class Given:
    """What a person gave to be read.

    Attributes:
        text: the text itself, the name of an example, or a random name that stands for ``content`` and nothing else.
        content: what was uploaded, pasted at length or recorded; what it is belongs to the task.
    """

    text: str
    content: Any = None

    @property
    def key(self) -> str | StandIn:
        """By what its traces are cached."""
        return self.text if self.content is None else StandIn(self.text)


@dataclass(frozen=True, eq=False)
class Reading:
    """A person's input as the network will see it.

    Attributes:
        tokens: labels, positions in the text, and which tokens the model knows.
        ids: token ids, one a token; none where the sequence is one of numbers.
        notices: sentences to show beside the result, such as that the text was cut.
        values: ``[step, channel]``, where the sequence is one of numbers.
        state: from which it is read on, where it is a part of something longer; as the recurrence takes it.
    """

    tokens: Tokens
    ids: tuple[int, ...] = ()
    notices: tuple[str, ...] = ()
    values: NDArray[np.float32] | None = None
    state: State = None


@dataclass(frozen=True)
class Example:
    """An input worth looking at, and why; where an answer can be right, a right one."""

    title: str
    text: str
    why: str
    reference: str = ""


@dataclass(frozen=True)
class Batch:
    """Padded ids ``[batch, step]``, lengths ``[batch]``, targets and weights ``[batch]``."""

    ids: Tensor
    lengths: Tensor
    targets: Tensor
    weights: Tensor


@dataclass(frozen=True)
class Score:
    """Result on one split: share that is right, how many were scored, and the mean loss in nats."""

    accuracy: float
    count: int
    loss: float


class Corpus(Protocol):
    """The data of one task, read from a local copy, with the three splits kept apart."""

    def verify(self) -> None:
        """Check every file; raises ``DataError`` if one is missing or differs from its recorded checksum."""
        ...

    def training_batches(self, size: int, generator: torch.Generator) -> Iterator[Batch]:
        """One epoch of training batches in an order drawn from ``generator``."""
        ...

    def training_count(self, size: int) -> int:
        """Number of batches in an epoch."""
        ...

    def evaluate(self, network: nn.Module, split: str) -> Score:
        """Score on ``dev`` or ``test``."""
        ...

    def background(self) -> tuple[Sequence[str], Sequence[int]]:
        """Texts and classes whose states are recorded as the map for trajectories."""
        ...


class Task(Protocol):
    """One kind of question that models answer.

    Attributes:
        key: short name, used in recipes.
        title: name on screen.
        classes: what the output means, low end first.
        limit: the most tokens that are read.
        characters: the most characters that are read.
        trained: tokens of the longest training input.
        examples: inputs worth looking at; the first is what the page opens with.
        references: scores of simple methods on the same test split, by name.
        family: what kind of network answers it.
    """

    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def classes(self) -> tuple[str, str]: ...
    @property
    def limit(self) -> int: ...
    @property
    def characters(self) -> int: ...
    @property
    def trained(self) -> int: ...
    @property
    def examples(self) -> tuple[Example, ...]: ...
    @property
    def references(self) -> dict[str, float]: ...
    @property
    def family(self) -> Family: ...
    @property
    def vocabulary(self) -> int:
        """Number of token ids, padding and unknown included."""
        ...

    def read(self, text: str) -> Reading:
        """The person's text as tokens.

        Raises:
            InputError: if there is nothing that can be read.
        """
        ...

    def corpus(self, folder: Path, sentence_weight: float = 1.0) -> Corpus:
        """The task's data in a local copy, whole sentences weighted by ``sentence_weight``.

        Raises:
            DataError: if a file is missing or differs from the recorded checksum.
        """
        ...
