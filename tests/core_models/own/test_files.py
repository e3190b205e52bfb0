"""Recurrences in files: the same weights by every route give the same gates, and damaged files give sentences."""

import io
import struct
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from safetensors.torch import save, save_file
from torch import nn

from core_models.cells.looped import Looped
from core_models.own.files.load import load, open_model
from core_models.own.network import readouts_in
from core_models.own.trace import trace
from core_models.own.traced import OwnError
from core_models.trace import Site

X = torch.randn(6, 3, generator=torch.Generator().manual_seed(1))
ORDER = {"RNN": (0,), "GRU": (1, 0, 2), "LSTM": (0, 3, 1, 2)}
KINDS = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def put(number: int, value: int | bytes | str) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def tensor(name: str, values: torch.Tensor) -> bytes:
    dims = b"".join(put(1, size) for size in values.shape)
    return put(5, dims + put(2, 1) + put(8, name) + put(9, values.detach().float().numpy().tobytes()))


def onnx(kind: str, module: nn.RNNBase, inputs: str = "", more: bytes = b"", **attributes: int | str) -> bytes:
    """One node with the weights of a module of one layer, in ONNX's order, and ``more`` fields of its graph."""
    ways = 2 if module.bidirectional else 1

    def stacked(part: str) -> torch.Tensor:
        rows = [getattr(module, f"{part}_l0{tail}") for tail in ("", "_reverse")[:ways]]
        return torch.stack([torch.cat([row.chunk(len(ORDER[kind]))[at] for at in ORDER[kind]]) for row in rows])

    w, r = stacked("weight_ih"), stacked("weight_hh")
    b = torch.cat([stacked("bias_ih"), stacked("bias_hh")], dim=1)
    attributes |= {"direction": "bidirectional" if ways == 2 else "forward"} if "direction" not in attributes else {}
    named = b"".join(
        put(5, put(1, key) + (put(3, value) if isinstance(value, int) else put(4, value)))
        for key, value in attributes.items()
    )
    read = b"".join(put(1, name) for name in ["x", "W", "R", "B", *inputs.split(",")[: len(inputs)]])
    node = put(1, read + put(2, "y") + put(3, "/rnn/node") + put(4, kind) + named)
    return put(7, node + tensor("W", w) + tensor("R", r) + tensor("B", b) + more)


def keras(path: Path, module: nn.RNNBase, order: tuple[int, ...], *, archive: bool) -> None:
    """A Keras 3 file with the weights of a module of one layer, its blocks in Keras' order."""
    content = io.BytesIO()
    with h5py.File(content, "w") as opened:
        for number, weights in enumerate(module.all_weights):
            w, r, b, c = (torch.cat([part.chunk(len(order))[at] for at in order]).detach() for part in weights)
            bias = torch.stack([b, c]) if len(order) == 3 else b + c
            way = f"/{('forward', 'backward')[number]}_layer" if module.bidirectional else ""
            for place, part in enumerate((w.T, r.T, bias)):
                opened[f"layers/encoder{way}/cell/vars/{place}"] = part.numpy()
    if not archive:
        path.write_bytes(content.getvalue())
        return
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("model.weights.h5", content.getvalue())
        opened.writestr("config.json", '{"class_name": "GRU", "config": {"name": "encoder", "activation": "tanh"}}')


def assert_same(found: nn.Module, module: nn.Module) -> None:
    a, b = trace(found, X), trace(module, X)
    assert set(a) == set(b)
    assert max(np.abs(a.array(*at) - b.array(*at)).max() for at in b) < 1e-5


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("both", [False, True])
def test_the_same_weights_give_the_same_gates_by_every_route(kind, both, tmp_path):
    module = KINDS[kind](3, 5, bidirectional=both)
    (tmp_path / "m.onnx").write_bytes(onnx(kind, module, linear_before_reset=1))
    save_file(nn.ModuleDict({"encoder": module}).state_dict(), tmp_path / "m.safetensors")
    for name in ("m.keras", "m.weights.h5"):
        order = {"RNN": (0,), "GRU": (1, 0, 2), "LSTM": (0, 1, 2, 3)}[kind]
        keras(tmp_path / name, module, order, archive=name == "m.keras")
        assert_same(load(tmp_path / name)["encoder"], module)
    assert_same(load(tmp_path / "m.onnx")["/rnn/node"], module)
    assert_same(load(tmp_path / "m.safetensors")["encoder"], module)


