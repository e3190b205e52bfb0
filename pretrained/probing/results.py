"""What probes of the shipped models found, written by ``python -m pretrained.probing.measure`` alone.

One file a model, tied to its weights by their checksum: the probes as tensors, one a statement, ``[unit + 1]`` with the
bias last; all else as text in the header.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from core_models.explain.probing.probes import Probe
from pretrained.probing.asked import Statement
from pretrained.recipe import Recipe
from pretrained.shipped import is_listed, read, record, understood

FOLDER = Path(__file__).parent / "results"

MEASURES = ("accuracy", "control", "untrained", "alone", "majority")
"""Shares of unseen steps that are right; see ``Probed``."""


@dataclass(frozen=True, eq=False)
class Probed:
    """One statement about the steps of one model.

    Attributes:
        said: the statement.
        accuracy: of the probe on unseen inputs.
        control: accuracy of the same probe on labels drawn at random for every type of step, on unseen inputs.
        untrained: accuracy on the states of the network before training.
        alone: accuracy on what is read at the step alone, its embedding or its numbers, which remember nothing.
        majority: accuracy of always giving the commoner answer.
        count: steps that were judged.
        probe: fitted to the trained network's states.
    """

    said: Statement
    accuracy: float
    control: float
    untrained: float
    alone: float
    majority: float
    count: int
    probe: Probe = field(repr=False)

    @property
    def selectivity(self) -> float:
        """Accuracy minus that of the control task."""
        return self.accuracy - self.control


@dataclass(frozen=True)
class Probes:
    """What was found of one model: how many inputs probes learned from, and each statement by its key."""

    learned: int
    by_statement: Mapping[str, Probed]


def save(recipe: Recipe, found: Probes) -> None:
    """Write what was found of a model into its file, and list its checksum."""
    FOLDER.mkdir(exist_ok=True)
    path = _path(recipe)
    tensors = {key: _folded(one.probe) for key, one in found.by_statement.items()}
    rows = {key: _row(one) for key, one in found.by_statement.items()}
    table = json.dumps({"learned": found.learned, "statements": rows}, ensure_ascii=False)
    path.write_bytes(safetensors.numpy.save(tensors, {"weights": recipe.weights["sha256"], "table": table}))
    record(path)


def read_probes(recipe: Recipe) -> Probes | None:
    """What was found with a model's present weights; None if nothing was.

    Raises:
        ModelError: if the file of the results is missing or damaged.
    """
    path = _path(recipe)
    if not (path.is_file() or is_listed(path)):
        return None
    weights, found = _read(path)
    return found if weights == recipe.weights.get("sha256") else None


@cache
def _read(path: Path) -> tuple[str, Probes]:
    with understood(path, LookupError, TypeError, safetensors.SafetensorError):
        content = read(path)
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + length])["__metadata__"]
        table, tensors = json.loads(header["table"]), safetensors.numpy.load(content)
        found = {name: _probed(row, tensors[name]) for name, row in table["statements"].items()}
        return header["weights"], Probes(table["learned"], found)


def _path(recipe: Recipe) -> Path:
    return FOLDER / f"{recipe.key}.safetensors"


def _folded(probe: Probe) -> NDArray[np.float32]:
    """Weights and bias for states that are not standardised, ``[unit + 1]``."""
    weights = probe.weights / probe.scale
    return np.append(weights, probe.bias - weights @ probe.mean).astype(np.float32)


def _row(one: Probed) -> dict[str, Any]:
    return asdict(one.said) | {name: round(getattr(one, name), 4) for name in (*MEASURES, "count")}


def _probed(row: dict[str, Any], folded: NDArray[np.float32]) -> Probed:
    units = len(folded) - 1
    probe = Probe(folded[:units].astype(np.float64), float(folded[units]), np.zeros(units), np.ones(units))
    said = Statement(row.pop("name"), row.pop("meaning"))
    return Probed(said, probe=probe, **row)
