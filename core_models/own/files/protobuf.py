"""The few fields of an ONNX file that a recurrence needs, read from its protobuf encoding.

Source: protobuf.dev, "Encoding"; onnx.proto (ModelProto 7, GraphProto 1 and 5, NodeProto, AttributeProto, TensorProto).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

import torch
from torch import Tensor

from core_models.own.traced import OwnError

TYPES: Mapping[int, tuple[torch.dtype, int]] = {
    1: (torch.float32, 4), 10: (torch.float16, 2), 11: (torch.float64, 8), 16: (torch.bfloat16, 2),
}  # fmt: skip
"""Number types of weights and their bytes, by ONNX's number for them."""


@dataclass(frozen=True)
class Node:
    """One operator of the graph."""

    operator: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Graph:
    """Operators in their order, and the tensors that are stored, by name."""

    nodes: tuple[Node, ...] = ()
    tensors: Mapping[str, Tensor] = field(default_factory=dict)


def read_graph(content: bytes, file: str) -> Graph:
    """The graph of a model.

    Raises:
        OwnError: if the bytes are no ONNX model.
    """
    try:
        graph = next((value for number, value in _fields(content) if number == 7 and isinstance(value, bytes)), None)
        if graph is None:
            raise ValueError("it has no graph")
        return _graph(graph)
    except (ValueError, IndexError, KeyError, struct.error, RuntimeError, OverflowError, TypeError) as error:
        raise OwnError(
            f"{file}: expected an ONNX model, got a file that cannot be read as one ({error}); save it again"
        ) from None


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of every field of a message."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        size = {1: 8, 5: 4}.get(wire)
        if wire == 2:
            size, at = _varint(data, at)
        if size is None or at + size > len(data):
            raise ValueError(f"it breaks off at byte {at}")
        yield number, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError(f"a number is too long at byte {at}")


def _graph(data: bytes) -> Graph:
    nodes, tensors = [], {}
    for number, value in _fields(data):
        if number == 1 and isinstance(value, bytes):
            node = _node(value)
            nodes.append(node)
            constant = node.attributes.get("value")
            if node.operator == "Constant" and isinstance(constant, Tensor):
                tensors |= dict.fromkeys(node.outputs, constant)
        elif number == 5 and isinstance(value, bytes):
            name, tensor = _tensor(value)
            if tensor is not None:
                tensors[name] = tensor
    return Graph(tuple(nodes), tensors)


def _node(data: bytes) -> Node:
    parts: dict[int, list[Any]] = {}
    for number, value in _fields(data):
        parts.setdefault(number, []).append(value)

    def texts(number: int) -> tuple[str, ...]:
        return tuple(_text(value) for value in parts.get(number, []))

    attributes = dict(_attribute(value) for value in parts.get(5, []))
    return Node("".join(texts(4)[:1]), "".join(texts(3)[:1]), texts(1), texts(2), attributes)


def _attribute(data: bytes) -> tuple[str, Any]:
    name, value, several = "", None, []
    for number, found in _fields(data):
        if number == 1:
            name = _text(found)
        elif number == 2 and isinstance(found, bytes):
            value = struct.unpack("<f", found)[0]
        elif number == 3:
            value = found
        elif number == 4:
            value = _text(found)
        elif number == 5 and isinstance(found, bytes):
            value = _tensor(found)[1]
        elif number == 9:
            several.append(_text(found))
    return name, several or value


def _tensor(data: bytes) -> tuple[str, Tensor | None]:
    """Name and values; None where they are of a type that no weight has.

    Raises:
        ValueError: if the values are stored in another file, or are not as many as the shape says.
    """
    dims, kind, name, raw, external = [], 0, "", b"", False
    for number, value in _fields(data):
        if number == 1:
            dims += [value] if isinstance(value, int) else list(_packed(value))
        elif number == 2 and isinstance(value, int):
            kind = value
        elif number == 8:
            name = _text(value)
        elif number in (4, 9, 10) and isinstance(value, bytes):
            raw += value
        elif number == 14:
            external = bool(value)
    if kind not in TYPES:
        return name, None
    dtype, size = TYPES[kind]
    if external:
        raise ValueError(f"the weights {name} are in a file of their own: save the model with all weights inside")
    if prod(dims) * size != len(raw):
        raise ValueError(
            f"the weights {name} have {len(raw)} bytes, where their shape {dims} wants {prod(dims) * size}"
        )
    values = torch.frombuffer(bytearray(raw), dtype=dtype) if raw else torch.empty(0, dtype=dtype)
    return name, values.reshape(dims)


def _packed(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def _text(value: int | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
