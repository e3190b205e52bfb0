"""Pairs of inputs that differ in little, by task: what a comparison of two inputs begins with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """Two inputs that differ in one respect, and what to look for."""

    title: str
    first: str
    second: str
    why: str


PAIRS: dict[str, tuple[Pair, ...]] = {
    "sentiment": (
        Pair("Negation", "this is a good film", "this is not a good film",
             "One word more, two words before the one that it turns round."),
        Pair("Contrast, order swapped", "the acting is superb, but the story is dull",
             "the story is dull, but the acting is superb", "The same words: only what comes after “but” has changed."),
        Pair("Intensifier", "the film is good", "the film is extremely good",
             "A word that only strengthens: how far does it move the state?"),
        Pair("One word changed", "the ending is touching", "the ending is tedious",
             "Everything is equal up to the last word."),
        Pair("Typing mistake", "a wonderful performance", "a wonderfull performance",
             "One letter too many, and the word is unknown: is it made up for?"),
        Pair("A detail that should not matter", "my brother chose the film, and it is a quiet delight",
             "my sister chose the film, and it is a quiet delight",
             "The texts differ early, and the answer should not: do the states come together again?"),
    ),
}  # fmt: skip
"""Pairs by the key of their task; the first is what the page opens with."""
