"""What attention is worth in the shipped models, in a few sentences made of the measured numbers."""

from __future__ import annotations

from pretrained.faithfulness.results import Background, read_background
from pretrained.faithfulness.verdict import MOVED, POINTS
from pretrained.recipe import Recipe
from pretrained.registry import sound_recipes

PLACES = {
    "alone": "where the readout sees the context alone",
    "joined": "where it also gets the last state",
    "inside": "where attention stands inside the recurrence",
}


def place_of(recipe: Recipe) -> str:
    """Key of ``PLACES``: where a model's attention stands."""
    if recipe.architecture.get("attention") is None:
        return "inside"
    return "joined" if recipe.architecture.get("readout") in ("concatenated", "fused") else "alone"


def describe_backgrounds() -> str:
    """In how many sentences shuffling the attention moves the answer, by where it stands, and how it ranks words."""
    found: dict[str, list[Background]] = {}
    for recipe in sound_recipes("sentiment").values():
        background = read_background(recipe)
        if background is not None:
            found.setdefault(place_of(recipe), []).append(background)
    parts = [f"in {_range(found[place])} {words}" for place, words in PLACES.items() if place in found]
    every = [one for group in found.values() for one in group]
    highest = max(one.mean("agreement").value for one in every)
    ranks = "In no model does it" if highest <= POINTS else "In some models it does"
    return (
        f"Shuffling the attention weights moves the answer by {MOVED * 100:.0f} points or more in this share of "
        f"{every[0].count} unseen sentences: {', '.join(parts)}. {ranks} rank the words as leaving them out does: "
        f"Kendall's τ is {highest:.2f} at best."
    )


def _range(group: list[Background]) -> str:
    shares = [one.verdict.share.value for one in group]
    low, high = f"{min(shares):.0%}", f"{max(shares):.0%}"
    return low if low == high else f"{low} to {high}"
