"""What searching states costs: the exact nearest of many, in full and by codes of one byte, against brute force.

    python -m tests.benchmarks.cost.corpus [--tokens 100000,300000,500000] [--units 256] [--seconds 10]

brute    every distance in float32 from differences, all sorted
full     ``core_models.corpus.nearest.nearest`` on states in float32
codes    ``nearest_by_codes`` on states in one byte a number, what they leave open being read in full
pattern  ``core_models.corpus.places.find_places`` for a pattern of ten units
faiss    ``IndexFlatL2`` of FAISS, exact too, where it is installed (extra ``peers``)

All but the pattern give the same first 50 states (asserted). States are random walks through tanh, spread as hidden
states are. Beside each time stands the most memory that Python's arrays took during one search, the states themselves
not counted. Aims: 300,000 states of 256 units within 300 ms, time linear in the corpus, memory of a part only. For
comparison LSTMVis (Strobelt et al. 2018) states fast answers for up to 500,000 steps, a size that is measured too.
FAISS holds all states in full in its own memory, which its column leaves out, and takes as many threads as NumPy.
"""

from __future__ import annotations

import argparse
import tracemalloc
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from core_models.corpus.nearest import Codes, distances, nearest, nearest_by_codes
from core_models.corpus.places import PART, Floats, Ints, Pattern, find_places, parts_of
from tests.benchmarks.timing import interleave, milliseconds, numbers, print_conditions, print_table, rounds_for

COUNT, AIM = 50, 0.3


def states(tokens: int, units: int) -> Floats:
    """Random states ``[token, unit]``, neighbours alike."""
    draw = np.random.default_rng(0)
    found = np.empty((tokens, units), np.float32)
    before = np.zeros(units, np.float32)
    for first in range(0, tokens, PART):
        walk = np.cumsum(draw.normal(0.0, 0.3, (min(PART, tokens - first), units)), axis=0, dtype=np.float32) + before
        before = walk[-1]
        np.tanh(np.sin(walk) * 2.0, out=found[first : first + len(walk)])
    return found


def memory(search: Callable[[], object]) -> str:
    """Most bytes that one search takes beside what was there."""
    tracemalloc.start()
    search()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return f"{most / 1e6:,.0f} MB"


def searches(values: Floats) -> dict[str, Callable[[], Ints]]:
    """Every way of searching by name; each returns the tokens that it finds."""
    query, codes = values[len(values) // 3] + np.float32(0.01), Codes.of(values)
    bounds = np.arange(0, len(values) + 1, 100)
    bounds[-1] = len(values)
    pattern = Pattern(tuple(range(10)), 0.3)

    def brute() -> Ints:
        far = np.concatenate([distances(part, query, "euclidean") for part in parts()])
        return np.lexsort((np.arange(len(far)), far))[:COUNT]

    def parts() -> list[Floats]:
        return [values[first : first + PART] for first in range(0, len(values), PART)]

    def places() -> Ints:
        pieces = ((values[bounds[a] : bounds[b]], bounds[a : b + 1] - bounds[a]) for a, b in parts_of(bounds))
        return find_places(pieces, pattern).start

    ways = {
        "brute": brute,
        "full": lambda: nearest(parts(), query, COUNT).token,
        "codes": lambda: nearest_by_codes(codes, lambda rows: values[rows], query, COUNT).token,
        "pattern": places,
    }
    if find_spec("faiss"):
        faiss = import_module("faiss")
        index = faiss.IndexFlatL2(values.shape[1])
        index.add(values)
        ways["faiss"] = lambda: np.sort(index.search(query[None], COUNT)[1][0])
    return ways


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="What searching states costs.")
    parser.add_argument("--tokens", type=numbers, default=[100_000, 300_000, 500_000])
    parser.add_argument("--units", type=int, default=256)
    parser.add_argument("--seconds", type=float, default=10.0)
    asked = parser.parse_args()
    print_conditions("Searching states", f"{asked.units} units, the first {COUNT}, aim {AIM * 1e3:.0f} ms for 300,000")
    rows = []
    for tokens in asked.tokens:
        ways = searches(states(tokens, asked.units))
        assert all(ways[name]().tolist() == ways["brute"]().tolist() for name in ("full", "codes"))
        if "faiss" in ways:  # which computes distances by products alone, so that near ones may change places
            assert len(set(ways["faiss"]().tolist()) & set(ways["brute"]().tolist())) >= COUNT - 1
        times = interleave(ways, rounds_for(ways, asked.seconds, 3, 30), warmup=1)
        rows += [
            [f"{tokens:,} {name}", milliseconds(times[name].median), milliseconds(times[name].p95),
             f"{times['brute'].median / times[name].median:.1f} x", memory(way)]
            for name, way in ways.items()
        ]  # fmt: skip
    print_table(["states", "median", "p95", "against brute", "memory"], rows)


if __name__ == "__main__":
    main()
