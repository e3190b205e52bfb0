"""Figures of single units: maps, lines, distributions, their order, and the answer that is made of them."""

import numpy as np
import pytest

from core_models.convention import Convention
from core_models.trace import Tokens, Trace
from tests.support.traces import ATTENTION, BY_KEY, READOUT, RNN, TRACES, draw, make, target_of
from viz.figures.parts.order import ORDERS, available_orders, order_units
from viz.figures.trace.distribution import bins, shares
from viz.figures.trace.prediction import jumps
from viz.figures.trace.unit_lines import choose_units
from viz.theme import NEGATIVE, POSITIVE, scale_of
from viz.view import Options, Target


def rows_of(trace):
    return [t for t in BY_KEY["heatmap"].targets(trace) if t.quantity.dims == ("step", "unit")]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", ["gru with two heads", "bidirectional lstm", "one token, one unit"])
def test_heatmap_rows_are_the_units_in_their_order_and_cells_the_traced_numbers(name: str, order: str):
    trace = TRACES[name]
    for target in rows_of(trace):
        figure = draw("heatmap", trace, target, order)
        values, units = trace.array(target.site, target.key), figure.layout.meta["units"]
        assert sorted(units) == list(range(values.shape[1]))
        assert units == order_units(trace, target, order).tolist()
        np.testing.assert_array_equal(figure.data[0].z, values.T[units])
        assert figure.data[0].z.dtype == np.float32
        np.testing.assert_array_equal(figure.data[0].customdata[0], np.arange(len(trace)) + 1)
        assert figure.layout.meta["ticks"][1]["labels"] == [str(unit) for unit in units]


def test_the_strip_holds_mean_and_the_middle_80_percent():
    trace = TRACES["40 tokens"]
    low, high, mean = draw("heatmap", trace, Target(RNN, "update_gate")).data[1:]
    values = trace.array(RNN, "update_gate").astype(np.float64)
    np.testing.assert_allclose(mean.y, values.mean(axis=1), rtol=1e-6)
    np.testing.assert_allclose(low.y, np.quantile(values, 0.1, axis=1), rtol=1e-6)
    np.testing.assert_allclose(high.y, np.quantile(values, 0.9, axis=1), rtol=1e-6)


def test_colour_scales_are_fixed_for_gates_and_centred_at_0_for_signed_values():
    trace = make(4, 3, hidden_state=np.full((4, 3), 0.1), update_gate=np.full((4, 3), 0.4))
    wide = make(4, 3, hidden_state=np.linspace(-3, 2, 12).reshape(4, 3))
    ends = [
        (figure.data[0].zmin, figure.data[0].zmax)
        for figure in (
            draw("heatmap", trace, Target(RNN, "update_gate")),
            draw("heatmap", trace, Target(RNN, "hidden_state")),
            draw("heatmap", wide, Target(RNN, "hidden_state")),
        )
    ]
    assert ends == [(0, 1), (-1, 1), (-3, 3)]
    bar = draw("heatmap", wide, Target(RNN, "hidden_state")).data[0].colorbar.title.text
    assert "±3" in bar
    assert "hidden state hₜ" in bar
    middle = scale_of(Target(RNN, "hidden_state").quantity, np.ones(1)).colors[2]
    assert middle[0] == 0.5


def test_the_selected_cell_is_framed_where_its_unit_stands():
    trace = TRACES["gru with two heads"]
    figure = draw("heatmap", trace, Target(RNN, "update_gate"), "influence", step=3, unit=5)
    row = figure.layout.meta["units"].index(5)
    assert {(shape.x0, shape.x1, shape.y0, shape.y1) for shape in figure.layout.shapes} == {
        (2.5, 3.5, row - 1.0, row + 1.0)
    }


def test_captions_say_what_1_and_0_do_in_the_cell_at_hand():
    trace = TRACES["bidirectional lstm"]
    for key in ("heatmap", "unit_lines", "distribution"):
        words = BY_KEY[key].how_to_read(trace, target_of(key, trace, "forget_gate"), Options())
        assert "In this LSTM, at 1 the forget gate fₜ does all of forget_gate; at 0 it does nothing" in words


def test_the_units_that_keep_most_stand_first():
    tau = np.array([2.0, 50.0, 10.0])
    keep = np.tile(np.exp(-1 / tau), (6, 1))
    trace = make(6, 3, update_gate=keep)
    assert order_units(trace, Target(RNN, "hidden_state"), "timescale").tolist() == [1, 2, 0]
    overwriting = Convention("gru", "GRU", (), "", "", {}, {"update_gate": False})
    swapped = Trace(trace.tokens, {**trace.entries, (RNN, "update_gate"): 1 - keep}, {RNN: overwriting})
    assert order_units(swapped, Target(RNN, "hidden_state"), "timescale").tolist() == [1, 2, 0]


