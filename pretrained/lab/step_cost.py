"""What one step of training costs by length in every recurrence, as it was measured once: ``step_cost.json``.

``python -m tests.benchmarks.cost.training_growth --record`` measures anew. Where nothing reads the state, all steps are
computed together by a scan (core_models.cells.scan); the same equations step by step were measured beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pretrained.shipped import read_json, understood

FILE = Path(__file__).parent / "step_cost.json"


@dataclass(frozen=True)
class StepCost:
    """Medians in milliseconds, forward and backward, on one thread of a CPU.

    Attributes:
        lengths: steps of the sequences.
        hidden: units and features.
        batch: sequences of a step.
        together: by key of a cell, one number a length: as it is trained.
        looped: the same step by step, of cells that are trained by a scan.
    """

    lengths: tuple[int, ...]
    hidden: int
    batch: int
    together: Mapping[str, tuple[float, ...]]
    looped: Mapping[str, tuple[float, ...]]


def read_costs() -> StepCost:
    """What was measured.

    Raises:
        ModelError: if the file is missing or damaged.
    """
    found = read_json(FILE)
    with understood(FILE, KeyError, TypeError):
        both = ({key: tuple(row) for key, row in found[name].items()} for name in ("together", "looped"))
        return StepCost(tuple(found["lengths"]), found["hidden"], found["batch"], *both)
