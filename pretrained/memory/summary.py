"""The race in words and tables, made from its results: nothing here is known before the files are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from pretrained.memory.architectures import CELLS, STREAM_CELLS

Row = Mapping[str, Any]

REACHED = 0.95
"""A run counts as having learned its lag if this share of the fresh test sequences is right."""


def lags_reached(rows: Sequence[Row], cell: str) -> dict[int, tuple[int, int]]:
    """For each lag, in how many seeds of how many the architecture learned it."""
    own = [row for row in rows if row["cell"] == cell]
    return {
        lag: (sum(r["accuracy"] >= REACHED for r in at), len(at))
        for lag in sorted({row["lag"] for row in own})
        if (at := [row for row in own if row["lag"] == lag])
    }


def describe_reach(rows: Sequence[Row]) -> list[str]:
    """One Markdown sentence for each architecture: which lags it learned in every seed, in some, in none."""
    return [f"**{CELLS[cell]}**: {_reach(lags_reached(rows, cell))}." for cell in CELLS if lags_reached(rows, cell)]


def _reach(found: dict[int, tuple[int, int]]) -> str:
    every = [lag for lag, (good, count) in found.items() if good == count]
    some = {lag: pair for lag, pair in found.items() if 0 < pair[0] < pair[1]}
    none = [lag for lag, (good, _) in found.items() if not good]
    if len(every) == len(found):
        return f"every lag up to {max(every)}, in every seed"
    parts = [f"in every seed at lag {_listed(every)}"] if every else []
    parts += [f"in {good} of {count} seeds at lag {lag}" for lag, (good, count) in some.items()]
    parts += [f"in no seed at lag {_listed(none)}"] if none else []
    return "; ".join(parts)


def conclude_reach(rows: Sequence[Row]) -> str:
    """One sentence about the longest lag: who learned it in every seed, in some seeds, and in none."""
    lag = max(row["lag"] for row in rows)
    groups: dict[str, list[str]] = {"in every seed": [], "in some seeds": [], "in none": []}
    for cell, name in CELLS.items():
        good, count = lags_reached(rows, cell).get(lag, (0, 0))
        if count:
            groups["in every seed" if good == count else "in some seeds" if good else "in none"].append(name)
    said = [f"{_listed(names)} {how}" for how, names in groups.items() if names]
    return f"**At lag {lag}, learned by {'; by '.join(said)}.**".replace("learned by", "the task is learned by", 1)


def conclude_effort(rows: Sequence[Row]) -> str:
    """One sentence about the longest lag that at least two architectures learned: who needed least training."""
    lags = sorted({row["lag"] for row in rows}, reverse=True)
    for lag in lags:
        ranked = _efforts(rows, lag)
        if len(ranked) > 1:
            (few, first), (many, last) = ranked[0], ranked[-1]
            return (
                f"**At lag {lag}, {CELLS[first]} needs the fewest training steps ({few:,.0f}, the median of its "
                f"successful seeds) and {CELLS[last]} the most ({many:,.0f}).**"
            )
    return ""


def _efforts(rows: Sequence[Row], lag: int) -> list[tuple[float, str]]:
    """Median training steps of the seeds that learned a lag, and the architecture, fewest first."""
    learned: dict[str, list[int]] = {}
    for row in rows:
        if row["lag"] == lag and row["accuracy"] >= REACHED:
            learned.setdefault(row["cell"], []).append(row["steps"])
    return sorted((median(steps), cell) for cell, steps in learned.items())


def describe_effort(rows: Sequence[Row]) -> str:
    """The longest lag's training in one sentence: median steps of the seeds that learned it, fewest first."""
    lag = max(row["lag"] for row in rows)
    words = [f"{CELLS[cell]} {steps:,.0f}" for steps, cell in _efforts(rows, lag)]
    return f"Training steps to learn lag {lag} (median of successful seeds): {_listed(words) or 'none was successful'}."


def _listed(parts: Sequence[object]) -> str:
    words = [str(part) for part in parts]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def describe_other_lags(rows: Sequence[Row], trained: int) -> list[str]:
    """One Markdown sentence for each network: how often it is right at, around and far beyond its trained lag."""
    found = []
    for row in rows:
        right = row["right"]
        around = right[trained // 2 : trained] + right[trained + 1 : 3 * trained // 2 + 1]
        found.append(
            f"**{CELLS[row['cell']]}**: {right[trained]:.0%} right at lag {trained}; from {trained // 2} to "
            f"{3 * trained // 2}, that lag left out, {sum(around) / len(around):.0%} on average; "
            f"{right[-1]:.0%} at lag {len(right) - 1}."
        )
    return found


def group_streams(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The continual task by (architecture, learning rate): scores of all seeds, and the norm at the stream's end."""
    groups: dict[tuple[str, float], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["cell"], row["learning_rate"]), []).append(row)
    return [
        {
            "cell": cell,
            "learning_rate": rate,
            "seeds": len(own),
            "outer": sorted(row["outer"] for row in own),
            "legal": sorted(row["legal"] for row in own),
            "first norm": median(row["norm_by_window"][0] for row in own),
            "last norm": median(row["norm_by_window"][-1] for row in own),
        }
        for (cell, rate), own in groups.items()
    ]


def conclude_right(rows: Sequence[Row]) -> str:
    """How often the best learning rate of each architecture is right, in one sentence."""
    best: dict[str, float] = {}
    for group in group_streams(rows):
        best[group["cell"]] = max(best.get(group["cell"], 0.0), median(group["outer"]))
    words = [f"{STREAM_CELLS[cell]} {score:.0%}" for cell, score in best.items()]
    return f"**At its best learning rate, the median seed is right in: {_listed(words)}.**"


def conclude_learned(rows: Sequence[Row]) -> str:
    """In how many runs of each architecture the remembered symbol is learned, in one sentence."""
    words = []
    for cell, name in STREAM_CELLS.items():
        own = [row["outer"] >= REACHED for row in rows if row["cell"] == cell]
        words.append(f"by {name} in {sum(own)} of {len(own)}")
    return f"**Learned (at least {REACHED:.0%} right) {_listed(words)} runs.**"


def conclude_norm(rows: Sequence[Row]) -> str:
    """By how much each architecture's cell state grows along the test stream, in one sentence."""
    words = []
    for cell, name in STREAM_CELLS.items():
        grown = [group["last norm"] / group["first norm"] for group in group_streams(rows) if group["cell"] == cell]
        words.append(f"{name} {median(grown):.1f} times" if grown else "")
    return f"**From the first twentieth of the stream to the last the cell state grows: {_listed(words)}.**"


def describe_streams(rows: Sequence[Row]) -> list[str]:
    """One Markdown sentence for each (architecture, learning rate)."""
    return [
        f"**{STREAM_CELLS[g['cell']]}**, learning rate {g['learning_rate']:g}: "
        f"{_listed([f'{score:.1%}' for score in g['outer']])} of the remembered symbols right in {g['seeds']} seeds; "
        f"norm of its cell state {g['first norm']:,.0f} after the first twentieth of the test stream, "
        f"{g['last norm']:,.0f} at its end."
        for g in group_streams(rows)
    ]
