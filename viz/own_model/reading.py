"""What a person's own network reads: a table of numbers, a row for each step, or a text in a vocabulary of its own."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core_models.encoded import Encoded
from core_models.language import say, say_n
from core_models.trace import Tokens
from pretrained.task import InputError
from pretrained.uploads.name import quoted

MOST_STEPS = 1_000
MOST_NUMBERS = 100_000
MOST_WORDS = 500_000
SAMPLE = 6
UNKNOWN = ("<unk>", "[UNK]", "<UNK>", "unk", "UNK", "<oov>", "[OOV]")
"""How vocabularies write the word that stands for all others."""

WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")


def read_numbers(text: str) -> NDArray[np.float32]:
    """The numbers of a typed or pasted table, ``[step, feature]``.

    Columns are parted by commas, semicolons, tabs or blanks; a first line without any number is taken for a heading.

    Raises:
        InputError: if there are none, or a line is no row of numbers like those before it.
    """
    rows: list[list[float]] = []
    for number, line in enumerate(text.splitlines(), 1):
        cells = _cells(line)
        if not cells or (not rows and not any(map(_is_number, cells))):
            continue
        wrong = next((cell for cell in cells if not _is_number(cell)), None)
        if wrong is not None:
            raise InputError(say("Line {n}: “{wrong}” is no number; write one row of numbers for each step.", n=number,
                                 wrong=wrong[:30]))  # fmt: skip
        row = [float(cell) for cell in cells]
        if rows and len(row) != len(rows[0]):
            raise InputError(say(
                "Line {line} has {n} numbers where the lines before it have {before}; every step needs as many.",
                line=number, n=len(row), before=len(rows[0]),
            ))  # fmt: skip
        rows.append(row)
    if not rows:
        raise InputError(say("There are no numbers yet: type or paste one row for each step."))
    return _checked(np.array(rows))


def _cells(line: str) -> list[str]:
    parting = next((sign for sign in "\t;," if sign in line), None)
    parts = next(csv.reader([line], delimiter=parting), []) if parting else line.split()
    cells = [part.strip() for part in parts]
    return cells if any(cells) else []


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def _checked(values: NDArray[np.floating]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        found = values.astype(np.float32)
    if not np.isfinite(found).all():
        step = int(np.argwhere(~np.isfinite(found).all(axis=-1))[0][0]) + 1
        raise InputError(
            say("Step {step} holds a number that is not finite in float32; leave it out or mend it.", step=step)
        )
    return found


def read_array(name: str, content: bytes, most: int | None = MOST_NUMBERS) -> NDArray[np.float32]:
    """The numbers in a file, of any number of axes: NPY by its content, else a table as text.

    Args:
        name: of the file.
        content: its bytes.
        most: numbers of an NPY file that are read; any number if None.

    Raises:
        InputError: if it holds none, or more than are read.
    """
    if not content.startswith(npy.MAGIC_PREFIX):
        try:
            return read_numbers(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise InputError(
                say("{file} is neither an NPY file nor a table of numbers in UTF-8.", file=quoted(name))
            ) from None
    if most is not None and len(content) > 8 * most + 10_000:
        raise InputError(say("{file} holds too many numbers; at most {most:,} are read.", file=quoted(name), most=most))
    try:
        values = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError, MemoryError, TypeError, SyntaxError) as error:
        raise InputError(
            say("{file} cannot be read as an NPY file ({error}).", file=quoted(name), error=error)
        ) from None
    if values.dtype.kind not in "fiub" or not values.size:
        raise InputError(say("{file} holds no numbers.", file=quoted(name)))
    return _checked(np.asarray(values))


def as_text(values: NDArray[np.float32]) -> str:
    """The table as text from which the same numbers are read."""
    return "\n".join(",".join(map(str, row)) for row in values)


@dataclass(frozen=True, eq=False)
class Numbers:
    """Input of a network that reads numbers.

    Attributes:
        features: numbers of a step.
    """

    features: int
    noun = "step"
    medium = "numbers"
    endings = (".csv", ".tsv", ".txt", ".npy")
    characters = 1_000_000

    def table(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Values as ``[step, feature]``: an axis of one is left out, one feature needs no axis.

        Raises:
            InputError: if they are no sequence of such steps.
        """
        rows = np.squeeze(values, axis=tuple(at for at in range(values.ndim - 2) if values.shape[at] == 1))
        if self.features == 1 and (rows.ndim == 1 or (rows.ndim == 2 and rows.shape[0] == 1)):
            rows = rows.reshape(-1, 1)
        if rows.ndim == 1 and len(rows) == self.features:
            rows = rows[None]
        if rows.ndim != 2 or rows.shape[1] != self.features:
            raise InputError(say_n(
                "This network reads {n} number a step, and this table has the shape {shape}: give one row of {n} for "
                "each step.",
                "This network reads {n} numbers a step, and this table has the shape {shape}: give one row of {n} for "
                "each step.",
                self.features, shape=" × ".join(map(str, values.shape)),
            ))  # fmt: skip
        return rows

    def encode(self, text: str) -> Encoded:
        """A table as the network reads it.

        Raises:
            InputError: if it is none.
        """
        values, notices = self.table(read_numbers(text)), []
        if len(values) > MOST_STEPS:
            notices.append(say("Only the first {most:,} of {n:,} steps are read.", most=MOST_STEPS, n=len(values)))
            values = values[:MOST_STEPS]
        labels = tuple(map(str, range(1, len(values) + 1)))
        return Encoded(Tokens(labels, noun=self.noun), tuple(notices), np.ascontiguousarray(values))

    def text_of(self, name: str, content: bytes) -> str:
        """What stands in the box for a file; raises ``InputError`` as ``read_array`` and ``table``."""
        values = self.table(read_array(name, content))
        if values.size > MOST_NUMBERS:
            raise InputError(say("{file} holds {n:,} numbers; at most {most:,} are read.", file=quoted(name),
                                 n=values.size, most=MOST_NUMBERS))  # fmt: skip
        return as_text(values)


