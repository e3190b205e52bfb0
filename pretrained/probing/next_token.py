"""Language models are asked what can be said of every place in a text; a number is asked about as above its median."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core_models.explain.probing.text_properties import PROPERTIES, Property
from pretrained.kinds.next_token import CharacterTask
from pretrained.probing.asked import STEPS, ProbeInput, ProbeInputs, Statement, halved

CHUNK = 250
"""Characters of one part of the text."""


def ask(task: CharacterTask, folder: Path) -> ProbeInputs:
    """See ``pretrained.probing.inputs.inputs_of``."""
    text = task.start.join(task.documents(folder, "dev"))[: 3 * STEPS]
    parts = [part for at in range(0, len(text), CHUNK) if (part := text[at : at + CHUNK]).strip()]
    rows = [row for row in PROPERTIES if row.key != "word" or " " in text]
    limits = {
        row.key: 0.5 if row.binary else float(np.median(np.concatenate([row.compute(part) for part in parts])))
        for row in rows
    }
    found = []
    for part in parts:
        encoded = task.encode(part)
        begins = len(encoded) - len(part)
        labels = {row.key: [*[None] * begins, *(row.compute(part) > limits[row.key]).tolist()] for row in rows}
        found.append(ProbeInput(encoded, ["", *part][-len(encoded) :], labels))
    return halved({row.key: _said(row, limits[row.key]) for row in rows}, found)


def _said(row: Property, limit: float) -> Statement:
    if not row.binary:
        return Statement(f"{row.name} above {limit:g}", f"the {row.name} is above {limit:g}")
    return Statement(row.name, f"in the text {row.name}" if row.ahead else f"the character is {row.name}")
