"""How near what was written comes to references: BLEU, chrF, ROUGE-L, and the share that is the same.

chrF is the F-score of the n-grams of characters up to 6, recall counting twice, each n weighing the same (Popović 2015,
W15-3049); numbers are those of sacrebleu. ROUGE-L is the F-score of the longest common subsequence of words (Lin 2004,
W04-1013), of Chinese of characters. All is lower-cased first. Intervals are of 95%, over draws of as many rows with
replacement (Koehn 2004, W04-3250, section 3).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core_models.language import mark, say
from pretrained.analysis.labelled import Flags, Floats, text_of
from pretrained.analysis.measures import bleu_of, longest_common
from pretrained.data.intervals import drawn_interval, wilson_interval
from pretrained.task import InputError

ORDER, BETA = 6, 2.0
SAME = mark("the same, in %")
WORD = re.compile("[\u3400-\u9fff]|[^\\W\u3400-\u9fff]+")
HAN = re.compile("[\u3400-\u9fff]")


def chrf_counts(output: str, reference: str) -> NDArray[np.int64]:
    """N-grams of characters of an output, of its reference, and of both, ``[n, 3]``; blanks are left out."""
    texts = ["".join(text.lower().split()) for text in (output, reference)]
    found = []
    for n in range(1, ORDER + 1):
        one, other = (Counter(text[at : at + n] for at in range(len(text) - n + 1)) for text in texts)
        found.append((one.total(), other.total(), (one & other).total()))
    return np.array(found, dtype=np.int64)


def chrf(counts: NDArray[np.int64]) -> Floats:
    """ChrF from 0 to 100 of counts ``[..., n, 3]``; an n for which either text is too short is left out."""
    own, there, both = np.moveaxis(counts.astype(np.float64), -1, 0)
    used = (own > 0) & (there > 0)
    orders = np.maximum(used.sum(axis=-1), 1)
    precision = np.where(used, both / np.maximum(own, 1), 0.0).sum(axis=-1) / orders
    recall = np.where(used, both / np.maximum(there, 1), 0.0).sum(axis=-1) / orders
    below = BETA**2 * precision + recall
    return 100.0 * (1.0 + BETA**2) * precision * recall / np.where(below > 0.0, below, 1.0)


def rouge_l(output: str, reference: str) -> float:
    """ROUGE-L from 0 to 1."""
    one, other = (WORD.findall(text.lower()) for text in (output, reference))
    common = longest_common(one, other)
    return 2.0 * common / (len(one) + len(other)) if common else 0.0


@dataclass(frozen=True)
class Score:
    """One measure of a whole file: its name, its value, and the ends of its 95% interval."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Judged:
    """What was written beside references.

    Attributes:
        counted: the rows that have both, ``[row]``.
        chrf: of each of these, from 0 to 100.
        scores: of all together.
        signature: how BLEU was computed.
    """

    counted: Flags
    chrf: Floats
    scores: tuple[Score, ...]
    signature: str


def judge(written: Sequence[str | None], references: Sequence[object]) -> Judged:
    """Score what was written for every row.

    Args:
        written: None where a row could not be read.
        references: cells of a column.

    Raises:
        InputError: if there is no row with both.
    """
    wanted = [text_of(cell) for cell in references]
    counted = np.array(
        [one is not None and bool(other) for one, other in zip(written, wanted, strict=True)], dtype=bool
    )
    if not any(wanted):
        raise InputError(say("The column is empty: choose another one."))
    if not counted.any():
        raise InputError(say("No row has both a reference and something written: choose another column."))
    outputs = [text or "" for text, counts in zip(written, counted, strict=True) if counts]
    golds = [text for text, counts in zip(wanted, counted, strict=True) if counts]
    counts = np.stack([chrf_counts(*pair) for pair in zip(outputs, golds, strict=True)])
    rouge = np.array([rouge_l(*pair) for pair in zip(outputs, golds, strict=True)])
    letters, signs = sum(map(len, golds)), len(HAN.findall("".join(golds)))
    value, (low, high), signature = bleu_of(outputs, golds, "zh" if 2 * signs > letters else "13a")
    same = float(np.mean([_plain(one) == _plain(other) for one, other in zip(outputs, golds, strict=True)]))
    scores = (
        Score("BLEU", value, low, high),
        Score(
            "chrF", float(chrf(counts.sum(axis=0))), *drawn_interval(counts, lambda rows: float(chrf(rows.sum(axis=0))))
        ),
        Score("ROUGE-L", 100.0 * float(rouge.mean()), *(100.0 * end for end in drawn_interval(rouge))),
        Score(SAME, 100.0 * same, *(100.0 * end for end in wilson_interval(same, len(golds)))),
    )
    return Judged(counted, chrf(counts), scores, signature)


def _chrf_of_all(counts: NDArray[np.int64]) -> float:
    """ChrF of all rows together, of counts ``[row, n, 3]``."""
    return float(chrf(counts.sum(axis=0)))


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
