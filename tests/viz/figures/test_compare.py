"""Several traces in one figure: each on its own place, all on one scale, and every number the traces' own."""

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core_models.convention import Convention
from core_models.explain.dynamics.divergence import MISSING, align
from core_models.explain.memory.timescale import half_lives
from core_models.trace import Site, Tokens, Trace
from pretrained import registry
from pretrained.analysis.latency import milliseconds
from pretrained.analysis.minimal_pairs import PAIRS
from pretrained.data.shuffle import reordered, shuffle_order
from pretrained.registry import load, other_seed, recipes, task_of
from pretrained.tasks import TASKS
from tests.viz.figures.test_trace import ATTENTION, READOUT, RNN, TRACES, make
from viz.compare.baselines import shuffle_columns
from viz.compare.measurements import median_half_life, score_of
from viz.figures.compare import attention as compare_attention
from viz.figures.compare import classes as compare_classes
from viz.figures.compare import distance as compare_distance
from viz.figures.compare import forecasts as compare_forecasts
from viz.figures.compare import gaps as compare_gaps
from viz.figures.compare import heatmaps as compare_heatmaps
from viz.figures.compare import lines as compare_lines
from viz.figures.compare import path as compare_path
from viz.figures.compare import prediction as compare_prediction
from viz.figures.compare.answers import answered, part_answers
from viz.figures.compare.comparison import STYLES, Comparison, Words, answers, compare_inputs, compare_models
from viz.figures.compare.marks import PARTING
from viz.figures.compare.quantity import KEPT, ShownQuantity, pick, quantities, summarize, units_table
from viz.inputs import READING, offered

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


CLASSES = Words(("negative", "positive"))


def with_answers(words: tuple[str, ...], probabilities: list[float]) -> Trace:
    return Trace(Tokens(words), {(READOUT, "probability"): np.array(probabilities)})


def test_the_figure_marks_and_the_sentence_names_the_tokens_where_answers_part():
    words = ("a", "dull", "film")
    readings = [with_answers(words, [0.6, 0.44, 0.2]), with_answers(words, [0.6, 0.55, 0.9])]
    pair = compare_models(readings, ["A", "B"], words=CLASSES)
    parting = part_answers(pair)
    assert (parting.opposite, parting.apart) == (1, 2)
    figure: Any = compare_prediction.draw(pair)
    assert [shape.x0 for shape in figure.layout.shapes if shape.x0 == shape.x1] == [1, 2]
    said = compare_prediction.describe(pair)
    assert "diverge at token 2, “dull”: A negative (0.440), B positive (0.550)" in said
    assert "first more than 0.25 apart at token 3, “film”" in said
    assert said.endswith("At the end: A negative (0.200), B positive (0.900).")


def test_the_column_in_which_answers_diverge_has_the_colour_of_no_trace():
    assert PARTING not in [style.color for style in STYLES]


@pytest.mark.parametrize(("first", "second", "gap"), [(0.6, 0.78, "0.18"), (0.46, 0.54, "0.08")])
def test_answers_without_a_clear_split_are_said_to_end_so_far_apart(first, second, gap):
    pair = compare_models([with_answers(("a",), [first]), with_answers(("a",), [second])], ["A", "B"])
    assert f"No clear split; they end {gap} apart" in compare_prediction.describe(pair)
    assert part_answers(pair).opposite is None
    assert part_answers(compare_models([with_answers(("a",), [0.6])], ["A"])).opposite is None


@pytest.mark.parametrize("classes", [("sad", "glad"), ()])
def test_two_classes_are_called_what_the_task_calls_them(classes):
    pair = compare_models([with_answers(("a",), [0.2]), with_answers(("a",), [0.9])], ["A", "B"], words=Words(classes))
    words = json.dumps(compare_prediction.draw(pair).to_dict()["layout"]["annotations"], default=str)
    said = compare_prediction.describe(pair) + words + str(compare_prediction.table(pair))
    assert ("glad" in said) == bool(classes)
    assert "positive" not in said


LABELS = np.array([[0.1, 0.9], [0.7, 0.3]]), np.array([[0.8, 0.2], [0.6, 0.4]])


