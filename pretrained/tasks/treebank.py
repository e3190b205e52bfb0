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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from pretrained.data.buckets import batches_by_length
from pretrained.data.checksums import verify_files
from pretrained.data.padding import padded
from pretrained.task import Batch, Score

SHA256 = {
    "sst2/train.tsv": "542b752cff8125ddcffc74684c2d8a7a4fb93de214f9504f539d16a926f80a25",
    "sst2/dev.tsv": "3cfa0adc710b6f495eee5577dfc2b6cdf5e47ec493064a33a349d750e5aea465",
    "sst2/test.tsv": "e2969f688d418970a52a05f9d1695a073540c0e65aa14665d9ca1f77807ae075",
    "sst2/trees_train.txt.gz": "7e6aa375a039edd507ac6f2fd59167252fa26c1d4f4eacbb882b67173634b80a",
    "uci_sentences/train.tsv": "5f273ef543d8434da144b4b7545200504b4422fb7e9d0aad3c14c93ad5c64f62",
}
SMOOTHING = 0.02
BACKGROUND_SIZE = 600
BUCKET = 50
"""Batches sorted by length together, so that little padding is computed."""

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


@dataclass(frozen=True)
class Treebank:
    """The treebank's splits, read from ``folder/sst2`` and ``folder/uci_sentences``."""

    folder: Path
    tokenizer: Tokenizer
    sentence_weight: float = 1.0

    def verify(self) -> None:
        """Check every file against its recorded checksum.

        Raises:
            DataError: if a file is missing or differs.
        """
        verify_files(self.folder, SHA256)

    def sentences(self, name: str) -> list[Labelled]:
        """Sentences and labels of a tab-separated file: label and text are the last two columns under its header."""
        lines = (self.folder / name).read_text(encoding="utf-8").splitlines()[1:]
        return [(columns[-1], int(columns[-2])) for columns in (line.split("\t") for line in lines)]

    def training_texts(self) -> Iterable[str]:
        """Training sentences, for the tokenizer."""
        return (text for text, _ in self.sentences("sst2/train.tsv"))

    @cached_property
    def phrases(self) -> tuple[list[list[int]], Tensor, Tensor]:
        """Distinct training phrases: ids, targets, and weights (more for whole sentences)."""
        held_out = {tuple(self._ids(t)) for n in ("dev", "test") for t, _ in self.sentences(f"sst2/{n}.tsv")}
        labels: dict[tuple[int, ...], list[float]] = {}
        whole: set[tuple[int, ...]] = set()
        with gzip.open(self.folder / "sst2/trees_train.txt.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                tree = read_tree(line)
                ids = [tuple(e.ids) for e in self.tokenizer.encode_batch([text for _, text in tree])]
                for (label, _), key in zip(tree, ids, strict=True):
                    labels.setdefault(key, []).append(label)
                whole.add(ids[-1])
        kept = [key for key in labels if key and key not in held_out]
        targets = torch.tensor([aim(sum(labels[key]) / len(labels[key])) for key in kept])
        weights = torch.tensor([self.sentence_weight if key in whole else 1.0 for key in kept])
        return [list(key) for key in kept], targets, weights

    def training_count(self, size: int) -> int:
        """Number of batches in an epoch."""
        return -(-len(self.phrases[0]) // size)

    def training_batches(self, size: int, generator: torch.Generator) -> Iterator[Batch]:
        """One epoch: phrases shuffled, sorted by length within buckets, batches shuffled."""
        ids, targets, weights = self.phrases
        order = torch.randperm(len(ids), generator=generator).tolist()
        batches = batches_by_length(order, size, BUCKET, lambda index: len(ids[index]))
        for position in torch.randperm(len(batches), generator=generator).tolist():
            chosen = batches[position]
            yield Batch(*padded([ids[index] for index in chosen]), targets[chosen], weights[chosen])

    def evaluate(self, network: nn.Module, split: str) -> Score:
        """Score of ``network`` on the sentences of ``dev`` or ``test``."""
        sentences = self.sentences(f"sst2/{split}.tsv")
        logits, targets = [], torch.tensor([float(label) for _, label in sentences])
        device = next(network.parameters()).device
        with torch.no_grad():
            for start in range(0, len(sentences), 256):
                ids, lengths = padded([self._ids(text) for text, _ in sentences[start : start + 256]])
                logits.append(network(ids.to(device), lengths).cpu())
        answers = torch.cat(logits)
        right = ((answers > 0) == (targets > 0.5)).double().mean().item()
        return Score(right, len(sentences), binary_cross_entropy_with_logits(answers, targets).item())

    def background(self) -> tuple[list[str], list[int]]:
        """Sentences (CC BY 4.0) and labels, half of each class, whose states become the map for trajectories."""
        sentences = self.sentences("uci_sentences/train.tsv")
        shuffled = [sentences[i] for i in torch.randperm(len(sentences), generator=torch.Generator().manual_seed(0))]
        halves = [[s for s in shuffled if s[1] == label][: BACKGROUND_SIZE // 2] for label in (0, 1)]
        return [text for half in halves for text, _ in half], [label for half in halves for _, label in half]

    def _ids(self, text: str) -> list[int]:
        return self.tokenizer.encode(text).ids
