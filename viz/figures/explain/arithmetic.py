"""The terms of a sum as bars: which inputs and which units of the state made one number what it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import altair as alt
import pandas as pd

from core_models.language import say
from viz.figures.parts.token_axis import spell
from viz.figures.parts.written import plain
from viz.theme import SOURCES

LARGEST = 12


class Summand(Protocol):
    """One product in a sum: ``weight * factor = product``."""

    @property
    def source(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def weight(self) -> float: ...
    @property
    def factor(self) -> float: ...
    @property
    def product(self) -> float: ...


class Sum(Protocol):
    """Whatever has terms: an ``Arithmetic`` of core_models.explain."""

    @property
    def title(self) -> str: ...
    @property
    def terms(self) -> Sequence[Summand]: ...


def largest_terms(terms: Sequence[Summand]) -> pd.DataFrame:
    """The twelve largest terms by absolute product, then the biases, then all others as one row.

    Columns: name (unique), source, product, sum (the multiplication as text); products add up to those of all terms.
    """
    biases = [term for term in terms if term.source == "bias"]
    ranked = sorted((term for term in terms if term.source != "bias"), key=lambda term: -abs(term.product))
    rows = [
        (t.name, t.source, t.product, " ".join((plain(t.weight, 6), "×", plain(t.factor, 6), "=", plain(t.product, 6))))
        for t in [*ranked[:LARGEST], *biases]
    ]
    if others := ranked[LARGEST:]:
        total = sum(term.product for term in others)
        rows.append((say("{n} others", n=len(others)), "others", total, say("together {total:.6f}", total=total)))
    table = pd.DataFrame(rows, columns=["name", "source", "product", "sum"])
    table["name"] = [spell(name, 24) for name in table["name"]]
    again = table.groupby("name").cumcount()
    table["name"] = table["name"].where(again == 0, table["name"] + " (" + (again + 1).astype(str) + ")")
    return table


def draw_terms(arithmetic: Sum) -> alt.Chart:
    """Horizontal bars of the largest terms: direction is the sign, colour the source, tooltip the multiplication."""
    table = largest_terms(arithmetic.terms)
    names = alt.Axis(labelLimit=180, ticks=False, domain=False)
    sources = list(dict.fromkeys(table["source"]))
    colors = [SOURCES.get(source, SOURCES["token"]) for source in sources]
    return (
        alt.Chart(table)
        .mark_bar(height=alt.RelativeBandSize(0.72))
        .encode(
            y=alt.Y("name", type="nominal", sort=list(table["name"]), title=None, axis=names),
            x=alt.X("product", type="quantitative", title=say("weight × factor"), axis=alt.Axis(tickCount=5)),
            color=alt.Color(
                "source",
                type="nominal",
                scale=alt.Scale(domain=sources, range=colors),
                title=say("comes from"),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[
                alt.Tooltip("name", type="nominal", title=say("term")),
                alt.Tooltip("source", type="nominal", title=say("comes from")),
                alt.Tooltip("sum", type="nominal", title=say("weight × factor")),
            ],
        )
        .properties(width="container", height=alt.Step(20), background="transparent")
        .configure_view(stroke=None)
    )
