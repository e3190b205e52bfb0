"""How outputs are scored against what counts as right."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any

from pretrained.intervals import wilson_interval
from pretrained.pairs import Pair

LENGTHS = ((1, 3), (4, 6), (7, 9), (10, 99))
"""Source lengths, in words, that BLEU is told apart by."""


def exact(outputs: Sequence[str], pairs: Sequence[Pair]) -> dict[str, Any]:
    """Share of outputs that are exactly one of their references, with its interval and count."""
    right = sum(output in pair.references for output, pair in zip(outputs, pairs, strict=True))
    share = right / len(pairs)
    interval = [round(bound, 4) for bound in wilson_interval(share, len(pairs))]
    return {"exact": round(share, 4), "count": len(pairs), "interval": interval}


def by_length(outputs: Sequence[str], pairs: Sequence[Pair], length: Callable[[str], int]) -> dict[str, float]:
    """Share of exact outputs by the length of the source."""
    groups: dict[int, list[bool]] = defaultdict(list)
    for output, pair in zip(outputs, pairs, strict=True):
        groups[length(pair.source)].append(output in pair.references)
    return {str(count): round(sum(found) / len(found), 4) for count, found in sorted(groups.items())}


def bleu(outputs: Sequence[str], pairs: Sequence[Pair], tokenize: str = "13a") -> dict[str, Any]:
    """Corpus BLEU by sacrebleu (Post 2018), lower-cased, all references of a source, with its signature.

    ``bleu_by_length`` tells it apart by the words of the source. For languages written with
    blanks, ``bleu_split`` is the same on text that is split into words and single marks first, so that an elision such
    as l'eau counts as three tokens.
    """
    from sacrebleu.metrics.bleu import BLEU

    whole = BLEU(lowercase=True, tokenize=tokenize)
    references = [pair.references for pair in pairs]
    found: dict[str, Any] = {"bleu": _corpus_score(whole, outputs, references), "count": len(pairs)}
    found["bleu_signature"] = str(whole.get_signature())
    words = [len(pair.source.split()) for pair in pairs]
    found["bleu_by_length"] = {
        f"{low}-{high}": _corpus_score(whole, [outputs[i] for i in chosen], [references[i] for i in chosen])
        for low, high in LENGTHS
        if (chosen := [i for i, count in enumerate(words) if low <= count <= high])
    }
    if tokenize == "13a":
        split = BLEU(lowercase=True, tokenize="none", force=True)
        apart = [tuple(spread(text) for text in texts) for texts in references]
        found["bleu_split"] = _corpus_score(split, [spread(text) for text in outputs], apart)
    return found


def spread(text: str) -> str:
    """Words and single marks with blanks between them."""
    return " ".join(re.findall(r"\w+|[^\w\s]", text))


def _corpus_score(metric: Any, outputs: Sequence[str], references: Sequence[tuple[str, ...]]) -> float:
    rows = [list(row) for row in zip_longest(*references)]
    return round(metric.corpus_score(list(outputs), rows).score, 2)
