"""How often answers agree with the labels that somebody gave: accuracy, F1, calibration, slices, and two models.

Intervals are Wilson's (1927). A slice is a group of rows; its p-value is Fisher's exact test (1935, one-sided) of its
share right against that of all other rows, corrected for the number of slices that were looked at (Holm 1979). Two
models on the same rows are compared by McNemar's exact test (1947): of the rows that one alone has right, half would be
each model's by chance.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core_models.language import say, say_n
from pretrained.data.intervals import wilson_interval
from pretrained.task import InputError

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LEAST = 30
"""Rows of a slice."""

MOST_WORDS, MOST_GROUPS, BINS = 100, 12, 10
"""Words that are looked at, different values of a column that make slices, and bins of confidence."""

WORD = re.compile(r"\w+(?:['’]\w+)*")
SHOWN = 6
"""Values of a column that a sentence names."""


def text_of(cell: object) -> str:
    """What a cell holds; "" where it is empty."""
    return "" if cell is None or cell != cell else str(cell).strip()


def class_of(values: Sequence[object], classes: Sequence[str], name: Callable[[str], str]) -> tuple[Ints, str]:
    """The class that each value of a column names, −1 for none, and what was taken for granted, if anything.

    Args:
        values: of a column; None where a cell is empty.
        classes: keys, in the order of the model.
        name: a class in words.

    Raises:
        InputError: if these are no labels of the model's classes.
    """
    cells = [text_of(value) for value in values]
    distinct = Counter(cell for cell in cells if cell)
    spelled = ", ".join(map(name, classes))
    if not distinct:
        raise InputError(say("The column is empty: choose another one."))
    places = {cell: _class(cell, classes, name) for cell in distinct}
    said = ""
    numbers = {cell: float(cell) for cell in distinct if cell.replace(".", "", 1).isdigit()}
    if max(places.values()) < 0 and len(numbers) == len(distinct) and set(numbers.values()) <= set(range(len(classes))):
        places = {cell: int(number) for cell, number in numbers.items()}
        said = say("0 to {last} are taken for {classes}, in this order.", last=len(classes) - 1, classes=spelled)
    total, known = sum(distinct.values()), sum(count for cell, count in distinct.items() if places[cell] >= 0)
    if 2 * known < total:
        few = ", ".join(f"“{cell[:20]}”" for cell, _ in distinct.most_common(SHOWN))
        if len(distinct) > SHOWN:
            raise InputError(
                say(
                    "The column holds {few} and others; this model’s classes are {classes}: choose another column.",
                    few=few,
                    classes=spelled,
                )
            )
        raise InputError(
            say(
                "The column holds {few}; this model’s classes are {classes}: choose another column.",
                few=few,
                classes=spelled,
            )
        )
    return np.array([places[cell] if cell else -1 for cell in cells], dtype=np.int64), said


def _class(cell: str, classes: Sequence[str], name: Callable[[str], str]) -> int:
    """The class whose key or name a cell holds, or begins with three letters or more of one name alone; −1 for none."""
    wanted = cell.casefold()
    spelled = [(key.casefold(), name(key).casefold()) for key in classes]
    exact = [at for at, names in enumerate(spelled) if wanted in names]
    near = [
        at for at, names in enumerate(spelled) if len(wanted) > 2 and any(each.startswith(wanted) for each in names)
    ]
    found = exact or near
    return found[0] if len(found) == 1 else -1


def by_name(table: Ints, names: Sequence[str]) -> list[tuple[str, int, float, float, float]]:
    """Name, right count, precision, recall and F1 of each class of a confusion, ``[right, answer]``."""
    found = []
    for at, name in enumerate(names):
        true, said, real = float(table[at, at]), float(table[:, at].sum()), float(table[at].sum())
        precision, recall = true / said if said else 0.0, true / real if real else 0.0
        both = precision + recall
        found.append((name, int(real), precision, recall, 2 * precision * recall / both if both else 0.0))
    return found


@dataclass(frozen=True, eq=False)
class Judged:
    """Answers beside labels, row by row.

    Attributes:
        classes: in words.
        label: of each row, −1 where there is none.
        predicted: −1 where there is no answer.
        confidence: probability of the predicted class.
    """

    classes: tuple[str, ...]
    label: Ints
    predicted: Ints
    confidence: Floats

    @property
    def counted(self) -> Flags:
        """The rows with a label and an answer."""
        return (self.label >= 0) & (self.predicted >= 0)

    @property
    def right(self) -> Flags:
        """The rows whose answer is their label."""
        return self.counted & (self.label == self.predicted)

    @property
    def accuracy(self) -> tuple[float, float, float]:
        """Share right among the counted rows, and its 95% interval; NaN where no row counts."""
        return share_of(self.right[self.counted])

    @property
    def confusion(self) -> Ints:
        """How many rows of each label have each answer, the last column none: ``[label, answer]``."""
        count = len(self.classes)
        rows = self.label >= 0
        answer = np.where(self.predicted < 0, count, self.predicted)
        return np.bincount(self.label[rows] * (count + 1) + answer[rows], minlength=count * (count + 1)).reshape(
            count, count + 1
        )

    def per_class(self) -> list[tuple[str, int, float, float, float]]:
        """Name, number of labels, precision, recall and F1 of each class, over the counted rows."""
        return by_name(self.confusion[:, :-1], self.classes)

    @property
    def f1(self) -> float:
        """Mean F1 of the classes that have labels."""
        return float(np.mean([f1 for _, count, _, _, f1 in self.per_class() if count] or [np.nan]))

    @property
    def calibration_error(self) -> float:
        """Mean distance of confidence and share right over ten bins of confidence (Guo et al. 2017, equation 3)."""
        sure, right = self.confidence[self.counted], self.right[self.counted]
        place = np.minimum((sure * BINS).astype(int), BINS - 1)
        sums = [abs(float(sure[place == at].sum()) - float(right[place == at].sum())) for at in range(BINS)]
        return sum(sums) / max(len(sure), 1)


def share_of(right: Flags) -> tuple[float, float, float]:
    """Share of true ones, and its 95% interval."""
    if not len(right):
        return float("nan"), float("nan"), float("nan")
    share = float(right.mean())
    return (share, *wilson_interval(share, len(right)))


@dataclass(frozen=True)
class Slice:
    """A group of rows.

    Attributes:
        name: what its rows have in common.
        count: of its rows.
        mean, low, high: share right, or the mean of what was measured, with the 95% interval.
        p: that it is no worse than all other rows, corrected for the number of slices that were looked at.
    """

    name: str
    count: int
    mean: float
    low: float
    high: float
    p: float

    @property
    def worse(self) -> bool:
        """Whether it is worse than the other rows by more than the search would find by chance."""
        return self.p < 0.05


class LogWays:
    """Exact tests among ``count`` rows, from the logarithms of binomial coefficients.

    SciPy has both, but its statistics alone take more memory than all that a page needs besides.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, count + 1)))])

    def _choose(self, count: int, some: NDArray[np.intp]) -> Floats:
        return self._factorials[count] - self._factorials[some] - self._factorials[count - some]

    def fisher(self, hits: int, rows: int, all_hits: int) -> float:
        """Chance that at most ``hits`` of ``all_hits`` rows fall into a group of ``rows``."""
        some = np.arange(max(0, rows + all_hits - self.count), hits + 1)
        each = self._choose(all_hits, some) + self._choose(self.count - all_hits, rows - some)
        return min(1.0, float(np.exp(each - self._choose(self.count, np.array(rows))).sum()))

    def mcnemar(self, heads: int) -> float:
        """Chance that as many coins, thrown fairly, part at least as far from half as ``heads`` do."""
        some = np.arange(min(heads, self.count - heads) + 1)
        return min(1.0, 2.0 * float(np.exp(self._choose(self.count, some) - self.count * np.log(2.0)).sum()))


