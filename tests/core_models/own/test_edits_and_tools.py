"""What-ifs in any recurrence, and the tools on what was seen of one."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from core_models.edits.edit import ChangeState, EditError, HoldGate, SetValue
from core_models.own import tools
from core_models.own.edited import changing, run
from core_models.own.trace import trace
from core_models.own.traced import OwnError
from core_models.trace import Site
from core_models.watching import watch

X = torch.randn(9, 3, generator=torch.Generator().manual_seed(1))
RNN = Site("rnn")


def test_edits_change_what_one_module_computes():
    module = nn.LSTM(3, 5, 2, bidirectional=True)
    plain = trace(module, X)
    same = run(module, X)
    assert all(np.abs(same.array(*at) - plain.array(*at)).max() < 1e-6 for at in plain)
    shut = run(module, X, edits=[HoldGate(RNN, "forget_gate", 0.0, (2,))])
    written = shut.array(RNN, "input_gate") * shut.array(RNN, "cell_candidate")
    assert np.allclose(shut.array(RNN, "cell_state")[:, 2], written[:, 2], atol=1e-6)
    gone = run(module, X, edits=[SetValue((0,), None, 0.0), ChangeState(RNN, "zero", (1,))])
    assert not gone.array(RNN, "hidden_state")[:, 1].any()
    with pytest.raises(EditError, match="update_gate"):
        run(module, X, edits=[HoldGate(RNN, "update_gate", 0.0)])


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_a_whole_model_reads_edited_states(first, packed):
    model, batch = nn.Sequential(nn.LSTM(3, 5, batch_first=first, bidirectional=True)), torch.randn(4, 4, 3)
    lengths, edits = [2, 4, 1, 3] if packed else [4] * 4, [HoldGate(RNN, "output_gate", 1.0, None, (0,))]
    given = pack_padded_sequence(batch, torch.tensor(lengths), first, enforce_sorted=False) if packed else batch
    with torch.no_grad(), watch(model, change=changing({"0": edits})):
        edited, (h, _) = model(given)
    out = pad_packed_sequence(edited, first)[0] if packed else edited
    for row, length in enumerate(lengths):
        one = run(model[0], (batch[row] if first else batch[:, row])[:length], edits=edits)
        ways = [one.array(Site("rnn", 0, way), "hidden_state") for way in ("forward", "backward")]
        own = out[row, :length] if first else out[:length, row]
        assert np.abs(np.concatenate(ways, axis=1) - own.numpy()).max() < 1e-6
        if not packed:
            assert np.abs(h[:, row].numpy() - np.stack([ways[0][-1], ways[1][0]])).max() < 1e-6


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM, nn.RNN])
def test_every_tool_takes_a_trace_with_its_initial_state(kind):
    module = kind(3, 5, 2)
    state = torch.randn(2, 5) if kind is not nn.LSTM else (torch.randn(2, 5), torch.randn(2, 5))
    found = trace(module, X, state=state)
    for key in ("hidden_state", "candidate" if kind is nn.GRU else "preactivation" if kind is nn.RNN else "input_gate"):
        for step in (0, 4):
            number = tools.arithmetic(found, key, step, 2)
            assert abs(number.value - number.shown) < 1e-6
    if kind is not nn.RNN:
        assert tools.ledger(found).error(found) < 1e-5
        assert tools.timescales(found) is not None
    assert len(tools.gradient_flow(found).memory) == len(X)
    assert tools.nudge(found, 2).own.shape == (7, 5)
    assert tools.fixed_points(found).points
    assert tools.health(found)


def test_attributions_of_any_scalar_output_add_up():
    rnn, out = nn.GRU(3, 5, batch_first=True), nn.Linear(5, 1)
    found = tools.attribute(lambda rows: out(rnn(rows)[0][:, -1])[:, 0], X)
    assert set(found.by_method) == {"integrated gradients", "gradient × input", "occlusion"}
    assert abs(found.gap) < 1e-4
    with pytest.raises(OwnError, match="one number for each row"):
        tools.attribute(lambda rows: rnn(rows)[0], X)


@pytest.mark.filterwarnings("ignore:LSTM with projections")
def test_the_tools_take_a_recurrence_that_projects_its_states():
    torch.manual_seed(0)
    module = nn.LSTM(3, 6, 2, proj_size=4, bidirectional=True)
    found = trace(module, X, state=(torch.randn(4, 4), torch.randn(4, 6)))
    flow = tools.gradient_flow(found)
    step = 3
    below = torch.cat([torch.from_numpy(np.array(found.array(Site("rnn", 0, way), "hidden_state")))
                       for way in ("forward", "backward")], dim=1)  # fmt: skip
    upper = nn.LSTM(8, 6, proj_size=4)
    upper.load_state_dict({key: found.module.state_dict()[key.replace("l0", "l1")] for key in upper.state_dict()})
    first = tuple(
        torch.from_numpy(np.array(found.array(Site("rnn", 1), key)[step])) for key in ("hidden_state", "cell_state")
    )
    jacobian = torch.autograd.functional.jacobian(
        lambda c: upper(below[step + 1 :], (first[0][None], c[None]))[1][1][0], first[1]
    )
    assert abs(flow.memory[step] - float(torch.linalg.matrix_norm(jacobian, 2))) < 1e-4
    assert tools.nudge(found, 2).own.shape == (7, 6)
    assert tools.fixed_points(found).points
    shut = run(module, X, edits=[HoldGate(Site("rnn", 1), "output_gate", 0.0)])
    assert not shut.array(Site("rnn", 1), "hidden_state").any()
    with pytest.raises(OwnError, match="hold its gates instead"):
        run(module, X, edits=[ChangeState(RNN, "zero", (1,))])
