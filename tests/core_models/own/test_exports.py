"""Files as exporters really write them give the gates and states that the exporters' own libraries compute.

``exports.zip`` was written by torch 2.13's exporter (``torch.onnx.export`` as it is by default, and with
``dynamo=False, do_constant_folding=False``), Keras 3.15 on PyTorch (``model.save``, ``model.save_weights``), tf2onnx
1.17 and ONNX Runtime's ``quantize_dynamic``, all with random weights, of 5 and 4 units and of 32 where they are in 8
bits. ``truth.npz`` holds what each was given, the states that the program itself or ONNX Runtime 1.32 computed, and the
gates, which were taken where Keras' activations return them.
"""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from core_models.cells.looped import Looped
from core_models.encoded import Encoded
from core_models.own.files import folding, unrolled
from core_models.own.files.load import load, open_model
from core_models.own.network import network_of, readouts_in
from core_models.own.proving import ROUNDED, TOLERANCE, prove
from core_models.own.trace import trace
from core_models.own.traced import OwnError
from core_models.trace import Site, Tokens
from core_models.tracing import plain_layers
from tests.core_models.own.test_files import damaged, put, tensor

EXPORTS = Path(__file__).with_name("exports.zip")
with zipfile.ZipFile(EXPORTS) as held, np.load(io.BytesIO(held.read("truth.npz"))) as numbers:
    TRUTH = {key: numbers[key] for key in numbers}
    CONTENT = {name: held.read(name) for name in held.namelist()}
ONNX = ["dynamo-bigru.onnx", "unfolded-bilstm.onnx", "tf2onnx-lstm.onnx", "loop-gru.onnx", "loop-before.onnx"]
WRITTEN_OUT = ["elman-both.onnx", "elman-relu.onnx", "elman-cell.onnx"]
LEARNT = ["learnt-lstm.onnx", "learnt-gru.onnx", "learnt-rnn.onnx"]


@pytest.fixture
def folder(tmp_path) -> Path:
    with zipfile.ZipFile(EXPORTS) as opened:
        opened.extractall(tmp_path)
    return tmp_path


def states(module: nn.Module, x: np.ndarray, state: Any = None) -> np.ndarray:
    found = trace(module, x, state=state)
    return np.concatenate([found.array(layer.site, "hidden_state") for layer in plain_layers(found.module)[-1]], axis=1)


@pytest.mark.parametrize("name", [*ONNX, *WRITTEN_OUT, *LEARNT, "nobias.keras", "before.weights.h5", "relu.keras"])
def test_an_exported_file_gives_the_states_of_the_program_that_wrote_it(name, folder):
    (module,) = load(folder / name).values()
    assert np.abs(states(module, TRUTH[f"{name}|x"]) - TRUTH[f"{name}|states"]).max() < 1e-6


@pytest.mark.parametrize(("name", "layers"), [
    ("named.keras", {"first": ("first", "forward", ""), "second": ("second", "forward", "")}),
    ("nobias.keras", {"gru_6": ("gru_6", "forward", "")}),
    ("mixed.h5", {
        "lstm_4": ("lstm_4", "forward", ""), "forward_gru_9": ("bidirectional_4", "forward", "lstm_4"),
        "backward_gru_9": ("bidirectional_4", "backward", "lstm_4"),
    }),
])  # fmt: skip
def test_a_keras_file_gives_the_gates_that_keras_computed_by_the_layers_own_names(name, layers, folder):
    modules, compared = load(folder / name), 0
    for told, (layer, way, below) in layers.items():
        x = TRUTH[f"{name}|x"]
        found = trace(modules[layer], states(modules[below], x) if below else x)
        for key, values in TRUTH.items():
            file, _, rest = key.partition("|")
            if file == name and rest.startswith(f"{told}|"):
                gate = found.array(Site("rnn", 0, way), rest.partition("|")[2])
                assert np.abs((gate[::-1] if way == "backward" else gate) - values).max() < 1e-6
                compared += 1
    assert compared >= 3


def test_cells_that_are_stacked_in_one_layer_are_found_each(folder):
    modules, x = load(folder / "cells.weights.h5"), TRUTH["cells.weights.h5|x"]
    lower, upper = (next(one for key, one in modules.items() if kind in key) for kind in ("lstm_cell", "gru_cell"))
    assert np.abs(states(upper, states(lower, x)) - TRUTH["cells.weights.h5|states"]).max() < 1e-6


def test_the_other_weights_of_an_h5_file_can_be_read_out(folder):
    weight, bias = readouts_in(open_model(CONTENT["mixed.h5"], "mixed.h5"), 8)["dense/kernel"]
    assert (weight.shape, bias.shape) == ((2, 8), (2,))
    assert bias.any()


