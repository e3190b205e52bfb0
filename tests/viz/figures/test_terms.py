"""Figures that are no trace: the terms of a sum, and scores."""

from dataclasses import dataclass, field

import pandas as pd
import pytest

from viz.figures.explain.arithmetic import draw_terms, largest_terms
from viz.figures.scores.accuracy import draw_scores


@dataclass
class Term:
    source: str
    name: str
    weight: float
    factor: float

    @property
    def product(self) -> float:
        return self.weight * self.factor


@dataclass
class Sum:
    title: str = "z"
    terms: tuple = field(
        default_factory=lambda: (
            *(Term("input", f"x[{i}]", 0.1 * i, -1.0 if i % 2 else 1.0) for i in range(20)),
            *(Term("token", "</script><i>loose", 3.0, 1.0) for _ in range(2)),
            Term("bias", "input bias", 0.001, 1.0),
        )
    )


def test_terms_are_the_largest_then_the_biases_then_the_rest_and_add_up():
    table = largest_terms(Sum().terms)
    assert table["product"].to_numpy().sum() == pytest.approx(sum(term.product for term in Sum().terms))
    assert list(table["source"]) == ["token"] * 2 + ["input"] * 10 + ["bias", "others"]
    assert list(table["name"][2:5]) == ["x[19]", "x[18]", "x[17]"]
    assert table["name"].is_unique
    assert table["name"].iloc[-1] == "10 others"
    assert table["sum"].iloc[2] == "1.900000 × −1.000000 = −1.900000"
    drawn = draw_terms(Sum()).to_dict()
    (rows,) = drawn["datasets"].values()
    assert [row["product"] for row in rows] == pytest.approx(list(table["product"]))


def test_scores_are_drawn_with_their_intervals_and_references():
    rows = pd.DataFrame([("GRU", 0.84, 0.82, 0.86, True)], columns=["model", "accuracy", "low", "high", "highlighted"])
    chart = draw_scores(rows, {"majority": 0.501, "bag of bigrams": 0.838}).to_dict()
    data = list(chart["datasets"].values())
    assert rows.to_dict("records") in data
    labels = {row["label"] for part in data for row in part if "label" in row}
    assert labels == {"majority 50.1%", "bag of bigrams 83.8%"}
    assert chart["layer"][0]["encoding"]["x"]["scale"]["domain"] == pytest.approx([0.471, 0.89])
