"""One side of a pair task: how its text becomes token ids and ids become text again.

Ids 0 to 3 mean the same on every side: padding, unknown, beginning, end. A tokenizer is built by the ``tokenizers``
library; where its words are pieces (``▁`` marks the start of one), the JSON that it saved is shipped with the task.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from core_models.networks.translator import BEGIN, END, PADDING, UNKNOWN
from core_models.trace import Tokens
from pretrained.data.plain import plain, seen
from pretrained.data.text.tokenizer import load

SPECIAL = ("[PAD]", "[UNK]", "[BEGIN]", "[END]")
START = "▁"
"""Stands for the blank before a word in a piece's name."""

PATTERNS = {
    "en": r"▁?\w+?(?=n't\b)|n't\b|'(?:s|re|ve|ll|d|m)\b|▁?\w+|▁?[^\w\s▁]",
    "fr": r"▁?\w+'|▁?\w+|▁?[^\w\s▁]",
}
"""What a piece may not reach across: English contractions and French elisions are split off, marks stand alone."""

QUOTES = {"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"'}


@dataclass(frozen=True)
class Side:
    """A tokenizer with the way back.

    Attributes:
        make: builds or loads the tokenizer.
        joiner: what stands between tokens in the text: nothing for characters and pieces, a blank for symbols.
    """

    path: Path | None = None
    symbols: tuple[str, ...] = ()
    pattern: str = "."
    joiner: str = ""

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer, with padding and truncation off; raises ``ModelError`` if its file is missing or damaged."""
        if self.path is None:
            return symbols_tokenizer(self.symbols, self.pattern)
        return load(self.path)

    @property
    def size(self) -> int:
        """Number of ids."""
        return self.tokenizer.get_vocab_size()

    def ids(self, text: str) -> list[int]:
        """Ids of a text, the end included."""
        return [*self.tokenizer.encode(text).ids, END]

    def tokens(self, text: str) -> Tokens:
        """Tokens of a text with the end, each with its place in the text as it was typed."""
        read = plain(text)
        encoding = self.tokenizer.encode(read.text)
        starts = [start for start, _ in encoding.offsets[1:]] + [len(read.text)] * bool(encoding.ids)
        places = [(start, min(end, after)) for (start, end), after in zip(encoding.offsets, starts, strict=True)]
        inner = [_trimmed(read.text, *place) for place in places]
        spans = read.spans(inner)
        labels = [seen(text[start:end]) or START for start, end in spans] + [SPECIAL[END]]
        spans.append((len(text), len(text)))
        ids = (*encoding.ids, END)
        return Tokens(tuple(labels), text, tuple(spans), tuple(index != UNKNOWN for index in ids), ids=ids)

    def text(self, ids: Iterable[int]) -> str:
        """The text that ids spell; padding, beginning and end are dropped."""
        words = (self.name(index) for index in ids if index not in (PADDING, BEGIN, END))
        return self.joiner.join(words).replace(START, " ").strip()

    def name(self, index: int) -> str:
        """One token as the vocabulary has it, such as ``▁chat``."""
        return self.tokenizer.id_to_token(index) or SPECIAL[UNKNOWN]

    def label(self, index: int) -> str:
        """One token as a page shows it, without the mark of a word's start."""
        return self.name(index).replace(START, "") or START

    def labels(self, ids: Iterable[int]) -> Tokens:
        """Tokens named from their ids, for a sequence that was written by a network."""
        ids = tuple(ids)
        return Tokens(tuple(self.label(index) for index in ids), ids=ids)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without blanks at its ends, unless it is nothing else."""
    inner = text[start:end]
    if not inner.strip():
        return start, end
    return start + len(inner) - len(inner.lstrip()), end - (len(inner) - len(inner.rstrip()))


def symbols_tokenizer(symbols: Sequence[str], pattern: str) -> Tokenizer:
    """A tokenizer that knows exactly ``symbols``; ``pattern`` cuts the text, and blanks are dropped."""
    words = {word: index for index, word in enumerate([*SPECIAL, *symbols])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token=SPECIAL[UNKNOWN]))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(pattern), behavior="removed", invert=True)
    return tokenizer


def train_pieces(texts: Iterable[str], language: str, size: int, *, lower: bool = True) -> Tokenizer:
    """``size`` word pieces (byte-pair encoding, Sennrich et al. 2016) of ``texts``, lower-cased or as is."""
    tokenizer = Tokenizer(models.BPE(unk_token=SPECIAL[UNKNOWN]))
    replaced = [normalizers.Replace(old, new) for old, new in QUOTES.items()]
    blanks = [normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    case = [normalizers.Lowercase()] if lower else []
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), *replaced, *blanks, *case])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(START, "always", split=True),
            pre_tokenizers.Split(Regex(PATTERNS[language]), behavior="isolated"),
        ]
    )
    tokenizer.decoder = decoders.Metaspace(START, "always")
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=list(SPECIAL), min_frequency=2, limit_alphabet=120, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
