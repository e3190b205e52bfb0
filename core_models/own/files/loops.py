"""Keras layers that tf2onnx wrote as a loop over steps: GRU and SimpleRNN.

A loop carries a state and the weights, as Keras orders them, and reads one step of a sequence in its body. The body is
computed once on numbers drawn at random; a module is given out where it computes the same from the same weights, so
that nothing rests on names. Source: ONNX operator Loop-13; tf2onnx 1.17; Keras 3, keras.layers.GRU.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from core_models.own.files.folding import STEP, folded, stored_state, turns
from core_models.own.files.keras import keras_module
from core_models.own.files.protobuf import Graph, Node
from core_models.own.files.ways import Way, modules_of
from core_models.own.traced import OwnError

SAME = 1e-5
"""Difference up to which a step of a module is that of a loop."""

SAID = ({}, {"reset_after": False}, {"activation": "relu"})
"""What a layer may be beside its weights."""

BACKWARD = ("ReverseSequence", "ReverseV2")


def read_loops(graph: Graph, file: str) -> dict[str, nn.Module]:
    """Every loop that is a layer of Keras', by its name; two that read the same in both directions are one.

    Args:
        graph: the graph, folded.
        file: its name.

    Raises:
        OwnError: if one is read backward alone.
    """
    makers = {output: node for node in graph.nodes for output in node.outputs}
    loops = [loop for node in graph.nodes if node.operator == "Loop" for loop in _loops(graph, makers, node, file)]
    return modules_of(loops, file, lambda ways, where: keras_module([way.weights for way in ways], ways[0].kind, where))


def _loops(graph: Graph, makers: dict[str, Node], node: Node, file: str) -> Iterator[Way]:
    """The layer that a loop is; nothing where it is none."""
    body, name = node.attributes.get("body"), node.name or "Loop"
    if not isinstance(body, Graph):
        return
    carried = list(zip(node.inputs[2:], body.inputs[2:], body.outputs[1:], strict=False))
    same = {inner: graph.tensors[outer] for outer, inner, after in carried if inner == after and outer in graph.tensors}
    matrices = [values for values in same.values() if values.ndim == 2]
    states = [(outer, inner, after) for outer, inner, after in carried
              if inner not in same and graph.tensors.get(outer, torch.ones(2)).numel() > 1]  # fmt: skip
    reads = [part for part in body.nodes if part.operator == "Gather" and part.inputs[:1]
             and part.inputs[0] not in {*body.inputs, *body.tensors}]  # fmt: skip
    if len(states) != 1 or len(reads) != 1 or not matrices:
        return
    (outer, inner, after), (read,) = states[0], reads
    for weights in _ordered(list(same.values())):
        features, units = len(weights[0]), len(weights[1])
        drawn = torch.Generator().manual_seed(0)
        x, h = torch.randn(1, features, generator=drawn), torch.randn(1, units, generator=drawn)
        known = {**body.tensors, **same, inner: h, read.outputs[0]: x}
        done = folded(Graph(body.nodes, known), STEP).get(after)
        if done is None or done.shape != h.shape:
            continue
        for said in SAID:
            if torch.dist(_step(weights, said, x, h), done, float("inf")) < SAME:
                source, backward = _source(graph, makers, read.inputs[0])
                state = stored_state(graph, outer, (1, units), f"{file}: {name}")
                yield Way(name, said, weights, state, source, backward)
                return


def _ordered(parts: list[Tensor]) -> Iterator[list[Any]]:
    """Weights as kernel, recurrent kernel and bias, in every way that their shapes allow."""
    for one in parts:
        for other in parts:
            if one is other or one.ndim != 2 or other.ndim != 2 or one.shape[1] != other.shape[1]:
                continue
            if not other.shape[0] or other.shape[1] not in (other.shape[0], 3 * other.shape[0]):
                continue
            biases = [part for part in parts if part is not one and part is not other]
            if len(biases) < 2 and all(part.shape[-1:] == one.shape[1:] for part in biases):
                yield [part.float().numpy() for part in (one, other, *biases)]


@torch.no_grad()
def _step(weights: list[Any], said: dict[str, Any], x: Tensor, h: Tensor) -> Tensor:
    """The state after one step; infinity where the weights are those of no cell."""
    try:
        return keras_module([weights], said, "")(x, h)[0]
    except OwnError:
        return torch.full_like(h, torch.inf)


def _source(graph: Graph, makers: dict[str, Node], name: str) -> tuple[str, bool]:
    """What a sequence is before it is turned about, and whether it was turned to be read from its end."""
    backward, left = False, 64
    while (node := makers.get(name)) is not None and node.inputs and left:
        if node.operator in BACKWARD or turns(graph, node):
            backward = not backward
        elif node.operator not in ("Transpose", "Identity", "Cast", "Squeeze", "Unsqueeze"):
            break
        name, left = next(iter(node.inputs)), left - 1
    return name, backward
