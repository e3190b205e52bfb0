"""A click in a figure finds the number that was drawn there."""

from dataclasses import dataclass

import pytest

from tests.support.traces import ATTENTION, READOUT, RNN, TRACES, draw
from viz.figures.parts.marks import picked
from viz.view import Target


@dataclass
class Click:
    curve: int
    x: object = None
    y: object = None
    customdata: object = None


def test_a_click_finds_the_number_that_was_drawn_there():
    trace, weights = TRACES["gru with two heads"], Target(ATTENTION, "attention_weights")
    cells = draw("heatmap", trace, Target(RNN, "update_gate"), "influence")
    row = cells.layout.meta["units"].index(5)
    assert picked(cells, Click(0, 3, row)) == (3, 5)
    assert cells.data[0].z[row][3] == trace.array(RNN, "update_gate")[3, 5]
    assert picked(draw("unit_lines", trace, Target(RNN, "update_gate"), units=(6, 2)), Click(1, 4, 0.3)) == (4, 2)
    assert picked(draw("attention_heatmap", trace, weights), Click(0, 2, 7)) == (7, 2)
    assert picked(draw("attention_bars", trace, weights, step=6), Click(0, 1, 0.2)) == (6, 1)
    path = draw("trajectory", trace, Target(RNN, "hidden_state"))
    assert picked(path, Click(2, 0.1, 0.2, int(path.data[2].customdata[8]))) == (8, None)
    assert picked(draw("prediction", trace, Target(READOUT, "probability")), Click(0, 9, 0.5)) == (9, None)


@pytest.mark.parametrize(
    "click",
    [Click(0, 10, 0), Click(0, -1, 0), Click(0, 0, 7), Click(0, 0, -1), Click(3, 0, 0), Click(0, "a", 0),
     Click(0, 0, None), Click(0, float("nan"), 0), Click(0, 1e300, 0), Click("0", 0, 0)],  # type: ignore[arg-type]  # wrong on purpose
)  # fmt: skip
def test_a_click_outside_the_trace_finds_nothing(click: Click):
    assert picked(draw("heatmap", TRACES["gru with two heads"], Target(RNN, "update_gate")), click) is None