def test_orders_are_offered_only_where_they_mean_something():
    gru, rnn = TRACES["gru with two heads"], TRACES["two tokens, rnn"]
    assert available_orders(gru, Target(RNN, "hidden_state")) == ("index", "similarity", "timescale", "influence")
    assert available_orders(rnn, Target(RNN, "hidden_state")) == ("index", "similarity", "influence")
    assert available_orders(gru, Target(ATTENTION, "context")) == ("index", "similarity")
    for key in ("timescale", "no such order"):
        assert order_units(rnn, Target(RNN, "hidden_state"), key).tolist() == [0, 1, 2]


def test_influence_puts_the_strongest_effect_first_whatever_its_sign():
    trace = make(3, 4, influence=np.array([0.1, -3.0, 2.0, -0.2]))
    assert order_units(trace, Target(RNN, "hidden_state"), "influence").tolist() == [1, 2, 3, 0]


def test_similarity_puts_units_that_did_alike_side_by_side():
    two_kinds = np.stack([np.linspace(0, 1, 8), np.linspace(1, 0, 8)] * 3, axis=1)
    trace = make(8, 6, hidden_state=two_kinds)
    order = order_units(trace, Target(RNN, "hidden_state"), "similarity")
    assert np.array_equal(order, order_units(trace, Target(RNN, "update_gate"), "similarity"))
    assert [unit % 2 for unit in order] in ([0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0])


def test_unit_lines_are_the_traced_values_of_the_chosen_units():
    trace, target = TRACES["gru with two heads"], Target(RNN, "hidden_state")
    figure = draw("unit_lines", trace, target, units=(4, 4, 1, 99, -1))
    assert figure.layout.meta["units"] == [4, 1]
    for line, unit in zip(figure.data, (4, 1), strict=True):
        np.testing.assert_array_equal(line.y, trace.array(RNN, "hidden_state")[:, unit])
    assert [note.text for note in figure.layout.annotations] == ["unit 4", "unit 1"]


def test_the_axis_of_single_units_fits_them_not_the_largest_of_all():
    values = np.zeros((10, 7))
    values[:, 2], values[5, 6] = np.linspace(-2, 2, 10), 90.0
    figure = draw("unit_lines", make(10, 7, hidden_state=values), Target(RNN, "hidden_state"), units=(2,))
    assert max(figure.layout.yaxis.range) < 3


def test_without_a_choice_the_most_influential_units_are_drawn_else_the_liveliest():
    trace = make(10, 7, influence=np.array([0, -9, 1, 8, -7, 2, 3.0]))
    assert choose_units(trace, Target(RNN, "hidden_state"), Options()) == [1, 3, 4, 6, 5]
    lively = np.zeros((10, 7))
    lively[3] = np.arange(7) / 7
    entries = {(ATTENTION, "context"): lively}
    still = Trace(trace.tokens, entries)
    assert choose_units(still, Target(ATTENTION, "context"), Options()) == [6, 5, 4, 3, 2]


def test_the_prediction_is_the_traced_probability_with_its_jumps_marked():
    p = np.array([0.5, 0.9, 0.85, 0.2, 0.25, 0.25, 0.6])
    trace = Trace(Tokens.numbered(7), {(READOUT, "probability"): p}, classes=("<b>dull", "bright"))
    figure = draw("prediction", trace, Target(READOUT, "probability"))
    np.testing.assert_array_equal(figure.data[0].y, p.astype(np.float32))
    low, high = figure.layout.yaxis.range
    assert (low + high, low < 0) == (1, True)
    assert figure.layout.meta["ticks"][0]["colors"] == ["", POSITIVE, "", NEGATIVE, "", "", POSITIVE]
    assert list(figure.data[1].x) == [1, 3, 6]
    texts = [note.text for note in figure.layout.annotations]
    assert texts == ["&lt;b&gt;dull", "bright", "<b>0.600</b>", "+0.40", "−0.65", "+0.35"]
    assert figure.layout.yaxis.title.text == "p(bright)"
    assert "above 0.5 it says bright, below it <b>dull" in BY_KEY["prediction"].how_to_read(
        trace, Target(READOUT, "probability"), Options()
    )
    assert jumps(np.full(5, 0.7, dtype=np.float32)) == []


def test_a_nearly_certain_answer_is_not_written_as_certain():
    for value, text in ((0.99999, "&gt;0.999"), (0.0001, "&lt;0.001")):
        trace = Trace(Tokens(("a",)), {(READOUT, "probability"): np.array([value])})
        figure = draw("prediction", trace, Target(READOUT, "probability"))
        assert figure.layout.annotations[0].text == f"<b>{text}</b>"


def test_the_distribution_counts_every_value_once_and_both_ends():
    values = np.array([[0.0, 0.05, 0.5, 1.0, 0.95, 0.91, 0.1, 0.3]], dtype=np.float32)
    trace = make(1, 8, update_gate=values)
    assert shares(values) == (2 / 8, 3 / 8)
    assert bins(values)[:, 2].sum() == 8
    figure = draw("distribution", trace, Target(RNN, "update_gate"))
    np.testing.assert_allclose(np.sum(figure.data[0].y), 1)
    assert [note.text for note in figure.layout.annotations] == ["<b>25%</b> below 0.1", "<b>38%</b> above 0.9"]
