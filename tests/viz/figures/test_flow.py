"""The figures of gradients and half-lives draw exactly what was computed, and the words beside them follow from it."""

import re
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from core_models.explain.dynamics.gradient_flow import state_gradients
from core_models.explain.memory.fading import Fading, StateGradients
from core_models.explain.memory.perturbation import perturb
from core_models.explain.memory.timescale import first_halving
from core_models.trace import Site
from tests.core_models.explain.test_gradient_flow import SIZE
from tests.core_models.test_schedules import KEYS, build
from viz.figures.memory.flow_words import agreeing, plain, say_gradients, say_half_lives
from viz.figures.memory.gradient_flow import draw_gradient_flow, tabulate_gradients
from viz.figures.memory.timescale import draw_fade, draw_half_lives, tabulate_fade, tabulate_half_lives
from viz.figures.parts.log_axis import log_axis

WORDS = ["<b>the", "*plot*", "is", "thin", "and", "old", "$x$"]


def made(key: str, seed: int = 4, **rest: int) -> StateGradients:
    module, x = build(key, SIZE | {"seed": seed} | rest, torch.float64)
    return state_gradients(module, x)


def data(figure: Any) -> list[Any]:
    return list(figure.data)


def layout(figure: Any) -> Any:
    return figure.layout


def curves(figure: go.Figure) -> dict[str, np.ndarray]:
    return {str(curve.name): np.asarray(curve.y) for curve in data(figure)}


@pytest.mark.parametrize("key", KEYS)
def test_the_gradient_figure_draws_the_norms_and_the_factors(key):
    after, before = made(key), made(key, seed=5)
    for state, norms in after.norms.items():
        figure = draw_gradient_flow(WORDS, after, before, state, ("Other <i>", made("rnn")))
        go.Figure(figure.to_dict())
        found = curves(figure)
        assert np.array_equal(found["after training"], norms)
        assert np.array_equal(found["before training"], before.norms[state])
        assert np.array_equal(found["‖J‖ of one step"], np.asarray(after.steps))
        assert any(name.startswith("Other &lt;i&gt;, trained") for name in found)
        bars = found["factor of each step: after training"] + 1.0
        gone = not np.isfinite(bars[1:]).all()
        assert norms[0] == 0.0 if gone else bars[1:].prod() == pytest.approx(norms[0])
        assert ("the gate’s path alone: largest product" in found) == bool(after.convention.keeps_past)
        assert ("mean slope of the activation function" in found) == (not after.convention.keeps_past)


@pytest.mark.parametrize("way", ["forward", "backward"])
def test_the_lags_stand_above_their_tokens(way):
    module, x = build("gru", SIZE | {"bidirectional": True}, torch.float64)
    found = state_gradients(module, x, Site("rnn", 0, way))
    axis = layout(draw_gradient_flow(WORDS, found, found, "hidden_state")).xaxis2
    lags = dict(zip(axis.tickvals, axis.ticktext, strict=True))
    assert lags[0 if way == "backward" else 6] == "lag 0"
    assert lags[6 if way == "backward" else 0] == "lag 6"
    other = made("rnn")
    beside = curves(draw_gradient_flow(WORDS, found, found, "hidden_state", ("RNN", other)))["RNN, trained"]
    assert np.array_equal(beside[np.argsort(found.lags)], other.memory[np.argsort(other.lags)])


def test_a_gradient_smaller_than_single_precision_is_drawn_as_it_is():
    module, x = build("rnn", SIZE | {"steps": 60}, torch.float64)
    with torch.no_grad():
        module.get_parameter("weight_hh_l0").mul_(0.1)
    found = state_gradients(module, x)
    assert 0 < found.memory[0] < 1e-45
    figure = draw_gradient_flow(["x"] * 60, found, found, "hidden_state")
    assert curves(figure)["after training"][0] == found.memory[0]
    low, high = layout(figure).yaxis.range
    assert low < np.log10(found.memory[0]) < high


@pytest.mark.parametrize(
    ("values", "low", "high"), [([1.0], -0.3, 0.3), ([1e-30, 1.0], -30.0, 0.0), ([0.0, np.inf, 2.0], 0.0, 0.301)]
)
def test_a_logarithmic_axis_holds_every_number_that_it_can(values, low, high):
    axis = log_axis("x", [np.array(values)])
    start, end = axis["range"]
    assert start <= low
    assert high <= end < 8
    go.layout.YAxis(axis)


def measured(key: str, start: int = 1) -> Fading:
    module, x = build(key, SIZE, torch.float64)
    return perturb(module, x, start)


def test_every_unit_is_drawn_at_its_half_lives():
    promised, own = np.array([1.0, 2.0, 300.0]), np.array([1.5, np.inf, 0.01])
    figure = draw_half_lives(promised, own, own * 2, 10, 1)
    go.Figure(figure.to_dict())
    inside, whole = [curve for curve in data(figure) if curve.customdata is not None and curve.text is not None]
    assert np.asarray(inside.x) == pytest.approx(promised)
    assert np.asarray(inside.y) == pytest.approx([1.5, 13.0, 0.1])
    assert list(inside.marker.symbol) == ["circle", "triangle-up", "triangle-down"]
    assert "not before the end" in inside.text[1]
    assert "0.01 steps" in inside.text[2]
    assert np.asarray(whole.y)[0] == pytest.approx(3.0)
    ring = data(figure)[-1]
    assert (ring.name, ring.x[0], ring.y[0]) == ("unit 1, chosen", pytest.approx(2.0), pytest.approx(13.0))


