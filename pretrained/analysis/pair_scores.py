"""Does an answer follow what was changed, and nothing else? Pairs of sentences that differ in one respect.

    negation       the second says the opposite: its answer is the other one, and both are right
    intensifier    the second says the same more strongly: both are right, and the probability does not fall
    name           the second names somebody else: the answer stays, and so does its probability

A probability may move by 0.1 the wrong way, as in Ribeiro et al. 2020 (CheckList), arXiv 2005.04118, section 2, from
which the three kinds of test come: a minimum, a direction, and what should not matter. The sentences are this project's
own.

``python -m pretrained.analysis.pair_scores`` reads the pairs with every model of sentiment and writes down what holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pretrained.shipped import read_json, record

PAIRS = Path(__file__).parent / "minimal_pairs.json"
SCORES = Path(__file__).parent / "minimal_pairs.scores.json"

Kind = Literal["negation", "intensifier", "name"]
KINDS: tuple[Kind, ...] = ("negation", "intensifier", "name")

SLACK = 0.1
"""By how much a probability may move the wrong way."""


@dataclass(frozen=True)
class Tested:
    """One pair as a model read it.

    Attributes:
        kind: in what the two differ.
        first, second: the sentences.
        label: class of the first.
        chances: probability of that class for both.
    """

    kind: Kind
    first: str
    second: str
    label: str
    chances: tuple[float, float]

    @property
    def holds(self) -> bool:
        """Whether the two answers stand to each other as they should."""
        first, second = self.chances
        if self.kind == "negation":
            return first > 0.5 > second
        if self.kind == "intensifier":
            return first > 0.5 < second and second >= first - SLACK
        return (first > 0.5) == (second > 0.5) and abs(first - second) <= SLACK


@cache
def pairs() -> Mapping[Kind, list[Mapping[str, str]]]:
    """The sentences of every kind, with the class of the first; raises ``ModelError`` if the file is damaged."""
    return read_json(PAIRS)


def tested(model: Any) -> list[Tested]:
    """Every pair, read by a model of the task of sentiment."""
    rows: list[tuple[Kind, Mapping[str, str]]] = [(kind, pair) for kind in KINDS for pair in pairs()[kind]]
    texts = [pair[part] for _, pair in rows for part in ("first", "second")]
    chances, classes = model.predict([model.encode(text) for text in texts]), model.task.classes
    found = []
    for at, (kind, pair) in enumerate(rows):
        own = classes.index(pair["label"])
        both = float(chances[2 * at][own]), float(chances[2 * at + 1][own])
        found.append(Tested(kind, pair["first"], pair["second"], pair["label"], both))
    return found


def held(results: list[Tested]) -> dict[Kind, int]:
    """How many pairs of every kind hold."""
    return {kind: sum(each.holds for each in results if each.kind == kind) for kind in KINDS}


def scores() -> Mapping[str, Mapping[Kind, int]]:
    """How many pairs of every kind hold, by key of the shipped model; raises ``ModelError`` if the file is damaged."""
    return read_json(SCORES)


def main() -> None:
    """Command line."""
    from pretrained.registry import load, recipes

    found = {key: held(tested(load(key))) for key in recipes("sentiment")}
    lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(counts)}" for key, counts in found.items())
    SCORES.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    record(SCORES)


if __name__ == "__main__":
    main()
