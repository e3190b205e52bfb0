"""The few fields of an ONNX file that a recurrence needs, read from its protobuf encoding.

Source: protobuf.dev, "Encoding"; onnx.proto (ModelProto 7, GraphProto 1 and 5, NodeProto, AttributeProto, TensorProto,
ValueInfoProto, StringStringEntryProto of external data).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

import torch
from torch import Tensor

from core_models.language import say
from core_models.own.traced import OwnError

TYPES: Mapping[int, tuple[torch.dtype, int]] = {
    1: (torch.float32, 4), 2: (torch.uint8, 1), 3: (torch.int8, 1), 6: (torch.int32, 4), 7: (torch.int64, 8),
    10: (torch.float16, 2), 11: (torch.float64, 8),
    16: (torch.bfloat16, 2),
}  # fmt: skip
"""Number types of weights, and of the places in them, and their bytes, by ONNX's number for them."""

Beside = Callable[[str], bytes]
"""The bytes of a file that stands beside a model, by its name; raises ``ValueError`` if it cannot be had."""


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
    """Operators in their order, the tensors that are stored, by name, and the names of what goes in and comes out."""

    nodes: tuple[Node, ...] = ()
    tensors: Mapping[str, Tensor] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


def alone(name: str) -> bytes:
    """Refuse weights that are stored in another file, where there is none."""
    raise ValueError(
        say(
            "its weights are in a second file, {name}: give both files together, or write one file, as "
            "torch.onnx.export(…, external_data=False) does",
            name=name,
        )
    )


def read_graph(content: bytes, file: str, beside: Beside = alone) -> Graph:
    """The graph of a model.

    Args:
        content: the bytes.
        file: its name.
        beside: reads a second file that holds weights.

    Raises:
        OwnError: if the bytes are no ONNX model.
    """
    try:
        graph = next((value for number, value in _fields(content) if number == 7 and isinstance(value, bytes)), None)
        if graph is None:
            raise ValueError("it has no graph")
        return _graph(graph, beside)
    except (ValueError, IndexError, KeyError, struct.error, RuntimeError, OverflowError, TypeError) as error:
        raise OwnError(
            say(
                "{file}: expected an ONNX model, got a file that cannot be read as one ({error})",
                file=file,
                error=error,
            )
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


def _signed(value: int) -> int:
    """A whole number as its 64 bits mean it."""
    return value - (1 << 64) if value >> 63 else value


def _graph(data: bytes, beside: Beside) -> Graph:
    nodes, tensors, ends = [], {}, {11: [], 12: []}
    for number, value in _fields(data):
        if number in ends and isinstance(value, bytes):
            ends[number].append(_text(dict(_fields(value)).get(1, b"")))
        if number == 1 and isinstance(value, bytes):
            node = _node(value, beside)
            nodes.append(node)
            constant = node.attributes.get("value", node.attributes.get("value_ints"))
            if node.operator == "Constant" and isinstance(constant, Tensor | list):
                tensors |= dict.fromkeys(node.outputs, torch.as_tensor(constant))
        elif number == 5 and isinstance(value, bytes):
            name, tensor = _tensor(value, beside)
            if tensor is not None:
                tensors[name] = tensor
    return Graph(tuple(nodes), tensors, tuple(ends[11]), tuple(ends[12]))


def _node(data: bytes, beside: Beside) -> Node:
    parts: dict[int, list[Any]] = {}
    for number, value in _fields(data):
        parts.setdefault(number, []).append(value)

    def texts(number: int) -> tuple[str, ...]:
        return tuple(_text(value) for value in parts.get(number, []))

    attributes = dict(_attribute(value, beside) for value in parts.get(5, []))
    return Node("".join(texts(4)[:1]), "".join(texts(3)[:1]), texts(1), texts(2), attributes)


def _attribute(data: bytes, beside: Beside) -> tuple[str, Any]:
    name, value, several = "", None, []
    for number, found in _fields(data):
        if number == 1:
            name = _text(found)
        elif number == 2 and isinstance(found, bytes):
            value = struct.unpack("<f", found)[0]
        elif number == 3 and isinstance(found, int):
            value = _signed(found)
        elif number == 4:
            value = _text(found)
        elif number == 5 and isinstance(found, bytes):
            value = _tensor(found, beside)[1]
        elif number == 6 and isinstance(found, bytes):
            value = _graph(found, beside)
        elif number == 8:
            several += [_signed(found)] if isinstance(found, int) else map(_signed, _packed(found))
        elif number == 9:
            several.append(_text(found))
    return name, several or value


def _tensor(data: bytes, beside: Beside) -> tuple[str, Tensor | None]:
    """Name and values; None where they are of a type that no weight has.

    Raises:
        ValueError: if the values are in a file that cannot be had, or are not as many as the shape says.
    """
    dims, kind, name, raw, stored, external, small = [], 0, "", b"", {}, False, []
    for number, value in _fields(data):
        if number == 1:
            dims += [value] if isinstance(value, int) else list(_packed(value))
        elif number == 2 and isinstance(value, int):
            kind = value
        elif number == 5:
            small += [value] if isinstance(value, int) else list(_packed(value))
        elif number == 7:
            whole = [value] if isinstance(value, int) else list(_packed(value))
            raw += struct.pack(f"<{len(whole)}Q", *whole)
        elif number == 8:
            name = _text(value)
        elif number in (4, 9, 10) and isinstance(value, bytes):
            raw += value
        elif number == 13 and isinstance(value, bytes):
            entry = dict(_fields(value))
            stored[_text(entry[1])] = _text(entry[2])
        elif number == 14:
            external = bool(value)
    if kind not in TYPES:
        return name, None
    dtype, size = TYPES[kind]
    count = prod(dims) * size
    raw += b"".join((value % (1 << 8 * size)).to_bytes(size, "little") for value in small)
    if external:
        start = int(stored.get("offset", 0))
        raw = (
            beside(stored.get("location", ""))[start : start + int(stored.get("length", count))] if start >= 0 else b""
        )
    if count != len(raw):
        raise ValueError(f"the weights {name} have {len(raw)} bytes, where their shape {dims} wants {count}")
    values = torch.frombuffer(bytearray(raw), dtype=dtype) if raw else torch.empty(0, dtype=dtype)
    return name, values.reshape(dims)


def _packed(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def _text(value: int | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
