"""The recurrences inside a file of a model, as modules that can be traced.

    load("model.safetensors")["encoder.rnn"]        a torch.nn.GRU, found by the shapes of its weights
    load("model.onnx")["/rnn/GRU"]                  a node of the graph, converted from ONNX's order of the gates
    load("model.keras")["gru"]                      a layer, converted from Keras' order
    load("model.safetensors.index.json")            a model in several safetensors files, which stand beside it

Formats that can run code while they are opened (.pt, .pth, .pkl) are refused, with the lines that make a safetensors
file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as read_safetensors
from torch import Tensor, nn

from core_models.language import say
from core_models.own.files.hdf5 import Unpacked, unpack
from core_models.own.files.keras import read_keras
from core_models.own.files.onnx import ROUNDED, read_onnx
from core_models.own.files.protobuf import Beside, alone, read_graph
from core_models.own.files.state_dict import NAME, read_state_dict
from core_models.own.traced import TOLERANCE, OwnError

LARGEST = 500_000_000
"""Bytes of a file at most."""

PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".bin", ".ckpt")
KERAS = (".keras", ".h5", ".hdf5")
INDEX = ".safetensors.index.json"
MOST_SHARDS = 1_000

CONVERT = (
    "from safetensors.torch import save_file\n"
    'save_file({key: value.contiguous().clone() for key, value in model.state_dict().items()}, "model.safetensors")'
)
"""What makes a file that can be read of a model that is loaded."""


@dataclass(frozen=True, eq=False)
class Contents:
    """What a file of a model holds.

    Attributes:
        modules: every recurrence, by its name in the model.
        tensors: the other weights with one or two axes, in floating point, by name.
        rows_first: whether a matrix maps by its rows, ``y = W x``, as torch's do; else ``y = x W``, as Keras' do.
        whole: whether the file says by which functions its layers squash; else the usual ones were assumed.
        rounded: whether weights are stored in 8 bits. The program that reads them rounds its inputs and states to 8
            bits at every step, too, so that its states are not quite those of the modules here: by 0.003 at most in
            LSTMs of 32 units.
    """

    modules: Mapping[str, nn.Module]
    tensors: Mapping[str, Tensor]
    rows_first: bool = True
    whole: bool = True
    rounded: bool = False


def load(path: str | Path) -> dict[str, nn.Module]:
    """Every recurrence in a file, by its name in the model.

    A file of weights alone (safetensors, .weights.h5) does not say by which functions its layers squash: tanh and the
    sigmoid are assumed, and of a Keras GRU without biases that its reset gate acts after the product, as by default.
    Weights that are stored in 8 bits are read as the numbers that they stand for. A module that has learnt the states
    from which it begins, begins from them wherever it is called without any.

    Raises:
        OwnError: if the file cannot be read, or has no recurrence; the message says what to do.
    """
    file = Path(path)
    _refuse_pickles(file.name)
    return dict(open_model(_content(file), file.name, beside=neighbours(file)).modules)


def _content(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        content = file.read_bytes() if size <= LARGEST else b""
    except OSError as error:
        raise OwnError(
            say("{name}: the file cannot be read: {strerror}", name=file.name, strerror=error.strerror)
        ) from None
    if size > LARGEST:
        raise OwnError(
            say(
                "{name}: expected at most {largest} MB, got {size} MB",
                name=file.name,
                largest=LARGEST // 1000000,
                size=size // 1000000,
            )
        )
    return content


def neighbours(file: Path) -> Beside:
    """Reads the files that stand in the folder of another, each once, and no others."""

    @cache
    def read(name: str) -> bytes:
        if not name or Path(name).name != name:
            raise ValueError(f"its weights are in a second file, {name!r}, which is not in its own folder")
        return _content(file.parent / name)

    return read


def open_model(
    content: bytes, name: str, unpacking: Callable[[bytes], Unpacked] = unpack, beside: Beside = alone
) -> Contents:
    """What a file holds whose bytes are at hand; its ending says how it is read.

    Args:
        content: the bytes.
        name: of the file.
        unpacking: reads a Keras file, for which a library of C is used; it may do so in a process apart.
        beside: reads a second file by its name: weights of an ONNX model, or a part of a model in several.

    Raises:
        OwnError: as ``load``.
    """
    _refuse_pickles(name)
    ending = Path(name).suffix.lower()
    if ending in KERAS:
        try:
            held = unpacking(content)
        except ValueError as error:
            raise OwnError(
                say(
                    "{name}: expected a Keras file, got one that cannot be read as such ({error}); save it again",
                    name=name,
                    error=error,
                )
            ) from None
        others = {key: torch.from_numpy(value) for key, value in held.tensors.items()}
        return Contents(read_keras(held, name), _plain(others), rows_first=False, whole=held.config is not None)
    if ending == ".onnx":
        graph = read_graph(content, name, beside)
        rounded = any(node.operator == ROUNDED for node in graph.nodes)
        return Contents(read_onnx(graph, name), _plain(graph.tensors), rounded=rounded)
    tensors = _parts(content, name, beside) if name.lower().endswith(INDEX) else _safetensors(content, name)
    with torch.no_grad():
        found = read_state_dict(tensors, name)
    others = {key: value for key, value in tensors.items() if not NAME.match(key)}
    return Contents(found, _plain(others), whole=False)


def _refuse_pickles(name: str) -> None:
    if Path(name).suffix.lower() in PICKLES:
        raise OwnError(
            say(
                "{name}: opening such a file can run code hidden in it, so it is not opened. Where you trust "
                "it, load your model and write its weights:\n{convert}",
                name=name,
                convert=CONVERT,
            )
        )


def _plain(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {key: value for key, value in tensors.items() if value.ndim in (1, 2) and value.dtype in TOLERANCE}


def _parts(content: bytes, name: str, beside: Beside) -> dict[str, Tensor]:
    """The weights of a model in several safetensors files, which an index names."""
    try:
        files = sorted(set(json.loads(content)["weight_map"].values()))
        if not all(isinstance(file, str) for file in files) or not 0 < len(files) <= MOST_SHARDS:
            raise ValueError("weight_map")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise OwnError(
            say("{name}: expected an index with a weight_map that names the file of each weight", name=name)
        ) from None
    found: dict[str, Tensor] = {}
    for file in files:
        try:
            found |= _safetensors(beside(file), file)
        except OwnError:
            raise
        except ValueError as error:
            raise OwnError(say("{name}: {error}", name=name, error=error)) from None
    return found


def _safetensors(content: bytes, name: str) -> dict[str, Tensor]:
    try:
        return read_safetensors(content)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise OwnError(
            say(
                "{name}: expected a safetensors, ONNX or Keras file, got one that cannot be read as such ({error})",
                name=name,
                error=error,
            )
        ) from None
