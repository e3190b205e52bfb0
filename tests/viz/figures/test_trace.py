"""Figures: every view draws every trace it suits, and what it draws is what the trace holds."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from core_models.convention import Convention, Effect
from core_models.explain.memory.ledger import open_ledger
from core_models.trace import Site, Tokens, Trace
from viz.figures import VIEWS
from viz.figures.explain.arithmetic import draw_terms, largest_terms
from viz.figures.parts.export import to_csv, to_html
from viz.figures.parts.marks import picked
from viz.figures.parts.order import ORDERS, available_orders, order_units
from viz.figures.parts.playback import MOST_FRAMES
from viz.figures.parts.principal_axes import fit_axes, fit_once
from viz.figures.parts.token_axis import MOST_LABELS, escape, spell
from viz.figures.scores.accuracy import draw_scores
from viz.figures.trace.attention_stages import STAGES, checks, stage_values
from viz.figures.trace.distribution import bins, shares
from viz.figures.trace.prediction import jumps
from viz.figures.trace.trajectory import targets as trajectory_targets
from viz.figures.trace.unit_lines import choose_units
from viz.theme import NEGATIVE, POSITIVE, TEMPLATE, scale_of
from viz.view import Options, Section, Target, View

RNN, BACK, ATTENTION, READOUT = Site("rnn"), Site("rnn", 0, "backward"), Site("attention"), Site("readout")
GATES = {"gru": ("reset_gate", "update_gate"), "lstm": ("input_gate", "forget_gate", "output_gate"), "rnn": ()}
KEEPS = {"gru": {"update_gate": True}, "lstm": {"forget_gate": True}, "rnn": {}}
WORDS = ("the", "acting", "is", "superb", ",", "but", "it", "never", "wakes", "up")


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def recurrence(random, site, cell, steps, units):
    gates = {(site, gate): sigmoid(random.normal(size=(steps, units))) for gate in GATES[cell]}
    states = {} if cell != "lstm" else {(site, "cell_state"): random.normal(size=(steps, units)) * 3}
    candidate = {"gru": "candidate", "lstm": "cell_candidate"}.get(cell)
    candidates = {(site, candidate): np.tanh(random.normal(size=(steps, units)))} if candidate else {}
    return {
        **gates,
        **states,
        **candidates,
        (site, "hidden_state"): np.tanh(random.normal(size=(steps, units))),
        (site, "influence"): random.normal(size=units),
        (site, "reference_states"): np.tanh(random.normal(size=(50, units))),
        (site, "reference_classes"): np.arange(50) % 2.0,
    }


def attention(random, steps, units, heads):
    scores = random.normal(size=(heads, steps, steps)) * 2
    mask = np.broadcast_to(np.tril(np.ones((steps, steps))), scores.shape)
    weights = np.where(mask > 0, np.exp(scores), 0)
    return {
        (ATTENTION, "attention_scores"): scores,
        (ATTENTION, "attention_mask"): mask,
        (ATTENTION, "attention_weights"): weights / weights.sum(axis=-1, keepdims=True),
        (ATTENTION, "context"): np.tanh(random.normal(size=(steps, units))),
    }


def make(steps=10, units=7, cell="gru", both=False, heads=0, words=WORDS, **entries):
    random = np.random.default_rng(steps + units)
    sites = (RNN, BACK) if both else (RNN,)
    found = {(Site("embedding"), "embedding"): random.normal(size=(steps, 5))}
    for site in sites:
        found |= recurrence(random, site, cell, steps, units)
    if heads:
        found |= attention(random, steps, units, heads)
    found |= {(READOUT, "probability"): sigmoid(np.cumsum(random.normal(size=steps)))}
    effects = {gate: Effect(f"does all of {gate}", f"does nothing of {gate}") for gate in GATES[cell]}
    convention = Convention(cell, cell.upper(), (), "", "", effects, KEEPS[cell])
    tokens = Tokens(tuple(words[step % len(words)] for step in range(steps)))
    found |= {(RNN, key): value for key, value in entries.items()}
    return Trace(tokens, found, dict.fromkeys(sites, convention), "model")


TRACES = {
    "gru with two heads": make(heads=2),
    "bidirectional lstm": make(cell="lstm", both=True),
    "one token, one unit": make(1, 1, heads=1),
    "two tokens, rnn": make(2, 3, cell="rnn"),
    "40 tokens": make(40, 64, heads=1),
    "200 tokens": make(200, 12, heads=1),
}
DRAWN = [
    pytest.param(view, trace, target, id=f"{view.key}, {name}, {target.name}")
    for name, trace in TRACES.items()
    for view in VIEWS
    for target in view.targets(trace)
]
BY_KEY = {view.key: view for view in VIEWS}
CHOICES = (
    Options(),
    Options("similarity", step=0, unit=0, units=(0, 99), stage="scores", space=3),
    Options("influence", step=0, stage="softmax", head=1),
    Options("nonsense", step=9999, unit=9999, stage="mask", head=99, space=7),
)


def draw(key, trace, target, *choices, **options) -> Any:
    return BY_KEY[key].draw(trace, target, Options(*choices, **options))


def target_of(key, trace, quantity):
    return next(target for target in BY_KEY[key].targets(trace) if target.key == quantity)


def rows_of(trace):
    return [t for t in BY_KEY["heatmap"].targets(trace) if t.quantity.dims == ("step", "unit")]


@pytest.mark.parametrize(("view", "trace", "target"), DRAWN)
def test_a_view_draws_what_it_suits_as_a_valid_figure_under_every_option(view: View, trace: Trace, target: Target):
    for options in CHOICES:
        figure = view.draw(trace, target, options)
        assert isinstance(figure, go.Figure)
        go.Figure(figure.to_dict())  # validates names and values
        assert json.loads(str(figure.to_json()))["data"]
        layout: Any = figure.layout
        assert layout.height
        assert layout.title.text is None


@pytest.mark.parametrize(("view", "trace", "target"), DRAWN)
def test_a_view_says_what_it_asks_and_how_to_read_it(view: View, trace: Trace, target: Target):
    words = view.how_to_read(trace, target, Options())
    assert isinstance(view.section, Section)
    assert view.question.endswith("?")
    assert words.endswith(".")
    assert not {"{", "}", "_"} & set(words.replace("_gate", ""))


@pytest.mark.parametrize(("view", "trace", "target"), DRAWN)
def test_every_axis_of_numbers_is_named_and_token_axes_hold_every_token(view: View, trace: Trace, target: Target):
    layout = view.draw(trace, target, Options()).to_dict()["layout"]
    axes = {name: axis for name, axis in layout.items() if name[1:].startswith("axis")}
    words = {spec["axis"].replace("x", "xaxis").replace("y", "yaxis") for spec in layout["meta"].get("ticks", ())}
    assert all(axis["title"]["text"] for name, axis in axes.items() if name not in words)
    if layout["meta"].get("link", {}).get("axis"):
        assert layout["xaxis"]["range"] == [-0.5, len(trace) - 0.5]
        assert layout["meta"]["ticks"][0]["labels"] == list(trace.tokens.labels)
        assert 0 < len(layout["xaxis"]["ticktext"]) <= MOST_LABELS
        assert layout["xaxis"]["labelalias"] == {str(i): label for i, label in enumerate(trace.tokens.labels)}


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.key)
def test_zoom_survives_another_text_but_not_another_quantity(view: View):
    short, long = TRACES["gru with two heads"], TRACES["200 tokens"]

    def revisions(trace: Trace) -> list[Any]:
        layouts: list[Any] = [view.draw(trace, target, Options()).layout for target in view.targets(trace)]
        return [layout.uirevision for layout in layouts]

    seen = revisions(short)
    assert seen == revisions(long)
    assert len(set(seen)) == len(seen)


def test_a_trace_that_holds_nothing_suits_no_view():
    empty = Trace(Tokens(("a",)), {})
    assert not any(view.targets(empty) for view in VIEWS)


def test_streamlits_placeholder_colours_reach_no_figure():
    import streamlit  # noqa: F401  changes Plotly's default template

    assert "#000001" in str(go.Figure(layout={"xaxis": {}}).to_json())
    trace = TRACES["gru with two heads"]
    for view in VIEWS:
        figure = draw(view.key, trace, view.targets(trace)[0])
        assert "#000001" not in figure.to_json()
        assert figure.layout.template.layout.font.color == TEMPLATE["layout"]["font"]["color"]


def test_figures_import_neither_torch_nor_streamlit():
    code = "import sys; sys.modules.update(torch=None, streamlit=None); import viz.figures, viz.figures.parts.export"
    subprocess.run([sys.executable, "-c", code], check=True)


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


def test_bars_are_one_reader_of_one_head_and_blank_where_it_may_not_look():
    trace, target = TRACES["gru with two heads"], Target(ATTENTION, "attention_weights")
    weights = trace.array(ATTENTION, "attention_weights")
    np.testing.assert_array_equal(draw("attention_bars", trace, target, head=1).data[0].y, weights[1, -1])
    early = draw("attention_bars", trace, target, step=2).data[0].y
    np.testing.assert_array_equal(early[:3], weights[0, 2, :3])
    assert np.isnan(early[3:]).all()


def test_every_stage_of_attention_shows_its_own_values():
    trace, target = TRACES["gru with two heads"], Target(ATTENTION, "attention_weights")
    cells = {s: draw("attention_heatmap", trace, target, stage=s, head=1).data[0] for s in STAGES}
    scores, mask, weights = (trace.array(ATTENTION, f"attention_{s}")[1] for s in ("scores", "mask", "weights"))
    np.testing.assert_array_equal(cells["scores"].z, scores)
    np.testing.assert_array_equal(cells["mask"].z, mask)
    powers = np.exp(scores.astype(np.float64))
    np.testing.assert_allclose(cells["softmax"].z, powers / powers.sum(axis=1, keepdims=True), atol=1e-7)
    np.testing.assert_array_equal(cells["weights"].z[mask > 0], weights[mask > 0])
    assert np.isnan(cells["weights"].z[mask == 0]).all()
    assert cells["scores"].zmax == -cells["scores"].zmin == np.abs(scores).max()
    assert (cells["weights"].zmin, cells["weights"].zmax) == (0, 1)
    said = [BY_KEY["attention_heatmap"].label(target, Options(stage=stage)) for stage in STAGES]
    assert said == ["scores", "mask", "softmax without mask", "weights"]


def test_attention_without_scores_still_draws_its_weights_and_checks_what_it_can():
    site, weights = Site("attention"), np.full((1, 2, 2), 0.5)
    trace = Trace(Tokens(("a", "b")), {(site, "attention_weights"): weights})
    figure = draw("attention_heatmap", trace, Target(site, "attention_weights"), stage="scores")
    np.testing.assert_array_equal(figure.data[0].z, weights[0])
    assert stage_values(trace, site, "softmax") is None
    assert [check.passed for check in checks(trace, site)] == [True, True]


def test_attention_checks_pass_on_a_true_trace_and_fail_where_scores_and_weights_disagree():
    trace = TRACES["gru with two heads"]
    assert [check.passed for check in checks(trace, ATTENTION)] == [True, True, True]
    scores = np.array(trace.array(ATTENTION, "attention_scores"))
    scores[1, 5, 2] += 0.01
    wrong = trace.with_entries({(ATTENTION, "attention_scores"): scores})
    assert [check.passed for check in checks(wrong, ATTENTION)] == [True, True, False]
    unmasked = trace.with_entries({(ATTENTION, "attention_scores"): scores + 100})
    assert checks(unmasked, ATTENTION)[2].detail == checks(wrong, ATTENTION)[2].detail


def test_remembered_axes_are_those_of_the_part_of_a_cloud_and_of_the_samples_that_were_asked_for():
    cloud = np.random.default_rng(0).normal(size=(40, 6)) * np.arange(1, 7)
    marked = cloud[:, 5] > 0
    clouds = [(cloud, marked), (cloud, ~marked), (cloud[:20], marked[:20])]
    clouds += [(part, None) for part in (cloud, cloud[:20], cloud[20:], cloud[:, :3], cloud[::2])]
    for part, toward in clouds:
        found, expected = fit_once(part, 2, toward), fit_axes(part, 2, toward)
        np.testing.assert_array_equal(found.directions, expected.directions)
        np.testing.assert_array_equal(found.center, expected.center)
    assert fit_once(cloud, 2, marked.copy()) is fit_once(cloud.view(), 2, marked)


def test_principal_axes_agree_with_the_singular_values_of_the_cloud():
    random = np.random.default_rng(3)
    cloud = random.normal(size=(60, 9)) * np.arange(1, 10)
    axes = fit_axes(cloud, 3, cloud[:, 8] > 0)
    _, s, vt = np.linalg.svd(cloud - cloud.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(axes.shares, (s**2 / (s**2).sum())[:3], rtol=1e-10)
    np.testing.assert_allclose(np.abs(axes.directions), np.abs(vt[:3]), atol=1e-8)
    np.testing.assert_allclose(axes.place(cloud).var(axis=0), (s[:3] ** 2) / 60, rtol=1e-5)


def test_the_marked_samples_lie_on_the_positive_side_of_every_axis():
    cloud = np.random.default_rng(5).normal(size=(40, 6))
    marked = np.arange(40) < 11
    places = fit_axes(cloud, 3, marked).place(cloud)
    assert np.all(places[marked].mean(axis=0) > places[~marked].mean(axis=0))


def test_a_cloud_without_spread_gives_shares_of_0_and_not_an_error():
    axes = fit_axes(np.ones((4, 1)), 3)
    assert axes.shares.tolist() == [0, 0, 0]
    assert axes.place(np.ones((2, 1))).tolist() == [[0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize("space", [2, 3])
def test_the_path_lies_where_the_axes_of_the_background_put_it_in_token_order(space: int):
    trace = TRACES["bidirectional lstm"]
    assert {target.site for target in trajectory_targets(trace)} == {RNN, BACK}
    for target in trajectory_targets(trace):
        figure = draw("trajectory", trace, target, space=space)
        path = figure.data[figure.layout.meta["link"]["points"][0]]
        classes = trace.array(target.site, "reference_classes")
        axes = fit_axes(trace.array(target.site, "reference_states"), space, classes > 0.5)
        expected = axes.place(trace.array(target.site, "hidden_state"))
        np.testing.assert_array_equal(np.stack([path[name] for name in "xyz"[:space]], axis=1), expected)
        assert sum(len(figure.data[curve].x) for curve in (0, 1)) == len(classes)
        titles = figure.layout.scene if space == 3 else figure.layout
        assert f"{axes.shares[1]:.1%}" in titles.yaxis.title.text


def test_a_path_is_played_in_reading_order_and_ends_whole():
    trace = TRACES["bidirectional lstm"]
    for target, first, last in ((Target(RNN, "hidden_state"), 0, 9), (Target(BACK, "hidden_state"), 9, 0)):
        figure = draw("trajectory", trace, target)
        path = figure.data[2]
        assert [len(frame.data[0].x) for frame in figure.frames] == list(range(1, 11))
        assert figure.frames[0].data[1].x[0] == pytest.approx(path.x[first], abs=1e-5)
        assert figure.frames[-1].data[1].x[0] == pytest.approx(path.x[last], abs=1e-5)
        assert figure.frames[-1].data[0].y == pytest.approx(path.y[:: 1 if last else -1], abs=1e-5)
        assert path.text[first] == f"start: {trace.tokens.labels[first]}"
        assert path.text[last] == f"end: {trace.tokens.labels[last]}"
        assert [step.args[0][0] for step in figure.layout.sliders[0].steps] == [f.name for f in figure.frames]


def test_long_texts_are_played_with_strides():
    frames = draw("trajectory", TRACES["200 tokens"], Target(RNN, "hidden_state")).frames
    assert len(frames) <= MOST_FRAMES + 1
    assert frames[-1].name.startswith("200 ")


HOSTILE = (
    "<b>bold</b>", "<script>alert(1)</script>", "a&amp;b", "$x^2$", "line\nbreak", "\x00\x1b", " ", "", "‮evil",
    "שלום", "👩‍👩‍👧‍👦", "e" + "́" * 40, "%{x}", "\ud800", "w" * 5000,
)  # fmt: skip


def test_hostile_tokens_reach_every_figure_escaped_short_and_visible():
    trace = make(len(HOSTILE), 4, heads=1, words=HOSTILE)
    for view in VIEWS:
        for target in view.targets(trace):
            layout = draw(view.key, trace, target).to_json()
            assert "<script" not in layout
            assert "<b>bold" not in layout
            assert "\\n" not in layout
            assert "w" * 20 not in layout
    figure = draw("prediction", trace, Target(READOUT, "probability"))
    assert figure.layout.xaxis.ticktext[0] == "&lt;b&gt;bold&lt;/b&gt;"
    assert figure.layout.xaxis.ticktext[3] == "&#36;x^2&#36;"
    assert figure.layout.meta["ticks"][0]["labels"][0] == "<b>bold</b>"


def test_tokens_are_spelled_so_that_nothing_is_hidden():
    spelled = [spell(token) for token in HOSTILE]
    assert spelled[4:9] == ["line␊break", "␀␛", "␣", "∅", "□evil"]
    assert spelled[9] == "\u2068שלום\u2069"
    assert spelled[10] == HOSTILE[10]
    assert spelled[13] == "□"
    assert spelled[14] == "w" * 13 + "…"
    assert [spell("\u200d"), spell("👩\u200d🚀")] == ["□", "👩\u200d🚀"]
    assert all(len(word) <= 16 for word in spelled)
    assert spell("x" * 12 + "e\u0301" + "yz") == "x" * 12 + "…"
    assert escape("<&>$%{y}") == "&lt;&amp;&gt;&#36;&#37;{y}"


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


@pytest.mark.parametrize(("view", "trace", "target"), DRAWN)
def test_csv_holds_one_row_for_each_value_drawn(view: View, trace: Trace, target: Target):
    table = pd.read_csv(StringIO(to_csv(view.numbers(trace, target))))
    values = trace.array(target.site, target.key)
    before = values.shape[1] if view.key == "ledger" and open_ledger(trace, target.site).begun else 0
    assert len(table) == (len(trace) if view.key == "trajectory" else values.size + before)
    if target.key in table:
        np.testing.assert_array_equal(table[target.key].to_numpy(np.float32), values.ravel())


def test_csv_of_attention_holds_every_stage():
    trace = TRACES["gru with two heads"]
    table = BY_KEY["attention_heatmap"].numbers(trace, Target(ATTENTION, "attention_weights"))
    row = table[(table["head"] == 1) & (table["query"] == 7) & (table["key"] == 2)].iloc[0]
    assert row["weights"] == trace.array(ATTENTION, "attention_weights")[1, 7, 2]
    assert row["scores"] == trace.array(ATTENTION, "attention_scores")[1, 7, 2]
    assert (row["query_token"], row["key_token"]) == (WORDS[7], WORDS[2])


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
    assert table["sum"].iloc[2] == "1.900000 × -1.000000 = -1.900000"
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


def test_exported_pages_stand_alone_and_let_no_text_out_of_its_place():
    target = Target(READOUT, "probability")
    texts = [make(len(HOSTILE), 3, words=words) for words in (HOSTILE, WORDS)]
    hostile, plain = (to_html(draw("prediction", trace, target), "<b>", trace.tokens.text) for trace in texts)
    assert "<title>&lt;b&gt;</title>" in hostile
    assert hostile.count("</script") == plain.count("</script")
    assert 'src="http' not in hostile
    assert len(hostile) > 500_000
