"""Every shipped model computes on a recorded input what it computed when its weights were new."""

import json

import numpy as np
import pytest

from pretrained.registry import every_recipe
from tests.support.golden import RECORDED, numbers_of, trace_of

EXPECTED = json.loads(RECORDED.read_text(encoding="utf-8"))


def test_every_model_with_recorded_numbers_still_ships():
    assert set(EXPECTED) <= set(every_recipe())
    assert len(EXPECTED) > 50


@pytest.mark.parametrize("key", EXPECTED)
def test_a_trace_is_what_was_recorded(key):
    found, expected = numbers_of(trace_of(key, EXPECTED[key]["text"])), EXPECTED[key]["arrays"]
    assert sorted(found) == sorted(expected)
    for name, recorded in expected.items():
        assert found[name]["shape"] == recorded["shape"], name
        scale = max(1.0, *np.abs(recorded["numbers"]))
        np.testing.assert_allclose(found[name]["numbers"], recorded["numbers"], rtol=0, atol=2e-6 * scale, err_msg=name)
