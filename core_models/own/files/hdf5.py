"""Keras files as arrays: .keras, .weights.h5 and .h5; without torch, so that a process apart can read them.

Keras 3 numbers the variables of a layer, ``layers/gru/cell/vars/0``, and notes the layer's own name beside them; an .h5
file names them as Keras 2 did, ``model_weights/gru/sequential/gru/gru_cell/kernel``, with ``:0`` behind where Keras 2
wrote it. Paths here are made of the layers' own names, and the weights of the layers that hold no cell stand below
them as they stand in the file.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LARGEST = 500_000_000
"""Bytes unpacked."""

BROKEN = (
    OSError, ValueError, LookupError, RuntimeError, TypeError, EOFError, AttributeError, OverflowError, MemoryError,
    zlib.error, zipfile.BadZipFile, NotImplementedError, RecursionError,
)  # fmt: skip
"""What h5py and zipfile raise for files that are none."""

PARTS = ("kernel", "recurrent_kernel", "bias")
"""Names of a cell's weights in an .h5 file, in the order of Keras 3's numbers."""

WAYS = ("forward", "backward")


@dataclass(frozen=True, eq=False)
class Unpacked:
    """What a file holds.

    Attributes:
        cells: weights of every recurrent cell, by the path of its layer; of a wrapped one ``forward_layer`` and
            ``backward_layer`` stand behind it.
        tensors: the weights of all other layers, with one or two axes, by path.
        config: what the file says of its layers; None in a file of weights alone.
    """

    cells: dict[str, list[Floats]]
    tensors: dict[str, Floats]
    config: Any


def unpack(content: bytes) -> Unpacked:
    """The arrays of a file.

    Raises:
        ValueError: if it cannot be read, or claims to be larger than it may be.
    """
    import h5py

    try:
        weights, config = _unpacked(content)
        with h5py.File(io.BytesIO(weights), "r") as opened:
            if "layer_names" in opened.attrs or "model_weights" in opened:
                said = opened.attrs.get("model_config")
                return _named(opened.get("model_weights", opened), json.loads(said) if said else None)
            found = Unpacked({}, {}, config)
            for path, group in _groups(opened, ""):
                _take(found, path, group)
            return found
    except BROKEN as error:
        raise ValueError(str(error)) from None


def _values(part: Any) -> Floats:
    """The numbers of a data set, which may claim any size without holding it."""
    if part.nbytes > LARGEST:
        raise ValueError("one of its arrays is too large")
    return np.asarray(part, dtype=np.float32)


def _unpacked(content: bytes) -> tuple[bytes, Any]:
    """The file of weights and what is said of the layers, if something is."""
    if not content.startswith(b"PK"):
        return content, None
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(part.file_size for part in archive.infolist()) > LARGEST:
            raise ValueError("it is too large unpacked")
        return archive.read("model.weights.h5"), json.loads(archive.read("config.json"))


def _groups(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every layer of a Keras 3 file by a path of the layers' own names; a cell has ``cell`` at its end."""
    for key, part in group.items():
        if not hasattr(part, "items") or key == "vars":
            continue
        inner = path if key in ("layers", "_layer_checkpoint_dependencies", "cells") else f"{path}/{_own(key, part)}"
        yield inner.strip("/"), part
        yield from _groups(part, inner)


def _own(key: str, group: Any) -> str:
    """A layer's own name, where the file notes it and it says more than its place."""
    said = group["vars"].attrs.get("name") if "vars" in group else None
    return str(said) if said and key != "cell" and not key.endswith("_layer") else key


def _take(found: Unpacked, path: str, group: Any) -> None:
    """Note the weights of one layer."""
    held = {number: part for number, part in group.get("vars", {}).items() if hasattr(part, "nbytes")}
    outer, _, last = path.rpartition("/")
    if held and (last == "cell" or outer.endswith("/cell")):
        within = f"{outer.removesuffix('/cell')}/{last}" if last != "cell" else outer
        found.cells[within] = [_values(held[str(number)]) for number in range(len(held))]
    else:
        found.tensors.update({
            f"{path}/vars/{number}": _values(part)
            for number, part in held.items()
            if part.ndim in (1, 2) and part.dtype.kind == "f"
        })  # fmt: skip


def _named(weights: Any, config: Any) -> Unpacked:
    """What an .h5 file holds, in which every variable has its name."""
    found, cells = Unpacked({}, {}, config), {}

    def note(path: str, part: Any) -> None:
        if not hasattr(part, "nbytes") or part.ndim not in (1, 2) or part.dtype.kind != "f":
            return
        outer, _, name = path.removesuffix(":0").rpartition("/")
        if f"{outer}/recurrent_kernel" in weights or f"{outer}/recurrent_kernel:0" in weights:
            cells.setdefault(outer, {})[name] = part
        else:
            found.tensors["/".join(part for part in (_layer(outer), name) if part)] = _values(part)

    weights.visititems(note)
    counts: dict[str, int] = {}
    for outer in cells:
        layer = _layer(outer.rpartition("/")[0])
        counts[layer] = counts.get(layer, 0) + 1
    for outer, parts in cells.items():
        layer = _layer(outer.rpartition("/")[0])
        path = layer if counts[layer] == 1 else _layer(outer)
        found.cells[path] = [_values(parts[name]) for name in PARTS if name in parts]
    return found


def _layer(path: str) -> str:
    """The path of a layer by its own name: behind the first part, the name of the whole model comes once more."""
    first, *others = path.split("/")
    if first in others:
        others = others[len(others) - others[::-1].index(first) :]
    if others and others[-1].partition("_")[0] in WAYS:
        others[-1] = f"{others[-1].partition('_')[0]}_layer"
    return "/".join([first, *others])
