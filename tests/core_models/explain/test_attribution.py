"""Attributions agree with Captum's, add up to what they must, and find what networks of known weights depend on.

Captum takes seconds to import, so only the process that runs these tests does.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor

from core_models.explain.attribution.lime import WIDTH, fitted, lime
from core_models.explain.attribution.methods import (
    gradient_times_input,
    gradients,
    integrated_gradients,
    occlusion,
    step_matrix,
)
from core_models.explain.attribution.opinions import collect
from core_models.explain.attribution.quality import DRAWS, infidelity, remove, sensitivity
from core_models.explain.attribution.ranks import kendall, kendall_interval, mean_interval, mean_ranks, spearman
from core_models.explain.attribution.shapley import EXACT, shapley, shapley_values
from core_models.networks.architecture import Architecture
from core_models.networks.sequence import SequenceNetwork
from pretrained.registry import load, recipes

CELLS = ("rnn", "gru", "lstm", "gru_reset_before", "attentive_gru", "multiplied_gru")
ARCHITECTURES = {
    **{cell: Architecture(cell, 6, 6) for cell in CELLS},
    "bidirectional, two layers": Architecture("gru", 5, 6, layers=2, bidirectional=True),
    "attention": Architecture("gru", 6, 6, attention="additive"),
    "heads, fused": Architecture("lstm", 6, 6, attention="multi_head", heads=2, readout="fused"),
    "self-attention": Architecture("lstm", 6, 6, attention="multi_head", heads=2, readout="pooled"),
}
TEXT = "the acting is superb , but the story never wakes up"


def build(key: str, steps: int = 7) -> tuple[SequenceNetwork, Callable[[Tensor], Tensor], Tensor, Tensor]:
    """A random network, its logit, an input in double precision, and a baseline that is not zero."""
    torch.manual_seed(3)
    network = SequenceNetwork(ARCHITECTURES[key], (20,), {"answer": 2}).double().eval()
    x, baseline = torch.randn(steps, 6).double(), torch.randn(6).double() / 3
    return network, lambda rows: logits(network, rows), x, baseline


def logits(network: SequenceNetwork, rows: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Of embedded inputs, ``[batch]``."""
    lengths = torch.full((len(rows),), rows.shape[1]) if lengths is None else lengths
    return network.read(rows, lengths)["answer"][:, 1]


def spread(baseline: Tensor, x: Tensor) -> Tensor:
    return baseline.expand_as(x)[None]


# Each method beside Captum's


@pytest.mark.parametrize("key", ARCHITECTURES)
def test_gradient_methods_are_captums(key):
    from captum.attr import InputXGradient, IntegratedGradients

    _, read, x, baseline = build(key)
    ours = integrated_gradients(read, x[None], baseline)[0]
    theirs = IntegratedGradients(read).attribute(x[None], spread(baseline, x), n_steps=50)[0].sum(-1)
    assert torch.allclose(ours, theirs, atol=1e-12)
    zero = torch.zeros_like(baseline)
    plain = InputXGradient(read).attribute(x.clone().requires_grad_()[None])[0].sum(-1)
    assert torch.allclose(gradient_times_input(read, x[None], zero)[0], plain, atol=1e-12)


@pytest.mark.parametrize("key", ARCHITECTURES)
def test_occlusion_is_captums_ablation_of_one_token_at_a_time(key):
    from captum.attr import FeatureAblation

    _, read, x, baseline = build(key)
    tokens = torch.arange(len(x))[None, :, None]
    theirs = FeatureAblation(read).attribute(x[None], spread(baseline, x), feature_mask=tokens)[0, :, 0]
    assert torch.allclose(occlusion(read, x[None], baseline)[0], theirs, atol=1e-12)


def test_a_batch_is_explained_as_each_input_by_itself():
    _, read, x, baseline = build("attention")
    other = torch.stack([x, x.flip(0), -x])
    for explain in (gradient_times_input, integrated_gradients, occlusion, shapley_values):
        together = explain(read, other, baseline)
        assert torch.allclose(together[1], explain(read, other[1:2], baseline)[0], atol=1e-12), explain.__name__


