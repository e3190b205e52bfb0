"""One written token and its rivals, as numbers; neither torch nor a network is needed to look at it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """One written token and its rivals: a row for each of the most probable tokens, the best first.

    Attributes:
        index: id that was chosen.
        ids: ids of the candidates.
        plain, tempered, final: their probabilities at each stage; ``final`` is 0 for what was cut.
        after_k, kept: whether top-k, and top-p after it, kept them.
        count_k, count: how many of all tokens top-k kept, and top-p of those.
        entropy: of what the network expected, in nats.
    """

    index: int
    ids: tuple[int, ...]
    plain: tuple[float, ...]
    tempered: tuple[float, ...]
    final: tuple[float, ...]
    after_k: tuple[bool, ...]
    kept: tuple[bool, ...]
    count_k: int
    count: int
    entropy: float

    @property
    def rank(self) -> int:
        """Place of the chosen token among the candidates, from 0."""
        return self.ids.index(self.index)
