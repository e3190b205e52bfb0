"""A figure that stays plain dicts is, for the browser and for whoever looks into it, the figure that Plotly builds."""

import json

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
import pytest

from viz.linked_plot.packed import packed
from viz.plain import PlainFigure, layout_value, to_json

VALUES = {
    "float32": np.array([[0.5, -1.25], [np.nan, 3.0]], dtype=np.float32),
    "float64": np.array([0.1, 0.2]),
    "int16": np.array([3, -4], dtype=np.int16),
    "sliced": np.arange(10, dtype=np.float32)[::3],
    "text": np.array(["<b>", "é"]),
}


def plain(values: np.ndarray) -> PlainFigure:
    data = [{"type": "heatmap" if values.ndim == 2 else "scatter", "z" if values.ndim == 2 else "y": values}]
    return PlainFigure(
        data, {"height": 300, "meta": {"units": [1, 2]}, "template": {"layout": {"font": {"size": 9}}}}, []
    )


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_its_json_is_that_of_the_figure_plotly_builds(values):
    ours = json.loads(to_json(plain(values)))
    theirs = json.loads(pio.to_json(go.Figure(plain(values)), validate=False) or "")
    mine, expected = ours["data"][0], theirs["data"][0]
    assert mine.keys() == expected.keys()
    assert ours["layout"]["meta"] == theirs["layout"]["meta"]
    name = "z" if values.ndim == 2 else "y"
    if isinstance(expected[name], dict):
        assert mine[name] == expected[name]
    else:
        assert mine[name] == values.tolist()


def test_it_builds_plotlys_objects_at_the_first_look_and_not_before():
    figure = plain(VALUES["float32"])
    assert layout_value(figure, "height") == 300
    assert "plain" in figure.__dict__
    assert figure.layout.height == 300
    assert "plain" not in figure.__dict__
    assert layout_value(figure, "height") == 300
    assert json.loads(to_json(figure))["layout"]["height"] == 300


def test_what_is_changed_after_a_look_is_what_is_sent():
    figure = plain(VALUES["float32"])
    figure.update_layout(height=77)
    assert json.loads(to_json(figure))["layout"]["height"] == 77


def test_an_attribute_that_no_figure_has_is_refused():
    with pytest.raises(AttributeError):
        _ = plain(VALUES["float32"]).sparkle


def test_what_json_cannot_hold_is_refused():
    with pytest.raises(TypeError, match="not JSON serializable: object"):
        to_json(PlainFigure([{"x": object()}], {}, []))


@pytest.mark.parametrize("text", ["a film", "é 电影 👩‍👩‍👧", "</script>\u2028", "half a pair \ud800 of UTF-16"])
def test_what_a_component_is_sent_is_read_back_as_it_was(text):
    data = {"tokens": [text, ""], "height": 300, "zoom": None, "rows": {text: [0.1, -2]}, "follows": True}
    assert json.loads(packed(data)) == data