@pytest.mark.filterwarnings("ignore:LSTM with projections")
def test_every_recurrence_in_a_state_dict_is_found_by_its_path(tmp_path):
    model = nn.ModuleDict({
        "a": nn.LSTM(3, 5, 2, proj_size=2, bidirectional=True), "b": nn.GRU(3, 5, 2, bias=False),
        "c": nn.LSTMCell(3, 5), "out": nn.Linear(3, 2),
    })  # fmt: skip
    save_file(model.state_dict(), tmp_path / "m.safetensors")
    found = load(tmp_path / "m.safetensors")
    assert set(found) == {"a", "b", "c"}
    assert_same(found["a"], model["a"])
    assert_same(found["b"], model["b"])
    assert_same(found["c"], model["c"])


def test_a_gru_whose_reset_gate_comes_first_is_read_by_its_own_equations(tmp_path):
    module = nn.GRU(3, 5)
    (tmp_path / "m.onnx").write_bytes(onnx("GRU", module, linear_before_reset=0))
    made = load(tmp_path / "m.onnx")["/rnn/node"]
    assert isinstance(made, Looped)
    w, r, bi, bh = (part.detach().double().numpy() for part in module.all_weights[0])
    h, rows = np.zeros(5), []
    for x in X.double().numpy():
        a, b = w @ x + bi + bh, r[:10] @ h
        reset, z = 1 / (1 + np.exp(-a[:5] - b[:5])), 1 / (1 + np.exp(-a[5:10] - b[5:]))
        h = (1 - z) * np.tanh(a[10:] + r[10:] @ (reset * h)) + z * h
        rows.append((1 - z, h))
    found = trace(made, X)
    assert np.abs(found.array(Site("rnn"), "update_gate") - np.stack([row[0] for row in rows])).max() < 1e-5
    assert np.abs(found.array(Site("rnn"), "hidden_state") - np.stack([row[1] for row in rows])).max() < 1e-5


@pytest.mark.parametrize(("kind", "attributes", "inputs", "words"), [
    ("LSTM", {}, "n,h,c,P", "peepholes"),
    ("RNN", {"direction": "reverse"}, "", "direction alone"),
    ("GRU", {"linear_before_reset": 1, "clip": 1}, "", "clips its sums"),
    ("LSTM", {"input_forget": 1}, "", "ties its gates"),
])  # fmt: skip
def test_what_torch_does_not_compute_is_refused_by_name(kind, attributes, inputs, words, tmp_path):
    (tmp_path / "m.onnx").write_bytes(onnx(kind, KINDS[kind](3, 5), inputs, **attributes))
    with pytest.raises(OwnError, match=words):
        load(tmp_path / "m.onnx")


@pytest.mark.parametrize("name", ["m.pt", "m.pth", "m.pkl", "m.bin"])
def test_files_that_can_run_code_are_not_opened(name, tmp_path):
    with pytest.raises(OwnError, match=r"from safetensors\.torch import save_file"):
        load(tmp_path / name)


@pytest.mark.parametrize(("tensors", "words"), [
    ({"out.weight": torch.zeros(2, 3)}, "weights of a recurrence"),
    ({"rnn.weight_ih_l0": torch.zeros(15, 3)}, "the same weights in every layer"),
    ({"rnn.weight_ih_l1": torch.zeros(15, 3), "rnn.weight_hh_l1": torch.zeros(15, 5)}, "expected layers _l0"),
    ({"weight_ih": torch.zeros(10, 3), "weight_hh": torch.zeros(10, 5)}, "1, 3 or 4 blocks of 5 rows"),
    ({"weight_ih": torch.zeros(15, 3), "weight_hh": torch.zeros(14, 5)}, "fit each other"),
    ({"weight_ih": torch.full((15, 3), torch.nan), "weight_hh": torch.zeros(15, 5)}, "finite weights"),
])  # fmt: skip
def test_weights_that_do_not_fit_are_refused(tensors, words, tmp_path):
    save_file(tensors, tmp_path / "m.safetensors")
    with pytest.raises(OwnError, match=words):
        load(tmp_path / "m.safetensors")


def damaged(content: bytes, number: int, rng: np.random.Generator) -> bytes:
    """A file that was cut, overwritten in a few bytes, stripped of a part, given one twice, or made to claim much."""
    made, how = bytearray(content), number % 6
    start, end = sorted(rng.integers(len(made), size=2).tolist())
    if how == 0:
        return bytes(made[:end])
    if how in (1, 2):
        for place in rng.integers(len(made) if how == 1 else min(len(made), 200), size=5):
            made[place] = rng.integers(256)
    elif how == 3:
        del made[start:end]
    elif how == 4:
        made[start:start] = made[start:end]
    else:
        made[start : start + 8] = bytes([rng.choice([0, 255])]) * 8
    return bytes(made)


