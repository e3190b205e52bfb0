"""Score a shipped model anew: ``python -m pretrained.evaluate MODEL --data FOLDER``; exits 1 if a claim fails."""

from __future__ import annotations

import sys
from pathlib import Path

from pretrained.registry import load, recipes
from pretrained.task import DataError
from pretrained.train import DATA_VARIABLE, arguments


def main() -> int:
    """Command line; returns the exit status."""
    parser = arguments("evaluate", "Score a shipped model on dev and test and compare with its recipe.")
    given = parser.parse_args()
    if given.data is None:
        parser.error(f"give the folder of the data by --data or ${DATA_VARIABLE}")
    if given.model not in recipes():
        parser.error(f"{given.model} has no weights yet: run python -m pretrained.train {given.model}")
    model = load(given.model)
    corpus = model.task.corpus(Path(given.data), model.recipe.training.sentence_weight)
    try:
        corpus.verify()
    except DataError as error:
        parser.error(str(error))
    holds = True
    for split in ("dev", "test"):
        score, claim = corpus.evaluate(model.network, split), model.recipe.scores[f"{split}_accuracy"]
        agrees = abs(score.accuracy - claim) <= 0.5 / score.count + 5e-5
        holds &= agrees
        verdict = "holds" if agrees else "FAILS"
        print(f"{split}: {score.accuracy:.4f} of {score.count}; recipe says {claim:.4f}: {verdict}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
