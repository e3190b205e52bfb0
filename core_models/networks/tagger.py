r"""A recurrent tagger: one label for every token, and where asked one for the whole sequence.

    x_t = [E_0[token_t]; E_1[feature_t]; ...]            the token, and what its spelling gives away
    u_t = relu(Σ_k C_k x_{t+k} + b)                      where there is a convolution over neighbours
    h_t = recurrence in both directions                  core_models.cells
    p(tag_t = k) = softmax(W h_t + b)_k
    p(class = k) = softmax(V [h_T forward; h_1 backward] + d)_k

Source: Graves & Schmidhuber 2005, "Framewise phoneme classification with bidirectional LSTM", Neural Networks 18;
features beside words as in Ling et al. 2015, arXiv 1508.02096, and Huang, Xu & Yu 2015, arXiv 1508.01991.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from core_models.cells.recurrence import recurrence
from core_models.convention import Convention
from core_models.trace import Site, Tokens, Trace
from core_models.tracing import Replay, Schedule, as_entries, cell_of, layers_of, replay

EMBEDDING, NEIGHBOURS, TAGS, ANSWER = Site("embedding"), Site("neighbours"), Site("tags"), Site("answer")


@dataclass(frozen=True)
class TaggerArchitecture:
    """Sizes and choices that define a tagger; what a recipe's ``[model]`` table holds.

    Attributes:
        cell: kind of recurrence, read in both directions.
        embedding: features of the token itself.
        hidden: units of each direction.
        layers: recurrent layers.
        features: features of each further column of ids.
        channels: outputs of the convolution over neighbours; 0 for none.
        width: neighbours that it sees, the token among them; odd.
    """

    cell: Literal["rnn", "gru", "lstm"]
    embedding: int
    hidden: int
    layers: int = 1
    features: Sequence[int] = ()
    channels: int = 0
    width: int = 1


class SequenceTagger(nn.Module):
    """A network that labels every token, and whose every inner value can be traced.

    Args:
        architecture: sizes and choices.
        sizes: number of ids of each column, padding (0) included; the first is that of the token itself.
        tags: number of labels of a token.
        classes: number of labels of a sequence; 0 for none.
        dropout: probability with which embeddings and the readouts' input are dropped in training.

    Raises:
        ValueError: if the architecture has not as many features as ``sizes`` has further columns.
    """

    def __init__(
        self, architecture: TaggerArchitecture, sizes: Sequence[int], tags: int, classes: int = 0, dropout: float = 0.0
    ) -> None:
        super().__init__()
        if len(architecture.features) != len(sizes) - 1:
            raise ValueError(f"tagger: expected {len(sizes) - 1} widths of features, got {len(architecture.features)}")
        self.architecture = architecture
        self.embedding = nn.Embedding(sizes[0], architecture.embedding, padding_idx=0)
        columns = zip(sizes[1:], architecture.features, strict=True)
        self.features = nn.ModuleList(nn.Embedding(size, width, padding_idx=0) for size, width in columns)
        width = architecture.embedding + sum(architecture.features)
        self.neighbours = None
        if architecture.channels:
            span = architecture.width
            self.neighbours = nn.Conv1d(width, architecture.channels, span, padding=span // 2)
            width = architecture.channels
        self.rnn = recurrence(
            architecture.cell, width, architecture.hidden, layers=architecture.layers, bidirectional=True,
            dropout=dropout,
        )  # fmt: skip
        self.dropout = nn.Dropout(dropout)
        self.tagger = nn.Linear(2 * architecture.hidden, tags)
        self.readout = nn.Linear(2 * architecture.hidden, classes) if classes else None

    @property
    def convention(self) -> Convention:
        """Equations, source and convention of the recurrent cell."""
        return cell_of(self.rnn).convention

    def embed(self, ids: Tensor) -> Tensor:
        """What is read at every token, ``[..., step, feature]``, from ids ``[..., step, column]``."""
        found = [self.embedding(ids[..., 0])]
        found += [table(ids[..., column]) for column, table in enumerate(self.features, start=1)]
        return torch.cat(found, dim=-1)

    def look_around(self, x: Tensor) -> Tensor:
        """``x [batch, step, feature]`` with its neighbours, ``[batch, step, channel]``; itself without convolution."""
        return x if self.neighbours is None else torch.relu(self.neighbours(x.mT)).mT

    def forward(self, ids: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor | None]:
        """Logits of the tags ``[batch, step, tag]`` and of the classes ``[batch, class]``, if there are some.

        Args:
            ids: padded with 0, ``[batch, step, column]``.
            lengths: ``[batch]``, on the CPU.
        """
        return self.label(self.dropout(self.embed(ids)), lengths)

    def label(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor | None]:
        """As a call, from what ``embed`` gives, ``[batch, step, feature]``."""
        steps, x = x.shape[1], self.dropout(self.look_around(x))
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, last = self.rnn(packed)
        states, _ = pad_packed_sequence(output, batch_first=True, total_length=steps)
        ends = last[0] if isinstance(last, tuple) else last
        answer = None
        if self.readout is not None:
            answer = self.readout(self.dropout(torch.cat([ends[-2], ends[-1]], dim=-1)))
        return self.tagger(self.dropout(states)), answer

    @torch.no_grad()
    def trace(self, ids: Tensor, tokens: Tokens, *, name: str = "", schedule: Schedule = "parallel") -> Trace:
        """Everything computed on one sequence of ids ``[step, column]``, as in ``eval()``.

        Raises:
            ValueError: if there is no token, or an impossible value came out (damaged weights, for example).
        """
        x = self.embed(ids)
        values: Replay = {(EMBEDDING, "embedding"): x}
        if self.neighbours is not None:
            x = self.look_around(x[None])[0]
            values[NEIGHBOURS, "local_features"] = x
        values |= replay(self.rnn, x, schedule=schedule)
        layers = layers_of(self.rnn)
        states = torch.cat([values[layer.site, "hidden_state"] for layer in layers[-1]], dim=-1)
        values[TAGS, "tag_probability"] = torch.softmax(self.tagger(states), dim=-1)
        if self.readout is not None:
            values[ANSWER, "class_probability"] = torch.softmax(self.readout(self.ends(states)), dim=-1)
        cells = {layer.site: layer.cell.convention for depth in layers for layer in depth}
        return Trace(tokens, as_entries(values), cells, name)

    def ends(self, states: Tensor) -> Tensor:
        """Where both directions end, ``[2 * unit]``, in the topmost states ``[step, 2 * unit]``."""
        size = self.architecture.hidden
        return torch.cat([states[-1, :size], states[0, size:]])


def best_path(
    probability: NDArray[np.floating], allowed: NDArray[np.bool_], begins: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """The most probable labels ``[step]`` among those whose order is allowed (Viterbi 1967).

    Args:
        probability: of every label at every token, ``[step, tag]``.
        allowed: whether a label (row) may be followed by another (column), ``[tag, tag]``.
        begins: whether a sequence may begin with a label, ``[tag]``.
    """
    logs = np.log(np.maximum(probability.astype(np.float64), 1e-300))
    forbidden = np.where(allowed, 0.0, -np.inf)
    score, came = logs[0] + np.where(begins, 0.0, -np.inf), []
    for row in logs[1:]:
        ways = score[:, None] + forbidden
        came.append(ways.argmax(axis=0))
        score = ways.max(axis=0) + row
    path = [int(score.argmax())]
    for before in came[::-1]:
        path.append(int(before[path[-1]]))
    return np.array(path[::-1])
