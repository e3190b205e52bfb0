"""The Translate page's figures against the numbers that they are drawn from, and its what-ifs as text."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core_models.edits.edit import DECODER, ChangeState, DeleteToken, HoldGate, PoolAttention, ReplaceToken, Rescore
from core_models.edits.writing import begins
from core_models.networks.decoding import Node, Search, search
from core_models.networks.translation import ATTENTION
from pretrained.analysis.score_curve import ScoreCurve, score_curve
from pretrained.registry import load, recipes
from viz.explain.edits.stack import address_of, read_entries
from viz.explain.edits.text import begin_with, put_token
from viz.figures.scores import by_length as score_by_length
from viz.figures.sequences import candidates
from viz.figures.trace import head_summary
from viz.figures.translation import alignment_links, beam_tree, forcing, gate_split, two_paths
from viz.kinds.translation import spelled
from viz.plain import to_json
from viz.translate.answers import Request, answer, neighbours, reread, run_of
from viz.translate.lengths import curves_of
from viz.translate.texts import differing
from viz.translate.what_ifs import shared

WEIGHTS = np.array([[0.7, 0.2, 0.1, 0.0], [0.25, 0.25, 0.25, 0.25], [0.0, 0.0, 0.005, 0.995]], np.float32)
SOURCES, TARGETS = ["a", "<b>", "$c$", "[END]"], ["x", "&y", "[END]"]


def checked(figure: go.Figure) -> Any:
    """The figure, once it has been sent and Plotly knows every value of it; no type checker knows its parts."""
    to_json(figure)
    plain = figure.__dict__["plain"]
    return go.Figure(plain["data"], plain["layout"], plain["frames"])


@pytest.mark.parametrize("step", [None, 0, 2])
def test_links_are_as_wide_as_the_weights(step):
    figure = checked(alignment_links.draw(WEIGHTS, SOURCES, TARGETS, step, ["p"] * 3))
    unit = alignment_links.WIDEST / 4
    for t, row in enumerate(WEIGHTS):
        x, y = (np.asarray(part, float).reshape(4, 6) for part in (figure.data[3 + t].x, figure.data[3 + t].y))
        assert figure.data[3 + t].name == f"step {t + 1}"
        assert np.allclose(x[:, 1] - x[:, 0], row * unit, atol=1e-6)
        assert np.allclose(x[:, 2] - x[:, 3], row * unit, atol=1e-6)
        assert np.allclose((x[:, 0] + x[:, 1]) / 2, figure.data[0].x, atol=1e-6)
        assert np.allclose((x[:, 2] + x[:, 3]) / 2, figure.data[1].x[t], atol=1e-6)
        assert set(y[:, 0]) == {1.0}
        strong = figure.data[3 + t].fillcolor == alignment_links.COLORS["now"]
        assert strong == (t == step)
    assert figure.data[-1].customdata.tolist() == WEIGHTS[WEIGHTS >= alignment_links.HEARD].tolist()


def test_every_frame_shows_what_was_written_so_far():
    figure = checked(alignment_links.draw(WEIGHTS, SOURCES, TARGETS))
    assert len(figure.frames) == len(figure.layout.sliders[0].steps) == 3
    for t, frame in enumerate(figure.frames):
        colors = [curve.fillcolor for curve in frame.data[1:]]
        names = {color: name for name, color in alignment_links.COLORS.items()}
        assert [names[color] for color in colors] == ["written"] * t + ["now"] + ["later"] * (2 - t)
        assert list(figure.layout.sliders[0].steps[t].args[0]) == [frame.name]


def test_links_show_markup_as_typed():
    text = to_json(alignment_links.draw(WEIGHTS, SOURCES, TARGETS))
    assert '"&lt;b&gt;"' in text
    assert "&#36;c&#36;" in text


@pytest.mark.parametrize("steps", [3, 18, 40])
def test_candidates_hold_every_probability_and_frame_the_written_token(steps):
    values = np.sort(np.random.default_rng(1).random((steps, 4)).astype(np.float32), axis=1)[:, ::-1]
    tokens = [[f"t{t}r{r}" for r in range(4)] for t in range(steps)]
    figure = checked(candidates.draw(values, tokens, [f"w{t}" for t in range(steps)], [1] * (steps - 1) + [9], 1))
    assert np.array_equal(figure.data[0].z, values.T)
    assert figure.data[0].text[2][1] == "t1r2"
    assert len(figure.layout.shapes) == 2 * (steps - 1) + 1


def tree() -> tuple[tuple[Node, ...], tuple[int, ...]]:
    model = load("digits-attention")
    found = search(model.network, model.task.encode("reverse 31").ids, Search(6))
    return found.nodes, found.path(found.best.node)


def test_the_tree_holds_every_node_that_stayed_with_its_numbers():
    nodes, path = tree()
    figure = checked(beam_tree.draw(nodes, [f"n{n.index}" for n in nodes], path))
    shown = {int(i) for curve in figure.data[2:] for i in curve.customdata}
    assert shown >= {n.index for n in nodes if n.fate != "pruned"}
    for curve, fate in zip(figure.data[2:], beam_tree.KINDS, strict=True):
        for index, hover in zip(curve.customdata.tolist(), curve.hovertemplate, strict=True):
            assert nodes[index].fate == fate
            assert f"log-probability {nodes[index].log_probability:.6f}" in hover
            assert f"score {nodes[index].score:.6f}" in hover
    assert len(figure.data[1].x) == len(path) + 1
    places = {int(i): (x, y) for c in figure.data[2:] for i, x, y in zip(c.customdata, c.x, c.y, strict=True)}
    assert len(set(places.values())) == len(places)
    assert [places[i] for i in path] == list(zip(figure.data[1].x[1:], figure.data[1].y[1:], strict=True))
    edges = np.asarray(figure.data[0].x).reshape(-1, 3)
    assert np.all(edges[:, 1] - edges[:, 0] == 1)
    hidden = len(nodes) - len(shown)
    assert hidden > 0
    assert f"{hidden:,} less probable ones" in beam_tree.how_to_read(nodes)


@pytest.mark.parametrize(
    ("curve", "customdata", "found"),
    [
        (2, 3, 3),
        (4, 0.0, 0),
        (1, 3, None),
        (2, 99, None),
        (2, -1, None),
        (2, "x", None),
        (2, True, None),
        (2, None, None),
    ],
)
def test_a_click_on_the_tree_is_a_node_or_nothing(curve, customdata, found):
    assert beam_tree.node_of(curve, customdata, 10) == found


@pytest.mark.parametrize("space", [2, 3])
def test_both_paths_are_placed_by_axes_fitted_to_both(space):
    rng = np.random.default_rng(2)
    read, written = rng.normal(size=(5, 8)), rng.normal(size=(4, 8)) + 3
    figure = checked(two_paths.draw(read, written, list("abcde"), list("xyz"), space))
    both = np.concatenate([read, written])
    _, _, directions = np.linalg.svd(both - both.mean(axis=0), full_matrices=False)
    for axis, name in enumerate("xyz"[:space]):
        expected = (both - both.mean(axis=0)) @ directions[axis]
        placed = np.concatenate([figure.data[0][name], figure.data[1][name]])
        assert np.allclose(np.abs(placed), np.abs(expected), atol=1e-5)
    assert len(figure.frames) == 4


def test_a_gates_parts_and_their_sum_are_drawn_as_given():
    parts = {"embedding": 0.5, "context": -1.25, "state": 2.0, "bias": 0.125}
    shares = np.array([-1.0, -0.5, 0.25, 0.0])
    figure = checked(gate_split.draw(parts, SOURCES, shares, "pre-activation"))
    assert figure.data[0].y.tolist() == [0.5, -1.25, 2.0, 0.125, 1.375]
    assert figure.data[1].y.tolist() == shares.tolist()
    assert len(checked(gate_split.draw(parts, SOURCES, None, "pre-activation")).data) == 1


@pytest.mark.parametrize("parting", [None, 0, 2])
def test_forced_and_free_probabilities_are_drawn_and_the_parting_marked(parting):
    forced, free = np.array([0.9, 0.1, 0.5], np.float32), np.array([0.9, 0.8], np.float32)
    figure = checked(forcing.draw(forced, free, ["a", "b", "c"], ["a", "<d>"], parting))
    assert np.array_equal(figure.data[0].y, forced)
    assert np.array_equal(figure.data[1].y, free)
    assert len(figure.layout.shapes) == (parting is not None)
    if parting is not None:
        assert figure.layout.shapes[0].x0 == parting + 0.5


@pytest.mark.parametrize("how", ["mean", "max"])
def test_a_summary_of_heads_holds_its_values(how):
    figure = checked(head_summary.draw(WEIGHTS, SOURCES, TARGETS, how, 1))
    assert np.array_equal(figure.data[0].z, WEIGHTS)


def test_what_ifs_survive_the_address_bar():
    asked = Request("digits-attention", "reverse 2718", "1", "0")
    run = run_of(asked, *answer(asked))
    made = (
        begin_with(run, (5, 6)),
        put_token(run, 2, 9),
        PoolAttention("drawn", weights=(100.0, 0.0, 0.0, 300.0, 0.0, 1.0), steps=(3,)),
        PoolAttention("one", position=2, steps=(1,)),
        PoolAttention("uniform", steps=(0,)),
        PoolAttention("uniform"),
        Rescore("scaled_dot", 0.5),
        HoldGate(DECODER, "update_gate", 0.25, (7,), (1, 2)),
        ChangeState(DECODER, "freeze", None, (2,)),
    )
    assert tuple(entry.edit for entry in read_entries(address_of(made), run)) == made
    assert not begins(made[1:])
    assert begins(made) == (5, 6)


def test_what_ifs_about_attention_are_refused_without_attention():
    asked = Request("digits-none", "reverse 2718", "1", "0")
    entries = read_entries("attend:uniform::1;begin:5;compare:dot:1", run_of(asked, *answer(asked)))
    assert [entry.edit is None for entry in entries] == [True, False, True]


@pytest.mark.parametrize("percent", [0, 30, 100])
@pytest.mark.parametrize("place", [0, 3])
def test_a_moved_weight_leaves_the_others_in_proportion(percent, place):
    weights = [0.1, 0.2, 0.3, 0.4]
    moved = [share / 1e5 for share in shared(weights, place, percent)]
    assert moved[place] == pytest.approx(percent / 100, abs=1e-4)
    others = [w for i, w in enumerate(moved) if i != place]
    before = np.array([w for i, w in enumerate(weights) if i != place])
    assert others == pytest.approx((1 - percent / 100) * before / before.sum(), abs=1e-4)
    assert shared([0.0, 1.0, 0.0], 1, 0) == [50000, 0, 50000]


def test_only_tokens_without_a_counterpart_are_marked():
    assert differing([1, 2, 3, 4], [1, 9, 3, 4, 5]) == ([False, True, False, False], [False, True, False, False, True])
    assert differing([1, 2], [1, 2]) == ([False, False], [False, False])


def test_a_changed_source_reads_as_it_stands_on_screen():
    model = load("digits-attention")
    stack = [ReplaceToken(2, model.task.source.ids("9")[0], "9"), DeleteToken(3)]
    reading = reread(model.task.encode("reverse 2718"), stack)
    assert reading.tokens.text == "reverse 298"
    assert [reading.tokens.text[a:b] for a, b in reading.tokens.spans[:-1]] == ["reverse", "2", "9", "8"]
    assert reading.ids == model.task.encode("reverse 298").ids
    assert model.answer(model.task.encode("reverse 2718"), stack=stack).text == model.answer(reading).text


def test_a_target_is_spelled_with_each_tokens_place():
    side = load("digits-attention").task.target
    text, spans = spelled(side, side.ids("305"))
    assert text == "305 [END]"
    assert [text[a:b] for a, b in spans] == ["3", "0", "5", "[END]"]


def test_neighbours_are_nearest_by_cosine():
    model = load("digits-attention")
    table = model.network.source_embedding.weight.detach().cpu().double().numpy()
    index = model.task.source.ids("7")[0]
    near = neighbours("digits-attention", index)
    cosines = [table[i] @ table[index] / np.linalg.norm(table[i]) / np.linalg.norm(table[index]) for i, _, _ in near]
    assert [cosine for *_, cosine in near] == pytest.approx(cosines)
    assert cosines == sorted(cosines, reverse=True)
    assert index not in [i for i, *_ in near]


def test_edited_attention_is_what_the_figure_is_given():
    model = load("digits-attention")
    reading = model.task.encode("reverse 271828")
    trace = model.answer(reading, stack=[PoolAttention("one", position=1, steps=(2,))]).translation.trace
    weights = trace.array(ATTENTION, "attention_weights")[0]
    figure: Any = alignment_links.draw(weights, trace.sources.labels if trace.sources else [], trace.tokens.labels)
    x = np.asarray(figure.data[5].x, float).reshape(-1, 6)
    widths = x[:, 1] - x[:, 0]
    assert widths.argmax() == 1
    assert np.count_nonzero(widths) == 1


def test_scores_by_length_are_those_of_the_recipes():
    found = {key: score_curve(key, recipe.title, recipe.scores) for key, recipe in recipes("translate").items()}
    digits, sentences = found["digits-attention"], found["en-fr-none"]
    assert digits is not None
    assert sentences is not None
    assert digits.lengths == tuple((n, n) for n in range(1, 25))
    assert (
        dict(zip(digits.lengths, digits.scores, strict=True))[12, 12]
        == recipes("translate")["digits-attention"].scores["test_exact_by_length"]["12"]
    )
    assert (sentences.measure, sentences.lengths[-1]) == ("bleu", (10, 99))
    assert found["dates-attention"] is None


CURVES = [
    ScoreCurve("one", "One", "exact", ((1, 1), (2, 2), (3, 3)), (1.0, 0.5, 0.25), (10, 20, 30),
               ((0.9, 1.0), (0.4, 0.6), (0.2, 0.3))),
    ScoreCurve("other", "<b>", "exact", ((1, 1), (3, 3)), (0.75, 0.0), (), ()),
]  # fmt: skip


def test_the_figure_of_scores_by_length_holds_every_number_and_marks_where_training_ended():
    figure = checked(score_by_length.draw(CURVES, "other", "digits", 2))
    one, other = figure.data
    assert one.y.tolist() == [1.0, 0.5, 0.25]
    assert other.x.tolist() == [0.0, 2.0]
    assert np.allclose(one.y + one.error_y.array, [1.0, 0.6, 0.3])
    assert np.allclose(one.y - one.error_y.arrayminus, [0.9, 0.4, 0.2])
    assert one.text[1] == "2 digits, 20 sources, 40.0% to 60.0%"
    assert (one.line.width, other.line.width) == (2, 4)
    assert one.line.dash != other.line.dash
    assert other.name == "&lt;b&gt;"
    assert figure.layout.shapes[0].x0 == 1.5
    assert "longer than any in training (2 digits at most)" in score_by_length.how_to_read(CURVES, "digits", 2)
    assert "dotted" not in score_by_length.how_to_read(CURVES, "words", None)


def test_figures_say_how_wide_they_must_be_to_be_read():
    tall = candidates.draw(np.full((6, 3), 0.3, np.float32), [["a"] * 3] * 6, ["a"] * 6, [1] * 6)
    assert checked(tall).layout.meta["least_width"] == candidates.BESIDE + 6 * candidates.COLUMN
    nodes = [Node(i, i - 1, i, 5, -0.1, -0.1, -0.1, "kept") for i in range(4)]
    tree = checked(beam_tree.draw(nodes, ["x"] * 4, [0, 1, 2, 3])).layout
    assert tree.meta["least_width"] >= 4 * beam_tree.COLUMN


@pytest.mark.parametrize(
    ("task", "worse"),
    [("english-french", "en-fr-none"), ("english-chinese", "en-zh-attention-without-attention")],
)
def test_attention_is_better_at_every_length_but_the_shortest(task, worse):
    curves = {curve.key: curve for curve in curves_of(task)}
    without = curves.pop(worse)
    (attending,) = curves.values()
    assert without.lengths == attending.lengths
    assert all(a > b for a, b in zip(attending.scores[1:], without.scores[1:], strict=True))