@pytest.mark.parametrize("key", ["gru", "attention", "self-attention"])
def test_shapley_values_of_few_tokens_are_exact_and_add_up(key):
    from captum.attr import ShapleyValues

    _, read, x, baseline = build(key, steps=5)
    tokens = torch.arange(5)[None, :, None]
    exact = ShapleyValues(read).attribute(x[None], spread(baseline, x), feature_mask=tokens)[0, :, 0]
    found = shapley(read, x, baseline)
    assert found.error is None
    assert torch.allclose(found.values, exact.double(), atol=1e-6)
    here, there = read(torch.stack([x, baseline.expand_as(x)]))
    assert found.values.sum().item() == pytest.approx((here - there).item(), abs=1e-6)


def test_shapley_values_of_many_tokens_come_near_the_exact_ones_and_say_how_near(monkeypatch):
    _, read, x, baseline = build("gru", steps=7)
    exact = shapley(read, x, baseline).values
    monkeypatch.setattr("core_models.explain.attribution.shapley.EXACT", 6)
    found = shapley(read, x, baseline, orders=400)
    assert found.error is not None
    off = (found.values - exact).abs() / found.error
    assert 0.05 < float(off.mean()) < 2.0
    assert float(off.max()) < 4.0
    few = shapley(read, x, baseline).error
    assert few is not None
    assert float(few.mean() / found.error.mean()) == pytest.approx(4.0, rel=0.3)
    here, there = read(torch.stack([x, baseline.expand_as(x)]))
    assert found.values.sum().item() == pytest.approx((here - there).item(), abs=1e-6)
    assert EXACT == 12


class Ridge:
    """Our least squares, as the linear model that Captum's LIME asks for."""

    def fit(self, train_data: Any, **settings: Any) -> dict[str, float]:
        subsets, values, weights = (torch.cat(parts).double() for parts in zip(*train_data, strict=True))
        self.coefficients = fitted(subsets, values.flatten(), weights)
        return {}

    def representation(self) -> torch.Tensor:
        return self.coefficients[None].float()


def test_lime_is_captums_on_the_same_subsets():
    from captum.attr import Lime

    _, read, x, baseline = build("gru")
    generator = torch.Generator().manual_seed(0)

    def draw(original: torch.Tensor, **settings: Any) -> torch.Tensor:
        count = settings["num_interp_features"]
        size, kept = int(torch.randint(0, count + 1, (1,), generator=generator)), torch.zeros(1, count)
        kept[0, torch.randperm(count, generator=generator)[:size]] = 1.0
        return kept

    def near(original: torch.Tensor, perturbed: torch.Tensor, subset: torch.Tensor, **settings: Any) -> torch.Tensor:
        return torch.exp(-(((1.0 - subset).mean() / WIDTH) ** 2))

    model: Any = Ridge()
    captums = Lime(read, interpretable_model=model, similarity_func=near, perturb_func=draw)
    tokens = torch.arange(len(x))[None, :, None]
    found = captums.attribute(x[None], spread(baseline, x), feature_mask=tokens, n_samples=100)
    assert torch.allclose(lime(read, x, baseline, subsets=100), found[0, :, 0].float(), atol=1e-6)


def test_lime_finds_the_shares_of_a_sum_and_sampling_repeats_itself_whatever_else_is_drawn():
    x, baseline = torch.randn(9, 4), torch.zeros(4)
    weight = torch.randn(4)
    parts = x @ weight
    found = lime(lambda rows: (rows @ weight).sum(-1), x, baseline, subsets=200)
    assert torch.allclose(found, parts, atol=0.02 * float(parts.abs().max()) + 0.01)
    _, read, x, baseline = build("gru")
    long = torch.cat([x] * 3)
    one, first = lime(read, x, baseline), shapley_values(read, long[None], baseline)
    torch.manual_seed(99)
    assert torch.equal(one, lime(read, x, baseline))
    assert torch.equal(first, shapley_values(read, long[None], baseline))


