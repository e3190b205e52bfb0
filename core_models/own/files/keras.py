"""Recurrences in Keras 3 files, converted to torch's order of the gates: .keras archives and .weights.h5.

    SimpleRNN   kernel, recurrent kernel, bias                    as it is, transposed
    GRU         blocks z, r, h; z = 1 keeps the past              r, z, n
                reset_after=False (one bias row): r acts before the product: core_models.cells' textbook cell, in which
                z = 1 overwrites, so that the weights of z change their sign
    LSTM        blocks i, f, c, o; one bias                       i, f, g, o

Where a .keras archive says that a layer squashes by other functions than Keras' own defaults, it is refused; a file of
weights alone does not say. Source: Keras 3, keras.layers.GRU, LSTM, SimpleRNN; keras.saving.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core_models.own.files.hdf5 import Unpacked
from core_models.own.files.onnx import textbook
from core_models.own.kernel import module_of
from core_models.own.traced import OwnError

NAMES = {1: "rnn_tanh", 3: "gru", 4: "lstm"}
ORDER = {1: (0,), 3: (1, 0, 2), 4: (0, 1, 2, 3)}
"""By number of blocks, for each of torch's blocks its place in Keras' order."""

USUAL = {"activation": "tanh", "recurrent_activation": "sigmoid", "go_backwards": False}


def read_keras(held: Unpacked, file: str) -> dict[str, nn.Module]:
    """Every SimpleRNN, GRU and LSTM by the name of its layer, in both directions where they are wrapped so.

    Raises:
        OwnError: if there is none, or one computes something that torch's modules do not.
    """
    cells = held.cells
    _check_config(held.config, file)
    found = {}
    for path, values in cells.items():
        if path.endswith("/backward_layer"):
            continue
        name = path.removesuffix("/forward_layer")
        ways = (
            [values, cells[f"{name}/backward_layer"]]
            if path != name and f"{name}/backward_layer" in cells
            else [values]
        )
        found[name] = _module(ways, f"{file}: {name}")
    if not found:
        raise OwnError(f"{file}: expected a SimpleRNN, GRU or LSTM in it, got none")
    return found


def _check_config(config: Any, file: str) -> None:
    """Refuse layers whose equations are not those that the weights are read by."""
    if isinstance(config, Mapping):
        if config.get("class_name") in ("SimpleRNN", "GRU", "LSTM") and isinstance(config.get("config"), Mapping):
            own = config["config"]
            for key, usual in USUAL.items():
                if own.get(key, usual) != usual and not (key == "go_backwards" and "backward" in str(own.get("name"))):
                    raise OwnError(f"{file}: {own.get('name')} has {key}={own[key]!r}, which is not read: {usual!r} is")
        for part in config.values():
            _check_config(part, file)
    elif isinstance(config, list):
        for part in config:
            _check_config(part, file)


def _module(ways: list[list[np.ndarray]], where: str) -> nn.Module:
    units = ways[0][1].shape[0] if len(ways[0]) > 1 and ways[0][1].ndim == 2 else 0
    blocks = ways[0][0].shape[-1] // units if units else 0
    if blocks not in NAMES or any(not _fits(way, units, blocks) for way in ways):
        shapes = ", ".join(str(list(part.shape)) for way in ways for part in way)
        raise OwnError(f"{where}: expected the weights of a SimpleRNN, GRU or LSTM, got shapes {shapes}")
    if not all(np.isfinite(part).all() for way in ways for part in way):
        raise OwnError(f"{where}: expected finite weights, got others")
    parts = [[_ordered(part, blocks, units) for part in _four(way, blocks * units)] for way in ways]
    if blocks == 3 and any(len(way) < 3 or way[2].ndim == 1 for way in ways):
        return textbook(parts, parts[0][0].shape[1], units)
    return module_of(NAMES[blocks], tuple(part for way in parts for part in way), True, 1, len(ways) == 2)


def _fits(way: list[np.ndarray], units: int, blocks: int) -> bool:
    rows = blocks * units
    bias = way[2].shape in ((rows,), (2, rows)) if len(way) == 3 else len(way) == 2
    return way[0].ndim == 2 and way[0].shape[1] == rows and way[1].shape == (units, rows) and bias


def _four(way: list[np.ndarray], rows: int) -> list[Tensor]:
    """W_ih, W_hh and both biases as torch has them, the blocks still in Keras' order."""
    bias = way[2] if len(way) == 3 else np.zeros(rows, dtype=np.float32)
    two = bias if bias.ndim == 2 else np.stack([bias, np.zeros_like(bias)])
    return [torch.from_numpy(np.ascontiguousarray(part)) for part in (way[0].T, way[1].T, two[0], two[1])]


def _ordered(part: Tensor, blocks: int, units: int) -> Tensor:
    split = part.split(units)
    return torch.cat([split[place] for place in ORDER[blocks]])
