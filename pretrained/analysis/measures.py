"""How outputs are scored against what counts as right."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pretrained.data.intervals import drawn_interval, wilson_interval
from pretrained.data.text.pairs import Pair

LENGTHS = ((1, 3), (4, 6), (7, 9), (10, 99))
"""Source lengths, in words, that BLEU is told apart by."""


def exact(outputs: Sequence[str], pairs: Sequence[Pair]) -> dict[str, Any]:
    """Share of outputs that are exactly one of their references, with its interval and count."""
    right = sum(output in pair.references for output, pair in zip(outputs, pairs, strict=True))
    share = right / len(pairs)
    interval = wilson_interval(share, len(pairs))
    return {"exact": round(share, 4), "count": len(pairs), "interval": _rounded(interval)}


def by_length(outputs: Sequence[str], pairs: Sequence[Pair], length: Callable[[str], int]) -> dict[str, dict[str, Any]]:
    """Share of exact outputs by the length of the source, with how many sources there are and the interval."""
    groups: dict[int, list[bool]] = defaultdict(list)
    for output, pair in zip(outputs, pairs, strict=True):
        groups[length(pair.source)].append(output in pair.references)
    right = {str(count): sum(found) / len(found) for count, found in sorted(groups.items())}
    counts = {str(count): len(found) for count, found in sorted(groups.items())}
    return {
        "exact_by_length": {name: round(share, 4) for name, share in right.items()},
        "exact_by_length_count": counts,
        "exact_by_length_interval": {name: _rounded(wilson_interval(right[name], counts[name])) for name in right},
    }


def count_words(text: str) -> int:
    """Number of words, cut at blanks."""
    return len(text.split())


def bleu(
    outputs: Sequence[str],
    pairs: Sequence[Pair],
    tokenize: str = "13a",
    *,
    length: Callable[[str], int] = count_words,
    lengths: Sequence[tuple[int, int]] = LENGTHS,
) -> dict[str, Any]:
    """Corpus BLEU by sacrebleu (Post 2018), lower-cased, all references of a source, with its signature.

    ``bleu_by_length`` tells it apart by the ``length`` of the source, in words where nothing else is said. Intervals
    are of 95%, over 1000 draws of as many sentences with replacement (Koehn 2004, W04-3250, section 3). For
    languages written with blanks, ``bleu_split`` is the same on text that is split into words and single marks first,
    so that an elision such as l'eau counts as three tokens.
    """
    from sacrebleu.metrics.bleu import BLEU

    whole = BLEU(lowercase=True, tokenize=tokenize)
    references = [pair.references for pair in pairs]
    found: dict[str, Any] = {"bleu": _corpus_score(whole, outputs, references), "count": len(pairs)}
    found["bleu_signature"] = str(whole.get_signature())
    counts = _ngram_counts(outputs, references, tokenize)
    found["bleu_interval"] = _bootstrap(counts)
    words = [length(pair.source) for pair in pairs]
    groups = {f"{low}-{high}": [i for i, n in enumerate(words) if low <= n <= high] for low, high in lengths}
    groups = {name: chosen for name, chosen in groups.items() if chosen}
    found["bleu_by_length"] = {
        name: _corpus_score(whole, [outputs[i] for i in chosen], [references[i] for i in chosen])
        for name, chosen in groups.items()
    }
    found["bleu_by_length_count"] = {name: len(chosen) for name, chosen in groups.items()}
    found["bleu_by_length_interval"] = {name: _bootstrap(counts[chosen]) for name, chosen in groups.items()}
    if tokenize == "13a":
        split = BLEU(lowercase=True, tokenize="none", force=True)
        apart = [tuple(spread(text) for text in texts) for texts in references]
        found["bleu_split"] = _corpus_score(split, [spread(text) for text in outputs], apart)
    return found


def bleu_of(outputs: Sequence[str], references: Sequence[str], tokenize: str) -> tuple[float, list[float], str]:
    """Corpus BLEU beside one reference of each source, as above: the score, its interval, and the signature."""
    from sacrebleu.metrics.bleu import BLEU

    metric, single = BLEU(lowercase=True, tokenize=tokenize), [(text,) for text in references]
    score = _corpus_score(metric, outputs, single)
    return score, _bootstrap(_ngram_counts(outputs, single, tokenize)), str(metric.get_signature())


def overlap(outputs: Sequence[str], pairs: Sequence[Pair]) -> dict[str, Any]:
    """ROUGE-L and F1 of single characters against the closest reference, means over sources, with their intervals.

    ROUGE-L is the F1 of the longest common subsequence of characters (Lin 2004, W04-1013, section 3.1, with β = 1); the
    other counts shared characters wherever they stand, each as often as both have it. Intervals are of 95%, over
    1000 draws of as many sources with replacement.
    """
    measures = {"rouge_l": longest_common, "character_f1": shared}
    found: dict[str, Any] = {}
    for name, common in measures.items():
        every = [max(_f1(common(o, r), o, r) for r in pair.references) for o, pair in zip(outputs, pairs, strict=True)]
        found |= {name: round(float(np.mean(every)), 4), f"{name}_interval": _rounded(drawn_interval(every))}
    return found | {"count": len(pairs)}


def _f1(common: int, one: str, other: str) -> float:
    return 2.0 * common / max(1, len(one) + len(other))


def shared(one: str, other: str) -> int:
    """Number of characters that two texts have in common, each as often as both have it."""
    return (Counter(one) & Counter(other)).total()


def longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence, a row of its table in the bits of one number (Hyyrö 2004)."""
    places: dict[str, int] = {}
    for at, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << at
    whole = row = (1 << len(one)) - 1
    for word in other:
        there = row & places.get(word, 0)
        row = ((row + there) | (row - there)) & whole
    return len(one) - row.bit_count()


def spread(text: str) -> str:
    """Words and single marks with blanks between them."""
    return " ".join(re.findall(r"\w+|[^\w\s]", text))


def _ngram_counts(outputs: Sequence[str], references: Sequence[tuple[str, ...]], tokenize: str) -> NDArray[np.integer]:
    """What BLEU sums up of every sentence: matches and n-grams for n = 1 to 4, length, length of the reference."""
    from sacrebleu.metrics.bleu import BLEU

    metric = BLEU(lowercase=True, tokenize=tokenize, effective_order=True)
    scores = [metric.sentence_score(o, list(r)) for o, r in zip(outputs, references, strict=True)]
    return np.array([[*one.counts, *one.totals, one.sys_len, one.ref_len] for one in scores])


def _bootstrap(counts: NDArray[np.integer]) -> list[float]:
    """The middle 95% of corpus BLEU over draws of the sentences with these counts."""
    from sacrebleu.metrics.bleu import BLEU

    def score(rows: NDArray[np.integer]) -> float:
        sums = rows.sum(axis=0).tolist()
        return BLEU.compute_bleu(sums[:4], sums[4:8], sums[8], sums[9], smooth_method="exp").score

    return _rounded(drawn_interval(counts, score), 2)


def _rounded(bounds: Sequence[float], digits: int = 4) -> list[float]:
    return [round(bound, digits) for bound in bounds]


def _corpus_score(metric: Any, outputs: Sequence[str], references: Sequence[tuple[str, ...]]) -> float:
    rows = [list(row) for row in zip_longest(*references)]
    return round(metric.corpus_score(list(outputs), rows).score, 2)
