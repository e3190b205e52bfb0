"""The path of the state: its axes, its order, and how it is played."""

import numpy as np
import pytest

from tests.support.traces import BACK, RNN, TRACES, draw
from viz.figures.parts.playback import MOST_FRAMES
from viz.figures.parts.principal_axes import fit_axes, fit_once
from viz.figures.trace import trajectory
from viz.figures.trace.trajectory import targets as trajectory_targets
from viz.view import Target


def test_remembered_axes_are_those_of_the_part_of_a_cloud_and_of_the_samples_that_were_asked_for():
    cloud = np.random.default_rng(0).normal(size=(40, 6)) * np.arange(1, 7)
    marked = cloud[:, 5] > 0
    clouds = [(cloud, marked), (cloud, ~marked), (cloud[:20], marked[:20])]
    clouds += [(part, None) for part in (cloud, cloud[:20], cloud[20:], cloud[:, :3], cloud[::2])]
    for part, toward in clouds:
        found, expected = fit_once(part, 2, toward), fit_axes(part, 2, toward)
        np.testing.assert_array_equal(found.directions, expected.directions)
        np.testing.assert_array_equal(found.center, expected.center)
    assert fit_once(cloud, 2, marked.copy()) is fit_once(cloud.view(), 2, marked)


def test_principal_axes_agree_with_the_singular_values_of_the_cloud():
    random = np.random.default_rng(3)
    cloud = random.normal(size=(60, 9)) * np.arange(1, 10)
    axes = fit_axes(cloud, 3, cloud[:, 8] > 0)
    _, s, vt = np.linalg.svd(cloud - cloud.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(axes.shares, (s**2 / (s**2).sum())[:3], rtol=1e-10)
    np.testing.assert_allclose(np.abs(axes.directions), np.abs(vt[:3]), atol=1e-8)
    np.testing.assert_allclose(axes.place(cloud).var(axis=0), (s[:3] ** 2) / 60, rtol=1e-5)


def test_the_marked_samples_lie_on_the_positive_side_of_every_axis():
    cloud = np.random.default_rng(5).normal(size=(40, 6))
    marked = np.arange(40) < 11
    places = fit_axes(cloud, 3, marked).place(cloud)
    assert np.all(places[marked].mean(axis=0) > places[~marked].mean(axis=0))


def test_a_cloud_without_spread_gives_shares_of_0_and_not_an_error():
    axes = fit_axes(np.ones((4, 1)), 3)
    assert axes.shares.tolist() == [0, 0, 0]
    assert axes.place(np.ones((2, 1))).tolist() == [[0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize("space", [2, 3])
def test_the_path_lies_where_the_axes_of_the_background_put_it_in_token_order(space: int):
    trace = TRACES["bidirectional lstm"]
    assert {target.site for target in trajectory_targets(trace)} == {RNN, BACK}
    for target in trajectory_targets(trace):
        figure = draw("trajectory", trace, target, space=space)
        path = figure.data[figure.layout.meta["link"]["points"][0]]
        classes = trace.array(target.site, "reference_classes")
        axes = fit_axes(trace.array(target.site, "reference_states"), space, classes > 0.5)
        expected = axes.place(trace.array(target.site, "hidden_state"))
        np.testing.assert_array_equal(np.stack([path[name] for name in "xyz"[:space]], axis=1), expected)
        assert sum(len(figure.data[curve].x) for curve in (0, 1)) == len(classes)
        titles = figure.layout.scene if space == 3 else figure.layout
        assert f"{axes.shares[1]:.1%}" in titles.yaxis.title.text


def test_a_path_is_played_in_reading_order_and_ends_whole():
    trace = TRACES["bidirectional lstm"]
    for target, first, last in ((Target(RNN, "hidden_state"), 0, 9), (Target(BACK, "hidden_state"), 9, 0)):
        figure = draw("trajectory", trace, target)
        path = figure.data[2]
        assert [len(frame.data[0].x) for frame in figure.frames] == list(range(1, 11))
        assert figure.frames[0].data[1].x[0] == pytest.approx(path.x[first], abs=1e-5)
        assert figure.frames[-1].data[1].x[0] == pytest.approx(path.x[last], abs=1e-5)
        assert figure.frames[-1].data[0].y == pytest.approx(path.y[:: 1 if last else -1], abs=1e-5)
        assert path.text[first] == f"start: {trace.tokens.labels[first]}"
        assert path.text[last] == f"end: {trace.tokens.labels[last]}"
        assert [step.args[0][0] for step in figure.layout.sliders[0].steps] == [f.name for f in figure.frames]


def test_long_texts_are_played_with_strides():
    frames = draw("trajectory", TRACES["200 tokens"], Target(RNN, "hidden_state")).frames
    assert len(frames) <= MOST_FRAMES + 1
    assert frames[-1].name.startswith("200 ")


def test_a_name_below_its_point_and_one_above_the_next_point_do_not_cover_each_other():
    words, order = ["start: the", "film", "end: good"], np.arange(3)
    for below, shown in ((0.06, {0, 2}), (0.0, {0, 1, 2})):
        places = np.array([[0.5, 0.5], [0.52, 0.5 - below], [0.9, 0.9]])
        assert trajectory._uncrowded(places, order, words) == shown
