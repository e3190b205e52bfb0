"""Words as the sentiment models see them: lower-cased, contractions split as in the Penn Treebank, offsets kept.

The tokenizer is built by the ``tokenizers`` library and saved as its JSON; the project ships that file, and never reads
a tokenizer that a person uploads. ``don't`` becomes ``do`` + ``n't`` and ``it's`` becomes ``it`` + ``'s``, as in the
treebank that the models were trained on; every token keeps its place in the text as it was typed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from pretrained.shipped import read, record, understood

PADDING, UNKNOWN = "[PAD]", "[UNK]"
PADDING_ID, UNKNOWN_ID = 0, 1

PATTERN = r"\w+?(?=n't\b)|n't\b|'(?:s|re|ve|ll|d|m)\b|\w+|[^\w\s]"
"""Contractions, then words, then single signs; white space separates and is dropped."""

QUOTES = {"``": '"', "''": '"', "“": '"', "”": '"', "‘": "'", "’": "'", "\\/": "/"}
"""Treebank and typographic quotes, and the treebank's escaped slash, spelt as a person types them."""


def untrained() -> Tokenizer:
    """A word tokenizer with this project's rules and no vocabulary yet."""
    tokenizer = Tokenizer(models.WordLevel(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC()] + [normalizers.Replace(old, new) for old, new in QUOTES.items()] + [normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(PATTERN), behavior="removed", invert=True)
    return tokenizer


def train(texts: Iterable[str], smallest_count: int) -> Tokenizer:
    """A tokenizer that knows every word seen at least ``smallest_count`` times in ``texts``."""
    tokenizer = untrained()
    trainer = trainers.WordLevelTrainer(
        special_tokens=[PADDING, UNKNOWN], min_frequency=smallest_count, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def load(path: Path) -> Tokenizer:
    """The tokenizer that the project ships at ``path``, with padding and truncation off.

    Raises:
        ModelError: if the file is missing or damaged.
    """
    with understood(path, Exception):  # the library has no class of its own for what it cannot read
        tokenizer = Tokenizer.from_buffer(read(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def main() -> None:
    """``python -m pretrained.data.text.tokenizer TRAINING_FILE OUTPUT``: build it from labelled sentences."""
    source, output = (Path(argument) for argument in sys.argv[1:3])
    lines = source.read_text(encoding="utf-8").splitlines()[1:]
    train((line.split("\t", 1)[1] for line in lines), smallest_count=2).save(str(output))
    record(output)


if __name__ == "__main__":
    main()
