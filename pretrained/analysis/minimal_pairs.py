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
    "story-questions": (
        Pair("Order of two sentences",
             "Where is the cup? Emma took the cup. Emma went to the attic. Emma left the cup. Emma ran to the garden.",
             "Where is the cup? Emma took the cup. Emma went to the attic. Emma ran to the garden. Emma left the cup.",
             "The last two sentences change places, and the cup is left behind in another place."),
        Pair("Another question", "Where is Anna? Anna went to the attic. Ben ran to the office. Ben took the key.",
             "Where is Ben? Anna went to the attic. Ben ran to the office. Ben took the key.",
             "One story, two questions: the network knows what to look for before the story begins."),
    ),
}  # fmt: skip
"""Pairs by the key of their task; the first is what the page opens with."""