def test_taggers_are_held_against_the_labels_of_the_first():
    pair = compare_models(
        [Trace(Tokens(("a", "b")), {(Site("tags"), "tag_probability"): rows}) for rows in LABELS],
        ["A", "B"], words=Words(labels=("noun", "verb")),
    )  # fmt: skip
    found = answered(pair)
    assert found is not None
    np.testing.assert_allclose(found.rows, [[0.9, 0.7], [0.2, 0.6]], rtol=1e-6)
    assert found.about == ("verb", "noun")
    said = compare_prediction.describe(pair)
    assert "diverge at token 1, “a”, at the label “verb”: A 0.900, B 0.200" in said
    assert "On average: A 0.800, B 0.400" in said


def test_a_running_class_is_that_which_the_first_names_in_the_end():
    running = Site("answer"), "running_probability"
    pair = compare_inputs(
        Trace(Tokens(("a", "b")), {running: LABELS[0]}), Trace(Tokens(("a", "b", "c")), {running: np.eye(3)[:, :2]}),
        ("x", "y"), words=Words(("no", "yes", "maybe")),
    )  # fmt: skip
    found = answered(pair)
    assert found is not None
    assert found.label == "probability of “no”"
    np.testing.assert_allclose(found.rows, [[0.1, 0.7, np.nan], [1.0, 0.0, 0.0]], rtol=1e-6)


def test_language_models_are_compared_by_their_surprise():
    chosen = Site("next_token"), "chosen_probability"
    rows = [0.5, 0.25], [0.5, 0.01]
    traces = [Trace(Tokens(("a", "b")), {chosen: np.array(row)}) for row in rows]
    pair = compare_models(traces, ["A", "B"])
    found = answered(pair)
    assert found is not None
    np.testing.assert_allclose(found.rows, -np.log(rows), rtol=1e-6)
    assert part_answers(pair).opposite is None
    assert part_answers(pair).apart == 1
    assert "furthest apart at token 2, “b”: A 1.39, B 4.61" in compare_prediction.describe(pair)


def test_the_classes_of_the_whole_stand_beside_each_other():
    whole = Site("answer"), "class_probability"
    traces = [Trace(Tokens(("a",)), {whole: np.array(row)}) for row in ([0.2, 0.8], [0.7, 0.3])]
    pair = compare_models(traces, ["A", "B"], words=Words(("no", "<b>yes")))
    figure: Any = compare_classes.draw(pair)
    np.testing.assert_allclose([bar.y for bar in figure.data], [[0.2, 0.8], [0.7, 0.3]], rtol=1e-6)
    assert "&lt;b&gt;yes" in figure.layout.xaxis.ticktext
    assert compare_classes.describe(pair) == "Class of the whole input: A “<b>yes” (0.800), B “no” (0.700)."
    assert answered(pair) is None
    with pytest.raises(ValueError, match="expected classes of the whole"):
        compare_classes.draw(MODELS)


def ahead(name: str, centre: list[float], read: list[float], came: list[float]) -> compare_forecasts.Ahead:
    middle = np.array(centre)
    style = STYLES[ord(name) - ord("A")]
    return compare_forecasts.Ahead(
        name, style, middle, middle - 1, middle + 1, np.array(read), np.array(came), middle * 0 + 0.66
    )


def test_forecasts_stand_on_one_axis_of_steps_ahead():
    rows = [ahead("A", [3.0, 4.0], [1.0, 2.0], [3.0, 6.0]), ahead("B", [3.0, 9.0], [1.0, 2.0], [3.0, 6.0])]
    figure: Any = compare_forecasts.draw(rows, "hour", "dust <i>")
    go.Figure(figure.to_dict())
    drawn = {curve.name: curve for curve in figure.data}
    assert list(drawn["A"].x) == [2, 3]
    assert list(drawn["B"].y) == [3, 9]
    np.testing.assert_allclose(drawn["B"].customdata[1], [8, 10, 0.66])
    assert list(drawn["what followed"].y) == [2, 3, 6]
    assert list(figure.layout.xaxis.ticktext) == ["−1", "0", "+1", "+2"]
    said = compare_forecasts.describe(rows, "hour", "°C")
    assert "Expected 2 hours ahead: A 4 °C (off by 1 on average), B 9 °C (off by 1.5 on average)" in said
    assert "furthest apart 2 hours ahead: 5 °C" in said
    assert list(compare_forecasts.tabulate(rows)["B, upper"]) == [4.0, 10.0]


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


