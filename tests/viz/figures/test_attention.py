"""Figures of attention: every stage as it was traced, and what can be checked of it."""

import numpy as np

from core_models.trace import Site, Tokens, Trace
from tests.support.traces import ATTENTION, BY_KEY, TRACES, WORDS, draw
from viz.figures.trace.attention_stages import STAGES, checks, stage_values
from viz.view import Options, Target


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


def test_csv_of_attention_holds_every_stage():
    trace = TRACES["gru with two heads"]
    table = BY_KEY["attention_heatmap"].numbers(trace, Target(ATTENTION, "attention_weights"))
    row = table[(table["head"] == 1) & (table["query"] == 7) & (table["key"] == 2)].iloc[0]
    assert row["weights"] == trace.array(ATTENTION, "attention_weights")[1, 7, 2]
    assert row["scores"] == trace.array(ATTENTION, "attention_scores")[1, 7, 2]
    assert (row["query_token"], row["key_token"]) == (WORDS[7], WORDS[2])
