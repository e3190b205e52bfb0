"""What to say about a source before its answer is believed."""

from __future__ import annotations

import re

from core_models.encoded import Encoded
from core_models.language import say, say_n
from pretrained.evidence import doubt
from pretrained.kinds.translation import PairTask

MOST_NAMED = 5
FEW = 3
"""Words below which the number of pieces says nothing about the language."""


def notices(task: PairTask, reading: Encoded) -> list[str]:
    """Sentences about a source that is cut, unlike what was trained on, longer than it, or partly unknown."""
    found, count = [said for said in (*reading.notices, doubt(task, reading.tokens)) if said], len(reading.ids) - 1
    if task.trained is not None and len(reading.ids) > task.trained:
        found.append(
            say(
                "This source has {count} tokens, and the longest it was trained on has "
                "{trained}: the network answers anyway, but may lose its place.",
                count=count,
                trained=task.trained - 1,
            )
        )
    words = len(re.findall(r"\w+|[^\w\s]", reading.tokens.text))
    if task.pieces_per_word is not None and words >= FEW and count / words > task.pieces_per_word:
        found.append(
            say(
                "Its {words} words are cut into {count} pieces, which is unlike the sentences "
                "that the network was trained on (perhaps another language); the network answers "
                "anyway, but probably wrongly.",
                words=words,
                count=count,
            )
        )
    return found + _unknown(reading)


def _unknown(reading: Encoded) -> list[str]:
    """That tokens are unknown, and which."""
    tokens = reading.tokens
    names = [label for label, known in zip(tokens.labels, tokens.known, strict=True) if not known]
    if not names:
        return []
    shown = say(", ").join(f"“{name}”" for name in list(dict.fromkeys(names))[:MOST_NAMED])
    return [
        say_n(
            "One token, underlined with dots, is unknown to the network ({shown}): it reads all such as the same sign.",
            "{n} tokens, underlined with dots, are unknown to the network ({shown}): it reads "
            "all such as the same sign.",
            len(names),
            shown=shown,
        )
    ]