@pytest.mark.parametrize("method", [gradient_times_input, integrated_gradients, occlusion, shapley_values])
def test_every_method_gives_a_sum_its_parts(method):
    x, baseline, weight = torch.randn(6, 4).double(), torch.randn(4).double(), torch.randn(4).double()
    found = method(lambda rows: (rows @ weight).sum(-1) + 1.0, x[None], baseline)[0]
    assert torch.allclose(found.double(), (x - baseline) @ weight, atol=1e-5)


# Completeness


@pytest.mark.parametrize("key", recipes("sentiment"))
def test_integrated_gradients_of_every_shipped_model_add_up(key):
    model = load(key)
    encoded = model.encode(TEXT)
    outputs = model.outputs(encoded, model.trace(encoded))
    for baseline in ("zero", "unknown"):
        found = collect(outputs, outputs.known[0].target, baseline, ["integrated"])
        assert abs(found.by_method["integrated"].gap) < 0.01
        assert all(parameter.grad is None for parameter in model.network.parameters())


def test_the_gap_is_what_too_few_points_miss():
    _, read, x, baseline = build("gru")
    with torch.no_grad():
        here, there = read(torch.stack([8 * x, baseline.expand_as(x)]))
    few, many = (
        float(here - there - integrated_gradients(read, 8 * x[None], baseline, steps).sum()) for steps in (2, 200)
    )
    assert abs(few) > 1e-3
    assert abs(many) < 1e-6


def test_cudnn_is_off_during_a_gradient_and_on_again_after_it():
    seen = []

    def read(rows: Tensor) -> Tensor:
        seen.append(torch.backends.cudnn.enabled)
        return rows.sum((1, 2))

    before = torch.backends.cudnn.enabled
    gradients(read, torch.randn(2, 3, 4))
    assert seen == [False]
    assert torch.backends.cudnn.enabled is before is True


# Output by input


@pytest.mark.parametrize("key", ["gru", "bidirectional, two layers", "attention", "multiplied_gru"])
def test_a_row_of_the_step_matrix_is_gradient_times_input_of_the_text_up_to_there(key):
    network, read, x, baseline = build(key)
    found = step_matrix(lambda rows, which: logits(network, rows, which + 1), x, baseline, len(x))
    for end in range(1, len(x) + 1):
        alone = gradient_times_input(read, x[None, :end], baseline)[0]
        assert torch.allclose(found[end - 1, :end], alone, atol=1e-12)
        assert not found[end - 1, end:].any()


def test_the_step_matrix_suits_any_outputs():
    torch.manual_seed(0)
    tagger = torch.nn.GRU(4, 3, batch_first=True, bidirectional=True).double()
    x = torch.randn(6, 4).double()

    def read(rows: Tensor, which: Tensor) -> Tensor:
        return tagger(rows)[0].sum(-1)[torch.arange(len(rows)), which]

    jacobian = torch.autograd.functional.jacobian(lambda one: tagger(one[None])[0][0].sum(-1), x)
    expected = (jacobian * x).sum(-1)  # type: ignore[operator]  # it is a tensor
    assert torch.allclose(step_matrix(read, x, torch.zeros(4).double(), 6), expected, atol=1e-12)


# Quality


def test_infidelity_is_captums_for_the_same_removals():
    from captum.metrics import infidelity as captum_infidelity

    _, read, x, baseline = build("attention")
    shares = occlusion(read, x[None], baseline)[0]
    removals = remove(read, x, baseline, sets=64)
    sets = iter(torch.tensor(removals.sets).double())

    def perturb(inputs: Tensor, baselines: Tensor) -> tuple[Tensor, Tensor]:
        gone = torch.stack([next(sets) for _ in inputs])[..., None]
        return gone.expand_as(inputs) / 6, inputs - gone * (inputs - baselines)

    spreadout = shares[None, :, None].expand(1, -1, 6)
    theirs = captum_infidelity(
        read, perturb, x[None], spreadout, baselines=spread(baseline, x), n_perturb_samples=64,
        max_examples_per_batch=64,
    )  # fmt: skip
    assert infidelity(removals, shares.numpy()) == pytest.approx(
        float(theirs) / float(np.mean(removals.losses**2)), rel=1e-9
    )


