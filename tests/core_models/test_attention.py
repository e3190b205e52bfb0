"""Every score function compares what it says, over positions and nothing else; a join does what its gate says."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from core_models.attention import SCORES, MultiHeadScore, masked_softmax
from core_models.attention.join import JOINS, Fused

HIDDEN, STEPS = 12, 5
names = pytest.mark.parametrize("name", SCORES)


def score(name: str) -> Any:
    torch.manual_seed(4)
    built = SCORES[name](HIDDEN)
    return built.double()


def states(batch: int = 1) -> torch.Tensor:
    return torch.randn(batch, STEPS, HIDDEN, dtype=torch.float64, generator=torch.Generator().manual_seed(8))


EXPECTED: dict[str, Callable[[Any, torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "additive": lambda s, q, k: s.v.weight[0] @ torch.tanh(s.w.weight @ k + s.u.weight @ q),
    "concat": lambda s, q, k: torch.tanh(
        torch.cat([s.query.weight[0], s.key.weight[0]]) @ torch.cat([q, k]) + s.query.bias[0]
    ),
    "dot": lambda s, q, k: q @ k,
    "scaled_dot": lambda s, q, k: q @ k / math.sqrt(HIDDEN),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_score_is_its_equation_for_every_pair(name):
    built, h = score(name), states()[0]
    with torch.no_grad():
        found = built(h, h)
        for query in range(STEPS):
            for key in range(STEPS):
                assert found[0, query, key].item() == pytest.approx(EXPECTED[name](built, h[query], h[key]).item())


@names
def test_a_text_is_scored_alike_alone_and_in_a_batch(name):
    """Fails for a softmax over the batch, and for heads cut across steps."""
    built, batch = score(name), states(3)
    mask = torch.ones(STEPS, STEPS, dtype=torch.bool).tril()
    with torch.no_grad():
        together = masked_softmax(built(batch, batch), mask)
        for row in range(3):
            assert torch.allclose(together[row], masked_softmax(built(batch[row], batch[row]), mask))
    assert together.shape == (3, built.heads, STEPS, STEPS)
    assert torch.allclose(together.sum(-1), torch.ones(3, built.heads, STEPS, dtype=torch.float64))


@names
def test_swapping_two_positions_swaps_their_weights_and_nothing_else(name):
    built, h = score(name), states()[0]
    order = [0, 3, 2, 1, 4]
    with torch.no_grad():
        plain, swapped = built(h, h[-1:]), built(h[order], h[-1:])
    assert torch.allclose(plain[..., order], swapped)


def test_heads_are_torchs_own():
    torch.manual_seed(0)
    built, h = MultiHeadScore(HIDDEN, heads=4).double(), states()
    stock = torch.nn.MultiheadAttention(HIDDEN, 4, batch_first=True).double()
    with torch.no_grad():
        parts = (built.query, built.key, built.value)
        stock.in_proj_weight.copy_(torch.cat([part.weight for part in parts]))
        stock.in_proj_bias.copy_(torch.cat([part.bias for part in parts]))
        stock.out_proj.weight.copy_(built.output.weight)
        stock.out_proj.bias.copy_(built.output.bias)
        mask = torch.ones(STEPS, STEPS, dtype=torch.bool).tril()
        weights = masked_softmax(built(h, h), mask)
        context = built.join(weights @ built.values(h))
        expected, shares = stock(h, h, h, attn_mask=~mask, average_attn_weights=False)
    assert torch.allclose(weights, shares)
    assert torch.allclose(context, expected)


def test_heads_that_do_not_share_the_units_evenly_are_refused():
    with pytest.raises(ValueError, match="expected a number of heads that divides 12 units, got 5"):
        MultiHeadScore(12, heads=5)


@names
def test_what_the_tokens_contribute_adds_up_to_the_context(name):
    built, h = score(name), states()[0]
    with torch.no_grad():
        weights = torch.softmax(built(h, h[-1:]), dim=-1)
        context = built.join(weights @ built.values(h))[0]
    for unit in range(HIDDEN):
        shares, bias = built.contributions(h.numpy(), weights[:, 0].numpy(), unit)
        assert shares.sum() + bias == pytest.approx(context[unit].item(), abs=1e-12)


def test_concat_scores_can_never_be_sharper_than_e_squared():
    built, h = score("concat"), 100 * states()[0]
    with torch.no_grad():
        weights = torch.softmax(built(h, h), dim=-1)
    sharpest = (weights.amax(-1) / weights.amin(-1)).max().item()
    assert 2.0 < sharpest <= math.exp(2) + 1e-9


@pytest.mark.parametrize("name", JOINS)
def test_a_join_makes_what_the_readout_reads(name):
    torch.manual_seed(1)
    join, context, state = JOINS[name](HIDDEN).double(), *states(2)
    with torch.no_grad():
        summary = join.summary(context, state)
    assert summary.shape == (STEPS, join.size)
    if name == "context":
        assert torch.equal(summary, context)
    if name == "concatenated":
        assert torch.equal(summary, torch.cat([context, state], dim=-1))
    if name == "pooled":
        assert torch.allclose(summary[3], context[:4].mean(0))


@pytest.mark.parametrize(("bias", "which"), [(50.0, 0), (-50.0, 1)])
def test_the_fusion_gate_reads_the_context_at_one_and_the_state_at_zero(bias, which):
    join = Fused(HIDDEN).double()
    pair = states(2)[:, 0]
    with torch.no_grad():
        join.gate.bias.fill_(bias)
        join.gate.weight.zero_()
        found = join(*pair)
    assert np.allclose(found["fused_state"], pair[which])
