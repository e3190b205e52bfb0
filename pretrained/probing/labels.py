"""Taggers are asked about the right labels: here, before and after."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from core_models.encoded import Encoded
from core_models.trace import Tokens
from pretrained.kinds.labels import Labelled, TagTask
from pretrained.probing.asked import (
    ProbeInput,
    ProbeInputs,
    Statement,
    around,
    beyond,
    earlier,
    halved,
    labels_around,
    middle,
    place,
)

SHORTEST = 3
"""Tokens of the shortest sequence that is asked about."""


def ask(task: TagTask, folder: Path) -> ProbeInputs:
    """See ``pretrained.probing.inputs.inputs_of``."""
    items = [item for item in task.items(folder, "dev") if SHORTEST <= len(item.tokens) <= task.limit]
    counts = Counter(tag for item in items for tag in item.tags if tag is not None)
    names = [tag for tag, _ in counts.most_common()]
    rarer = next(tag for tag in names if tag.startswith("B-")) if task.chained else names[1]
    what = "in a slot" if task.chained else f"“{task.name(names[0])}”"
    true = "is part of a slot" if task.chained else f"is labelled {what}"
    limit = middle([len(item.tokens) for item in items])
    statements = around(task.noun, what, true) | {
        "two": Statement(f"two {task.noun}s before: {what}", f"the {task.noun} two before {true}"),
        "seen": Statement(f"“{task.name(rarer)}” was read", f"this or an earlier {task.noun} is labelled so"),
        "place": place(task.noun, limit),
    }
    return halved(statements, [_labelled(task, item, names[0], rarer, limit) for item in items])


def _labelled(task: TagTask, item: Labelled, common: str, rarer: str, limit: int) -> ProbeInput:
    answers = [None if tag is None else tag != "O" if task.chained else tag == common for tag in item.tags]
    labels = labels_around(answers) | {
        "two": earlier(answers, 2),
        "seen": np.logical_or.accumulate([tag == rarer for tag in item.tags]).tolist(),
        "place": beyond(len(item.tokens), limit),
    }
    rows = tuple(map(tuple, task.ids(item.tokens)))
    return ProbeInput(Encoded(Tokens(item.tokens, ids=rows)), item.tokens, labels)
