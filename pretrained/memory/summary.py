"""The race in words and tables, made from its results: nothing here is known before the files are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from core_models.language import listed, mark, say
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
    return [
        say("**{cell}**: {reached}.", cell=say(name), reached=_reach(found))
        for cell, name in CELLS.items()
        if (found := lags_reached(rows, cell))
    ]


def _reach(found: dict[int, tuple[int, int]]) -> str:
    every = [lag for lag, (good, count) in found.items() if good == count]
    some = {lag: pair for lag, pair in found.items() if 0 < pair[0] < pair[1]}
    none = [lag for lag, (good, _) in found.items() if not good]
    if len(every) == len(found):
        return say("every lag up to {lag}, in every seed", lag=max(every))
    parts = [say("in every seed at lag {lags}", lags=listed(every))] if every else []
    parts += [
        say("in {good} of {count} seeds at lag {lag}", good=good, count=count, lag=lag)
        for lag, (good, count) in some.items()
    ]
    parts += [say("in no seed at lag {lags}", lags=listed(none))] if none else []
    return say("; ").join(parts)


HOW = {"every": mark("{names} in every seed"), "some": mark("{names} in some seeds"), "none": mark("{names} in none")}
"""Who learned it, by in how many seeds."""


def conclude_reach(rows: Sequence[Row]) -> str:
    """One sentence about the longest lag: who learned it in every seed, in some seeds, and in none."""
    lag = max(row["lag"] for row in rows)
    groups: dict[str, list[str]] = {how: [] for how in HOW}
    for cell, name in CELLS.items():
        good, count = lags_reached(rows, cell).get(lag, (0, 0))
        if count:
            groups["every" if good == count else "some" if good else "none"].append(say(name))
    said = [say(HOW[how], names=listed(names)) for how, names in groups.items() if names]
    return say("**At lag {lag}, the task is learned by {groups}.**", lag=lag, groups=say("; by ").join(said))


def conclude_effort(rows: Sequence[Row]) -> str:
    """One sentence about the longest lag that at least two architectures learned: who needed least training."""
    lags = sorted({row["lag"] for row in rows}, reverse=True)
    for lag in lags:
        ranked = _efforts(rows, lag)
        if len(ranked) > 1:
            (few, first), (many, last) = ranked[0], ranked[-1]
            return say(
                "**At lag {lag}, {first} needs the fewest training steps ({few:,.0f}, the median of its successful "
                "seeds) and {last} the most ({many:,.0f}).**", lag=lag, first=say(CELLS[first]), few=few,
                last=say(CELLS[last]), many=many,
            )  # fmt: skip
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
    words = [f"{say(CELLS[cell])} {steps:,.0f}" for steps, cell in _efforts(rows, lag)]
    found = listed(words) or say("none was successful")
    return say("Training steps to learn lag {lag} (median of successful seeds): {found}.", lag=lag, found=found)


def describe_other_lags(rows: Sequence[Row], trained: int) -> list[str]:
    """One Markdown sentence for each network: how often it is right at, around and far beyond its trained lag."""
    found = []
    for row in rows:
        right = row["right"]
        around = right[trained // 2 : trained] + right[trained + 1 : 3 * trained // 2 + 1]
        found.append(say(
            "**{cell}**: {right:.0%} right at lag {lag}; from {low} to {high}, that lag left out, {around:.0%} on "
            "average; {far:.0%} at lag {farthest}.", cell=say(CELLS[row["cell"]]), right=right[trained], lag=trained,
            low=trained // 2, high=3 * trained // 2, around=sum(around) / len(around), far=right[-1],
            farthest=len(right) - 1,
        ))  # fmt: skip
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
            "first_norm": median(row["norm_by_window"][0] for row in own),
            "last_norm": median(row["norm_by_window"][-1] for row in own),
        }
        for (cell, rate), own in groups.items()
    ]


def conclude_right(rows: Sequence[Row]) -> str:
    """How often the best learning rate of each architecture is right, in one sentence."""
    best: dict[str, float] = {}
    for group in group_streams(rows):
        best[group["cell"]] = max(best.get(group["cell"], 0.0), median(group["outer"]))
    words = [f"{say(STREAM_CELLS[cell])} {score:.0%}" for cell, score in best.items()]
    return say("**At its best learning rate, the median seed is right in: {found}.**", found=listed(words))


def conclude_learned(rows: Sequence[Row]) -> str:
    """In how many runs of each architecture the remembered symbol is learned, in one sentence."""
    words = []
    for cell, name in STREAM_CELLS.items():
        own = [row["outer"] >= REACHED for row in rows if row["cell"] == cell]
        words.append(say("by {name} in {n} of {count}", name=say(name), n=sum(own), count=len(own)))
    return say("**Learned (at least {share:.0%} right) {found} runs.**", share=REACHED, found=listed(words))


def conclude_norm(rows: Sequence[Row]) -> str:
    """By how much each architecture's cell state grows along the test stream, in one sentence."""
    words = []
    for cell, name in STREAM_CELLS.items():
        grown = [group["last_norm"] / group["first_norm"] for group in group_streams(rows) if group["cell"] == cell]
        words.append(say("{name} {factor:.1f} times", name=say(name), factor=median(grown)) if grown else "")
    return say("**From the first twentieth of the stream to the last the cell state grows: {found}.**",
               found=listed(words))  # fmt: skip


def describe_streams(rows: Sequence[Row]) -> list[str]:
    """One Markdown sentence for each (architecture, learning rate)."""
    return [
        say(
            "**{cell}**, learning rate {rate:g}: {shares} of the remembered symbols right in {seeds} seeds; norm of "
            "its cell state {first:,.0f} after the first twentieth of the test stream, {last:,.0f} at its end.",
            cell=say(STREAM_CELLS[g["cell"]]), rate=g["learning_rate"],
            shares=listed([f"{score:.1%}" for score in g["outer"]]), seeds=g["seeds"], first=g["first_norm"],
            last=g["last_norm"],
        )
        for g in group_streams(rows)
    ]  # fmt: skip
