"""A kind of output that no network knows: in the list of heads it is asked after every token, edited and explained."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core_models.edits.edit import HoldGate
from core_models.edits.run import run
from core_models.heads import HEADS
from core_models.heads.head import Concluded, Head
from core_models.networks.architecture import Architecture
from core_models.networks.sequence import SequenceNetwork
from core_models.trace import Site
from core_models.tracing import Replay
from tests.support.kinds import IDS, ids_of

SCORE = Site("values")


class ScoreHead(Head):
    """Numbers of the whole sequence; a trace holds them after every prefix."""

    site = SCORE

    def quantities(self, concluded: Concluded) -> Replay:
        assert concluded.running is not None
        return {(SCORE, "output_value"): concluded.running}


@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_new_head_is_asked_after_every_token_and_its_answer_traced_back_to_units(monkeypatch, bidirectional):
    monkeypatch.setitem(HEADS, "score", ScoreHead)
    torch.manual_seed(3)
    network = SequenceNetwork(Architecture("gru", 4, 5, 2, bidirectional), (9,), {"score": 3}).eval()
    encoded, ids = ids_of(IDS), torch.tensor([IDS])
    trace = network.trace(encoded)
    cut = torch.cat([network(ids[:, :end], torch.tensor([end]))["score"] for end in range(1, len(IDS) + 1)])
    np.testing.assert_allclose(trace.array(SCORE, "output_value"), cut.detach(), atol=2e-6)
    top = [site for site in trace.cells if site.layer == 1]
    assert all(np.abs(trace.array(site, "influence")).max() > 0 for site in top)
    held = run(network, encoded, (HoldGate(top[0], "update_gate", 1.0),))
    assert held.array(SCORE, "output_value").shape == cut.shape
    assert not np.allclose(held.array(SCORE, "output_value"), cut.detach(), atol=1e-3)