def holm(found: Mapping[str, float]) -> dict[str, float]:
    """P-values by name, the smallest first, each corrected for how many there are (Holm 1979)."""
    corrected, largest = {}, 0.0
    for at, name in enumerate(sorted(found, key=lambda each: found[each])):
        largest = max(largest, min(1.0, found[name] * (len(found) - at)))
        corrected[name] = largest
    return corrected


def large_enough(groups: Mapping[str, Flags], count: int) -> dict[str, Flags]:
    """The groups that have enough of ``count`` rows, and as many beside them."""
    return {name: rows for name, rows in groups.items() if LEAST <= int(rows.sum()) <= count - LEAST}


@dataclass(frozen=True, eq=False)
class Rights:
    """Whether the answer of each row is right, ``[row]``."""

    right: Flags

    def mean(self, rows: Flags) -> tuple[float, float, float]:
        """Share right of some rows, and its 95% interval."""
        return share_of(self.right[rows])

    def slices(self, groups: Mapping[str, Flags]) -> list[Slice]:
        """Every group of enough rows, the worst first; by name whether each row belongs to it."""
        known, all_right = large_enough(groups, len(self.right)), int(self.right.sum())
        ways = LogWays(len(self.right))
        found = {name: ways.fisher(int(self.right[rows].sum()), int(rows.sum()), all_right)
                 for name, rows in known.items()}  # fmt: skip
        made = [Slice(name, int(known[name].sum()), *self.mean(known[name]), p) for name, p in holm(found).items()]
        return sorted(made, key=lambda each: (each.p, each.mean))


