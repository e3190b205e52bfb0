"""Score a shipped model anew: ``python -m pretrained.evaluate MODEL --data FOLDER``; exits 1 if a claim fails.

With ``--write``, what is measured that the recipe does not hold yet is added to it; what it holds stays as it is.
"""

from __future__ import annotations

import sys
from pathlib import Path

from torch import nn

from pretrained.recipe import Recipe
from pretrained.registry import AnyTask, every_recipe, load_pair_model, load_reader, recipes
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
    recipe, task, network = _loaded(given.model)
    corpus = task.corpus(Path(given.data), recipe.training.sentence_weight)
    try:
        corpus.verify()
    except DataError as error:
        parser.error(str(error))
    holds, new = True, {}
    for name, value in task.family.scores(network, corpus).items():
        if name not in recipe.scores:
            new[name] = value
            print(f"{name}: {value}; the recipe does not say")
            continue
        claim = recipe.scores[name]
        agrees = claim == value or (isinstance(value, float) and abs(value - claim) <= _tolerance(value))
        holds &= agrees
        print(f"{name}: {value}; recipe says {claim}: {'holds' if agrees else 'FAILS'}")
    if given.write and new and holds:
        fill_in(recipe, scores={**recipe.scores, **new})
        print(f"added {', '.join(new)} to {recipe.path}")
    return 0 if holds else 1


def _loaded(key: str) -> tuple[Recipe, AnyTask, nn.Module]:
    recipe = every_recipe()[key]
    model = load_pair_model(key) if key in recipes("translator") else load_reader(key)
    return recipe, model.task, model.network


def _tolerance(value: float) -> float:
    """How far a score may move from machine to machine: half a thousandth, or as much of a scale that ends at 100."""
    return 5e-4 if value <= 1.0 else 0.05


if __name__ == "__main__":
    sys.exit(main())
