"""Recurrences in an ONNX graph, converted to torch's order of the gates.

    RNN     tanh or ReLU                                     as it is
    GRU     blocks z, r, h; h = (1 - z) ⊙ h̃ + z ⊙ h_{t-1}    r, z, n; z = 1 keeps the past in both
            linear_before_reset = 0: r acts before the product, which torch's GRU does not: core_models.cells'
            textbook cell, in which z = 1 overwrites, so that the weights of z change their sign
    LSTM    blocks i, o, f, c                                i, f, g, o; peepholes are refused

Each node is one layer in one or both directions. Weights that the graph puts together of stored ones are put together
(core_models.own.files.folding). A torch cell in a loop of Python's is written out step by step; where its weights have
kept their names, it is known by them. Source: ONNX operators RNN-14, GRU-14, LSTM-14.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from core_models.cells.looped import Looped
from core_models.cells.reset_before import ResetBeforeCell
from core_models.language import say
from core_models.own.files.folding import folded, origin
from core_models.own.files.protobuf import Graph, Node
from core_models.own.files.state_dict import NAME, read_state_dict
from core_models.own.kernel import module_of
from core_models.own.traced import OwnError

BLOCKS: Mapping[str, Sequence[int]] = {"RNN": (0,), "GRU": (1, 0, 2), "LSTM": (0, 2, 3, 1)}
"""By operator, for each of torch's blocks its place in ONNX's order."""

USUAL = {"RNN": [["tanh"], ["relu"]], "GRU": [["sigmoid", "tanh"]], "LSTM": [["sigmoid", "tanh", "tanh"]]}


def read_onnx(graph: Graph, file: str) -> dict[str, nn.Module]:
    """Every RNN, GRU and LSTM node of a model, by its name.

    Raises:
        OwnError: if there is none, or one computes something that torch's modules do not.
    """
    tensors, found = folded(graph), {}
    for number, node in enumerate(graph.nodes):
        if node.operator in BLOCKS:
            name = node.name or f"{node.operator} {number}"
            found[name] = _module(replace(graph, tensors=tensors), node, f"{file}: {name}")
    return found or _written_out(graph, file)


def _written_out(graph: Graph, file: str) -> dict[str, nn.Module]:
    """GRU and LSTM modules whose steps were written out, by the names that torch gives their weights."""
    named = {key: values for key, values in graph.tensors.items() if NAME.match(key)}
    try:
        found = {key: module for key, module in read_state_dict(named, file).items() if not isinstance(module, nn.RNN)}
    except OwnError:
        found = {}
    if not found:
        seen = ", ".join(dict.fromkeys(node.operator for node in graph.nodes))[:200] or "none"
        raise OwnError(
            say(
                "{file}: expected an RNN, GRU or LSTM among the operators, got {seen}: the exporter wrote "
                "its steps out, so that nothing says where the gates are. Export it with "
                "torch.onnx.export(…, dynamo=False), or save the weights as safetensors, or as .keras",
                file=file,
                seen=seen,
            )
        )
    return found


def _module(graph: Graph, node: Node, where: str) -> nn.Module:
    kind, direction = node.operator, str(node.attributes.get("direction", "forward"))
    if direction not in ("forward", "bidirectional"):
        raise OwnError(
            say(
                "{where}: it is read in {direction!r} direction alone, which no module of torch does",
                where=where,
                direction=direction,
            )
        )
    if "clip" in node.attributes or node.attributes.get("input_forget"):
        raise OwnError(
            say(
                "{where}: it clips its sums or ties its gates (clip, input_forget), which no module of torch does",
                where=where,
            )
        )
    if kind == "LSTM" and len(node.inputs) > 7 and node.inputs[7]:
        raise OwnError(say("{where}: it has peepholes, which torch's LSTM does not have", where=where))
    ways = 2 if direction == "bidirectional" else 1
    given = [str(name).lower() for name in node.attributes.get("activations", [])] or USUAL[kind][0] * ways
    usual = next((names for names in USUAL[kind] if given == names * ways), None)
    if usual is None:
        raise OwnError(
            say(
                "{where}: it squashes by {given}, which torch's {kind} does not",
                where=where,
                given=", ".join(given),
                kind=kind,
            )
        )
    _refuse_state(graph, node, where)
    w, r, b = (_weights(graph, node, place, where) for place in (1, 2, 3))
    if w is None or r is None:
        raise OwnError(say("{where}: expected its weights in the file", where=where))
    units, count = r.shape[-1], len(BLOCKS[kind])
    b = w.new_zeros(ways, 2 * count * units) if b is None else b
    if w.shape[:2] != (ways, count * units) or r.shape != (ways, count * units, units) or (
        b.shape != (ways, 2 * count * units)
    ):  # fmt: skip
        shapes = ", ".join(str(list(part.shape)) for part in (w, r, b))
        raise OwnError(
            say("{where}: expected weights that fit each other, got shapes {shapes}", where=where, shapes=shapes)
        )
    parts = [[_ordered(part, kind, units) for part in (w[way], r[way], *b[way].chunk(2))] for way in range(ways)]
    if kind == "GRU" and not node.attributes.get("linear_before_reset", 0):
        return textbook(parts, w.shape[2], units)
    name = {"RNN": f"rnn_{usual[0]}", "GRU": "gru", "LSTM": "lstm"}[kind]
    return module_of(name, tuple(part for way in parts for part in way), True, 1, ways == 2)


def _refuse_state(graph: Graph, node: Node, where: str) -> None:
    """An initial state that is part of the file is part of the model."""
    for name in (origin(graph, name) for name in node.inputs[5:7]):
        if name in graph.tensors and graph.tensors[name].any():
            raise OwnError(
                say(
                    "{where}: it begins from a state of its own ({name}): give that state to trace, and zeros here",
                    where=where,
                    name=name,
                )
            )


def _weights(graph: Graph, node: Node, place: int, where: str) -> Tensor | None:
    name = node.inputs[place] if len(node.inputs) > place else ""
    if not name:
        return None
    if name not in graph.tensors:
        raise OwnError(
            say(
                "{where}: expected its weights ({name}) in the file, where they are computed or stored elsewhere",
                where=where,
                name=name,
            )
        )
    values = graph.tensors[name]
    if not values.isfinite().all():
        raise OwnError(say("{where}: expected finite weights, got others in {name}", where=where, name=name))
    return values


def _ordered(part: Tensor, kind: str, units: int) -> Tensor:
    blocks = part.split(units)
    return torch.cat([blocks[place] for place in BLOCKS[kind]])


def textbook(parts: Sequence[Sequence[Tensor]], features: int, units: int) -> nn.Module:
    """A GRU whose reset gate acts before the product, in the convention where z = 1 overwrites."""
    made = Looped(ResetBeforeCell(), features, units, bidirectional=len(parts) == 2).requires_grad_(False).eval()
    sign = torch.ones(3, 1)
    sign[1] = -1.0
    for (w_x, w_h, b_x, b_h), tail in zip(parts, ("l0", "l0_reverse"), strict=False):
        rows = sign.repeat_interleave(units, 0).to(w_x)
        values = {"weight_ih": w_x * rows, "weight_hh": w_h * rows, "bias_ih": (b_x + b_h) * rows[:, 0]}
        for key, value in values.items():
            getattr(made, f"{key}_{tail}").copy_(value)
    return made