def test_units_of_a_cell_without_a_gate_stand_in_the_order_of_their_memory():
    own = np.array([0.5, 0.2, 0.9])
    figure = draw_half_lives(None, own, own, 10, 0)
    inside = next(curve for curve in data(figure) if curve.text is not None)
    assert list(inside.x) == [2, 1, 3]
    assert "predicts" not in inside.text[0]


@pytest.mark.parametrize("key", KEYS)
def test_the_fading_of_one_unit_is_drawn_as_measured(key):
    found = measured(key)
    kept = None if key.startswith("rnn") else 0.5 ** np.arange(6, dtype=np.float64)
    figure = draw_fade(WORDS, np.arange(1, 7), found.own[:, 2], found.whole[:, 2], kept)
    go.Figure(figure.to_dict())
    drawn = curves(figure)
    assert np.array_equal(drawn["in the unit itself"], found.own[:, 2])
    assert np.array_equal(drawn["in the whole memory"], found.whole[:, 2])
    assert ("predicted by its gate alone" in drawn) == (kept is not None)
    assert list(data(figure)[0].x) == [1, 2, 3, 4, 5, 6]


def test_the_tables_hold_what_is_drawn():
    after, before, found = made("gru"), made("gru", seed=5), measured("gru")
    table = tabulate_gradients(WORDS, after, before, "hidden_state", ("RNN", made("rnn")))
    assert list(table["token"]) == WORDS
    assert np.array_equal(table["after training"], after.memory)
    assert "RNN, trained" in table
    own, whole = first_halving(found.own), first_halving(found.whole)
    assert np.array_equal(tabulate_half_lives(own, own, whole)["predicted by the gate"], own)
    assert len(tabulate_half_lives(None, own, whole).columns) == 3
    faded = tabulate_fade(WORDS, np.arange(1, 7), found.own[:, 0], found.whole[:, 0], found.own[:, 0])
    assert list(faded["token"]) == WORDS[1:]


@pytest.mark.parametrize("key", KEYS)
def test_the_sentence_about_gradients_names_the_token_and_its_numbers(key):
    after, before = made(key), made(key, seed=5)
    for state in after.norms:
        said = say_gradients(WORDS, after, before, state, ("Other", made("rnn")))
        assert r"back to “\<b\>the”, 6 tokens earlier" in said
        assert "In Other it is" in said
        assert ("Nothing protects the state" in said) == (not after.convention.keeps_past)


@pytest.mark.parametrize(
    ("kept", "expected"),
    [(1.0, "accounts for the size"), (0.5, "the rest came by other paths"), (2.0, "works against it")],
)
def test_the_gates_share_of_the_gradient_is_judged_by_their_sizes(kept, expected):
    found = made("gru", steps=12)
    ones = np.ones(12)
    shares = np.full((12, 5), min(kept, 1.0))
    norms = {"hidden_state": ones * (0.1 if kept > 1 else 1.0)}
    made_up = StateGradients(found.site, found.convention, norms, ones, shares, None, None)
    assert expected in say_gradients(["x"] * 12, made_up, made_up, "hidden_state", None)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "exactly 0"),
        (2.5e-125, "2.5·10⁻¹²⁵"),
        (0.0123, "0.012"),
        (812.4, "812"),
        (3e6, "3.0·10⁶"),
        (1e-3, "0.001"),
    ],
)
def test_numbers_are_written_so_that_they_can_be_read(value, written):
    found = made("gru")
    norms = {"hidden_state": np.full(7, value)}
    made_up = StateGradients(found.site, found.convention, norms, found.steps, found.kept, None, None)
    assert f"**{written}**" in say_gradients(WORDS, made_up, made_up, "hidden_state", None)


def test_the_sentence_about_half_lives_counts_who_keeps_the_promise_and_why_not():
    own = np.array([2.0, 2.0, 2.0, 6.0, np.inf, 1.0])
    promised = np.array([2.2, 8.0, 8.0, 2.0, 900.0, 3.0])
    along = np.array([9.0, 2.1, 9.0, 3.0, np.inf, 3.0])
    said = say_half_lives(promised, own, along, 10)
    assert [int(n) for n in re.findall(r"\b\d+\b(?! tokens|\.)", said.split("at the end.")[1])][:1] == [2]
    assert "In 1 it fails only because the gate varies from token to token" in said
    assert "In 3 the gate’s values do not explain it" in said
    assert "1 remember for longer than their gates say, 2 for less long" in said
    assert "1 of 6 units still hold more than half at the end" in said


def test_the_sentence_about_a_cell_without_a_gate_claims_nothing_that_was_not_seen():
    assert "rewritten at every token" in say_half_lives(None, np.array([0.2, 0.4]), None, 10)
    assert "rewritten" not in say_half_lives(None, np.array([0.2, np.inf]), None, 10)
    assert "is not reached by most units" in say_half_lives(None, np.full(3, np.inf), None, 10)


def test_half_lives_beyond_the_text_cannot_be_told_apart():
    assert agreeing(np.array([50.0, 9.0, 0.0, 1.0]), np.array([np.inf, 5.0, 0.0, 1.4]), 10).tolist() == [
        True, False, True, True,
    ]  # fmt: skip


def test_words_are_shown_as_typed():
    assert plain("*plot*") == r"\*plot\*"
    assert plain("x" * 90).endswith("…")