def read_words(name: str, content: bytes) -> tuple[str, ...]:
    """A vocabulary: a word on each line, in the order of the ids.

    Raises:
        InputError: if it is none.
    """
    try:
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise InputError(
            say("{file} is not text in UTF-8: save the words, one on each line.", file=quoted(name))
        ) from None
    while lines and not lines[-1].strip("\r"):
        lines.pop()
    words = tuple(line.rstrip("\r").partition("\t")[0] for line in lines)
    if not words:
        raise InputError(
            say("{file} holds no words: write one on each line, in the order of their numbers.", file=quoted(name))
        )
    if len(words) > MOST_WORDS:
        raise InputError(say("{file} has {n:,} words, and {most:,} is the most that is read.", file=quoted(name),
                             n=len(words), most=MOST_WORDS))  # fmt: skip
    return words


@dataclass(frozen=True, eq=False)
class Words:
    """Input of a network that reads words, or characters where every word of the vocabulary is one.

    Attributes:
        words: in the order of their ids.
    """

    words: Sequence[str]
    medium = "words"
    endings = (".txt",)
    characters = 20_000

    @cached_property
    def ids(self) -> Mapping[str, int]:
        """Id of every word; of equals the first."""
        return {word: index for index, word in reversed(list(enumerate(self.words)))}

    @cached_property
    def unknown(self) -> int:
        """Id of what stands for all other words: the vocabulary's own, or one behind its last."""
        return next((self.ids[word] for word in UNKNOWN if word in self.ids), len(self.words))

    @cached_property
    def letters(self) -> bool:
        """Whether it is a vocabulary of characters."""
        return all(len(word) == 1 or word[:1] in "<[" for word in self.words) and not self.words[0].isdecimal()

    @property
    def noun(self) -> str:
        """What a step is called."""
        return "character" if self.letters else "word"

    def sample(self) -> str:
        """Its first words that are none of its signs, so that there is something to see at once."""
        words = [word for word in self.words if word.strip() and word[0] not in "<["] or [*self.words]
        return ("" if self.letters else " ").join(words[:SAMPLE])

    def encode(self, text: str) -> Encoded:
        """A text as the network reads it: words as they are written, or in small letters where only those are known.

        Raises:
            InputError: if there is nothing in it.
        """
        found = re.finditer(r"(?s).", text) if self.letters else WORD.finditer(text)
        spans = [match.span() for match in found]
        if not spans:
            raise InputError(say("There is nothing to read yet: type a text that your network knows."))
        notices = []
        if len(spans) > MOST_STEPS:
            notices.append(say("Only the first {most:,} of {n:,} {noun}s are read.", most=MOST_STEPS, n=len(spans),
                               noun=say(self.noun)))  # fmt: skip
            spans = spans[:MOST_STEPS]
        labels = tuple(text[start:end] for start, end in spans)
        ids = tuple(self.ids.get(word, self.ids.get(word.lower(), self.unknown)) for word in labels)
        known = tuple(index != self.unknown for index in ids)
        if not all(known) and self.unknown == len(self.words):
            notices.append(say(
                "{n} {noun}s are not in the vocabulary, which has no entry for unknown ones: they are read as a vector "
                "of zeros.", n=known.count(False), noun=say(self.noun),
            ))  # fmt: skip
        return Encoded(Tokens(labels, text, tuple(spans), known, self.noun, ids), tuple(notices))

    def text_of(self, name: str, content: bytes) -> str:
        """The text of a file; raises ``InputError`` if it is none."""
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InputError(say("{file} is not text in UTF-8.", file=quoted(name))) from None
