"""Every architecture with every seed that was trained."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from core_models.cells import UNROLLED
from pretrained.recipe import Recipe


def attends(architecture: Mapping[str, Any]) -> bool:
    """Whether a network looks back over its tokens, in its readout or inside its recurrence."""
    unrolled = UNROLLED.get(architecture["cell"])
    return architecture.get("attention") is not None or (unrolled is not None and unrolled(2, 2).score is not None)


def is_plain(architecture: Mapping[str, Any]) -> bool:
    """Whether a network is one layer of a stock gated cell, read forward, and nothing else."""
    several = architecture.get("layers", 1) > 1 or architecture.get("bidirectional", False)
    return not several and not attends(architecture) and architecture["cell"] in ("gru", "lstm")


def seed_table(recipes: Iterable[Recipe]) -> pd.DataFrame:
    """One row for each architecture: accuracies of its seeds, their mean and range; repeated seeds are one row."""
    first: dict[object, Recipe] = {}
    seeds: dict[object, dict[str, float]] = {}
    for recipe in recipes:
        same = (tuple(sorted(recipe.architecture.items())), replace(recipe.training, seed=0))
        first.setdefault(same, recipe)
        seeds[same] = {**seeds.get(same, {}), **recipe.seeds}
    rows = []
    for same, recipe in first.items():
        values = [value for _, value in sorted(seeds[same].items())]
        rows.append(
            {
                "model": recipe.title,
                "key": recipe.key,
                "mean": statistics.mean(values),
                "lowest": min(values),
                "highest": max(values),
                "seeds": len(values),
                "accuracies": values,
                "attends": attends(recipe.architecture),
                "plain": is_plain(recipe.architecture),
                "size": f"{recipe.architecture['embedding']} features, {recipe.architecture['hidden']} units",
                "parameters": recipe.scores["parameters"],
            }
        )
    return pd.DataFrame(rows).sort_values("mean", ascending=False, ignore_index=True)
