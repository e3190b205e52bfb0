r"""Searching for a target: greedy and beam search, with everything that was considered kept as a tree.

A beam of width k keeps the k best unfinished beginnings; at every step each is continued by its k most probable tokens,
and of all those the best k stay. A finished one leaves the beam. What is finished is ranked by

    score(y) = log p(y | x) / lp(y),   lp(y) = ((5 + |y|) / 6)^a

with the length penalty a of Wu et al. 2016, arXiv 1609.08144, eq. 14; a = 0 ranks by probability alone, which favours
short outputs. Width 1 is greedy search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from core_models.edits.edit import Stack
from core_models.edits.run import check_stack
from core_models.edits.writing import begins, course_of, reread
from core_models.encoded import Encoded
from core_models.networks.translator import BEGIN, END, PADDING, Course, Memory, Translator
from core_models.trace import Tokens

WIDEST = 16
"""The widest beam that is searched."""

Fate = Literal["kept", "pruned", "finished"]


@dataclass(frozen=True)
class Search:
    """How a target is searched for.

    Attributes:
        width: of the beam, from 1 (greedy) to 16.
        penalty: exponent of the length penalty, 0 for none.

    Raises:
        ValueError: if the width or the penalty is outside its range.
    """

    width: int = 1
    penalty: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= self.width <= WIDEST or not 0.0 <= self.penalty <= 2.0:
            raise ValueError(
                f"search: expected a width from 1 to {WIDEST} and a penalty from 0 to 2, "
                f"got {self.width} and {self.penalty:g}"
            )

    def score(self, log_probability: float, length: int) -> float:
        """Score of a target of ``length`` tokens, the end included."""
        return log_probability / ((5.0 + length) / 6.0) ** self.penalty


@dataclass(frozen=True)
class Node:
    """One token that was considered, with the beginning that leads to it.

    Attributes:
        index: its place in ``Found.nodes``.
        parent: index of the node before it; -1 for a first token.
        step: target step, counted from 0.
        token: target id.
        log_probability: of this token after its beginning, in nats.
        total: of the whole beginning up to here, in nats.
        score: ``total`` over the length penalty.
        fate: whether it stayed in the beam, was dropped, or ended a target.
    """

    index: int
    parent: int
    step: int
    token: int
    log_probability: float
    total: float
    score: float
    fate: Fate


@dataclass(frozen=True)
class Hypothesis:
    """One target: its ids (the end included where it was reached), its log-probability and its score."""

    ids: tuple[int, ...]
    log_probability: float
    score: float
    node: int

    @property
    def ended(self) -> bool:
        """Whether the network ended it, rather than the limit."""
        return bool(self.ids) and self.ids[-1] == END


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes:
        hypotheses: finished targets, the best first; unfinished ones only where none was finished.
        nodes: every token that was considered, in the order of the search; with their parents they form the tree.
    """

    hypotheses: tuple[Hypothesis, ...]
    nodes: tuple[Node, ...]

    @property
    def best(self) -> Hypothesis:
        """The target with the highest score."""
        return self.hypotheses[0]

    def path(self, index: int) -> tuple[int, ...]:
        """Indices of the nodes from a first token to the node ``index``."""
        found = []
        while index >= 0:
            found.append(index)
            index = self.nodes[index].parent
        return tuple(reversed(found))


@torch.no_grad()
def search(
    network: Translator,
    source: Sequence[int],
    how: Search | None = None,
    *,
    prefix: Sequence[int] = (),
    stack: Stack = (),
    longest: int = 80,
) -> Found:
    """The best targets for a source, as in ``eval()``.

    Args:
        network: the network.
        source: source ids, the end included.
        how: width and length penalty; greedy if None.
        prefix: target ids that are given; the search goes on behind them.
        stack: edits, of the source, the encoder and the decoder; ``Begin`` among them is a prefix, too.
        longest: the most target tokens, the end included.

    Raises:
        ValueError: if the source is empty, an edit does not fit, or the prefix leaves no room.
    """
    how, prefix = how or Search(), prefix or begins(stack)
    if not len(source) or len(prefix) > longest:
        raise ValueError(f"search: expected a source and a prefix of at most {longest} tokens, got {len(prefix)}")
    check_stack(stack, network, len(source), longest)
    rows, _, memory = reread(network, Encoded(Tokens(("",) * len(source), ids=tuple(source))), [stack])
    return _Beam(network, memory, how, course_of(network, rows, [stack], longest), longest).run(prefix)


