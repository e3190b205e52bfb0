"""Weights come back from a file as they were scored: float16, the embedding table in 8-bit steps."""

import torch

from pretrained.storage import SCALE, TABLE, pack, unpack


def state() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    table = torch.randn(50, 12, generator=generator) * torch.rand(50, 1, generator=generator)
    table[0] = 0.0
    return {TABLE: table, "readout.weight": torch.randn(1, 12, generator=generator)}


def test_an_embedding_is_off_by_half_a_step_at_most():
    before, packed = state(), pack(state())
    assert packed[TABLE].dtype == torch.int8
    after = unpack(packed)
    step = before[TABLE].abs().amax(1, keepdim=True) / 127
    assert torch.all((after[TABLE] - before[TABLE]).abs() <= 0.5 * step + 1e-3 * before[TABLE].abs() + 1e-7)
    assert not after[TABLE][0].any()
    assert SCALE not in after


def test_all_else_is_float16():
    packed = pack(state())
    assert packed["readout.weight"].dtype == torch.float16
    assert torch.equal(unpack(packed)["readout.weight"], state()["readout.weight"].half().float())


def test_packing_what_was_unpacked_changes_nothing_more():
    once = unpack(pack(state()))
    assert torch.allclose(unpack(pack(once))[TABLE], once[TABLE], atol=1e-3)


def test_a_network_without_an_embedding_is_stored_as_it_is():
    assert set(pack({"w": torch.ones(2)})) == {"w"}
