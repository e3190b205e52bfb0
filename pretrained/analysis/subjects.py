"""What tells film reviews from other English, measured: ``python -m pretrained.analysis.subjects FOLDER``.

It writes what ``pretrained.subject`` reads, and says of every kind of English how much of it is found out, by all that
was measured, and by what the other kinds tell of it.
"""

from __future__ import annotations

import gzip
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from pretrained.data.text import treebank
from pretrained.data.text.tokenizer import UNKNOWN_ID
from pretrained.shipped import record
from pretrained.subject import FILE, Ids, Subject
from pretrained.tasks.classes.sentiment import ids_of, tokenizer

SMOOTHED, FARTHEST, LOWEST = 0.5, 4.0, 0.01
"""Words added to every count; where logarithms are cut off; and the share of held-back reviews below the limit."""

MOST_TEXTS, LEAST_WORDS = 6_000, 3
"""Texts of every kind of English, and words of a text, from which is learned."""


def fit(
    reviews: Sequence[Ids], held: Sequence[Ids], others: Mapping[str, Sequence[Ids]], words: NDArray[np.bool_]
) -> Subject:
    """What tells reviews, those held back by which it is calibrated, from other English of several kinds."""
    own, size = _counts(reviews, len(words)), len(words)
    kinds = [_counts(texts, size) for texts in others.values()]
    beside = np.mean([kind / kind.sum() for kind in kinds], axis=0) * sum(kind.sum() for kind in kinds)
    ratio = np.log((own + SMOOTHED) / (own + SMOOTHED).sum()) - np.log((beside + SMOOTHED) / (beside + SMOOTHED).sum())
    mine, theirs = (_unknown(_counts(texts, size), words) for texts in (held, [each for some in others.values()
                                                                              for each in some]))  # fmt: skip
    ratio[UNKNOWN_ID] = np.log(mine / theirs)
    ratio = np.where(words, np.clip(ratio, -FARTHEST, FARTHEST), np.nan)
    means = np.array([np.nanmean(ratio[list(ids)]) for ids in held if words[list(ids)].any()])
    mean = float(means.mean())
    scores = np.array([Subject(ratio, mean, 0.0).score(ids) for ids in held])
    return Subject(ratio, mean, float(np.nanquantile(scores, LOWEST)))


def _counts(texts: Iterable[Ids], size: int) -> NDArray[np.float64]:
    return np.bincount(np.concatenate([np.asarray(ids, np.int64) for ids in texts]), minlength=size).astype(float)


def _unknown(counts: NDArray[np.float64], words: NDArray[np.bool_]) -> float:
    return float(counts[UNKNOWN_ID] / counts[words].sum())


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
        save({"ratio": found.ratio.astype(np.float16), "numbers": np.array([found.mean, found.limit], np.float32)})
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
