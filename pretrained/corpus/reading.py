"""A corpus as a model reads it: every text by itself, from the state that it begins from on Explore.

    corpus = read(model, texts)            tokens and bounds of the documents; nothing is computed yet
    values(model, corpus, site, "hidden_state")    ``[token, unit]``, the numbers that Explore shows

Where several documents are read side by side, sums are rounded in another order: states then differ by less than 5e-6.

A text that the model cannot read is left out and counted. What is computed is that of one quantity alone, so that room
is 4 bytes a token and unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core_models.corpus.places import Floats, Ints
from core_models.encoded import Encoded
from core_models.language import say
from core_models.networks.sequence import SequenceNetwork
from core_models.trace import Site, Tokens
from core_models.tracing import Layer, replay
from core_models.vocabulary import Kind
from pretrained.corpus.texts import Texts
from pretrained.task import InputError
from pretrained.trained import Trained

MOST_TOKENS = 200_000
"""Tokens that are read at most where a corpus is held in memory."""

TOGETHER = 64
"""Documents that are read side by side."""

Told = Callable[[int], None]
"""Is called with the number of documents that were read."""


@dataclass(frozen=True, eq=False)
class Corpus:
    """Texts as one model reads them.

    Attributes:
        texts: of the documents, their labels and tags, those alone that were read.
        readings: what the model reads of each.
        bounds: first token of every document, and the number of all, ``[document + 1]``.
        left_out: texts that were not read.
    """

    texts: Texts
    readings: tuple[Encoded, ...]
    bounds: Ints
    left_out: int = 0

    def __len__(self) -> int:
        """Number of tokens."""
        return int(self.bounds[-1])

    @property
    def tokens(self) -> Iterator[Tokens]:
        """The tokens of every document."""
        return (reading.tokens for reading in self.readings)

    @property
    def labels(self) -> list[str]:
        """Every token as it is spelt."""
        return [label for tokens in self.tokens for label in tokens.labels]

    def place(self, token: int) -> tuple[int, int]:
        """Document and step of a token."""
        document = int(np.searchsorted(self.bounds, token, side="right")) - 1
        return document, token - int(self.bounds[document])

    def tags(self) -> list[str] | None:
        """The tag of every token; None where there are none."""
        if not self.texts.tags:
            return None
        return [tag for row, tokens in zip(self.texts.tags, self.tokens, strict=True) for tag in _fitted(row, tokens)]

    def document_of(self) -> NDArray[np.intp]:
        """The document of every token."""
        return np.repeat(np.arange(len(self.readings)), np.diff(self.bounds))


def _fitted(tags: Sequence[str], tokens: Tokens) -> Sequence[str]:
    """Tags where each token has one; else none."""
    return tags if len(tags) == len(tokens) else [""] * len(tokens)


def read(model: Trained, texts: Texts, most: int = MOST_TOKENS) -> Corpus:
    """The texts as a model reads them, up to ``most`` tokens.

    Raises:
        InputError: if nothing can be read.
    """
    kept, readings, count, refused = [], [], 0, 0
    for at, text in enumerate(texts.texts):
        try:
            reading = model.encode(text)
        except InputError:
            refused += 1
            continue
        if count + len(reading) > most:
            refused += len(texts.texts) - at
            break
        kept.append(at)
        readings.append(reading)
        count += len(reading)
    if not readings:
        raise InputError(say("There is nothing in these texts that this model can read; choose others."))
    bounds = np.concatenate([[0], np.cumsum([len(reading) for reading in readings])]).astype(np.int64)
    return Corpus(_some(texts, kept), tuple(readings), bounds, refused)


def _some(texts: Texts, kept: Sequence[int]) -> Texts:
    labels = tuple(texts.labels[at] for at in kept) if texts.labels else ()
    tags = tuple(texts.tags[at] for at in kept) if texts.tags else ()
    own = tuple(texts.texts[at] for at in kept)
    return Texts(texts.name, own, labels, tags, texts.source, texts.licence, texts.citation)


@torch.no_grad()
def values_of(model: Trained, reading: Encoded, site: Site, keys: Sequence[str]) -> dict[str, Floats]:
    """Quantities of one document, ``[step, unit]``, by key: the numbers that its trace has."""
    module, x, state = model.recurrence(reading, site)
    found = replay(module, x, state=state)
    return {key: found[site, key].to("cpu", torch.float32).numpy() for key in keys}


def values(model: Trained, corpus: Corpus, site: Site, key: str, told: Told = lambda _: None) -> Floats:
    """One quantity of a whole corpus, ``[token, unit]``; see ``values_of``."""
    found: Floats | None = None
    alone = ((at, values_of(model, reading, site, [key])[key]) for at, reading in enumerate(corpus.readings))
    ways = [layer.site for layer in _together(model)] if key == "hidden_state" else []
    parts = _states(model, corpus, ways.index(site), len(ways)) if site in ways else alone
    for done, (at, part) in enumerate(parts, start=1):
        if found is None:
            found = np.empty((len(corpus), part.shape[1]), np.float32)
        found[corpus.bounds[at] : corpus.bounds[at + 1]] = part
        told(done)
    if found is None:
        raise ValueError("values: expected a corpus of at least one document, got none")
    return found


def _together(model: Trained) -> tuple[Layer, ...]:
    """The topmost layer, one ``Layer`` a direction, where several documents can be read side by side; else none."""
    network = model.network
    return network.layers[-1] if isinstance(network, SequenceNetwork) else ()


@torch.no_grad()
def _states(model: Trained, corpus: Corpus, way: int, ways: int) -> Iterator[tuple[int, Floats]]:
    """Every document's number and topmost states ``[step, unit]``, those of like length read side by side."""
    order = np.argsort(np.diff(corpus.bounds), kind="stable")
    for some in np.array_split(order, -(-len(order) // TOGETHER)):
        content, lengths = model.padded([corpus.readings[at] for at in some])
        states = model.network.recur(model.network.input(content), lengths)[0].chunk(ways, dim=-1)[way]
        for at, rows, length in zip(some.tolist(), states.to("cpu", torch.float32).numpy(), lengths, strict=True):
            yield at, rows[:length]


def quantities(model: Trained) -> list[tuple[Site, str]]:
    """Site and key of every gate, candidate and state that can be searched, layer by layer."""
    first = model.encode(model.task.examples[0].text)
    return [(site, row.key) for site, row in model.trace(first).find(Kind.STATE, Kind.GATE, Kind.CANDIDATE)
            if site.module == "rnn"]  # fmt: skip
