"""Score a shipped model anew: ``python -m pretrained.evaluate MODEL --data FOLDER``; exits 1 if a claim fails.

With ``--write``, what is measured that the recipe does not hold yet is added to it; what it holds stays as it is.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from pretrained.families import family_of
from pretrained.registry import every_recipe, load
from pretrained.task import DataError
from pretrained.train import DATA_VARIABLE, arguments, fill_in


def main() -> int:
    """Command line; returns the exit status."""
    parser = arguments("evaluate", "Score a shipped model on dev and test and compare with its recipe.")
    parser.add_argument("--write", action="store_true", help="add scores that the recipe does not hold yet")
    given = parser.parse_args()
    if given.data is None:
        parser.error(f"give the folder of the data by --data or ${DATA_VARIABLE}")
    if given.model not in every_recipe():
        parser.error(f"{given.model} has no weights yet: run python -m pretrained.train {given.model}")
    model = load(given.model)
    recipe, family = model.recipe, family_of(model.task)
    corpus = family.corpus(model.task, Path(given.data))
    try:
        corpus.verify()
    except DataError as error:
        parser.error(str(error))
    holds, new = True, {}
    for name, value in family.scores(model.network, corpus).items():
        if name not in recipe.scores:
            new[name] = value
            print(f"{name}: {value}; the recipe does not say")
            continue
        claim = recipe.scores[name]
        agrees = _agree(claim, value)
        holds &= agrees
        print(f"{name}: {value}; recipe says {claim}: {'holds' if agrees else 'FAILS'}")
    if given.write and new and holds:
        fill_in(recipe, scores={**recipe.scores, **new})
        print(f"added {', '.join(new)} to {recipe.path}")
    return 0 if holds else 1


def _agree(claim: Any, value: Any) -> bool:
    """Whether what was measured is what was claimed, number by number, as far as machines agree."""
    if isinstance(value, dict):
        return claim.keys() == value.keys() and all(_agree(claim[name], value[name]) for name in value)
    if isinstance(value, list):
        return len(claim) == len(value) and all(map(_agree, claim, value))
    return claim == value or (isinstance(value, float) and abs(value - claim) <= _tolerance(value))


def _tolerance(value: float) -> float:
    """How far a score may move from machine to machine: half a thousandth, or as much of a scale that ends at 100."""
    return 5e-4 if value <= 1.0 else 0.05


if __name__ == "__main__":
    sys.exit(main())
