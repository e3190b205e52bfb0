"""What tells film reviews from other English, measured: ``python -m pretrained.analysis.subjects FOLDER``.

It writes what ``pretrained.subject`` reads, and says of every kind of English how much of it is found out, by all that
was measured, and by what the other kinds tell of it.
"""

from __future__ import annotations

import gzip
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save
from scipy.optimize import minimize
from scipy.sparse import csr_array
from scipy.special import expit

from pretrained.data.text import treebank
from pretrained.data.text.tokenizer import UNKNOWN_ID
from pretrained.shipped import record
from pretrained.subject import FILE, Ids, Subject, lengths
from pretrained.tasks.classes.sentiment import ids_of, tokenizer

SHRINK, ITERATIONS, LOWEST = 1e-5, 60, 0.02
"""By how much weights are held small, steps of the fit, and the share of held-back reviews below the limit."""

MOST_TEXTS, LEAST_WORDS = 6_000, 3
"""Texts of every kind of English, and words of a text, from which is learned."""


def fit(
    reviews: Sequence[Ids], held: Sequence[Ids], others: Mapping[str, Sequence[Ids]], words: NDArray[np.bool_]
) -> Subject:
    """What tells reviews, those held back by which it is calibrated, from other English of several kinds."""
    weights = np.where(words, _regression([reviews, *others.values()], words), np.nan)
    found = Subject(weights, np.zeros(3), np.ones(2))
    totals, counts = (np.array(each) for each in zip(*(found.total(ids) for ids in held), strict=True))
    by_length = lengths(counts)
    middle = np.linalg.lstsq(by_length, totals, rcond=None)[0]
    off = np.abs(totals - by_length @ middle)
    found = Subject(weights, middle, np.linalg.lstsq(by_length[:, :2], off, rcond=None)[0])
    return replace(found, limit=float(np.nanquantile([found.score(ids) for ids in held], LOWEST)))


def _regression(groups: Sequence[Sequence[Ids]], words: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights of a logistic regression of the first group against the others, which weigh alike, ``[word]``."""
    sizes = [len(group) for group in groups]
    rows = [np.unique([index for index in ids if words[index]]).astype(np.int64) for group in groups for ids in group]
    ends = np.cumsum([0, *map(len, rows)])
    held = csr_array((np.ones(ends[-1]), np.concatenate(rows), ends), shape=(len(rows), len(words)))
    sign = np.repeat([1.0, *[-1.0] * (len(groups) - 1)], sizes)
    share = np.repeat([0.5 / sizes[0], *(0.5 / (len(groups) - 1) / size for size in sizes[1:])], sizes)

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (held @ at[:-1] + at[-1])
        slope = -share * sign * expit(-margin)
        value = share @ np.logaddexp(0.0, -margin) + SHRINK / 2.0 * at[:-1] @ at[:-1]
        return float(value), np.append(held.T @ slope + SHRINK * at[:-1], slope.sum())

    begin = np.zeros(len(words) + 1)
    return minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS}).x[:-1]


def _column(place: int) -> Callable[[str], list[str]]:
    return lambda text: [line.split("\t")[place] for line in text.splitlines()[1:]]


def _treebank(text: str) -> list[str]:
    """Sentences of a file with a word a line and a blank line behind every sentence."""
    blocks = (block.splitlines() for block in text.split("\n\n"))
    return [" ".join(line.split("\t")[0] for line in lines if not line.startswith("#")) for lines in blocks]


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+", text.replace("\n", " "))


OTHERS: dict[str, tuple[str, Callable[[str], list[str]]]] = {
    "weblogs, e-mails and answers (UD English EWT)": ("ud_ewt/train.tsv.gz", _treebank),
    "everyday sentences (Tatoeba)": ("tatoeba_en_fr/train.tsv.gz", _column(0)),
    "commands (SNIPS)": ("snips/train.tsv.gz", _column(1)),
    "restaurants (E2E)": ("e2e/train.tsv.gz", _column(1)),
    "lines of Shakespeare": ("char_shakespeare/input.txt.gz", str.splitlines),
    "War and Peace": ("char_war_and_peace/input.txt.gz", _sentences),
    "lines of C": ("char_c_code/train.txt.gz", str.splitlines),
}
"""Other English: its file in the folder of data, and how texts are cut from it."""


def _texts(folder: Path, name: str, cut: Callable[[str], list[str]]) -> list[str]:
    with gzip.open(folder / name, "rt", encoding="utf-8") as file:
        found = [text for text in cut(file.read()) if len(text.split()) >= LEAST_WORDS]
    order = np.random.default_rng(0).permutation(len(found))[:MOST_TEXTS]
    return [found[place] for place in order]


def main() -> None:
    """Measure, write the file, and say how much of every kind of English is found out."""
    folder = Path(sys.argv[1])
    reviews, held, unseen = (
        ids_of([text for text, _ in treebank.sentences(folder, f"sst2/{part}.tsv")])
        for part in ("train", "dev", "test")
    )
    others = {kind: ids_of(_texts(folder, *where)) for kind, where in OTHERS.items()}
    words = np.zeros(tokenizer().get_vocab_size(), dtype=bool)
    for word, index in tokenizer().get_vocab().items():
        words[index] = index == UNKNOWN_ID or any(map(str.isalnum, word))
    found = fit(reviews, held, others, words)
    FILE.write_bytes(
        save(
            {
                "weights": found.weights.astype(np.float16),
                "numbers": np.array([*found.middle, *found.spread, found.limit], np.float32),
            }
        )
    )
    record(FILE)
    _say("reviews of the test split", unseen, found, found)
    for kind, texts in others.items():
        _say(kind, texts, found, fit(reviews, held, {key: each for key, each in others.items() if key != kind}, words))
    for source in ("amazon", "yelp", "imdb"):
        lines = (folder / "uci_sentences/train.tsv").read_text(encoding="utf-8").splitlines()[1:]
        rows = [line.split("\t")[2] for line in lines if line.startswith(source)]
        _say(f"reviews of {source}", ids_of(rows), found, found)


def _say(kind: str, texts: Sequence[Ids], found: Subject, apart: Subject) -> None:
    both = (np.mean([each.is_elsewhere(ids) for ids in texts if len(ids)]) for each in (found, apart))
    sys.stdout.write(f"{kind}: {' / '.join(f'{share:.1%}' for share in both)} without having seen the kind\n")


if __name__ == "__main__":
    main()
