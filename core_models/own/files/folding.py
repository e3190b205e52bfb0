"""Weights that an ONNX graph puts together of stored ones, as exporters leave them: cut, joined, turned, reshaped.

Places of cuts that are computed from sizes are computed too; what depends on the input of the model is not followed.
Source: ONNX operators Cast, Concat, Expand, Identity, Mul, Reshape, Shape, Slice, Squeeze, Transpose and Unsqueeze, to
version 23.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from core_models.own.files.protobuf import TYPES, Graph, Node

COPIES = 16
"""How many times the numbers that are stored may be made again; exporters make each of them two or three times."""

MOVES = ("Expand", "Identity", "Reshape", "Slice", "Squeeze", "Tile", "Transpose", "Unsqueeze", "Cast")
"""Operators whose result holds no other numbers than their first input."""


def folded(graph: Graph) -> Mapping[str, Tensor]:
    """All that is stored in a graph, and all that it makes of stored values alone, by name."""
    found = dict(graph.tensors)
    left = COPIES * (sum(values.numel() for values in found.values()) + 1_000)
    for node in graph.nodes:
        inputs = [found.get(name) for name in node.inputs if name]
        made = OPERATORS.get(node.operator)
        if made is None or not inputs or any(values is None for values in inputs):
            continue
        left -= sum(values.numel() for values in inputs if values is not None)
        if left < 0:  # none that follows could be afforded
            break
        try:
            result = made(node, inputs)
        except (RuntimeError, LookupError, ValueError, TypeError, OverflowError):  # it is not as its operator says
            continue
        found |= dict.fromkeys(node.outputs[:1], result)
    return found


def origin(graph: Graph, name: str) -> str:
    """The value from which a value was moved about, without other numbers coming in; its own name where it was not."""
    makers = {output: node for node in graph.nodes for output in node.outputs}
    while (node := makers.pop(name, None)) is not None and node.operator in MOVES and node.inputs:
        name = node.inputs[0]
    return name


def _numbers(node: Node, inputs: Sequence[Any], place: int, key: str) -> list[int]:
    """Whole numbers that stand in an input, or in an attribute as older versions have them."""
    return inputs[place].flatten().tolist() if len(inputs) > place else list(node.attributes.get(key) or [])


def _cast(node: Node, inputs: Sequence[Any]) -> Tensor:
    return inputs[0].to(TYPES[node.attributes["to"]][0])


def _slice(node: Node, inputs: Sequence[Any]) -> Tensor:
    values = inputs[0]
    starts, ends = _numbers(node, inputs, 1, "starts"), _numbers(node, inputs, 2, "ends")
    axes = _numbers(node, inputs, 3, "axes") or list(range(len(starts)))
    steps = _numbers(node, inputs, 4, "steps") or [1] * len(starts)
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        if step != 1:
            raise ValueError("a step other than 1")
        size = values.shape[axis]
        first, last, _ = slice(start, end).indices(size)
        values = values.narrow(axis, first, max(0, last - first))
    return values


def _squeeze(node: Node, inputs: Sequence[Any]) -> Tensor:
    axes = _numbers(node, inputs, 1, "axes")
    return inputs[0].squeeze(tuple(axes)) if axes else inputs[0].squeeze()


def _unsqueeze(node: Node, inputs: Sequence[Any]) -> Tensor:
    values, axes = inputs[0], _numbers(node, inputs, 1, "axes")
    for axis in sorted(axis % (values.ndim + len(axes)) for axis in axes):
        values = values.unsqueeze(axis)
    return values


def _reshape(node: Node, inputs: Sequence[Any]) -> Tensor:
    sizes = enumerate(_numbers(node, inputs, 1, "shape"))
    return inputs[0].reshape([size or inputs[0].shape[place] for place, size in sizes])


def _shape(node: Node, inputs: Sequence[Any]) -> Tensor:
    return torch.tensor(inputs[0].shape)[node.attributes.get("start", 0) : node.attributes.get("end")]


def _transpose(node: Node, inputs: Sequence[Any]) -> Tensor:
    return inputs[0].permute(node.attributes.get("perm") or list(range(inputs[0].ndim))[::-1])


OPERATORS: Mapping[str, Callable[[Node, Sequence[Any]], Tensor]] = {
    "Cast": _cast,
    "Concat": lambda node, inputs: torch.cat(list(inputs), dim=int(node.attributes.get("axis", 0))),
    "Expand": lambda _, inputs: inputs[0].broadcast_to(torch.broadcast_shapes(inputs[0].shape, inputs[1].tolist())),
    "Identity": lambda _, inputs: inputs[0],
    "Mul": lambda _, inputs: torch.tensor([inputs[0].item() * inputs[1].item()]),
    "Reshape": _reshape,
    "Shape": _shape,
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
"""By operator, what it makes of its inputs; an impossible input raises what torch raises."""
