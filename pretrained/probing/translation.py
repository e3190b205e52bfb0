"""Translators are asked how the tokens of the source are spelt, here, before and after, and where they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from core_models.encoded import Encoded
from pretrained.kinds.translation import PairTask
from pretrained.probing.asked import (
    STEPS,
    ProbeInput,
    ProbeInputs,
    Statement,
    around,
    beyond,
    halved,
    labels_around,
    middle,
    place,
)

SPELT: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "a digit": ("is a digit", str.isdigit),
    "a vowel": ("is a vowel", lambda token: len(token) == 1 and token.lower() in "aeiouy"),
    "long": ("has more than four letters", lambda token: len(token) > 4),
    "a capital letter": ("begins with a capital letter", lambda token: token[:1].isupper()),
    "a mark": ("is a punctuation mark", lambda token: not token[:1].isalnum()),
}
"""Of a token as it is spelt: what it is called, what is true of it, and when. Of these the one is asked about whose
truth varies most in the data."""

LEFT = 3
"""Tokens that are to come, at most, for the end to be near."""


def ask(task: PairTask, folder: Path) -> ProbeInputs:
    """See ``pretrained.probing.inputs.inputs_of``."""
    texts = dict.fromkeys(pair.source for pair in task.pairs(folder, "dev"))
    sources = [task.encode(text) for text in list(texts)[:STEPS]]
    tokens = [label for source in sources for label in source.tokens.labels[:-1]]
    shares = {what: np.mean([test(token) for token in tokens]) for what, (_, test) in SPELT.items()}
    what = min(shares, key=lambda what: abs(shares[what] - 0.5))
    true, test = SPELT[what]
    limit = middle([len(source) for source in sources])
    statements = around(task.noun, what, true) | {
        "first": Statement(f"first {task.noun}: {what}", f"the first {task.noun} of the source {true}"),
        "again": Statement("read before", f"the same {task.noun} stands earlier in the source"),
        "place": place(task.noun, limit),
        "left": Statement(f"at most {LEFT} to come", f"at most {LEFT} {task.noun}s are left, the end included"),
    }
    return halved(statements, [_asked(source, test, limit) for source in sources])


def _asked(source: Encoded, test: Callable[[str], bool], limit: int) -> ProbeInput:
    labels, count = source.tokens.labels, len(source)
    answers = [test(label) for label in labels]
    said = labels_around(answers) | {
        "first": [None, *[answers[0]] * (count - 1)],
        "again": [label in labels[:step] for step, label in enumerate(labels)],
        "place": beyond(count, limit),
        "left": [count - step <= LEFT + 1 for step in range(count)],
    }
    return ProbeInput(source, labels, said)
