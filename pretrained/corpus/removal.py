"""What a unit does to the answers over a corpus: texts are read with the unit held at 0, and the answers compared.

An answer is a class of the whole, a label of a token, or the token that comes next. Its distribution moves by the total
variation ½ Σ |p − q|, from 0 to 1; and the answer may become another one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core_models.corpus.places import Floats
from core_models.edits.edit import ChangeState, Stack
from core_models.edits.run import every_output
from core_models.heads import CHOOSING
from core_models.trace import Site
from pretrained.corpus.reading import Corpus
from pretrained.trained import Trained

MOST_TOKENS, SECONDS, SEED = 4_000, 8.0, 0
"""Tokens that are read, time after which no further text is, and by what texts are drawn."""


@dataclass(frozen=True, eq=False)
class Removed:
    """What holding each of some units at 0 does.

    Attributes:
        units: the units, one after another.
        documents: the texts that were read.
        answers: how many answers were compared.
        moved: mean total variation of the answers of each text, ``[unit, document]``.
        turned: share of the answers that become others, ``[unit]``.
        per_document: whether a text has one answer.
    """

    units: tuple[int, ...]
    documents: tuple[int, ...]
    answers: int
    moved: Floats
    turned: Floats
    per_document: bool


def can_be_removed(model: Trained) -> bool:
    """Whether the model gives one of several answers."""
    return any(name in CHOOSING for name in getattr(model.network, "heads", ()))


def removed(
    model: Trained, corpus: Corpus, site: Site, units: Sequence[int], told: Callable[[float], None] = lambda _: None
) -> Removed:
    """Hold each of some units at 0 at every token of texts drawn from a corpus.

    Args:
        model: a model of which ``can_be_removed`` is true.
        corpus: the texts.
        site: layer and direction of the units.
        units: their numbers.
        told: is called with the share that is done.
    """
    head = next(name for name in CHOOSING if name in model.network.heads)
    order = np.random.default_rng(SEED).permutation(len(corpus.readings)).tolist()
    stacks: list[Stack] = [(), *([ChangeState(site, "zero", (unit,))] for unit in units)]
    until, read, moved, turned, answers = time.monotonic() + SECONDS, 0, [], np.zeros(len(units)), 0
    documents = []
    for document in order:
        if read >= MOST_TOKENS or (documents and time.monotonic() > until):
            break
        reading = corpus.readings[document]
        chances = torch.softmax(every_output(model.network, reading, stacks, head), dim=-1)
        change, other = _against(chances if chances.ndim == 3 else chances[:, None])
        moved.append(change.mean(dim=1))
        turned += other.sum(dim=1).numpy()
        answers += other.shape[1]
        documents.append(document)
        read += len(reading)
        told(min(1.0, read / MOST_TOKENS))
    return Removed(
        tuple(units), tuple(documents), answers, torch.stack(moved, dim=1).numpy(),
        (turned / max(answers, 1)).astype(np.float32), head == "answer",
    )  # fmt: skip


def _against(chances: Tensor) -> tuple[Tensor, Tensor]:
    """Total variation from the first row, and whether the answer is another one, ``[row − 1, step]`` each."""
    change = 0.5 * (chances[1:] - chances[:1]).abs().sum(dim=-1)
    best = chances.argmax(dim=-1)
    return change, best[1:] != best[:1]
