"""A click in a figure finds the number that was drawn there."""

from dataclasses import dataclass

import numpy as np
import pytest

from tests.support.traces import ATTENTION, READOUT, RNN, TRACES, draw
from viz.figures.parts.marks import dot, picked
from viz.figures.parts.principal_axes import fit_axes
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


def test_a_click_on_the_state_of_another_input_finds_its_number_and_no_token():
    trace, target = TRACES["gru with two heads"], Target(RNN, "hidden_state")
    path = draw("trajectory", trace, target)
    click = Click(1, 0.1, 0.2, float(path.data[1].customdata[2]))
    number = dot(path, click)
    assert number is not None
    assert picked(path, click) is None
    axes = fit_axes(trace.array(RNN, "reference_states"), 2, trace.array(RNN, "reference_classes") > 0.5)
    np.testing.assert_allclose([path.data[1].x[2], path.data[1].y[2]],
                               axes.place(trace.array(RNN, "reference_states"))[number])  # fmt: skip
    ring = draw("trajectory", trace, target, dot=number).data[-1]
    np.testing.assert_allclose([ring.x[0], ring.y[0]], [path.data[1].x[2], path.data[1].y[2]])
    for wrong in (Click(2, 0, 0, 1.0), Click(1, 0, 0, None), Click(0, 0, 0, -1.0), Click(0, 0, 0, "1")):
        assert dot(path, wrong) is None
    assert dot(draw("heatmap", trace, Target(RNN, "update_gate")), click) is None


@pytest.mark.parametrize(
    "click",
    [Click(0, 10, 0), Click(0, -1, 0), Click(0, 0, 7), Click(0, 0, -1), Click(3, 0, 0), Click(0, "a", 0),
     Click(0, 0, None), Click(0, float("nan"), 0), Click(0, 1e300, 0), Click("0", 0, 0)],  # type: ignore[arg-type]  # wrong on purpose
)  # fmt: skip
def test_a_click_outside_the_trace_finds_nothing(click: Click):
    assert picked(draw("heatmap", TRACES["gru with two heads"], Target(RNN, "update_gate")), click) is None
