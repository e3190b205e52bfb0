"""Translators and what they wrote, shared by all visitors and cached by strings; nothing here is ever changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from core_models.edits.edit import Stack, kept_steps
from core_models.edits.run import edited_tokens
from core_models.encoded import Encoded
from core_models.networks.decoding import Search
from core_models.networks.translator import END, PADDING
from pretrained.families.translation.trained import Answer, Forced, TrainedTranslator
from pretrained.task import Given
from viz import session
from viz.explain.edits.stack import active, address_of, read_entries
from viz.remembered import kept
from viz.run import ModelRun

NEIGHBOURS = 12


@dataclass(frozen=True)
class Request:
    """What is asked of a network, in strings: model, source, width and length penalty of the search, what-ifs."""

    model: str
    source: str
    width: str
    penalty: str
    edits: str = ""

    @property
    def how(self) -> Search:
        """The search."""
        return Search(int(self.width), float(self.penalty))


def translator(key: str) -> TrainedTranslator:
    """The translator named ``key``; see ``viz.session.model``.

    Raises:
        ModelError: if it cannot be used.
    """
    return session.model(key)


@kept(max_entries=64)
def answer(asked: Request) -> tuple[Encoded, Answer]:
    """What a network wrote, and what it read: the source with the what-ifs' words in it.

    Raises:
        InputError: if there is nothing to read.
        ModelError: if the model cannot be used.
    """
    model = translator(asked.model)
    if not asked.edits:
        reading = model.task.encode(asked.source)
        return reading, model.answer(reading, asked.how)
    reading, first = answer(replace(asked, edits=""))
    stack = active(read_entries(asked.edits, run_of(asked, reading, first)), len(reading))
    return reread(reading, stack), model.answer(reading, asked.how, stack=stack)


def run_of(asked: Request, reading: Encoded, found: Answer) -> ModelRun:
    """A translation as the what-ifs of all models see it: what was read, and what is written for it."""
    trace = found.translation.trace
    return ModelRun(translator(asked.model), Given(asked.source), replace(reading, written=trace.tokens), trace)


@kept(max_entries=32)
def forced(model: str, source: str, reference: str) -> Forced:
    """A reference written by teacher forcing, beside what the network writes alone.

    Raises:
        InputError: if the reference is empty or too long.
        ModelError: if the model cannot be used.
    """
    loaded = translator(model)
    return loaded.force(loaded.task.encode(source), reference)


def ids_of(reading: Encoded) -> tuple[int, ...]:
    """The id of every source token."""
    return cast("tuple[int, ...]", reading.ids)


def reread(reading: Encoded, stack: Stack) -> Encoded:
    """A reading as it is under edits, in the text as well: tokens left out or others in their place."""
    tokens, old = edited_tokens(reading.tokens, stack), reading.tokens
    text, spans = "", []
    for place, label in zip(kept_steps(stack, len(old)), tokens.labels, strict=True):
        start, stop = old.spans[place]
        text += old.text[old.spans[place - 1][1] if place else 0 : start]
        word = old.text[start:stop] if label == old.labels[place] else label
        spans.append((len(text), len(text) + len(word)))
        text += word
    return Encoded(replace(tokens, text=text, spans=tuple(spans)), reading.notices)


@kept(max_entries=256)
def neighbours(model: str, index: int) -> list[tuple[int, str, float]]:
    """Source ids whose embeddings point most nearly the same way, with their names and the cosine, nearest first."""
    loaded = translator(model)
    table = loaded.network.source_embedding.weight.detach().cpu().numpy().astype(np.float64)
    lengths = np.linalg.norm(table, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosines = np.nan_to_num(table @ table[index] / (lengths * lengths[index]), nan=-2.0)
    cosines[[*range(PADDING, END + 1), index]] = -2.0
    best = np.argsort(-cosines, kind="stable")[:NEIGHBOURS]
    side = loaded.task.source
    return [(int(i), side.label(int(i)), float(cosines[i])) for i in best if cosines[i] >= -1.0]


def wrapped(stack: Stack, asked: Request) -> Request:
    """The same question with these what-ifs."""
    return replace(asked, edits=address_of(tuple(stack)))