@pytest.mark.parametrize("count", [1, 2, 3, 10, 50])
@pytest.mark.parametrize("seed", [1, 2, 999999])
def test_a_shuffled_order_holds_every_token_once_and_is_another_one(count, seed):
    order = shuffle_order(count, seed)
    assert sorted(order.tolist()) == list(range(count))
    assert order.tolist() == shuffle_order(count, seed).tolist()
    assert count == 1 or order.tolist() != list(range(count))


def test_a_reordered_reading_spells_its_tokens_in_the_new_order():
    reading = TASKS[0].encode("Not a flumptious film!")
    order = np.array([2, 0, 4, 1, 3])
    found = reordered(reading, order)
    assert found.tokens.text == "flumptious Not ! a film"
    assert found.tokens.labels == tuple(found.tokens.text[start:end] for start, end in found.tokens.spans)
    assert found.ids == tuple(reading.ids[step] for step in order)
    assert found.tokens.known == (False, True, True, True, True)


def test_two_texts_are_shuffled_alike_so_that_shared_columns_stay_shared():
    first, second = ["this", "is", "a", "good", "film"], ["this", "is", "not", "a", "good", "film"]
    columns = align(first, second)
    (order_a, order_b), shuffled = shuffle_columns(columns, seed=4)
    for a, b in shuffled.T.tolist():
        if MISSING not in (a, b):
            assert first[order_a[a]] == second[order_b[b]]
    assert sorted(order_a) == list(range(5))
    assert sorted(order_b) == list(range(6))
    assert (shuffled == MISSING).sum() == 1


def test_another_seed_is_a_recipe_that_differs_in_its_seed_alone(monkeypatch: pytest.MonkeyPatch):
    key = "sst2-gru"
    recipe = recipes("sentiment")[key]
    other = replace(recipe, key="other", training=replace(recipe.training, seed=recipe.training.seed + 1))
    longer = replace(other, key="longer", training=replace(other.training, epochs=99))
    wider = replace(other, key="wider", architecture={**recipe.architecture, "hidden": 7})
    elsewhere = replace(other, key="elsewhere", task="weather")
    shipped = {key: recipe, "longer": longer, "wider": wider, "elsewhere": elsewhere}
    monkeypatch.setattr(registry, "every_recipe", lambda: shipped)
    assert other_seed(key) is None
    assert other_seed("nonsense") is None
    monkeypatch.setattr(registry, "every_recipe", lambda: shipped | {"other": other})
    assert (other_seed(key), other_seed("other")) == ("other", key)


def test_an_answer_takes_some_time():
    model = load("sst2-rnn")
    assert milliseconds(model, model.task.encode("a film"), repeats=1) > 0.0


def test_the_half_life_of_a_table_is_the_median_over_the_units_of_all_layers():
    trace = make(both=True)
    found = [half_lives(trace, site) for site in trace.cells]
    assert median_half_life(trace) == f"{np.median(np.concatenate([f for f in found if f is not None])):.2f}"
    assert median_half_life(make(cell="rnn")).startswith("–")


@pytest.mark.parametrize("key", PAIRS)
def test_every_pair_of_a_task_can_be_read_and_differs(key):
    task = next(task for task in TASKS if task.key == key)
    for pair in PAIRS[key]:
        first, second = task.encode(pair.first), task.encode(pair.second)
        assert first.tokens.labels != second.tokens.labels
        assert pair.why


ONE_OF_EACH = {task_of(recipe).key: key for key, recipe in reversed(offered(*READING).items())}


@pytest.mark.parametrize("key", ONE_OF_EACH.values())
def test_every_model_has_a_score_with_its_measure(key):
    assert re.search(r"\d", score_of(key))


def test_numbers_are_shuffled_with_their_names():
    task = next(task for task in TASKS if task.key == "co2")
    encoded = task.encode(task.examples[0].text)
    order = shuffle_order(len(encoded), 1)
    found = reordered(encoded, order)
    assert encoded.values is not None
    np.testing.assert_array_equal(found.values, encoded.values[order])
    assert found.tokens.labels[0] == encoded.tokens.labels[order[0]]
    assert (found.tokens.text, found.tokens.spans) == ("", ())


def test_a_quantity_that_no_trace_holds_is_drawn_as_nothing_and_said():
    (shown,) = pick([compare_models([make(cell="rnn")], ["RNN"])], KEPT)
    assert isinstance(shown, ShownQuantity)
    assert shown.drawn == (None,)
    assert shown.origins == ("has no gate that decides what is kept",)
