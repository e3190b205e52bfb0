"""The Stanford Sentiment Treebank as training data: all phrases of the training trees, sentences for dev and test.

Source: Socher et al. 2013, "Recursive Deep Models for Semantic Compositionality over a Sentiment Treebank", EMNLP. The
text's licence is not stated by its authors: it is read from a local copy and never shipped.

A phrase's target is its human label on the tree, 0 (very negative) to 4 (very positive): negative phrases aim at
``SMOOTHING``, positive ones at 1 - ``SMOOTHING``, neutral ones at 0.5, so that a network that has read nothing telling
yet says so. Phrases equal to a dev or test sentence are left out of training.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from pretrained.kinds.classes import Sample

SHA256 = {
    "sst2/train.tsv": "542b752cff8125ddcffc74684c2d8a7a4fb93de214f9504f539d16a926f80a25",
    "sst2/dev.tsv": "3cfa0adc710b6f495eee5577dfc2b6cdf5e47ec493064a33a349d750e5aea465",
    "sst2/test.tsv": "e2969f688d418970a52a05f9d1695a073540c0e65aa14665d9ca1f77807ae075",
    "sst2/trees_train.txt.gz": "7e6aa375a039edd507ac6f2fd59167252fa26c1d4f4eacbb882b67173634b80a",
    "uci_sentences/train.tsv": "5f273ef543d8434da144b4b7545200504b4422fb7e9d0aad3c14c93ad5c64f62",
}
SMOOTHING = 0.02
BACKGROUND_SIZE = 600
Labelled = tuple[str, int]
BRACKETS = {"-LRB-": "(", "-RRB-": ")"}


def read_tree(line: str) -> list[tuple[float, str]]:
    """Every phrase of one bracketed tree with its label 0-4, the whole sentence last."""
    stack: list[tuple[float, list[str]]] = []
    phrases = []
    tokens: list[str] = re.findall(r"\(\d|\)|[^\s()]+", line)
    for token in tokens:
        if token.startswith("("):
            stack.append((float(token[1:]), []))
        elif token == ")":
            label, words = stack.pop()
            phrases.append((label, " ".join(words)))
            if stack:
                stack[-1][1].extend(words)
        else:
            stack[-1][1].append(BRACKETS.get(token, token))
    return phrases


def aim(label: float) -> float:
    """Target probability of "positive" for a mean label between 0 and 4."""
    if abs(label - 2.0) <= 0.2:
        return label / 4.0
    return SMOOTHING if label < 2.0 else 1.0 - SMOOTHING


def sentences(folder: Path, name: str) -> list[Labelled]:
    """Sentences and labels of a tab-separated file: label and text are the last two columns under its header."""
    lines = (folder / name).read_text(encoding="utf-8").splitlines()[1:]
    return [(columns[-1], int(columns[-2])) for columns in (line.split("\t") for line in lines)]


def phrases(folder: Path, encode: Callable[[Sequence[str]], list[tuple[int, ...]]]) -> list[Sample]:
    """Distinct training phrases, as ids; ``encode`` gives the ids of several texts."""
    apart = [text for name in ("dev", "test") for text, _ in sentences(folder, f"sst2/{name}.tsv")]
    held_out = set(encode(apart))
    labels: dict[tuple[int, ...], list[float]] = {}
    whole: set[tuple[int, ...]] = set()
    with gzip.open(folder / "sst2/trees_train.txt.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            tree = read_tree(line)
            ids = encode([text for _, text in tree])
            for (label, _), key in zip(tree, ids, strict=True):
                labels.setdefault(key, []).append(label)
            whole.add(ids[-1])
    kept = [key for key in labels if key and key not in held_out]
    return [Sample(key, aim=aim(sum(labels[key]) / len(labels[key])), whole=key in whole) for key in kept]


def background(folder: Path) -> tuple[list[str], list[int]]:
    """Sentences (CC BY 4.0) and labels, half of each class, whose states become the map for trajectories."""
    rows = sentences(folder, "uci_sentences/train.tsv")
    shuffled = [rows[i] for i in torch.randperm(len(rows), generator=torch.Generator().manual_seed(0))]
    halves = [[row for row in shuffled if row[1] == label][: BACKGROUND_SIZE // 2] for label in (0, 1)]
    return [text for half in halves for text, _ in half], [label for half in halves for _, label in half]
