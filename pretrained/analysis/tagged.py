"""How often the labels of tokens agree with those that somebody gave: accuracy, spans, and which is taken for which.

A cell holds the labels of all tokens of a text, in their order, parted by blanks, commas, bars or semicolons; where
every label is a letter, as of a protein, also one behind another. They are B-x, I-x and O where the model marks
stretches. A stretch is right where both its ends and its label are (Tjong Kim Sang & Buchholz 2000, the evaluation of
CoNLL).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core_models.language import say
from pretrained.analysis.labelled import by_name, text_of
from pretrained.data.intervals import wilson_interval
from pretrained.data.spans import span_score
from pretrained.task import InputError

PARTED = re.compile(r"[\s,;|]+")
LOOKED_AT, SHOWN = 200, 4
"""Cells by which a column is judged, and labels that a sentence names."""

Labels = tuple[str, ...]


def labels_in(cell: object, tags: Sequence[str]) -> Labels:
    """The labels that a cell holds, as the model writes them; "" for one that it does not know.

    Args:
        cell: of a column; None where it is empty.
        tags: every label of the model.
    """
    parts = [part for part in PARTED.split(text_of(cell)) if part]
    if len(parts) == 1 and len(parts[0]) > 1 and all(len(tag) == 1 for tag in tags):
        parts = list(parts[0])
    known = {tag.casefold(): tag for tag in tags}
    return tuple(known.get(part.casefold(), "") for part in parts)


def column_of(cells: Sequence[object], tags: Sequence[str]) -> list[Labels]:
    """The labels that every cell of a column holds.

    Raises:
        InputError: if these are no labels of the model's.
    """
    filled = [cell for cell in cells if cell is not None and cell == cell and str(cell).strip()]
    if not filled:
        raise InputError(say("The column is empty: choose another one."))
    some = [label for cell in filled[:LOOKED_AT] for label in labels_in(cell, tags)]
    if 2 * sum(map(bool, some)) < max(len(some), 1) or not some:
        strange = ", ".join(f"“{part[:20]}”" for part in PARTED.split(str(filled[0]).strip())[:SHOWN])
        raise InputError(
            say(
                "The column holds {strange}; this model’s labels are {tags} and so on, one for each token, parted by "
                "blanks: choose another column.",
                strange=strange,
                tags=", ".join(tags[:SHOWN]),
            )
        )
    return [labels_in(cell, tags) for cell in cells]


@dataclass(eq=False)
class Tally:
    """What was counted so far.

    Attributes:
        tags: every label of the model.
        gold, given: of the rows that count, the right labels and the model's.
        uneven: rows with another number of labels than tokens.
        missing: rows without a label.
        pairs: how often a right label has an answer, but where the model does not know the right one.
    """

    tags: Sequence[str]
    gold: list[Labels] = field(default_factory=list)
    given: list[Labels] = field(default_factory=list)
    uneven: int = 0
    missing: int = 0
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, gold: Labels, given: Labels) -> None:
        """Count one row."""
        if not gold:
            self.missing += 1
        elif len(gold) != len(given):
            self.uneven += 1
        else:
            self.gold.append(gold)
            self.given.append(given)
            self.pairs.update(pair for pair in zip(gold, given, strict=True) if pair[0])

    @property
    def accuracy(self) -> tuple[float, float, float]:
        """Share of right tokens, and its 95% interval; NaN where none counts."""
        total = sum(self.pairs.values())
        share = sum(count for (one, other), count in self.pairs.items() if one == other) / max(total, 1)
        if not total:
            return float("nan"), float("nan"), float("nan")
        return (share, *wilson_interval(share, total))

    @property
    def spans(self) -> tuple[float, float, float]:
        """Precision, recall and F1 of whole stretches."""
        return span_score(self.gold, self.given)

    @property
    def confusion(self) -> NDArray[np.int64]:
        """``[label, answer]``, and a last column of zeros: every token has an answer."""
        place = {tag: at for at, tag in enumerate(self.tags)}
        found = np.zeros((len(self.tags), len(self.tags) + 1), dtype=np.int64)
        for (one, other), count in self.pairs.items():
            found[place[one], place[other]] += count
        return found

    def per_label(self) -> list[tuple[str, int, float, float, float]]:
        """Label, tokens, precision, recall and F1 of every label that occurs, the most frequent first."""
        rows = by_name(self.confusion[:, :-1], self.tags)
        return sorted((row for row in rows if row[1]), key=lambda row: -row[1])

    def mistakes(self, most: int) -> list[tuple[str, str, int]]:
        """Right label, answer and tokens of the most frequent mistakes."""
        return [(*pair, count) for pair, count in self.pairs.most_common() if pair[0] != pair[1]][:most]


def rows_of(model: Any, readings: Sequence[Any]) -> list[Labels]:
    """The labels that a tagger gives to the tokens of several readings."""
    return [tuple(model.task.choose(answer.labels)) for answer in model.predict(readings)]
