"""Recorded traces: what every shipped model computed on its first example, as a few numbers an array.

python -m tests.support.golden        records them anew; only for models whose weights are new
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from core_models.trace import Trace
from pretrained.registry import every_recipe, load

RECORDED = Path(__file__).parent / "golden.json"
SAMPLED = 8
"""Values of an array that are recorded, evenly spaced, beside its sum and the sum of its magnitudes."""


def first_trace(key: str) -> Trace:
    """The trace of a shipped model on the first example of its task; of a translator on what it writes."""
    model = load(key)
    return model.trace(model.encode(model.task.examples[0].text))


def numbers_of(trace: Trace) -> dict[str, Any]:
    """By ``site.quantity``, the shape of an array and the numbers that are recorded of it."""
    return {f"{site.key}.{key}": _summed_up(values) for (site, key), values in trace.entries.items()}


def _summed_up(values: np.ndarray) -> dict[str, Any]:
    flat = values.ravel().astype(np.float64)
    places = np.linspace(0, len(flat) - 1, SAMPLED).astype(int)
    numbers = [flat.sum() / len(flat), np.abs(flat).mean(), *flat[places]]
    return {"shape": list(values.shape), "numbers": [float(f"{number:.8g}") for number in numbers]}


if __name__ == "__main__":
    found = {key: numbers_of(first_trace(key)) for key in every_recipe()}
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(found[key])}" for key in sorted(found))
    RECORDED.write_text("{\n" + lines + "\n}\n", encoding="utf-8")