def by_length(length: Floats) -> dict[str, Flags]:
    """Four groups of about as many rows, by tokens."""
    edges = np.unique(np.quantile(length, [0.25, 0.5, 0.75]).astype(int)).tolist() if len(length) else []
    found, bounds = {}, [0, *edges, int(length.max(initial=0))]
    for low, high in pairwise(bounds):
        name = (
            say("{low} to {high} tokens", low=low + 1, high=high)
            if high > low + 1
            else say_n("{n} token", "{n} tokens", high)
        )
        found |= {name: (length > low) & (length <= high)} if high > low else {}
    return found


def by_unknown(length: Floats, unknown: Floats) -> dict[str, Flags]:
    """Rows with few and with many unknown tokens."""
    share = unknown / np.maximum(length, 1)
    return {
        say("no unknown token"): unknown == 0,
        say("up to 10% unknown tokens"): (unknown > 0) & (share <= 0.1),
        say("more than 10% unknown tokens"): share > 0.1,
    }


def by_value(name: str, values: Sequence[object]) -> dict[str, Flags]:
    """One group for each value of a column that has few."""
    cells = np.array(["" if value is None or value != value else str(value) for value in values], dtype=object)
    known = [cell for cell in dict.fromkeys(cells.tolist()) if cell]
    return (
        {say("{name} is “{cell}”", name=name, cell=cell): cells == cell for cell in known}
        if 2 <= len(known) <= MOST_GROUPS
        else {}
    )


def by_word(texts: Sequence[str]) -> dict[str, Flags]:
    """One group for each of the most frequent words: the rows that hold it."""
    held = [set(WORD.findall(text.casefold())) for text in texts]
    counted = Counter(word for words in held for word in words)
    found = {
        word: np.zeros(len(texts), dtype=bool) for word, count in counted.most_common(MOST_WORDS) if count >= LEAST
    }
    for at, words in enumerate(held):
        for word in words & found.keys():
            found[word][at] = True
    return {say("holds “{word}”", word=word): rows for word, rows in found.items()}


@dataclass(frozen=True)
class Versus:
    """Two models on the same rows: how many both have right, one alone, the other alone, and none; McNemar's p."""

    both: int
    one: int
    other: int
    none: int
    p: float


def versus(one: Flags, other: Flags) -> Versus:
    """Compare the rows that two models have right."""
    alone, apart = int((one & ~other).sum()), int((other & ~one).sum())
    p = LogWays(alone + apart).mcnemar(alone)
    return Versus(int((one & other).sum()), alone, apart, int((~one & ~other).sum()), p)
