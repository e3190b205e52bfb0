r"""The best that counting can do: an n-gram of characters, smoothed as by Witten and Bell.

    p(c | h) = (N(hc) + T(h) p(c | h')) / (N(h) + T(h))

N counts in the training text, T(h) is the number of different characters seen after h, and h' is h without its first
character; below the empty history every id is equally probable. Witten & Bell 1991, "The zero-frequency problem",
method C, interpolated as in Chen & Goodman 1998, section 2.7.

    python -m pretrained.analysis.ngram TASK --data FOLDER    prints nats a character on dev and test for n = 1, 2, ...
"""

from __future__ import annotations

import argparse
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from pretrained.families.next_token.corpus import Texts
from pretrained.kinds.next_token import CharacterTask

History = tuple[int, ...]


class CharacterNgram:
    """Counts of ids after every history of fewer than ``order`` ids.

    Args:
        ids: the training text.
        order: n.
        vocabulary: number of ids.
    """

    def __init__(self, ids: Sequence[int], order: int, vocabulary: int) -> None:
        self.order, self.vocabulary = order, vocabulary
        self.after: list[dict[History, Counter[int]]] = [defaultdict(Counter) for _ in range(order)]
        for at, index in enumerate(ids):
            for length in range(min(order, at + 1)):
                self.after[length][tuple(ids[at - length : at])][index] += 1
        self.totals = [{history: sum(seen.values()) for history, seen in table.items()} for table in self.after]

    def probability(self, history: Sequence[int], index: int) -> float:
        """Probability of ``index`` after ``history``, of which the last ``order`` - 1 ids count."""
        p = 1.0 / self.vocabulary
        for length in range(min(self.order, len(history) + 1)):
            past = tuple(history[len(history) - length :])
            seen = self.after[length].get(past)
            if seen is None:
                break
            kinds = len(seen)
            p = (seen[index] + kinds * p) / (self.totals[length][past] + kinds)
        return p

    def nats(self, ids: Sequence[int]) -> float:
        """Mean -ln p of every id after the first."""
        reach = self.order - 1
        losses = (-math.log(self.probability(ids[max(0, at - reach) : at], ids[at])) for at in range(1, len(ids)))
        return math.fsum(losses) / (len(ids) - 1)


def main() -> None:
    """Command line."""
    from pretrained.tasks import TASKS

    parser = argparse.ArgumentParser(description="Score n-grams of characters.")
    parser.add_argument("task")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--orders", type=int, nargs="+", default=[1, 2, 3, 4, 5, 6])
    given = parser.parse_args()
    task = next((task for task in TASKS if task.key == given.task and isinstance(task, CharacterTask)), None)
    if task is None:
        parser.error(f"expected a task of characters, got {given.task}")
    corpus = Texts(task, given.data)
    training = [index for document in corpus.training for index in document]
    for order in given.orders:
        counted = CharacterNgram(training, order, task.vocabulary)
        found = {split: round(counted.nats(corpus.stream(split)), 4) for split in ("dev", "test")}
        print(order, found, flush=True)


if __name__ == "__main__":
    main()
