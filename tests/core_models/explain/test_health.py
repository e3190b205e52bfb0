"""The check-up: each finding appears where its cause was put in, and not elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core_models.cells.gru import CONVENTION
from core_models.cells.lstm import CONVENTION as LSTM
from core_models.explain.health import Finding, Severity, examine
from core_models.trace import Site, Tokens, Trace
from pretrained.registry import load

RNN, ATTENTION, READOUT = Site("rnn"), Site("attention"), Site("readout")
STEPS, UNITS, SAMPLES = 6, 5, 40

Entries = dict[tuple[Site, str], np.ndarray]


def healthy() -> Entries:
    """A trace in which nothing is unusual."""
    draw = np.random.default_rng(3)
    cloud = draw.normal(0.0, 0.3, (SAMPLES, UNITS))
    states = np.tanh(draw.normal(0.0, 0.3, (STEPS, UNITS)))
    states[-1] = cloud[0] + 0.01
    scores = draw.normal(size=(1, STEPS, STEPS))
    mask = np.tril(np.ones((1, STEPS, STEPS)))
    weights = np.exp(2 * scores) * mask
    return {
        (RNN, "update_gate"): draw.uniform(0.2, 0.8, (STEPS, UNITS)),
        (RNN, "hidden_state"): states,
        (RNN, "reference_states"): cloud,
        (ATTENTION, "attention_mask"): mask,
        (ATTENTION, "attention_weights"): weights / weights.sum(axis=-1, keepdims=True),
        (READOUT, "probability"): np.full(STEPS, 0.97),
    }


def findings(entries: Entries, known: tuple[bool, ...] = (), trained: int = 20) -> list[Finding]:
    tokens = Tokens(tuple("abcdef"), known=known)
    cells = {RNN: LSTM if (RNN, "cell_state") in entries else CONVENTION}
    return list(examine(Trace(tokens, entries, cells), trained))


def titles(found: list[Finding], *severities: Severity) -> str:
    return "; ".join(finding.title for finding in found if finding.severity in severities)


def test_a_healthy_trace_has_no_warning_and_no_note() -> None:
    found = findings(healthy())
    assert titles(found, Severity.WARNING, Severity.NOTE) == ""
    assert len(found) >= 7


def shut(entries: Entries) -> None:
    entries[RNN, "update_gate"][:] = 0.01


@pytest.mark.parametrize(("count", "warned"), [(27, False), (28, True)])
def test_a_gate_is_warned_of_where_more_than_nine_in_ten_of_its_values_are_at_an_end(count: int, warned: bool) -> None:
    entries = healthy()
    entries[RNN, "update_gate"].flat[:count] = 0.01
    found = titles(findings(entries), Severity.WARNING)
    assert ("Almost always near 0 or 1: update gate" in found) == warned


def stuck(entries: Entries) -> None:
    entries[RNN, "update_gate"][:, :2] = 0.99


def saturated(entries: Entries) -> None:
    entries[RNN, "hidden_state"][:, :4] = 0.995


def dead(entries: Entries) -> None:
    entries[RNN, "hidden_state"][:, 3] = 0.1
    entries[RNN, "reference_states"][:, 3] = 0.1


def growing(entries: Entries) -> None:
    entries[RNN, "hidden_state"][4, 2] = 90.0


def large_cell(entries: Entries) -> None:
    entries[RNN, "cell_state"] = np.full((STEPS, UNITS), 7.0)


def even(entries: Entries) -> None:
    mask = entries[ATTENTION, "attention_mask"]
    entries[ATTENTION, "attention_weights"] = mask / mask.sum(axis=-1, keepdims=True)


def single(entries: Entries) -> None:
    entries[ATTENTION, "attention_weights"] = np.zeros((1, STEPS, STEPS))
    entries[ATTENTION, "attention_weights"][..., 0] = 1.0


def elsewhere(entries: Entries) -> None:
    entries[RNN, "hidden_state"][-1] = 0.9


CAUSES: list[tuple[Callable[[Entries], None], Severity, str]] = [
    (shut, Severity.WARNING, "Almost always near 0 or 1: update gate"),
    (stuck, Severity.NOTE, "Many units never change: update gate"),
    (saturated, Severity.WARNING, "Mostly saturated: hidden state"),
    (dead, Severity.NOTE, "Dead units, layer 1, forward: 3"),
    (growing, Severity.WARNING, "Growing: hidden state"),
    (large_cell, Severity.NOTE, "Beyond the range that tanh can show: cell state"),
    (even, Severity.NOTE, "Almost uniform attention"),
    (single, Severity.NOTE, "All attention on one token"),
    (elsewhere, Severity.WARNING, "Confident about an unfamiliar input"),
]


@pytest.mark.parametrize(("break_it", "severity", "title"), CAUSES, ids=[cause.__name__ for cause, *_ in CAUSES])
def test_what_is_put_in_is_found(break_it: Callable[[Entries], None], severity: Severity, title: str) -> None:
    entries = healthy()
    break_it(entries)
    assert title in titles(findings(entries), severity)


def test_being_far_away_is_only_a_note_where_the_answer_is_unsure() -> None:
    entries = healthy()
    elsewhere(entries)
    entries[READOUT, "probability"][:] = 0.6
    assert "Far from the states of other inputs" in titles(findings(entries), Severity.NOTE)


@pytest.mark.parametrize(("missing", "severity"), [(1, Severity.NOTE), (4, Severity.WARNING)])
def test_unknown_words_are_counted_and_the_first_is_pointed_at(missing: int, severity: Severity) -> None:
    known = tuple(step < STEPS - missing for step in range(STEPS))
    (found,) = [f for f in findings(healthy(), known) if f.title == "Unknown words"]
    assert found.severity is severity
    assert f"{missing} of {STEPS} tokens" in found.detail
    assert found.at is not None
    assert found.at[2] == STEPS - missing


def test_a_text_longer_than_the_training_is_a_warning() -> None:
    assert "Longer than anything it was trained on" in titles(findings(healthy(), trained=5), Severity.WARNING)


def test_weight_where_the_mask_forbids_it_is_never_called_fine() -> None:
    found = [f for f in findings(healthy()) if "masked positions" in f.title]
    assert [f.severity for f in found] == [Severity.FINE]
    assert found[0].detail == "largest such weight 0"


@pytest.mark.parametrize(
    "key", ["sst2-gru-attention", "sst2-lstm-3", "sst2-bilstm-2", "sst2-rnn", "sst2-gru-multiplied"]
)
def test_every_address_of_a_finding_is_in_the_trace(key: str) -> None:
    model = load(key)
    trace = model.trace(model.encode("blorp! what a lovely, moving story about two sisters"))
    found = examine(trace, model.task.trained)
    assert any(finding.title == "Unknown words" for finding in found)
    for finding in found:
        if finding.at:
            site, name, step, unit = finding.at
            values = trace.array(site, name)
            assert step < len(trace)
            assert unit < values.shape[-1]
