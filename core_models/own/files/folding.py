"""Weights that an ONNX graph puts together of stored ones, as exporters leave them: cut, joined, turned, reshaped.

Places of cuts that are computed from sizes are computed too; what depends on the input of the model is not followed.
Source: ONNX operators Cast, Concat, Expand, Identity, Mul, Reshape, Shape, Slice, Squeeze, Transpose and Unsqueeze, to
version 23.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor

from core_models.language import say
from core_models.own.files.protobuf import TYPES, Graph, Node
from core_models.own.traced import OwnError

COPIES = 16
"""How many times the numbers that are stored may be made again; exporters make each of them two or three times."""

Made = Callable[[Node, Sequence[Any]], "Tensor | tuple[Tensor, ...]"]
"""Makes the outputs of a node of its inputs."""

MOVES = ("Expand", "Identity", "Reshape", "Slice", "Squeeze", "Tile", "Transpose", "Unsqueeze", "Cast")
"""Operators whose result holds no other numbers than their first input."""


def folded(graph: Graph, operators: Mapping[str, Made] | None = None) -> Mapping[str, Tensor]:
    """All that is stored in a graph, and all that it makes of stored values alone, by name.

    Args:
        graph: the graph.
        operators: what is followed; ``OPERATORS`` if None.
    """
    found = dict(graph.tensors)
    left = COPIES * (sum(values.numel() for values in found.values()) + 1_000)
    for node in graph.nodes:
        inputs = [found.get(name) for name in node.inputs if name]
        made = (operators or OPERATORS).get(node.operator)
        if made is None or not inputs or any(values is None for values in inputs):
            continue
        left -= sum(values.numel() for values in inputs if values is not None)
        if left < 0:  # none that follows could be afforded
            break
        try:
            result = made(node, inputs)
        except (RuntimeError, LookupError, ValueError, TypeError, OverflowError):  # it is not as its operator says
            continue
        found |= zip(node.outputs, result if isinstance(result, tuple) else (result,), strict=False)
    return found


def origin(graph: Graph, name: str) -> str:
    """The value from which a value was moved about, without other numbers coming in; its own name where it was not."""
    makers = {output: node for node in graph.nodes for output in node.outputs}
    while (node := makers.pop(name, None)) is not None and node.operator in MOVES and node.inputs:
        name = node.inputs[0]
    return name


def turns(graph: Graph, node: Node) -> bool:
    """Whether a node turns a sequence about."""
    steps = graph.tensors.get(node.inputs[4]) if node.operator == "Slice" and len(node.inputs) > 4 else None
    return steps is not None and [step for step in steps.flatten().tolist() if step != 1] == [-1]


def one_row(graph: Graph, name: str) -> Tensor | None:
    """A value that is one and the same for every sequence of a batch, for a batch of one; None if it is none such.

    Args:
        graph: the graph, folded.
        name: of a value whose axis before the last counts sequences; of zeros, one is returned.
    """
    makers, path = {output: node for node in graph.nodes for output in node.outputs}, []
    while name not in graph.tensors:
        node = makers.pop(name, None)
        if node is None or node.operator not in MOVES or not node.inputs:
            return None
        path.append(node)
        name = node.inputs[0]
    values = graph.tensors[name]
    if not values.any():
        return torch.zeros(1)
    for node in reversed(path):
        inputs = [values, *(graph.tensors.get(other) for other in node.inputs[1:])]
        if node.operator in ("Expand", "Tile"):  # as many rows as there are sequences
            continue
        try:
            (values,) = made if isinstance(made := OPERATORS[node.operator](node, inputs), tuple) else (made,)
        except (RuntimeError, LookupError, ValueError, TypeError, OverflowError, AttributeError):
            return None
    rows = values if values.ndim < 2 else values[..., :1, :]
    return rows if bool((values == rows).all()) else None


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


def _tile(node: Node, inputs: Sequence[Any]) -> Tensor:
    if any(count != 1 for count in inputs[1].flatten().tolist()):
        raise ValueError("a value that is repeated")
    return inputs[0]


def _transpose(node: Node, inputs: Sequence[Any]) -> Tensor:
    return inputs[0].permute(node.attributes.get("perm") or list(range(inputs[0].ndim))[::-1])


def _split(node: Node, inputs: Sequence[Any]) -> tuple[Tensor, ...]:
    values, axis = inputs[0], int(node.attributes.get("axis", 0))
    sizes = _numbers(node, inputs, 1, "split")
    return values.split(sizes or values.shape[axis] // len(node.outputs), axis)


def _alike(compute: Callable[[Tensor, Tensor], Tensor]) -> Made:
    """An operator on two values, neither of which makes the other larger than it is."""

    def made(_: Node, inputs: Sequence[Any]) -> Tensor:
        shape = torch.broadcast_shapes(inputs[0].shape, inputs[1].shape)
        if prod(shape) > max(inputs[0].numel(), inputs[1].numel()):
            raise ValueError("a result that is larger than both")
        return compute(*inputs)

    return made


def _matmul(_: Node, inputs: Sequence[Any]) -> Tensor:
    if inputs[0].ndim != 2 or len(inputs[0]) > 1:
        raise ValueError("more than one row")
    return inputs[0] @ inputs[1]


OPERATORS: Mapping[str, Made] = {
    "Cast": _cast,
    "Concat": lambda node, inputs: torch.cat(list(inputs), dim=int(node.attributes.get("axis", 0))),
    "Expand": lambda _, inputs: inputs[0].broadcast_to(torch.broadcast_shapes(inputs[0].shape, inputs[1].tolist())),
    "Identity": lambda _, inputs: inputs[0],
    "Mul": lambda _, inputs: torch.tensor([inputs[0].item() * inputs[1].item()]),
    "Reshape": _reshape,
    "Shape": _shape,
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Tile": _tile,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
"""By operator, what it makes of its inputs; an impossible input raises what torch raises."""

STEP: Mapping[str, Made] = {
    **OPERATORS,
    "Add": _alike(torch.add),
    "MatMul": _matmul,
    "Mul": _alike(torch.mul),
    "Relu": lambda _, inputs: inputs[0].relu(),
    "Sigmoid": lambda _, inputs: inputs[0].sigmoid(),
    "Split": _split,
    "Sub": _alike(torch.sub),
    "Tanh": lambda _, inputs: inputs[0].tanh(),
}
"""With these, one step of a recurrence is computed."""


def stored_state(graph: Graph, name: str, shape: tuple[int, int], where: str) -> Tensor:
    """A state that is part of the file, ``[direction, unit]``; zeros where it comes from outside.

    Raises:
        OwnError: if it is not the same for every sequence, or is computed in a way that is not followed.
    """
    source = origin(graph, name)
    if source not in graph.tensors or not graph.tensors[source].any():
        return torch.zeros(shape)
    values = one_row(graph, name)
    if values is None or values.numel() != shape[0] * shape[1]:
        raise OwnError(
            say(
                "{where}: it begins from a state of its own ({name}): give that state to trace, and zeros here",
                where=where,
                name=source,
            )
        )
    return values.reshape(shape)
