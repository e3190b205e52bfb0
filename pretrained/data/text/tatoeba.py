"""Sentence pairs of Tatoeba: English and one other language, a row each, further columns left aside."""

from __future__ import annotations

from pathlib import Path

from pretrained.data.text.pairs import Pair, grouped, rows_of


def sentence_rows(folder: Path, name: str, split: str) -> list[tuple[str, str]]:
    """English sentences of a split with one translation each; an English sentence may stand in several rows."""
    return [(english, other) for english, other, *_ in rows_of(folder / f"{name}/{split}.tsv.gz")]


def sentence_pairs(folder: Path, name: str, split: str) -> list[Pair]:
    """English sentences of a split, all translations of one sentence together."""
    return grouped(sentence_rows(folder, name, split))
