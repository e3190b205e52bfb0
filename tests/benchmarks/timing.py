"""Times taken side by side, and how they are printed.

Everything that is compared runs in one process and in turn, A B C A B C ..., so that whatever else the computer does
falls on all alike. What is printed is a ratio of medians; seconds stand beside it only to say how large the thing is.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Times:
    """Repeated measurements of one thing, in seconds."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median, in seconds; not a number if nothing was measured."""
        return self.percentile(50)

    @property
    def p95(self) -> float:
        """95th percentile, in seconds."""
        return self.percentile(95)

    def percentile(self, percent: int) -> float:
        """A percentile, interpolated between the two nearest measurements."""
        if len(self.seconds) < 2:
            return self.seconds[0] if self.seconds else math.nan
        return statistics.quantiles(self.seconds, n=100, method="inclusive")[percent - 1]


def interleave(
    rivals: Mapping[str, Callable[[], object]],
    rounds: int,
    *,
    warmup: int = 3,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Times]:
    """Call every rival once a round, each round starting with another one; returns the times by name."""
    names = list(rivals)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number in range(-warmup, rounds):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            start = clock()
            rivals[name]()
            taken = clock() - start
            if number >= 0:
                seconds[name].append(taken)
    return {name: Times(tuple(values)) for name, values in seconds.items()}


def rounds_for(rivals: Mapping[str, Callable[[], object]], budget: float, least: int, most: int) -> int:
    """How many rounds fit into ``budget`` seconds, judged by one round after a first one."""
    for rival in rivals.values():
        rival()
    start = time.perf_counter()
    for rival in rivals.values():
        rival()
    return max(least, min(most, int(budget / (time.perf_counter() - start))))


def milliseconds(seconds: float) -> str:
    """Seconds as milliseconds with three digits that mean something."""
    return f"{seconds * 1e3:.3g} ms" if seconds < 0.1 else f"{seconds * 1e3:,.0f} ms"


def verdict(value: float, aim: float, *, at_most: bool = True) -> str:
    """The aim, and whether ``value`` meets it."""
    sign, met = ("<=", value <= aim) if at_most else (">=", value >= aim)
    return f"{sign} {aim:g} {'met' if met else 'NOT MET'}"


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under a header, once all are there: the first column to the left, the rest to the right."""
    lines = [list(header), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    for number, line in enumerate(lines):
        cells = [text.rjust(width) for text, width in zip(line[1:], widths[1:], strict=True)]
        print("  ".join([line[0].ljust(widths[0]), *cells]), flush=True)
        if number == 0:
            print("  ".join("-" * width for width in widths))


def print_conditions(title: str, *facts: str) -> None:
    """Print what was measured and on what: processor, load by others, versions, and the given facts."""
    busy = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"\n{title}\n{'=' * len(title)}")
    for fact in (f"{machine}, load average {busy} before the start", *facts):
        print(f"- {fact}")
    print(flush=True)


def numbers(text: str) -> list[int]:
    """Parse "20,100" for argparse.

    Raises:
        argparse.ArgumentTypeError: if it is not a list of positive whole numbers.
    """
    try:
        found = [int(part) for part in text.split(",")]
    except ValueError:
        found = [0]
    if min(found) < 1:
        raise argparse.ArgumentTypeError(f"expected whole numbers from 1, such as 20,100, got {text!r}")
    return found
