"""Recognisers are asked about letters or loudness, here, before and after, and about the right class of the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core_models.encoded import Encoded
from core_models.trace import Tokens
from pretrained.kinds.classes import ClassTask
from pretrained.probing.asked import (
    ProbeInput,
    ProbeInputs,
    Statement,
    around,
    beyond,
    bins,
    earlier,
    halved,
    labels_around,
    middle,
    place,
)


@dataclass(frozen=True)
class _Steps:
    """What is said of steps, and for each input whether it is true of each step, and their types."""

    what: str
    truths: Sequence[list[bool]]
    types: Sequence[list[str]]


def ask(task: ClassTask, folder: Path) -> ProbeInputs:
    """See ``pretrained.probing.inputs.inputs_of``."""
    samples = [sample for sample in task.samples(folder, "dev") if sample.whole]
    contents = [task.convert(sample.content) for sample in samples]
    said = _loud(contents) if contents[0].ndim == 2 else _letters(task, contents)
    half = task.classes[: max(1, len(task.classes) // 2)]
    named = f"{'one of ' if len(half) > 1 else ''}{', '.join(map(task.name, half))}"
    limit = middle([len(content) for content in contents])
    statements = around(task.noun, said.what, f"is {said.what}") | {
        "five": Statement(f"five {task.noun}s before: {said.what}", f"the {task.noun} five before is {said.what}"),
        "class": Statement(f"the answer: {named}", f"the right answer is {named}; asked at every {task.noun}"),
        "place": place(task.noun, limit),
    }
    found = []
    for sample, content, answers, types in zip(samples, contents, said.truths, said.types, strict=True):
        labels = labels_around(answers) | {
            "five": earlier(answers, 5),
            "class": [sample.label in half] * len(content),
            "place": beyond(len(content), limit),
        }
        found.append(ProbeInput(_encoded(content), types, labels))
    return halved(statements, found)


def _encoded(content: NDArray[np.generic]) -> Encoded:
    tokens = Tokens.numbered(len(content))
    if content.ndim == 2:
        return Encoded(tokens, values=content.astype(np.float32))
    return Encoded(Tokens(tokens.labels, ids=tuple(map(int, content))))


def _loud(contents: Sequence[NDArray[np.floating]]) -> _Steps:
    means = [content.mean(axis=1) for content in contents]
    usual = float(np.median(np.concatenate(means)))
    return _Steps("louder than most", [(mean > usual).tolist() for mean in means], [bins(mean) for mean in means])


def _letters(task: ClassTask, contents: Sequence[NDArray[np.integer]]) -> _Steps:
    common = Counter(int(one) for content in contents for one in content).most_common(1)[0][0]
    letter = next(one for one in task.letters if task.convert(one * len(contents[0]))[0] == common)
    truths = [(content == common).tolist() for content in contents]
    return _Steps(f"“{letter}”", truths, [list(map(str, content.tolist())) for content in contents])
