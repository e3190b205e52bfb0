"""Every architecture with every seed that was trained, and whether attention made a difference."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from core_models.cells import CELLS, Attending
from core_models.language import mark, say, together
from pretrained.recipe import Recipe


def attends(architecture: Mapping[str, Any]) -> bool:
    """Whether a network looks back over its tokens, in its readout or inside its recurrence."""
    return architecture.get("attention") is not None or isinstance(CELLS[architecture["cell"]], Attending)


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
                "size": f"{recipe.architecture.get('embedding', 'no')} features, {recipe.architecture['hidden']} units",
                "parameters": recipe.scores["parameters"],
            }
        )
    return pd.DataFrame(rows).sort_values("mean", ascending=False, ignore_index=True)


@dataclass(frozen=True)
class Verdict:
    """What attention did to the accuracy, in points: means over runs, and how far seeds of one network differ."""

    attending: float
    plain: float
    runs: tuple[int, int]
    spread: float

    @property
    def gain(self) -> float:
        """Points that attention adds."""
        return self.attending - self.plain

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        size = mark("{points:.1f} points more") if self.gain >= 0 else mark("{points:.1f} points less")
        judged = mark(
            "Two seeds of one network differ by {spread:.1f} points on average, so on sentences this short attention "
            "makes no difference that these runs can show."
        ) if abs(self.gain) <= self.spread else mark(
            "Two seeds of one network differ by {spread:.1f} points on average, so the difference is larger than "
            "chance between seeds."
        )  # fmt: skip
        reached = say(
            "Networks that attend reach {attending:.1f}% over {runs} runs, a plain GRU or LSTM of the same size "
            "{plain:.1f}% over {others}: {size}.", attending=self.attending, runs=self.runs[0], plain=self.plain,
            others=self.runs[1], size=say(size, points=abs(self.gain)),
        )  # fmt: skip
        return together(reached, say(judged, spread=self.spread))


def judge(table: pd.DataFrame) -> Verdict:
    """Compare the runs that attend with plain ones of the same size: more features or units help by themselves."""
    sizes = set(table[table["plain"]]["size"])
    alike = [attending and size in sizes for attending, size in zip(table["attends"], table["size"], strict=True)]
    attending, plain = _runs(table[alike]["accuracies"]), _runs(table[table["plain"]]["accuracies"])
    gaps = [
        abs(a - b) * 100
        for values in table["accuracies"]
        for place, a in enumerate(values)
        for b in values[place + 1 :]
    ]
    spread = statistics.mean(gaps) if gaps else 0.0
    return Verdict(statistics.mean(attending), statistics.mean(plain), (len(attending), len(plain)), spread)


def _runs(groups: Iterable[Sequence[float]]) -> list[float]:
    return [100 * value for values in groups for value in values]