def test_an_h5_file_of_keras_2_is_read_as_one_of_keras_3(tmp_path):
    module = nn.LSTM(3, 5)
    w, r, b, c = (part.detach().numpy() for part in module.all_weights[0])
    with h5py.File(tmp_path / "m.h5", "w") as opened:
        opened.attrs["layer_names"] = ["lstm", "dense"]
        for name, part in (("kernel", w.T), ("recurrent_kernel", r.T), ("bias", b + c)):
            opened[f"lstm/lstm/lstm_cell/{name}:0"] = part
        opened["dense/dense/kernel:0"] = np.ones((5, 2), dtype=np.float32)
    x = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    assert np.abs(states(load(tmp_path / "m.h5")["lstm"], x) - states(module, x)).max() < 1e-6


def test_the_weights_of_a_gru_without_biases_are_read_as_the_file_says_where_it_does(tmp_path):
    said = json.dumps({"class_name": "GRU", "config": {"name": "gru", "reset_after": False, "use_bias": False}})
    with h5py.File(tmp_path / "w.h5", "w") as opened:
        for place, shape in enumerate(((3, 15), (5, 15))):
            opened[f"layers/gru/cell/vars/{place}"] = np.ones(shape, dtype=np.float32)
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.write(tmp_path / "w.h5", "model.weights.h5")
        archive.writestr("config.json", said)
    assert isinstance(load(tmp_path / "m.keras")["gru"], Looped)
    assert isinstance(load(tmp_path / "w.h5")["gru"], nn.GRU)
    assert [open_model((tmp_path / name).read_bytes(), name).whole for name in ("m.keras", "w.h5")] == [True, False]


def test_a_wrapped_cell_that_squashes_otherwise_is_refused(tmp_path):
    cell = {"class_name": "GRUCell", "config": {"name": "c", "activation": "relu"}}
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.writestr("model.weights.h5", CONTENT["before.weights.h5"])
        archive.writestr("config.json", json.dumps({"class_name": "RNN", "config": {"name": "r", "cell": cell}}))
    with pytest.raises(OwnError, match="c has activation='relu', which is not read"):
        load(tmp_path / "m.keras")


def test_weights_in_a_second_file_are_read_from_the_same_folder_and_from_no_other(folder):
    with pytest.raises(OwnError, match="external_data=False"):
        open_model(CONTENT["dynamo-bigru.onnx"], "m.onnx")
    (folder / "gru_bi.dynamo-ext.onnx.data").rename(folder / "away.data")
    with pytest.raises(OwnError, match=r"gru_bi\.dynamo-ext\.onnx\.data: the file cannot be read"):
        load(folder / "dynamo-bigru.onnx")
    outside = CONTENT["dynamo-bigru.onnx"].replace(b"gru_bi.dynamo-ext.onnx.data", b"../../etc/gru_bi.onnx.data1")
    (folder / "out.onnx").write_bytes(outside)
    with pytest.raises(OwnError, match="not in its own folder"):
        load(folder / "out.onnx")


def test_a_cell_whose_steps_were_written_out_is_known_by_the_names_of_its_weights(tmp_path):
    cell = nn.GRUCell(3, 5)
    stored = b"".join(tensor(f"net.cell.{key}", part) for key, part in cell.state_dict().items())
    (tmp_path / "m.onnx").write_bytes(put(7, put(1, put(4, "Gemm")) + stored))
    x = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    assert np.abs(states(load(tmp_path / "m.onnx")["net.cell"], x) - states(trace(cell, x).module, x)).max() < 1e-6
    stored = b"".join(tensor(key, part) for key, part in nn.RNN(3, 5).state_dict().items())
    (tmp_path / "m.onnx").write_bytes(put(7, put(1, put(4, "Relu")) + stored))
    with pytest.raises(OwnError, match=r"wrote its steps out.*dynamo=False"):
        load(tmp_path / "m.onnx")


def test_a_layer_of_an_elman_network_is_known_by_its_sums_and_named_by_its_biases():
    found = open_model(CONTENT["elman-both.onnx"], "m.onnx").modules
    assert {name: (type(module), module.bidirectional) for name, module in found.items()} == {"rnn_l0": (nn.RNN, True)}
    assert found["rnn_l0"].nonlinearity == "tanh"
    assert open_model(CONTENT["elman-relu.onnx"], "m.onnx").modules["rnn_l0"].nonlinearity == "relu"


def test_layers_of_a_plain_network_are_no_steps(tmp_path):
    chain, stored = b"", b""
    for depth in range(4):
        stored += tensor(f"w{depth}", torch.randn(5, 5))
        chain += put(1, put(1, f"h{depth}") + put(1, f"w{depth}") + put(2, f"s{depth}") + put(4, "MatMul"))
        chain += put(1, put(1, f"s{depth}") + put(2, f"h{depth + 1}") + put(4, "Tanh"))
    (tmp_path / "m.onnx").write_bytes(put(7, chain + stored))
    with pytest.raises(OwnError, match="wrote its steps out"):
        load(tmp_path / "m.onnx")


