"""Labels: of many those that matter are drawn, and every token once."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from viz.figures.sequences.labels import TokenLabels, draw, draw_classes, draw_strip, tabulate


def curves(figure: go.Figure) -> list[Any]:
    return list(figure.data)


def labelled(right: tuple[int | None, ...] = ()) -> TokenLabels:
    chance = np.random.default_rng(2).dirichlet(np.full(40, 0.2), size=6)
    return TokenLabels(chance, [f"l{i}" for i in range(40)], chance.argmax(axis=1).tolist(), list("abcdef"), right)


def test_of_many_labels_those_that_matter_are_drawn():
    shown = labelled(right=(39, None, 0, 1, 2, 3))
    rows = shown.rows()
    assert {*shown.given, 39, 0, 1, 2, 3} <= set(rows)
    figure = draw(shown, step=2, label=rows[1])
    drawn = curves(figure)
    np.testing.assert_allclose(drawn[0].z, shown.probability[:, rows].T, atol=1e-7)
    assert list(drawn[1].y) == [rows.index(index) for index in shown.given]
    assert len(drawn) == 3
    assert len(figure.to_dict()["layout"]["shapes"]) == 2
    assert len(curves(draw(labelled()))) == 2


def test_strip_classes_and_table_hold_every_token_once():
    shown = labelled()
    assert sorted(x for curve in curves(draw_strip(shown)) for x in curve.x) == list(range(6))
    (bars,) = curves(draw_classes(["a", "b", "c"], np.array([0.2, 0.5, 0.3])))
    assert list(bars.customdata) == ["b", "c", "a"]
    (many,) = curves(draw_classes([str(index) for index in range(12)], np.arange(12) / 66))
    assert list(many.customdata) == [*map(str, range(11, 2, -1)), "3 others combined"]
    assert float(np.sum(many.x)) == pytest.approx(1.0)
    table = tabulate(shown)
    assert len(table) == 6
    assert table["probability"].tolist() == pytest.approx(shown.probability.max(axis=1).tolist())
