"""Padding behind an input: packed it changes nothing, and leaking it moves the backward direction."""

from __future__ import annotations

import pytest

from core_models.explain.padding import can_leak, pad
from core_models.target import Target
from pretrained.registry import load

READ = {"sst2-bilstm": "a dull film", "sst2-bilstm-2": "not a dull film", "pos-bilstm": "the old dog barks"}


@pytest.mark.parametrize("key", READ)
def test_packed_padding_changes_nothing_and_leaking_padding_moves_backward_states(key):
    model = load(key)
    encoded = model.encode(READ[key])
    target = model.outputs(encoded, model.trace(encoded)).known[0].target
    found = pad(model.network, encoded, target, 16)
    assert found.apart < 1e-6
    assert found.backward.min() > 0.0
    assert found.leaked != found.packed
    assert found.backward[-1] > found.backward[0]


def test_in_one_layer_the_forward_direction_never_sees_the_padding():
    model = load("sst2-bilstm")
    encoded = model.encode("a dull film")
    found = pad(model.network, encoded, Target("answer", 1), 4)
    assert found.forward.max() < 1e-6
    deeper = load("sst2-bilstm-2")
    assert pad(deeper.network, deeper.encode("a dull film"), Target("answer", 1), 4).forward.max() > 1e-4


@pytest.mark.parametrize("key", ["sst2-gru", "splice-bigru", "seattle-gru", "dates-attention"])
def test_what_reads_in_one_direction_or_always_as_much_has_no_padding_to_leak(key):
    assert not can_leak(load(key).network)


def test_no_padding_at_all_is_refused():
    model = load("sst2-bilstm")
    with pytest.raises(ValueError, match="1 step or more, got 0"):
        pad(model.network, model.encode("a"), Target("answer", 1), 0)