def test_infidelity_is_0_where_shares_add_up_and_1_where_nothing_is_said():
    torch.manual_seed(0)
    x, weight = torch.randn(6, 4), torch.randn(4)
    parts = (x @ weight).numpy()
    removals = remove(lambda rows: (rows @ weight).sum(-1), x, torch.zeros(4))
    assert infidelity(removals, parts) == pytest.approx(0.0, abs=1e-9)
    assert infidelity(removals, 0 * parts) == pytest.approx(1.0)
    assert infidelity(removals, -parts) > 1.0
    assert infidelity(removals, -5 * parts, scaled=True) == pytest.approx(0.0, abs=1e-9)
    assert infidelity(removals, np.random.default_rng(0).normal(size=6), scaled=True) < 1.0 + 1e-12


def test_sensitivity_is_captums_and_0_where_the_answer_is_a_sum():
    from captum.metrics import sensitivity_max

    _, read, x, baseline = build("gru")

    def explain(rows: Tensor) -> Tensor:
        return gradient_times_input(read, rows, baseline)

    def explain_either(rows: Any) -> Any:
        return explain(rows) if isinstance(rows, Tensor) else (explain(rows[0]),)

    generator = torch.Generator().manual_seed(0)
    reach = 0.05 * x.square().mean().sqrt()
    noise = (2.0 * torch.rand(DRAWS, *x.shape, generator=generator) - 1.0) * reach
    theirs = sensitivity_max(explain_either, x[None], perturb_func=lambda rows: rows + noise, n_perturb_samples=DRAWS)
    assert sensitivity(explain, x) == pytest.approx(float(theirs), rel=1e-6)
    assert sensitivity(lambda rows: torch.ones(len(rows), 7), x) == 0.0
    assert sensitivity(lambda rows: torch.zeros(len(rows), 7), x) == float("inf")


# Ranks


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ties", [False, True])
def test_rank_correlations_are_scipys(seed, ties):
    random = np.random.default_rng(seed)
    one, other = random.normal(size=(2, 17))
    if ties:
        one, other = one.round(0), other.round(0)
    assert mean_ranks(one).tolist() == stats.rankdata(one).tolist()
    assert kendall(one, other) == pytest.approx(stats.kendalltau(one, other)[0], abs=1e-12)
    assert spearman(one, other) == pytest.approx(stats.spearmanr(one, other)[0], abs=1e-9)


def test_two_tokens_have_one_order_and_a_single_one_has_none():
    assert [kendall([0, 1], other) for other in ([0, 2], [3, 2])] == [1.0, -1.0]
    assert np.isnan(kendall([0, 0], [1, 2]))
    assert np.isnan(kendall([1], [2]))


def test_what_float32_cannot_tell_apart_is_tied():
    assert np.isnan(kendall([1.0, 1.0 + 1e-9, 1.0], [1, 2, 3]))
    assert np.isnan(spearman([1.0, 1.0 + 1e-9, 1.0], [1, 2, 3]))
    assert kendall([1, 2, 3, 4], [4, 3, 2, 1]) == -1.0


def test_bootstrap_intervals_hold_the_value_and_narrow_with_more_data():
    random = np.random.default_rng(0)
    few, many = (mean_interval(random.normal(3.0, 1.0, count)) for count in (20, 2000))
    assert few[0] < 3.0 < few[1]
    assert many[1] - many[0] < (few[1] - few[0]) / 5
    one = random.normal(size=30)
    low, high = kendall_interval(one, one + random.normal(size=30))
    assert -1.0 < low < kendall(one, one + 0) <= 1.0
    assert low < high < 1.0
