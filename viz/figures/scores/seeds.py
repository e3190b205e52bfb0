"""Every architecture with every seed that was trained, and whether attention made a difference."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from viz.theme import FONT, MARK, MUTED


@dataclass(frozen=True)
class SeedVerdict:
    """What attention did to the accuracy, in points: means over runs, and how far seeds of one network differ."""

    attending: float
    plain: float
    runs: tuple[int, int]
    spread: float

    @property
    def gain(self) -> float:
        """Points that attention adds."""
        return self.attending - self.plain

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        size = f"{abs(self.gain):.1f} points {'more' if self.gain >= 0 else 'less'}"
        chance = f"two seeds of one network differ by {self.spread:.1f} points on average"
        judged = (
            "so on sentences this short attention makes no difference that these runs can show"
            if abs(self.gain) <= self.spread
            else "so the difference is larger than chance between seeds"
        )
        return (
            f"Networks that attend reach {self.attending:.1f}% over {self.runs[0]} runs, a plain GRU or LSTM of the "
            f"same size {self.plain:.1f}% over {self.runs[1]}: {size}. {chance[0].upper()}{chance[1:]}, {judged}."
        )


def judge(table: pd.DataFrame) -> SeedVerdict:
    """Compare the runs that attend with plain ones of the same size: more features or units help by themselves."""
    sizes = set(table[table["plain"]]["size"])
    alike = [attending and size in sizes for attending, size in zip(table["attends"], table["size"], strict=True)]
    attending, plain = _runs(table[alike]["accuracies"]), _runs(table[table["plain"]]["accuracies"])
    gaps = [
        abs(a - b) * 100
        for values in table["accuracies"]
        for place, a in enumerate(values)
        for b in values[place + 1 :]
    ]
    spread = statistics.mean(gaps) if gaps else 0.0
    return SeedVerdict(statistics.mean(attending), statistics.mean(plain), (len(attending), len(plain)), spread)


def draw_seeds(table: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """One row for each architecture: every seed a dot, their mean a bar; attending ones in colour."""
    runs = table.explode("accuracies").rename(columns={"accuracies": "accuracy"})
    runs["kind"] = ["attends" if attending else "does not attend" for attending in runs["attends"]]
    y = alt.Y("model:N", sort=table["model"].tolist(), title=None, axis=alt.Axis(labelLimit=260))
    x = alt.X("accuracy:Q", title="test accuracy, every seed a dot, mean a line", axis=alt.Axis(format=".1%"))
    color = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=["attends", "does not attend"], range=[MARK, MUTED]),
        legend=alt.Legend(title=None, orient="top"),
    )
    base = alt.Chart(runs)
    dots = base.mark_point(filled=True, size=55, opacity=0.85).encode(
        x=x.scale(zero=False),
        y=y,
        color=color,
        shape=alt.Shape("kind:N", legend=None),
        tooltip=["model:N", alt.Tooltip("accuracy:Q", format=".2%")],
    )
    means = base.mark_tick(thickness=2, size=16).encode(x=alt.X("mean:Q"), y=y, color=color)
    chart = (means + dots).properties(width="container", height=alt.Step(22), background="transparent")
    return chart.configure(font=FONT).configure_view(stroke=None)


def _runs(groups: Iterable[Sequence[float]]) -> list[float]:
    return [100 * value for values in groups for value in values]
