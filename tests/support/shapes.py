"""One model of every shape, for tests of what all models of a shape do alike; seeds and widths are no shapes."""

from __future__ import annotations

from pretrained.registry import recipes


def one_of_each(family: str, *fields: str) -> list[str]:
    """The first model for every combination of these fields of its architecture."""
    shapes = {tuple(recipe.architecture.get(field) for field in fields): key
              for key, recipe in reversed(recipes(family).items())}  # fmt: skip
    return list(reversed(shapes.values()))
