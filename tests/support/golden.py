"""Recorded traces: what every shipped model computed on one input, as a few numbers an array.

python -m tests.support.golden        records models that are new, on their first example
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


def trace_of(key: str, text: str) -> Trace:
    """The trace of a shipped model on a text; of a translator on what it writes."""
    model = load(key)
    return model.trace(model.encode(text))


def numbers_of(trace: Trace) -> dict[str, Any]:
    """By ``site.quantity``, the shape of an array and the numbers that are recorded of it."""
    return {f"{site.key}.{key}": _summed_up(values) for (site, key), values in trace.entries.items()}


def _summed_up(values: np.ndarray) -> dict[str, Any]:
    flat = values.ravel().astype(np.float64)
    places = np.linspace(0, len(flat) - 1, SAMPLED).astype(int)
    numbers = [flat.sum() / len(flat), np.abs(flat).mean(), *flat[places]]
    return {"shape": list(values.shape), "numbers": [float(f"{number:.8g}") for number in numbers]}


def record(key: str) -> dict[str, Any]:
    """What is kept of a model: the text that it reads, and the numbers of its trace."""
    text = load(key).task.examples[0].text
    return {"text": text, "arrays": numbers_of(trace_of(key, text))}


if __name__ == "__main__":
    found = json.loads(RECORDED.read_text(encoding="utf-8"))
    found = {key: found.get(key) or record(key) for key in sorted(every_recipe())}
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(found[key], ensure_ascii=False)}" for key in found)
    RECORDED.write_text("{\n" + lines + "\n}\n", encoding="utf-8")
