"""Probes on screen: a table and sentences of what was found, and what a probe reads along a trace."""

from __future__ import annotations

import numpy as np
import pytest

from pretrained.analysis.probe_sentences import PROPERTIES
from pretrained.analysis.probing import probe_all
from pretrained.registry import load
from tests.core_models.test_fixed_points import curves
from viz.explain.probes import say, states_of, tabulate
from viz.figures.explain.probes import MEASURES, draw_probe_reading, draw_probe_scores


def test_what_probes_found_is_told_and_drawn_once() -> None:
    found = probe_all(load("sst2-gru"))
    table = tabulate(found)
    assert len(table) == len(PROPERTIES) * len(MEASURES)
    assert "easier to read than it was in the random network" in say(found["praise"])
    assert "Before training it was" in say(found["contrast"])
    assert sum(len(curve.x) for curve in curves(draw_probe_scores(table))) == len(table)


@pytest.mark.parametrize("key", ["sst2-bilstm-2", "sst2-lstm-3", "sst2-gru-attention"])
def test_a_probe_reads_the_states_of_a_trace(key: str) -> None:
    model = load(key)
    trace = model.trace(model.task.encode("the plot is dull but the acting is great"))
    states = states_of(trace)
    assert states.shape == (9, model.network.architecture.units)
    figure = draw_probe_reading(list(trace.tokens.labels), np.linspace(0, 1, 9), "x")
    assert len(curves(figure)[0].y) == 9