def test_a_state_that_can_no_longer_be_told_is_refused_with_the_way_out(monkeypatch):
    monkeypatch.setattr(unrolled, "CLEAR", 0.0)
    with pytest.raises(OwnError, match=r"put into its sums: .*dynamo=False"):
        open_model(CONTENT["learnt-rnn.onnx"], "m.onnx")


@pytest.mark.parametrize("name", LEARNT)
def test_a_learnt_state_gives_way_to_one_that_is_given_and_serves_every_sequence_of_a_batch(name):
    (module,) = open_model(CONTENT[name], name).modules.values()
    x = torch.from_numpy(TRUTH[f"{name}|x"])
    several = isinstance(module, nn.LSTM)
    batch = module(x[:, None].repeat(1, 3, 1))[0][:, 2]
    packed = module(nn.utils.rnn.pack_sequence([x, x[:2]]))[1]
    assert np.abs(batch.numpy() - TRUTH[f"{name}|states"]).max() < 1e-6
    assert np.abs((packed[0] if several else packed)[0, 1].numpy() - TRUTH[f"{name}|states"][1]).max() < 1e-6
    zeros = torch.zeros(1, 5)
    from_zeros = states(module, x.numpy(), (zeros, zeros) if several else zeros)
    assert np.abs(from_zeros[0] - TRUTH[f"{name}|states"][0]).max() > 0.01


def test_weights_in_8_bits_are_read_as_the_numbers_that_they_stand_for():
    contents = open_model(CONTENT["rounded.onnx"], "m.onnx")
    (module,), x = contents.modules.values(), TRUTH["rounded.onnx|x"]
    gap = np.abs(states(module, x) - TRUTH["rounded.onnx|states"]).max()
    assert contents.rounded
    assert 0 < gap < 5e-3
    encoded = Encoded(Tokens.numbered(len(x)), values=x)
    found = [
        prove(network_of(module), encoded, TRUTH["rounded.onnx|states"], most).agrees for most in (TOLERANCE, ROUNDED)
    ]
    assert found == [False, True]


def test_a_loop_that_computes_something_else_is_no_layer():
    changed = CONTENT["loop-gru.onnx"].replace(b"\x22\x07Sigmoid", b"\x22\x04Tanh\x4a\x01x", 1)
    with pytest.raises(OwnError, match=r"expected an RNN, GRU or LSTM among the operators, got .*Loop"):
        open_model(changed, "m.onnx")


def test_a_model_in_several_files_is_read_from_its_index(tmp_path):
    module = nn.GRU(3, 5, 2)
    held = {f"net.rnn.{key}": value for key, value in module.state_dict().items()}
    lower = {key: value for key, value in held.items() if "l0" in key}
    parts = {"a-00001-of-00002.safetensors": lower, "a-00002-of-00002.safetensors": held.keys() - lower.keys()}
    for name, keys in parts.items():
        save_file({key: held[key] for key in keys}, tmp_path / name)
    index = {"weight_map": {key: name for name, keys in parts.items() for key in keys}}
    file = tmp_path / "a.safetensors.index.json"
    file.write_text(json.dumps(index))
    x = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    assert np.abs(states(load(file)["net.rnn"], x) - states(module, x)).max() < 1e-6
    with pytest.raises(OwnError, match="give both files together"):
        open_model(file.read_bytes(), file.name)
    for content in (b"{}", b"[1]", b'{"weight_map": {}}', b'{"weight_map": {"a": 1}}', b"\xff"):
        with pytest.raises(OwnError, match="expected an index with a weight_map"):
            open_model(content, file.name)
    (tmp_path / "a-00002-of-00002.safetensors").unlink()
    with pytest.raises(OwnError, match="a-00002-of-00002"):
        load(file)


def test_weights_cannot_be_multiplied_without_end(monkeypatch):
    doubled = b"".join(
        put(1, put(1, f"v{n}") + put(1, f"v{n}") + put(2, f"v{n + 1}") + put(4, "Concat")) for n in range(40)
    )
    made = []
    monkeypatch.setitem(folding.OPERATORS, "Concat", lambda _, parts: made.append(torch.cat(parts)) or made[-1])  # type: ignore[arg-type]  # a dict, here
    with pytest.raises(OwnError):
        open_model(put(7, tensor("v0", torch.ones(1_000)) + doubled), "m.onnx")
    assert sum(part.numel() for part in made) < 100_000


@pytest.mark.parametrize(
    "name",
    [
        "unfolded-bilstm.onnx",
        "mixed.h5",
        "named.keras",
        "cells.weights.h5",
        "elman-both.onnx",
        "loop-gru.onnx",
        "rounded.onnx",
        "learnt-lstm.onnx",
    ],
)
def test_a_damaged_export_is_refused_by_a_sentence_or_read(name):
    rng, refused = np.random.default_rng(0), 0
    for number in range(100):
        try:
            open_model(damaged(CONTENT[name], number, rng), name)
        except OwnError:
            refused += 1
    assert refused
