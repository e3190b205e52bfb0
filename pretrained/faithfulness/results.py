"""What was measured about the models' attention, written by ``python -m pretrained.faithfulness.measure`` alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core_models.explain.attribution.ranks import mean_interval
from pretrained.faithfulness.verdict import MOVED, Estimate, Verdict, judge
from pretrained.recipe import Recipe
from pretrained.shipped import is_listed, read_json, understood

FILE = Path(__file__).parent / "results" / "sentiment.json"

MEASURES: Mapping[str, str] = {
    "uniform": "change with uniform attention",
    "shuffled": "median change with shuffled attention",
    "muted_top": "change when the most attended token gets no attention",
    "muted_random": "change when a random token gets no attention",
    "removed_top": "change when the most attended token is taken out of the text",
    "removed_random": "change when a random token is taken out of the text",
    "agreement": "τ of attention with leaving out",
    "gradient_agreement": "τ of attention with |gradient × input|",
    "reference_agreement": "τ of |gradient × input| with leaving out",
    "divergence": "divergence of another attention with the same answer",
}
"""What is kept of each sentence; changes are those of the probability."""


@dataclass(frozen=True)
class Background:
    """One model's attention on many unseen sentences.

    Attributes:
        model: key of its recipe.
        sha256: checksum of the weights that were measured.
        values: by measure, one number a sentence; not a number where a rank correlation has only ties.
    """

    model: str
    sha256: str
    values: Mapping[str, NDArray[np.float64]]

    @property
    def count(self) -> int:
        """Number of sentences."""
        return len(self.values["shuffled"])

    def mean(self, measure: str) -> Estimate:
        """Mean over the sentences with its bootstrap interval."""
        values = self.values[measure]
        return Estimate(float(np.nanmean(values)), *mean_interval(values))

    @property
    def verdict(self) -> Verdict:
        """The verdict over all sentences."""
        return judge(int((self.values["shuffled"] >= MOVED).sum()), self.count, self.mean("agreement"))


@cache
def _rows(path: Path) -> dict[str, dict[str, Any]]:
    if not (path.is_file() or is_listed(path)):
        return {}
    with understood(path, LookupError, TypeError):
        return {row["model"]: row for row in read_json(path)["rows"]}


def read_background(recipe: Recipe, path: Path = FILE) -> Background | None:
    """What was measured with a model's present weights; None if nothing was.

    Raises:
        ModelError: if the file of the results is missing or damaged.
    """
    if recipe.task != FILE.stem:  # its models have no need of the file
        return None
    row = _rows(path).get(recipe.key)
    with understood(path, LookupError, TypeError):
        if row is None or row["sha256"] != recipe.weights.get("sha256"):
            return None
        return Background(recipe.key, row["sha256"], {name: _doubles(row["values"][name]) for name in MEASURES})


def _doubles(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
