"""What a linked figure refuses, and what a click is, without a browser."""

import re

import plotly.graph_objects as go
import pytest
from plotly.offline import get_plotlyjs_version

from viz.figures.plotly_js import PLANE, script
from viz.linked_plot import linked_plot, linked_text
from viz.linked_plot.plot import _click


def test_the_bundle_for_the_plane_is_of_the_release_that_the_package_holds() -> None:
    banner = script(PLANE)[:120].decode()
    assert f"plotly.js (cartesian - minified) v{get_plotlyjs_version()}" in banner


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        (
            {"link": {"axis": "z"}},
            "linked_plot 'f': expected layout.meta['link'] to hold 'axis' (x, y or xy) or 'points'",
        ),
        ({"link": {}}, "linked_plot 'f': expected layout.meta['link'] to hold 'axis'"),
        ({"ticks": 3}, "linked_plot 'f': expected layout.meta['ticks'] to be a dict or a list of them, got 3"),
        ({"ticks": {"axis": "x", "values": [0], "labels": []}}, "got axis 'x', 1 values and 0 labels"),
        ({"open_at": {"axis": "y", "position": 3}}, "linked_plot 'f': expected layout.meta['open_at'] to hold 'axis'"),
    ],
)
def test_a_figure_that_declares_nonsense_is_refused_with_its_key(meta: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        linked_plot(go.Figure(layout_meta=meta), key="f", alt="")


@pytest.mark.parametrize(
    ("spans", "marks", "message"),
    [
        ([(0, 2), (1, 3)], (), "linked_text 't': expected span 1 to lie after 2 and within 4 characters, got 1 to 3"),
        ([(0, 5)], (), "linked_text 't': expected span 0 to lie after 0 and within 4 characters, got 0 to 5"),
        ([(0, 2)], ("", ""), "linked_text 't': expected 1 marks, one per token, got 2"),
    ],
)
def test_spans_that_do_not_fit_the_text_are_refused(
    spans: list[tuple[int, int]], marks: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        linked_text("text", spans, key="t", marks=marks)


@pytest.mark.parametrize(
    "sent", [None, "x", {}, {"curve": "0"}, {"curve": 0, "x": [1]}, {"curve": 0, "x": 1, "y": 2, "z": "3"}]
)
def test_what_is_not_a_click_is_no_click(sent: object) -> None:
    assert _click(sent) is None
