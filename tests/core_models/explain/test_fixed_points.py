"""Points of rest: found where they are known, told apart by their stability, and drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import torch
from torch import nn

from core_models.explain.dynamics.fixed_point import FIXED, RestPoint, Stability
from core_models.explain.dynamics.fixed_points import find_attractors
from core_models.explain.dynamics.recurrence import Recurrence, unroll
from pretrained.memory import flip_flop
from pretrained.memory.results import read_results
from pretrained.memory.training import generator_of
from viz.figures.explain.fixed_points import draw_eigenvalues, draw_plane, draw_space, tabulate_points
from viz.figures.parts.principal_axes import fit_axes


def curves(figure: go.Figure) -> list[Any]:
    return list(figure.data)


def one_unit(slope: float) -> Recurrence:
    """h_t = tanh(slope h_{t-1}): at rest at 0 alone up to slope 1, and beyond it at 0 and on both sides."""
    module = nn.RNN(1, 1, bias=False)
    with torch.no_grad():
        for name, weight in module.named_parameters():
            weight.fill_(slope if name == "weight_hh_l0" else 0.0)
    return unroll(module, torch.zeros(3, 1))


def search(run: Recurrence, starts: list[float]) -> tuple[RestPoint, ...]:
    return find_attractors(run, run.from_input[0], torch.tensor(starts, dtype=torch.float64)[:, None]).points


def test_a_unit_that_forgets_rests_at_zero_alone() -> None:
    (point,) = search(one_unit(0.5), [-0.9, 0.2, 0.8])
    assert point.stability is Stability.ATTRACTOR
    assert point.arrivals == 3
    assert abs(point.state[0]) < 1e-8
    assert point.eigenvalues[0].real == pytest.approx(0.5)
    assert point.half_life == pytest.approx(1.0)


def test_a_unit_that_remembers_rests_on_both_sides_and_is_pushed_away_from_zero() -> None:
    points = search(one_unit(2.0), [-0.9, -0.1, 0.5, 0.8])
    assert [point.stability for point in points] == [Stability.ATTRACTOR, Stability.ATTRACTOR, Stability.REPELLER]
    sides = sorted(float(point.state[0]) for point in points[:2])
    assert sides == pytest.approx([-0.957504, 0.957504], abs=1e-6)  # the root of h = tanh(2 h)
    assert {point.arrivals for point in points[:2]} == {2}
    assert abs(points[2].state[0]) < 1e-8
    assert points[2].eigenvalues[0].real == pytest.approx(2.0)


@pytest.fixture(scope="module")
def memories() -> tuple[RestPoint, ...]:
    network = flip_flop.kept_network()
    run = unroll(network.rnn, flip_flop.sample(400, 1, generator_of("test")).x[:, 0])
    held = unroll(network.rnn, torch.zeros(1, flip_flop.BITS)).from_input[0]
    return find_attractors(run, held, run.states[10::4]).points


def test_the_flip_flop_rests_in_eight_places_one_for_every_memory(memories: tuple[RestPoint, ...]) -> None:
    attractors = [point for point in memories if point.stability is Stability.ATTRACTOR]
    states = torch.tensor(np.stack([point.state for point in attractors]), dtype=torch.float32)
    answers = flip_flop.kept_network().readout(states)
    assert len(attractors) == 8
    assert answers.abs().min() > 0.9
    assert len({tuple(row) for row in answers.sign().tolist()}) == 8


def test_saddles_of_the_flip_flop_stand_between_its_memories(memories: tuple[RestPoint, ...]) -> None:
    saddles = [point for point in memories if point.stability is Stability.SADDLE]
    states = torch.tensor(np.stack([point.state for point in saddles]), dtype=torch.float32)
    undecided = (flip_flop.kept_network().readout(states).abs() < 0.7).sum(dim=1).tolist()
    assert undecided == [point.unstable for point in saddles]


def test_a_fixed_point_stays_where_it_is(memories: tuple[RestPoint, ...]) -> None:
    network = flip_flop.kept_network()
    for point in memories:
        state = torch.tensor(point.state, dtype=torch.float32)
        moved = network.rnn(torch.zeros(1, 1, flip_flop.BITS), state[None, None])[1][0, 0]
        assert (moved - state).abs().max() < 1e-5
        assert point.speed < FIXED


def test_the_kept_flip_flop_does_what_its_record_says() -> None:
    row = read_results(flip_flop.KEY)["rows"][0]
    small = flip_flop.Settings(test_count=40)
    assert row["accuracy"] >= 0.999
    assert flip_flop.test(flip_flop.kept_network(), small) == pytest.approx(row["accuracy"], abs=0.002)


def test_training_the_flip_flop_teaches_it_something() -> None:
    taught = flip_flop.train(flip_flop.Settings(steps=120, batch=32, length=40))
    small = flip_flop.Settings(test_count=20, test_length=100)
    torch.manual_seed(0)
    assert flip_flop.test(taught, small) > 0.75 > flip_flop.test(flip_flop.FlipFlop(16), small)


def test_every_line_holds_its_last_pulse() -> None:
    x = torch.tensor([[0, 1, 0], [-1, 0, 0], [0, -1, 0], [1, 0, 0]], dtype=torch.float32)[:, None]
    held = flip_flop.remember(x).target[:, 0].tolist()
    assert held == [[0, 1, 0], [-1, 1, 0], [-1, -1, 0], [1, -1, 0]]


@pytest.mark.parametrize("starts", [torch.zeros(0, 1), torch.zeros(3, 2), torch.zeros(3)])
def test_starts_of_another_size_are_refused(starts: torch.Tensor) -> None:
    run = one_unit(0.5)
    with pytest.raises(ValueError, match="expected starts"):
        find_attractors(run, run.from_input[0], starts)


def test_figures_show_every_point_once(memories: tuple[RestPoint, ...]) -> None:
    path = np.random.default_rng(1).normal(size=(6, 16))
    notes = [str(point.stability) for point in memories]
    labels = list("abcdef")
    flat = draw_plane(fit_axes(path, 2), {"others": path}, path, labels, path[None].repeat(3, 0), memories, notes)
    for figure in (draw_space(fit_axes(path, 3), path, memories, notes), flat):
        drawn = [len(curve.x) for curve in curves(figure) if curve.hovertext is not None and "λ" in curve.hovertext[0]]
        assert sum(drawn) == len(memories)
    assert len(tabulate_points(memories, notes)) == len(memories)
    assert sum(len(curve.x) for curve in curves(draw_eigenvalues(memories[-1], "1"))) == 16
