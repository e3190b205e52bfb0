"""Probes of a shipped model's states on made sentences, with what puts their accuracy in its place."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from core_models.explain.probing.probes import Probe, fit_probe
from pretrained.analysis.probe_sentences import PROPERTIES, Labelled, make_sentences
from pretrained.trained import Trained
from pretrained.training.untrained import untrained

TRAINING, TEST = 250, 250
"""Sentences from which probes learn, and others by which they are judged."""


@dataclass(frozen=True)
class Probed:
    """One property of one model.

    Attributes:
        probe: fitted to the trained network's states.
        accuracy: on unseen sentences.
        control: accuracy of the same probe on labels drawn at random for every word type, on unseen sentences.
        untrained: accuracy on the states of the network before training.
        word: accuracy on the embedding of the token alone, which remembers nothing.
        majority: accuracy of always giving the commoner answer.
        count: tokens that were judged.
    """

    probe: Probe
    accuracy: float
    control: float
    untrained: float
    word: float
    majority: float
    count: int

    @property
    def selectivity(self) -> float:
        """Accuracy minus that of the control task."""
        return self.accuracy - self.control


@dataclass(frozen=True)
class _Seen:
    """What a network holds at every token of some sentences, ``[token, unit]`` and ``[token, feature]``."""

    states: NDArray[np.float32]
    embeddings: NDArray[np.float32]


@cache
def _sentences() -> tuple[list[Labelled], list[Labelled]]:
    made = {item.text: item for item in make_sentences(2 * (TRAINING + TEST), seed=1)}
    distinct = list(made.values())
    return distinct[:TRAINING], distinct[TRAINING : TRAINING + TEST]


def probe_all(model: Trained) -> dict[str, Probed]:
    """Every property's probe on the top layer's states of a model, by the property's key."""
    learned, unseen = _sentences()
    before = untrained(model.recipe.key)
    trained = _look(model, learned), _look(model, unseen)
    fresh = _look(before, learned), _look(before, unseen)
    return {key: _probe(key, trained, fresh, learned, unseen) for key in PROPERTIES}


def _probe(
    key: str,
    trained: tuple[_Seen, _Seen],
    fresh: tuple[_Seen, _Seen],
    learned: Sequence[Labelled],
    unseen: Sequence[Labelled],
) -> Probed:
    (asked, labels), (asked_there, there) = _labels(learned, key), _labels(unseen, key)
    words, words_there = _word_bits(learned, key)[asked], _word_bits(unseen, key)[asked_there]

    def judged(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
        return fit_probe(one[asked], labels).accuracy(other[asked_there], there)

    probe = fit_probe(trained[0].states[asked], labels)
    control = fit_probe(trained[0].states[asked], words)
    return Probed(
        probe=probe,
        accuracy=probe.accuracy(trained[1].states[asked_there], there),
        control=control.accuracy(trained[1].states[asked_there], words_there),
        untrained=judged(fresh[0].states, fresh[1].states),
        word=judged(trained[0].embeddings, trained[1].embeddings),
        majority=float(max(there.mean(), 1.0 - there.mean())),
        count=len(there),
    )


def _labels(sentences: Sequence[Labelled], key: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which tokens are asked for, of all, and the labels of those."""
    values = [value for item in sentences for value in item.labels[key]]
    asked = np.array([value is not None for value in values])
    return asked, np.array([bool(value) for value in values])[asked]


def _word_bits(sentences: Sequence[Labelled], key: str) -> NDArray[np.bool_]:
    """The control task's label of every token: a bit drawn once for its word."""
    words = [word for item in sentences for word in item.text.split()]
    return np.array([zlib.crc32(f"{key}/{word}".encode()) & 1 for word in words], dtype=bool)


@torch.no_grad()
def _look(model: Trained, sentences: Sequence[Labelled]) -> _Seen:
    """The top layer's states, directions joined, and the embeddings at every token, sentence after sentence."""
    network = model.network
    content, lengths = model.padded([model.encode(item.text) for item in sentences])
    x = network.input.embed(content)
    states, _ = network.recur(x, lengths)
    inside = (torch.arange(states.shape[1])[None] < lengths[:, None]).to(model.device)
    return _Seen(states[inside].float().cpu().numpy(), x[inside].float().cpu().numpy())
