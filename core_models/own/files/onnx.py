"""Recurrences in an ONNX graph, converted to torch's order of the gates.

    RNN     tanh or ReLU                                     as it is
    GRU     blocks z, r, h; h = (1 - z) ⊙ h̃ + z ⊙ h_{t-1}    r, z, n; z = 1 keeps the past in both
            linear_before_reset = 0: r acts before the product, which torch's GRU does not: core_models.cells'
            textbook cell, in which z = 1 overwrites, so that the weights of z change their sign
    LSTM    blocks i, o, f, c                                i, f, g, o; peepholes are refused

Each node is one layer in one or both directions. Weights that the graph puts together of stored ones are put together
(core_models.own.files.folding), and a state that is stored is what the module begins from (core_models.own.begun). An
LSTM whose weights ONNX Runtime stored in 8 bits has weights W ≈ s (q − q₀). A torch cell in a loop of Python's is
written out step by step: an Elman network is known by its sums, a GRU or LSTM by the names of its weights where they
have kept them. Source: ONNX operators RNN-14, GRU-14, LSTM-14; com.microsoft.DynamicQuantizeLSTM-1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from core_models.language import say
from core_models.own.begun import beginning
from core_models.own.files.folding import folded, stored_state
from core_models.own.files.loops import read_loops
from core_models.own.files.protobuf import Graph, Node
from core_models.own.files.state_dict import NAME, read_state_dict
from core_models.own.files.textbook import textbook
from core_models.own.files.unrolled import read_unrolled
from core_models.own.kernel import module_of
from core_models.own.traced import OwnError

BLOCKS: Mapping[str, Sequence[int]] = {"RNN": (0,), "GRU": (1, 0, 2), "LSTM": (0, 2, 3, 1)}
"""By operator, for each of torch's blocks its place in ONNX's order."""

ROUNDED = "DynamicQuantizeLSTM"
"""ONNX Runtime's LSTM with weights in 8 bits, which rounds what it reads to 8 bits at every step, too."""

USUAL = {"RNN": [["tanh"], ["relu"]], "GRU": [["sigmoid", "tanh"]], "LSTM": [["sigmoid", "tanh", "tanh"]]}


def read_onnx(graph: Graph, file: str) -> dict[str, nn.Module]:
    """Every RNN, GRU and LSTM node of a model, by its name.

    Raises:
        OwnError: if there is none, or one computes something that torch's modules do not.
    """
    whole, found = replace(graph, tensors=folded(graph)), {}
    for number, node in enumerate(graph.nodes):
        name = node.name or f"{node.operator} {number}"
        if node.operator in BLOCKS:
            found[name] = _module(whole, node, f"{file}: {name}")
        elif node.operator == ROUNDED:
            found[name] = _module(*_unrounded(whole, node, f"{file}: {name}"), f"{file}: {name}")
    return found | read_loops(whole, file) or _written_out(whole, file)


def _unrounded(graph: Graph, node: Node, where: str) -> tuple[Graph, Node]:
    """A node whose weights are stored in 8 bits, ``[direction, column, row]``, as an LSTM with weights of its own."""
    names, made = [*node.inputs, *[""] * 12], {}
    for place, scale in ((1, 8), (2, 10)):
        parts = [graph.tensors.get(names[at]) for at in (place, scale, scale + 1)]
        values, factor, zero = (None if part is None else part.float() for part in parts)
        if values is None or factor is None or values.ndim != 3:
            raise OwnError(say("{where}: expected its weights in the file", where=where))
        ways, _, rows = values.shape
        fitting = [(ways, rows), (ways,), (1,), ()]
        zero = torch.zeros(()) if zero is None else zero
        if tuple(factor.shape) not in fitting or tuple(zero.shape) not in fitting:
            shapes = ", ".join(str(list(part.shape)) for part in (values, factor, zero))
            raise OwnError(
                say("{where}: expected weights that fit each other, got shapes {shapes}", where=where, shapes=shapes)
            )
        factor, zero = (part.reshape(len(part) if part.ndim else 1, 1, -1) for part in (factor, zero))
        made[f"{names[place]} in full"] = ((values - zero) * factor).transpose(1, 2)
    inputs = (names[0], *made, *names[3:8])
    return replace(graph, tensors={**graph.tensors, **made}), replace(node, operator="LSTM", inputs=inputs)


def _written_out(graph: Graph, file: str) -> dict[str, nn.Module]:
    """Modules whose steps were written out: GRU and LSTM known by the names of their weights, others by their sums."""
    named = {key: values for key, values in graph.tensors.items() if NAME.match(key)}
    try:
        found = {key: module for key, module in read_state_dict(named, file).items() if not isinstance(module, nn.RNN)}
    except OwnError:
        found = {}
    found |= read_unrolled(graph, file)
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
        made = textbook(parts, w.shape[2], units)
    else:
        name = {"RNN": f"rnn_{usual[0]}", "GRU": "gru", "LSTM": "lstm"}[kind]
        made = module_of(name, tuple(part for way in parts for part in way), True, 1, ways == 2)
    states = [stored_state(graph, name, (ways, units), where) for name in node.inputs[5 : 7 if kind == "LSTM" else 6]]
    return beginning(made, [*states, torch.zeros(ways, units)][: 2 if kind == "LSTM" else 1])


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
