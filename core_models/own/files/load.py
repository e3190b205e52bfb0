"""The recurrences inside a file of a model, as modules that can be traced.

    load("model.safetensors")["encoder.rnn"]        a torch.nn.GRU, found by the shapes of its weights
    load("model.onnx")["/rnn/GRU"]                  a node of the graph, converted from ONNX's order of the gates
    load("model.keras")["gru"]                      a layer, converted from Keras' order

Formats that can run code while they are opened (.pt, .pth, .pkl) are refused, with the lines that make a safetensors
file.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as read_safetensors
from torch import nn

from core_models.own.files.keras import read_keras
from core_models.own.files.onnx import read_onnx
from core_models.own.files.state_dict import read_state_dict
from core_models.own.traced import OwnError

LARGEST = 500_000_000
"""Bytes of a file at most."""

PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".bin", ".ckpt")

CONVERT = (
    "from safetensors.torch import save_file\n"
    'save_file({key: value.contiguous().clone() for key, value in model.state_dict().items()}, "model.safetensors")'
)
"""What makes a file that can be read of a model that is loaded."""


def load(path: str | Path) -> dict[str, nn.Module]:
    """Every recurrence in a file, by its name in the model.

    An Elman network in a file of weights alone is taken to have tanh: such a file does not say. Keras files need h5py.

    Raises:
        OwnError: if the file cannot be read, or has no recurrence; the message says what to do.
    """
    file = Path(path)
    name = file.name
    if file.suffix.lower() in PICKLES:
        raise OwnError(
            f"{name}: opening such a file can run code hidden in it, so it is not opened. Where you trust it, load "
            f"your model and write its weights:\n{CONVERT}"
        )
    try:
        size = file.stat().st_size
        content = file.read_bytes() if size <= LARGEST else b""
    except OSError as error:
        raise OwnError(f"{name}: the file cannot be read: {error.strerror}") from None
    if size > LARGEST:
        raise OwnError(f"{name}: expected at most {LARGEST // 1_000_000} MB, got {size // 1_000_000} MB")
    if file.suffix.lower() in (".keras", ".h5", ".hdf5"):
        return read_keras(content, name)
    return read_onnx(content, name) if file.suffix.lower() == ".onnx" else _safetensors(content, name)


def _safetensors(content: bytes, name: str) -> dict[str, nn.Module]:
    try:
        tensors = read_safetensors(content)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise OwnError(
            f"{name}: expected a safetensors or ONNX file, got one that cannot be read as such ({error})"
        ) from None
    with torch.no_grad():
        return read_state_dict(tensors, name)
