"""Recurrences in Keras files, converted to torch's order of the gates: .keras archives, .weights.h5 and .h5.

    SimpleRNN   kernel, recurrent kernel, bias                    as it is, transposed; tanh or ReLU
    GRU         blocks z, r, h; z = 1 keeps the past              r, z, n
                reset_after=False (one bias row): r acts before the product: core_models.cells' textbook cell, in which
                z = 1 overwrites, so that the weights of z change their sign
    LSTM        blocks i, f, c, o; one bias                       i, f, g, o

Where a file says that a layer squashes by functions that torch's cells do not have, it is refused; a file of weights
alone does not say. Source: Keras 3, keras.layers.GRU, LSTM, SimpleRNN; keras.saving.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core_models.language import say
from core_models.own.files.hdf5 import Unpacked
from core_models.own.files.textbook import textbook
from core_models.own.kernel import module_of
from core_models.own.traced import OwnError

NAMES = {1: "rnn_tanh", 3: "gru", 4: "lstm"}
ORDER = {1: (0,), 3: (1, 0, 2), 4: (0, 1, 2, 3)}
"""By number of blocks, for each of torch's blocks its place in Keras' order."""

CELLS = ("SimpleRNN", "GRU", "LSTM", "SimpleRNNCell", "GRUCell", "LSTMCell")
USUAL = {"activation": ("tanh",), "recurrent_activation": ("sigmoid",), "go_backwards": (False,)}


def read_keras(held: Unpacked, file: str) -> dict[str, nn.Module]:
    """Every SimpleRNN, GRU and LSTM by the name of its layer, in both directions where they are wrapped so.

    Raises:
        OwnError: if there is none, or one computes something that torch's modules do not.
    """
    cells, said = held.cells, dict(_said(held.config, file))
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
        found[name] = keras_module(ways, said.get(name.rpartition("/")[2], {}), f"{file}: {name}")
    if not found:
        raise OwnError(say("{file}: expected a SimpleRNN, GRU or LSTM in it, got none", file=file))
    return found


def _said(part: Any, file: str, outer: Sequence[str] = ()) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What a file says of every cell, by its name and those of the layers around it; others than ours are refused."""
    if isinstance(part, list):
        for one in part:
            yield from _said(one, file, outer)
    if not isinstance(part, Mapping):
        return
    own, kind = part.get("config"), part.get("class_name")
    names = [*outer, str(own["name"])] if isinstance(own, Mapping) and "name" in own else outer
    if kind in CELLS and isinstance(own, Mapping):
        for key, usual in USUAL.items():
            allowed = (*usual, "relu") if kind.startswith("SimpleRNN") and key == "activation" else usual
            if own.get(key, usual[0]) not in allowed and not (key == "go_backwards" and "backward" in names[-1]):
                raise OwnError(
                    say(
                        "{file}: {names} has {key}={own!r}, which is not read: {usual!r} is",
                        file=file,
                        names=names[-1],
                        key=key,
                        own=own[key],
                        usual=usual[0],
                    )
                )
        yield from ((name, own) for name in names)
    for one in part.values():
        yield from _said(one, file, names)


def keras_module(ways: list[list[np.ndarray]], said: Mapping[str, Any], where: str) -> nn.Module:
    """One layer of Keras' weights: kernel, recurrent kernel and bias of each direction.

    Args:
        ways: the weights.
        said: ``reset_after`` and ``activation``, where the file says them.
        where: for messages.

    Raises:
        OwnError: if the weights are those of no cell.
    """
    units = ways[0][1].shape[0] if len(ways[0]) > 1 and ways[0][1].ndim == 2 else 0
    blocks = ways[0][0].shape[-1] // units if units else 0
    if blocks not in NAMES or any(not _fits(way, units, blocks) for way in ways):
        shapes = ", ".join(str(list(part.shape)) for way in ways for part in way)
        raise OwnError(
            say(
                "{where}: expected the weights of a SimpleRNN, GRU or LSTM, got shapes {shapes}",
                where=where,
                shapes=shapes,
            )
        )
    if not all(np.isfinite(part).all() for way in ways for part in way):
        raise OwnError(say("{where}: expected finite weights, got others", where=where))
    parts = [[_ordered(part, blocks, units) for part in _four(way, blocks * units)] for way in ways]
    before = not said.get("reset_after", True) if len(ways[0]) < 3 else ways[0][2].ndim == 1
    if blocks == 3 and before:
        return textbook(parts, parts[0][0].shape[1], units)
    name = "rnn_relu" if blocks == 1 and said.get("activation") == "relu" else NAMES[blocks]
    return module_of(name, tuple(part for way in parts for part in way), True, 1, len(ways) == 2)


def _fits(way: list[np.ndarray], units: int, blocks: int) -> bool:
    rows = blocks * units
    bias = way[2].shape in ((rows,), (2, rows)) if len(way) == 3 else len(way) == 2
    return bias and way[0].ndim == 2 and way[0].shape[1] == rows and way[1].shape == (units, rows)


def _four(way: list[np.ndarray], rows: int) -> list[Tensor]:
    """W_ih, W_hh and both biases as torch has them, the blocks still in Keras' order."""
    bias = way[2] if len(way) == 3 else np.zeros(rows, dtype=np.float32)
    two = bias if bias.ndim == 2 else np.stack([bias, np.zeros_like(bias)])
    return [torch.from_numpy(np.ascontiguousarray(part)) for part in (way[0].T, way[1].T, two[0], two[1])]


def _ordered(part: Tensor, blocks: int, units: int) -> Tensor:
    split = part.split(units)
    return torch.cat([split[place] for place in ORDER[blocks]])
