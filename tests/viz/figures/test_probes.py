"""Probes on screen: a table and sentences of what was found, and what a probe reads along a trace."""

from __future__ import annotations

import numpy as np
import pytest

from core_models.explain.probing.probes import Probe
from pretrained.probing.asked import Statement
from pretrained.probing.results import MEASURES as SHARES
from pretrained.probing.results import Probed, read_probes
from pretrained.registry import every_recipe
from pretrained.task import Given
from tests.core_models.explain.test_fixed_points import curves
from viz import session
from viz.explain.probes import in_points, judge, states_of, tabulate
from viz.figures.explain.probes import MEASURES, draw_probe_reading, draw_probe_scores
from viz.run import ModelRun


def test_what_probes_found_is_told_and_drawn_once() -> None:
    found = read_probes(every_recipe()["sst2-gru"])
    assert found is not None
    table = tabulate(found)
    assert len(table) == len(found.by_statement) * len(MEASURES)
    assert tuple(MEASURES) == SHARES
    assert "easier to read than it was in the random network" in judge(found.by_statement["praise"])
    assert "Before training it was" in judge(found.by_statement["contrast"])
    assert sum(len(curve.x) for curve in curves(draw_probe_scores(table, "token"))) == len(table)
    assert (in_points(0.125), in_points(-0.031)) == ("12.5 points above", "3.1 points below")


@pytest.mark.parametrize(
    ("accuracy", "control", "untrained", "said", "unsaid"),
    [
        (0.90, 0.86, 0.80, "may have memorised tokens", "equally well"),
        (0.90, 0.84, 0.80, "easier to read than it was in the random network", "memorised"),
        (0.90, 0.70, 0.895, "does equally well", "easier to read"),
        (0.90, 0.70, 0.95, "Before training it was **5.0 points**", "equally well"),
    ],
)
def test_accuracies_of_a_probe_are_said_beside_what_puts_them_in_their_place(
    accuracy: float, control: float, untrained: float, said: str, unsaid: str
) -> None:
    probe = Probe(np.zeros(2), 0.0, np.zeros(2), np.ones(2))
    found = judge(Probed(Statement("so", "it is so"), accuracy, control, untrained, 0.6, 0.55, 400, probe))
    assert said in found
    assert unsaid not in found


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("sst2-bilstm-2", "the plot is dull but the acting is great"),
        ("sst2-lstm-3", "the plot is dull but the acting is great"),
        ("sst2-gru-attention-inside", "the plot is dull but the acting is great"),
        ("dates-attention", "3 August 1998"),
    ],
)
def test_a_probe_reads_the_states_of_what_was_read(key: str, text: str) -> None:
    model = session.model(key)
    here = ModelRun(model, Given(text), *session.traced(key, text))
    states = states_of(here)
    ids, lengths = model.padded([here.encoded])
    wanted = model.network.recur(model.network.input.embed(ids), lengths)[0][0]
    assert np.abs(states - wanted.numpy()).max() < 1e-5
    figure = draw_probe_reading(list(here.tokens.labels), np.linspace(0, 1, len(states)), "x", here.tokens.noun)
    assert len(curves(figure)[0].y) == len(here.tokens)