@torch.no_grad()
def write_all(network: Translator, sources: Sequence[Sequence[int]], *, longest: int = 80) -> list[tuple[int, ...]]:
    """Greedy targets of many sources side by side, for scoring: what ``search`` writes one by one with width 1.

    Args:
        network: the network.
        sources: source ids, the end included.
        longest: the most target tokens, the end included.

    Returns:
        Target ids, the end included where it was reached, in the order of the sources.
    """
    device = next(network.parameters()).device
    rows = [torch.tensor(list(source), device=device) for source in sources]
    lengths = torch.tensor([len(row) for row in rows])
    memory = network.encode(nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PADDING), lengths)
    state, token, written = network.begin(memory), torch.full((len(rows),), BEGIN, device=device), []
    for _ in range(longest):
        previous = network.target_embedding(token)
        found = network.step(memory, state, network.project(previous))
        state = {key: found[key] for key in network.cell.states}
        logits = network.logits(network.summarise(found["hidden_state"], found["context"], previous))
        logits[:, [PADDING, BEGIN]] = -torch.inf
        token = logits.argmax(-1)
        written.append(token)
        if bool((torch.stack(written) == END).any(0).all()):
            break
    return [_until_end(row) for row in torch.stack(written, 1).tolist()]


def _until_end(ids: list[int]) -> tuple[int, ...]:
    return tuple(ids[: ids.index(END) + 1]) if END in ids else tuple(ids)


class _Beam:
    """One search in progress; lives only while ``search`` runs."""

    def __init__(self, network: Translator, memory: Memory, how: Search, course: Course, longest: int) -> None:
        self.network, self.memory, self.how, self.course, self.longest = network, memory, how, course, longest
        self.nodes: list[Node] = []
        self.alive = [-1]
        self.state = network.begin(memory)

    def run(self, prefix: Sequence[int]) -> Found:
        finished: list[int] = []
        for step in range(self.longest):
            log_probabilities = self._advance(step)
            forced = prefix[step] if step < len(prefix) else None
            kept, ended = self._extend(log_probabilities, step, forced)
            finished += ended
            if not kept or len(finished) >= self.how.width:
                break
        ends = finished or self.alive
        found = sorted((self._hypothesis(index) for index in ends), key=lambda h: -h.score)
        return Found(tuple(found), tuple(self.nodes))

    def _advance(self, step: int) -> Tensor:
        """Read the last token of every beginning; log-probabilities of the next, ``[alive, target id]``."""
        network = self.network
        last = [BEGIN if index < 0 else self.nodes[index].token for index in self.alive]
        previous = network.target_embedding(torch.tensor(last, device=self.memory.states.device))
        memory = self.memory.repeated(len(last))
        found = network.step(memory, self.state, network.project(previous), self.course, step)
        self.state = {key: found[key] for key in network.cell.states}
        summary = network.summarise(found["hidden_state"], found["context"], previous)
        return torch.log_softmax(network.logits(summary), dim=-1)

    def _extend(self, log_probabilities: Tensor, step: int, forced: int | None) -> tuple[list[int], list[int]]:
        """Add the tokens that are considered as nodes; indices of those that stay and of those that end."""
        kept, ended, rows = [], [], []
        for place, (total, row, token, value) in enumerate(self._considered(log_probabilities, forced)):
            fate: Fate = "pruned" if place >= self.how.width else "finished" if token == END else "kept"
            index, score = len(self.nodes), self.how.score(total, step + 1)
            self.nodes.append(Node(index, self.alive[row], step, token, value, total, score, fate))
            if fate == "kept":
                kept.append(index)
                rows.append(row)
            elif fate == "finished":
                ended.append(index)
        if kept:
            self.alive = kept
            self.state = {key: value[rows] for key, value in self.state.items()}
        return kept, ended

    def _considered(self, log_probabilities: Tensor, forced: int | None) -> list[tuple[float, int, int, float]]:
        """Total, row, token and log-probability of every continuation that is considered, the best first."""
        if forced is None:
            allowed = log_probabilities.clone()
            allowed[:, [PADDING, BEGIN]] = -torch.inf
            values, tokens = (part.tolist() for part in allowed.topk(min(self.how.width, allowed.shape[1] - 2), dim=-1))
        else:
            values, tokens = log_probabilities[:, [forced]].tolist(), [[forced]] * len(log_probabilities)
        totals = [self.nodes[index].total if index >= 0 else 0.0 for index in self.alive]
        found = [
            (total + value, row, token, value)
            for row, total in enumerate(totals)
            for value, token in zip(values[row], tokens[row], strict=True)
        ]
        return sorted(found, key=lambda one: -one[0])

    def _hypothesis(self, index: int) -> Hypothesis:
        node = self.nodes[index]
        path = Found((), tuple(self.nodes)).path(index)
        return Hypothesis(tuple(self.nodes[i].token for i in path), node.total, node.score, index)
