"""What comparisons say of answers, for every kind of output, and where they part."""

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core_models.trace import Site, Tokens, Trace
from tests.support.traces import READOUT
from tests.viz.figures.test_compare import MODELS
from viz.figures.compare import classes as compare_classes
from viz.figures.compare import forecasts as compare_forecasts
from viz.figures.compare import prediction as compare_prediction
from viz.figures.compare.answers import answered, part_answers
from viz.figures.compare.comparison import STYLES, Words, compare_inputs, compare_models
from viz.figures.compare.marks import PARTING

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
    assert f"The answers do not clearly split: they end {gap} apart" in compare_prediction.describe(pair)
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
