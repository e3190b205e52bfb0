"""Keras 3 files as arrays: .keras archives and .weights.h5; without torch, so that a process apart can read them."""

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
    zlib.error, zipfile.BadZipFile, NotImplementedError,
)  # fmt: skip
"""What h5py and zipfile raise for files that are none."""


@dataclass(frozen=True, eq=False)
class Unpacked:
    """What a file holds.

    Attributes:
        cells: weights of every recurrent cell, by the path of its layer.
        tensors: the weights of all other layers, with one or two axes, by path.
        config: what an archive says of its layers; None in a file of weights alone.
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

    tensors: dict[str, Floats] = {}

    def note(path: str, part: Any) -> None:
        if isinstance(part, h5py.Dataset) and "/cell/" not in path and part.ndim in (1, 2) and part.dtype.kind == "f":
            tensors[path.removeprefix("layers/")] = _values(part)

    try:
        weights, config = _unpacked(content)
        with h5py.File(io.BytesIO(weights), "r") as opened:
            cells = dict(_cells(opened, ""))
            opened.visititems(note)
    except BROKEN as error:
        raise ValueError(str(error)) from None
    return Unpacked(cells, tensors, config)


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


def _cells(group: Any, path: str) -> Iterator[tuple[str, list[Floats]]]:
    """Path of every layer that has a recurrent cell, and the cell's weights."""
    for key, part in group.items():
        if not hasattr(part, "items"):
            continue
        if key == "cell" and "vars" in part and len(part["vars"]):
            held = part["vars"]
            yield path, [_values(held[str(number)]) for number in range(len(held))]
        else:
            inner = path if key in ("layers", "_layer_checkpoint_dependencies") else f"{path}/{key}".strip("/")
            yield from _cells(part, inner)
