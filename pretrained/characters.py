"""Tasks of characters: given the text so far, which character comes next? Their reading, their data, their batches."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from core_models.networks.language_model import LanguageModel
from core_models.trace import Tokens
from core_models.tracing import State
from pretrained.data.checksums import verify_files
from pretrained.data.intervals import block_interval
from pretrained.families.language_model import LANGUAGE_MODEL, UNKNOWN
from pretrained.family import Family
from pretrained.shipped import read_json
from pretrained.task import Example, InputError, Reading, Score

STRETCH = 128
"""Characters between two updates of the weights; gradients reach no further back."""

READ_AT_ONCE = 4096
"""Characters scored in one call, so that memory does not grow with the split."""


@dataclass
class Carried:
    """The state in which a batch left the network; the next batch of the epoch goes on from it."""

    state: State = None


@dataclass(frozen=True)
class Stretch:
    """Ids ``[step + 1, batch]``: all but the last are read, all but the first are to be foretold."""

    ids: Tensor
    carried: Carried


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
    family: Family = LANGUAGE_MODEL

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

    def ids(self, text: str) -> list[int]:
        """Ids of the characters of a text."""
        return [self._ids.get(self.spelt.get(character, character), UNKNOWN) for character in text]

    def character(self, index: int) -> str:
        """The character that an id stands for; U+FFFD for the unknown one."""
        return self.known[index - 1] if index != UNKNOWN else "\ufffd"

    def read(self, text: str, part: Part | None = None) -> Reading:
        """The person's text as characters, after the start that every text has; of a long text a part.

        Raises:
            InputError: if there is none.
        """
        if part is not None:
            return self.read_part(part)
        if not text.strip():
            raise InputError(f"There is nothing to read yet: {self.question}")
        return self.read_prompt(text)

    def read_prompt(self, text: str) -> Reading:
        """A text to write on from, as characters after the start that every text has; it may be empty."""
        text, notices = text.replace("\r\n", "\n"), list(self.notices)
        if len(text) > self.limit:
            notices.append(
                f"Only the first {self.limit:,} of {len(text):,} characters are read; shorten the text to see its end."
            )
            text = text[: self.limit]
        ids = tuple(self.ids(self.start + text))
        strange = [c for c, index in zip(text, ids[1:], strict=True) if index == UNKNOWN]
        if strange:
            notices.append(said_unknown(list(dict.fromkeys(strange))))
        return Reading(self.tokens(text, ids), ids, tuple(notices))

    def read_part(self, part: Part) -> Reading:
        """A part of a long text, read on from the state in which what stands before it left the network."""
        if part.begin == 0:
            return replace(self.read_prompt(part.text[: self.limit]), notices=())
        text = part.text[part.begin - 1 : part.begin - 1 + self.limit]  # the start stands before the first character
        ids = tuple(self.ids(text))
        labels, spans = tuple(map(shown, text)), tuple((at, at + 1) for at in range(len(text)))
        tokens = Tokens(labels, text, spans, tuple(index != UNKNOWN for index in ids))
        return Reading(tokens, ids, (), state=part.state)

    def tokens(self, text: str, ids: Sequence[int]) -> Tokens:
        """The start and every character of a text, with their places in it and whether they are known."""
        spans = ((0, 0), *((at, at + 1) for at in range(len(text))))
        known = tuple(index != UNKNOWN for index in ids)
        return Tokens(tuple(map(shown, self.start + text)), text, spans, known)

    def corpus(self, folder: Path, sentence_weight: float = 1.0) -> Texts:
        """The task's data in a local copy."""
        return Texts(self, folder)


def shown(character: str) -> str:
    """A character as a label: blanks, newlines and tabs by the signs that stand for them."""
    return {" ": "␣", "\n": "↵", "\t": "⇥"}.get(character, character)


INVISIBLE = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
"""Categories of characters that no font shows."""


def said_unknown(characters: Sequence[str]) -> str:
    """A sentence that names the characters that the model never saw, those that cannot be seen by their number."""
    named = [f"U+{ord(one):04X}" if unicodedata.category(one) in INVISIBLE else shown(one) for one in characters[:8]]
    listed = " ".join(named) + (" …" if len(characters) > 8 else "")
    if len(characters) == 1:
        return f"The model never saw {listed} and reads it as an unknown character; it is marked in the text."
    return (
        f"The model never saw {listed} and reads them all as the same unknown character; they are marked in the text."
    )


@dataclass(frozen=True)
class Texts:
    """The splits of a character task, read from ``folder``."""

    task: CharacterTask
    folder: Path

    def verify(self) -> None:
        """Check every file against its recorded checksum.

        Raises:
            DataError: if a file is missing or differs.
        """
        verify_files(self.folder, self.task.files)

    @cached_property
    def training(self) -> list[list[int]]:
        """Ids of every training document, each followed by the start of the next."""
        return [self.task.ids(text + self.task.start) for text in self.task.documents(self.folder, "train")]

    def training_count(self, size: int) -> int:
        """Number of batches in an epoch."""
        return (sum(map(len, self.training)) // size - 1) // STRETCH

    def training_batches(self, size: int, generator: torch.Generator) -> Iterator[Stretch]:
        """One epoch: documents shuffled and laid end to end, from a random place on, in ``size`` lanes side by side."""
        order = torch.randperm(len(self.training), generator=generator).tolist()
        stream = torch.tensor([index for document in order for index in self.training[document]])
        stream = stream.roll(int(torch.randint(len(stream), (), generator=generator)))
        lanes = stream[: len(stream) // size * size].view(size, -1).T
        carried = Carried()
        for at in range(0, self.training_count(size) * STRETCH, STRETCH):
            yield Stretch(lanes[at : at + STRETCH + 1], carried)

    def stream(self, split: str) -> list[int]:
        """Ids of all documents of a split, the start in front and after each."""
        task = self.task
        return task.ids(task.start + "".join(text + task.start for text in task.documents(self.folder, split)))

    def evaluate(self, network: LanguageModel, split: str) -> Score:
        """Share of next characters guessed, their number, and nats a character, the state carried over the split."""
        losses, right = self._read(network, split)
        return Score(float(right.mean()), len(right), float(losses.mean()))

    def measure(self, network: LanguageModel, split: str) -> dict[str, Any]:
        """Nats a character, the state carried over the split, with their interval, and the share guessed right."""
        losses, right = self._read(network, split)
        return {
            "nats": round(float(losses.mean()), 4),
            "nats_interval": [round(bound, 4) for bound in block_interval(losses)],
            "accuracy": round(float(right.mean()), 4),
            "count": len(right),
        }

    @torch.no_grad()
    def _read(self, network: LanguageModel, split: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Nats of every next character ``[step]``, and whether it was guessed ``[step]``."""
        ids = torch.tensor(self.stream(split), device=next(network.parameters()).device)
        state, losses, right = None, [], []
        for read, wanted in zip(ids[:-1].split(READ_AT_ONCE), ids[1:].split(READ_AT_ONCE), strict=True):
            logits, state = network(read, state)
            losses.append(cross_entropy(logits.double(), wanted, reduction="none").cpu())
            right.append((logits.argmax(-1) == wanted).cpu())
        return torch.cat(losses).numpy(), torch.cat(right).numpy()
