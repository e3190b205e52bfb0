"""Figures of comparisons: every line holds the numbers of its own trace, in columns that texts share."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core_models.convention import Convention
from core_models.explain.dynamics.divergence import MISSING
from core_models.trace import Site, Tokens, Trace
from tests.support.traces import ATTENTION, READOUT, RNN, TRACES, make
from viz.figures.compare import attention as compare_attention
from viz.figures.compare import distance as compare_distance
from viz.figures.compare import gaps as compare_gaps
from viz.figures.compare import heatmaps as compare_heatmaps
from viz.figures.compare import lines as compare_lines
from viz.figures.compare import path as compare_path
from viz.figures.compare import prediction as compare_prediction
from viz.figures.compare.comparison import STYLES, Comparison, answers, compare_inputs, compare_models
from viz.figures.compare.quantity import KEPT, ShownQuantity, pick, quantities, summarize, units_table

NAMES = ("GRU <b>", "LSTM", "RNN", "GRU & more")


MODELS = compare_models([make(heads=2), make(cell="lstm", units=5), make(cell="rnn"), make(both=True, units=3)], NAMES)


WORDS = ("this", "is", "a", "good", "film", "<i>!")


ONE = make(6, 4, heads=1, words=WORDS)


TWO = make(7, 4, heads=1, words=(*WORDS[:2], "not", *WORDS[2:]))


TEXTS = compare_inputs(ONE, TWO, ("first", "second"))


COMPARISONS = {
    "four models": MODELS,
    "one model": compare_models([make()], ["alone"]),
    "one token": compare_models([TRACES["one token, one unit"]] * 2, ["a", "b"]),
    "two texts": TEXTS,
    "nothing in common": compare_inputs(make(2, 3, words=("a", "b")), make(1, 3, words=("c",)), ("x", "y")),
    "200 tokens": compare_models([TRACES["200 tokens"]] * 2, ["a", "b"]),
}


def figures(comparison: Comparison) -> dict[str, go.Figure]:
    """Everything that the page may draw of a comparison."""
    found = {"prediction": compare_prediction.draw(comparison)}
    for key in quantities(comparison.traces):
        (shown,) = pick([comparison], key)
        found[f"lines {key}"] = compare_lines.draw(comparison, shown)
        found[f"heatmaps {key}"] = compare_heatmaps.draw(comparison, shown)
    if compare_attention.attending(comparison):
        found |= {f"attention {step}": compare_attention.draw(comparison, step) for step in (None, 0)}
    if len(comparison.traces) == 2:
        gaps = compare_distance.measure(comparison, RNN)
        found["distance"] = compare_distance.draw(comparison, RNN, gaps)
        found["gaps"] = compare_gaps.draw(comparison, RNN, gaps)
        found |= {f"path {t.name}": compare_path.draw(comparison, t) for t in compare_path.targets(comparison)}
    return found


DRAWN = [
    pytest.param(comparison, figure, id=f"{name}, {key}")
    for name, comparison in COMPARISONS.items()
    for key, figure in figures(comparison).items()
]


@pytest.mark.parametrize(("comparison", "figure"), DRAWN)
def test_a_figure_of_a_comparison_is_valid_and_every_axis_of_it_is_named(comparison: Comparison, figure: Any):
    go.Figure(figure.to_dict())  # validates names and values
    assert json.loads(str(figure.to_json()))["data"]
    layout = figure.to_dict()["layout"]
    axes = {name: axis for name, axis in layout.items() if name[1:].startswith("axis")}
    assert all(axis["title"]["text"] for axis in axes.values() if axis.get("showticklabels", True))
    assert layout["meta"]["link"]
    assert layout["meta"]["steps"] == len(comparison)
    if layout["meta"]["link"].get("axis"):
        assert layout["xaxis"]["range"] == [-0.5, len(comparison) - 0.5]
        assert layout["meta"]["ticks"][0]["labels"] == list(comparison.labels)


@pytest.mark.parametrize(("comparison", "figure"), DRAWN)
def test_text_in_a_figure_of_a_comparison_is_escaped(comparison: Comparison, figure: Any):
    plain = figure.to_dict()
    plain["layout"]["meta"] = {}
    words = json.dumps(plain, default=lambda value: value.tolist())
    assert "<i>" not in words
    assert "GRU <b>" not in words


def test_models_are_compared_on_the_same_tokens_only():
    with pytest.raises(ValueError, match="expected traces of the same tokens, got different ones"):
        compare_models([ONE, TWO], ["a", "b"])


def test_every_line_holds_the_numbers_of_its_own_trace_in_its_own_style():
    figure: Any = compare_prediction.draw(MODELS)
    for curve, trace, style in zip(figure.data, MODELS.traces, STYLES, strict=True):
        np.testing.assert_array_equal(curve.y, trace.array(READOUT, "probability"))
        assert (curve.line.color, curve.line.dash, curve.marker.symbol) == (style.color, style.dash, style.symbol)
    assert len({style.color for style in STYLES}) == len({style.dash for style in STYLES}) == len(STYLES)


def test_two_texts_stand_in_shared_columns_and_gaps_where_one_lacks_a_token():
    assert TEXTS.labels == ("this", "is", "+not", "a", "good", "film", "<i>!")
    found = answers(TEXTS)
    assert found is not None
    assert np.isnan(found[0, 2])
    np.testing.assert_array_equal(found[0, [0, 1, 3, 4, 5, 6]], ONE.array(READOUT, "probability"))
    np.testing.assert_array_equal(found[1], TWO.array(READOUT, "probability"))
    assert TEXTS.changed().tolist() == [2]


def test_a_word_that_replaces_another_is_named_with_it():
    pair = compare_inputs(make(3, 2, words=("a", "fine", "film")), make(3, 2, words=("A", "dull", "film")), ("x", "y"))
    assert pair.labels == ("a", "fine→dull", "film")
    assert pair.changed().tolist() == [1]


def test_numbers_that_differ_under_equal_names_are_told_as_changed():
    frame = Site("frames"), "frame"
    first, second = (Trace(Tokens(("1", "2")), {frame: np.array([[0.0], [value]])}) for value in (1.0, 2.0))
    assert compare_inputs(first, second, ("x", "y")).changed().tolist() == [1]


def test_what_is_kept_is_the_gate_that_keeps_or_one_minus_the_gate_that_overwrites():
    keeps = make()
    overwrites = Convention("x", "X", (), "", "", {}, {"update_gate": False})
    other = replace(keeps, cells={RNN: overwrites})
    gate = keeps.array(RNN, "update_gate")
    (shown,) = pick([compare_models([keeps, other, make(cell="rnn")], ["a", "b", "c"])], KEPT)
    np.testing.assert_array_equal(shown.drawn[0], gate)
    np.testing.assert_array_equal(shown.drawn[1], 1.0 - gate)
    assert shown.drawn[2] is None
    assert shown.origins[1].startswith("1 − update gate")
    assert "no gate that decides" in compare_lines.how_to_read(MODELS, pick([MODELS], KEPT)[0])


def test_quantities_are_offered_by_what_any_of_the_traces_holds():
    offered = quantities(MODELS.traces)
    assert next(iter(offered)) == KEPT
    assert "(in 1 of 4)" in offered["forget_gate"]
    assert "(in" not in offered["hidden_state"]
    assert KEPT not in quantities([make(cell="rnn")])


@pytest.mark.parametrize("key", [KEPT, "cell_state", "hidden_state", "context"])
def test_all_sides_share_one_scale(key):
    other = compare_models([make(cell="lstm", units=9), make(heads=1)], ["x", "y"])
    mine, theirs = pick([MODELS, other], key)
    assert mine.scale == theirs.scale
    every = np.concatenate([v.ravel() for shown in (mine, theirs) for v in shown.drawn if v is not None])
    assert mine.scale.low <= every.min()
    assert every.max() <= mine.scale.high


def test_lines_are_means_over_units_and_of_absolute_values_where_signs_would_cancel():
    (shown,) = pick([MODELS], "hidden_state")
    found = summarize(shown, 0)
    assert found is not None
    np.testing.assert_allclose(found[0], np.abs(MODELS.traces[0].array(RNN, "hidden_state")).mean(axis=1), rtol=1e-6)
    (gates,) = pick([MODELS], KEPT)
    assert summarize(gates, 2) is None
    assert gates.drawn[0] is not None
    found = summarize(gates, 0)
    assert found is not None
    np.testing.assert_allclose(found[1], np.quantile(gates.drawn[0], 0.1, axis=1), rtol=1e-6)


def test_the_table_of_a_quantity_holds_every_value_with_its_trace_and_token():
    (shown,) = pick([TEXTS], "hidden_state")
    table = units_table(TEXTS, shown)
    assert len(table) == 2 * len(TEXTS) * 4
    row = table[(table["trace"] == "second") & (table["column"] == 3) & (table["unit"] == 1)]
    assert row[shown.label].item() == TWO.array(RNN, "hidden_state")[2, 1]
    assert row["token"].item() == "+not"


@pytest.mark.parametrize("step", [None, 3])
def test_attention_rows_are_the_readers_of_every_head(step):
    figure: Any = compare_attention.draw(MODELS, step)
    weights = MODELS.traces[0].array(ATTENTION, "attention_weights")
    reader = 9 if step is None else step
    np.testing.assert_array_equal(figure.data[0].z[:, : reader + 1], weights[:, reader, : reader + 1])
    assert np.isnan(figure.data[0].z[:, reader + 1 :]).all()
    assert "Without attention: LSTM" in compare_attention.how_to_read(MODELS, step)
    assert len(compare_attention.numbers(MODELS, step)) == len(MODELS)


def test_distance_and_units_are_drawn_in_the_shared_columns():
    gaps = compare_distance.measure(TEXTS, RNN)
    a, b = ONE.array(RNN, "hidden_state").astype(float), TWO.array(RNN, "hidden_state").astype(float)
    figure: Any = compare_distance.draw(TEXTS, RNN, gaps)
    assert np.isnan(figure.data[0].y[2])
    np.testing.assert_allclose(figure.data[0].y[4], np.linalg.norm(a[3] - b[4]), rtol=1e-6)
    heat: Any = compare_gaps.draw(TEXTS, RNN, gaps)
    units = heat.layout.meta["units"]
    np.testing.assert_allclose(heat.data[0].z[0, 4], abs(a[3, units[0]] - b[4, units[0]]), rtol=1e-6)
    parted = [column if column != MISSING else 99 for column in gaps.first[units].tolist()]
    assert parted == sorted(parted)


def test_both_paths_lie_in_the_plane_of_one_background_and_pass_what_they_lack():
    (target,) = [target for target in compare_path.targets(TEXTS) if target.site == RNN]
    figure: Any = compare_path.draw(TEXTS, target)
    first, second = (figure.data[curve] for curve in figure.layout.meta["link"]["points"])
    assert len(first.x) == len(second.x) == len(TEXTS)
    assert np.isnan(first.x[2])
    assert not np.isnan(second.x).any()
    assert first.connectgaps
    bare = Trace(TWO.tokens, {key: value for key, value in TWO.entries.items() if not key[1].startswith("ref")})
    assert not compare_path.targets(compare_inputs(ONE, bare, ("a", "b")))


def test_the_sentence_on_states_says_where_they_part_and_whether_they_merge():
    words = ("a", "b", "c", "d")
    still, moved = np.zeros((4, 2)), np.array([[0.0, 0], [0.8, 0], [0.1, 0], [0.1, 0.1]])
    pair = compare_inputs(
        Trace(Tokens(words), {(RNN, "hidden_state"): still}), Trace(Tokens(words), {(RNN, "hidden_state"): moved}),
        ("x", "y"),
    )  # fmt: skip
    said = compare_distance.describe(pair, compare_distance.measure(pair, RNN))
    assert said == (
        "1 of 2 units diverges, for the first time at “b”; the states are furthest apart at “b” (distance 0.80), "
        "and from “c” on they have merged."
    )
    same = compare_inputs(pair.traces[0], pair.traces[0], ("x", "y"))
    assert "never differ" in compare_distance.describe(same, compare_distance.measure(same, RNN))


def test_a_quantity_that_no_trace_holds_is_drawn_as_nothing_and_said():
    (shown,) = pick([compare_models([make(cell="rnn")], ["RNN"])], KEPT)
    assert isinstance(shown, ShownQuantity)
    assert shown.drawn == (None,)
    assert shown.origins == ("has no gate that decides what is kept",)