@pytest.mark.parametrize("ending", [".safetensors", ".onnx", ".keras", ".weights.h5"])
def test_a_damaged_file_is_refused_by_a_sentence_or_holds_weights_that_can_be_traced(ending, tmp_path, pytestconfig):
    gru, rng = nn.GRU(3, 5, bidirectional=True), np.random.default_rng(0)
    if ending == ".safetensors":
        content = save(nn.ModuleDict({"rnn": gru, "out": nn.Linear(10, 2)}).state_dict())
    elif ending == ".onnx":
        content = onnx("GRU", gru, linear_before_reset=1)
    else:
        keras(tmp_path / f"sound{ending}", gru, (1, 0, 2), archive=ending == ".keras")
        content = (tmp_path / f"sound{ending}").read_bytes()
    refused = 0
    for number in range(pytestconfig.getoption("mutations") // 4):
        try:
            contents = open_model(damaged(content, number, rng), f"m{ending}")
            for module in contents.modules.values():
                trace(module, np.ones((4, int(module.input_size)), dtype=np.float32))  # type: ignore[arg-type]  # a number of every recurrence
        except OwnError:
            refused += 1
    assert refused


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(OwnError, match="cannot be read"):
        load(tmp_path / "none.safetensors")
    (tmp_path / "big.onnx").write_bytes(put(7, put(5, struct.pack("<q", 1))))
    with pytest.raises(OwnError, match="expected an"):
        load(tmp_path / "big.onnx")


def test_a_keras_file_brings_its_other_weights(tmp_path):
    keras(tmp_path / "m.weights.h5", nn.GRU(3, 5), (1, 0, 2), archive=False)
    with h5py.File(tmp_path / "m.weights.h5", "a") as opened:
        opened["layers/dense/vars/0"] = np.ones((5, 2), dtype=np.float32)
        opened["layers/dense/vars/1"] = np.full(2, 0.5, dtype=np.float32)
    contents = open_model((tmp_path / "m.weights.h5").read_bytes(), "m.weights.h5")
    weight, bias = readouts_in(contents, 5)["dense/vars/0"]
    assert (weight.shape, bias.tolist()) == ((2, 5), [0.5, 0.5])


def test_an_array_that_claims_more_than_it_holds_is_refused(tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as opened:
        opened.create_dataset("layers/gru/cell/vars/0", shape=(10**6, 10**4), dtype="f4", chunks=(100, 100))
    assert (tmp_path / "m.h5").stat().st_size < 10_000
    with pytest.raises(OwnError, match="too large"):
        load(tmp_path / "m.h5")


def test_a_keras_layer_that_squashes_otherwise_is_refused(tmp_path):
    keras(tmp_path / "m.keras", nn.GRU(3, 5), (1, 0, 2), archive=True)
    with zipfile.ZipFile(tmp_path / "m.keras") as opened:
        weights = opened.read("model.weights.h5")
    with zipfile.ZipFile(tmp_path / "n.keras", "w") as opened:
        opened.writestr("model.weights.h5", weights)
        opened.writestr("config.json", '{"class_name": "GRU", "config": {"name": "a", "activation": "relu"}}')
    with pytest.raises(OwnError, match="activation='relu', which is not read"):
        load(tmp_path / "n.keras")
    for cut in (0, 10, len(weights) // 2):
        (tmp_path / "cut.h5").write_bytes(weights[:cut])
        with pytest.raises(OwnError, match="expected a"):
            load(tmp_path / "cut.h5")


def test_a_keras_gru_whose_reset_gate_comes_first_is_read_by_its_own_equations(tmp_path):
    rng = np.random.default_rng(0)
    w, r, b = (rng.normal(size=shape).astype(np.float32) for shape in ((3, 15), (5, 15), (15,)))
    with h5py.File(tmp_path / "m.weights.h5", "w") as opened:
        for place, part in enumerate((w, r, b)):
            opened[f"layers/gru/cell/vars/{place}"] = part
    h, rows = np.zeros(5), []
    for x in X.double().numpy():
        a = x @ w + b
        z, reset = (1 / (1 + np.exp(-a[at : at + 5] - h @ r[:, at : at + 5])) for at in (0, 5))
        h = z * h + (1 - z) * np.tanh(a[10:] + (reset * h) @ r[:, 10:])
        rows.append(h)
    found = trace(load(tmp_path / "m.weights.h5")["gru"], X)
    assert np.abs(found.array(Site("rnn"), "hidden_state") - np.stack(rows)).max() < 1e-5
