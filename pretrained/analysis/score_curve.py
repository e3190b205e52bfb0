"""A translator's score on test by the length of the source, as its recipe has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class ScoreCurve:
    """Scores of one network by length of the source.

    Attributes:
        key: of its recipe.
        title: its name.
        measure: what is measured: corpus BLEU (0 to 100), or the share of exact answers (0 to 1).
        lengths: first and last length of every group of sources.
        scores: one for each group.
        counts: number of sources in each group; empty where the recipe does not say.
        intervals: of 95%, one for each group; empty where the recipe has none.
    """

    key: str
    title: str
    measure: Literal["bleu", "exact"]
    lengths: tuple[tuple[int, int], ...]
    scores: tuple[float, ...]
    counts: tuple[int, ...]
    intervals: tuple[tuple[float, float], ...]


def score_curve(key: str, title: str, recorded: Mapping[str, Any]) -> ScoreCurve | None:
    """The scores by length among the recorded ones of a recipe; None where it has none."""
    measures: tuple[Literal["bleu", "exact"], ...] = ("bleu", "exact")
    for measure in measures:
        name = f"test_{measure}_by_length"
        if name in recorded:
            scores = recorded[name]
            counts, intervals = recorded.get(f"{name}_count", {}), recorded.get(f"{name}_interval", {})
            bounds = ([int(part) for part in group.split("-")] for group in scores)
            return ScoreCurve(
                key=key,
                title=title,
                measure=measure,
                lengths=tuple((group[0], group[-1]) for group in bounds),
                scores=tuple(scores.values()),
                counts=tuple(counts[group] for group in scores if group in counts),
                intervals=tuple((intervals[g][0], intervals[g][1]) for g in scores if g in intervals),
            )
    return None
