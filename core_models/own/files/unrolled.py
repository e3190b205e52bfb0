"""Elman networks whose steps an exporter wrote out one by one, known by their sums.

    h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)        or ReLU

Every step is one tanh or ReLU of a sum of two products with stored matrices, one of them with what the same function
gave in the step before, through one and the same matrix: no other layer does that. The steps of a layer in the
backward direction are read from a sequence that is turned about. Of a learnt state h_0 the exporter may have stored the
product W_hh h_0 alone, in the first sum; it is then solved for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core_models.language import say
from core_models.own.files.folding import MOVES, one_row, turns
from core_models.own.files.protobuf import Graph, Node
from core_models.own.files.state_dict import NAME
from core_models.own.files.ways import Way, modules_of
from core_models.own.kernel import module_of
from core_models.own.traced import OwnError

FUNCTIONS = {"Tanh": "rnn_tanh", "Relu": "rnn_relu"}
MOST_TERMS = 64
"""Operators between two steps at most."""

CLEAR, ROUNDING = 1e-4, 1e-7
"""How far a first state that was solved for may be from the original one, and the stored product from the true one."""


@dataclass(frozen=True)
class _Term:
    """A part of a sum: a constant where ``weight`` is empty, else a product of a value with a stored matrix.

    ``turned`` says whether the value was turned about on its way.
    """

    value: str
    weight: str = ""
    turned: bool = False


class _Sums:
    """The sums in a graph that a tanh or ReLU is taken of, by the name of what comes out."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.makers: dict[str, Node] = {output: node for node in graph.nodes for output in node.outputs}
        self.matrices: dict[str, Tensor] = {}
        self.steps = {
            node.outputs[0]: self.terms(node.inputs[0])
            for node in graph.nodes if node.operator in FUNCTIONS and node.inputs and node.outputs
        }  # fmt: skip

    def terms(self, name: str) -> list[_Term]:
        """The parts of a sum; none where something else is in it."""
        left, found = [(name, False)], []
        for _ in range(MOST_TERMS):
            if not left:
                return found
            name, turned = left.pop()
            if name in self.graph.tensors:
                found.append(_Term(name))
                continue
            node = self.makers.get(name)
            inputs = () if node is None else node.inputs
            if node is None or not inputs:
                return []
            if node.operator == "Add":
                left += [(part, turned) for part in inputs]
            elif node.operator in (*MOVES, "Split", "Gather"):
                left.append((inputs[0], turned != turns(self.graph, node)))
            elif node.operator in ("MatMul", "Gemm") and (matrix := self.matrix(node)):
                found.append(_Term(inputs[0], matrix, turned))
                left += [(part, turned) for part in inputs[2:]]
            else:
                return []
        return []

    def matrix(self, node: Node) -> str:
        """The stored matrix by which a node multiplies, which is noted as ``[unit, feature]``; empty if it is none."""
        stored = "".join(node.inputs[1:2])
        values = self.graph.tensors.get(stored)
        plain = all(node.attributes.get(key, 1.0) == 1.0 for key in ("alpha", "beta"))
        if values is None or values.ndim != 2 or node.attributes.get("transA") or not plain:
            return ""
        values, name = values if node.attributes.get("transB") else values.T, self.made_by(stored)[0]
        if not torch.equal(self.matrices.setdefault(name, values), values):  # another part of what is stored
            name = stored
            self.matrices[name] = values
        return name

    def made_by(self, name: str) -> tuple[str, bool]:
        """What a value was moved about from, and whether it was turned on the way."""
        turned, seen = False, set[str]()
        while (node := self.makers.get(name)) is not None and node.operator in MOVES and node.inputs:
            if name in seen:
                break
            seen.add(name)
            name, turned = node.inputs[0], turned != turns(self.graph, node)
        return name, turned


def read_unrolled(graph: Graph, file: str) -> dict[str, nn.Module]:
    """Every layer of an Elman network that was written out, by the names that its biases kept.

    Args:
        graph: the graph, folded.
        file: its name.

    Raises:
        OwnError: if one is read backward alone, or begins from a state that cannot be told any more.
    """
    sums = _Sums(graph)
    before: dict[str, dict[str, str]] = {}
    for after, terms in sums.steps.items():
        for term in terms:
            past = sums.made_by(term.value)[0] if term.weight else ""
            if past in sums.steps and sums.makers[past].operator == sums.makers[after].operator:
                before.setdefault(term.weight, {})[after] = past
    layers = [_layer(sums, weight, steps, f"{file}: RNN {number + 1}") for number, (weight, steps) in
              enumerate(before.items()) if len(steps) > 1]  # fmt: skip
    return modules_of([layer for layer in layers if layer is not None], file, _module)


def _layer(sums: _Sums, recurrent: str, steps: Mapping[str, str], where: str) -> Way | None:
    """The layer whose steps go through one recurrent matrix; None where they are not those of an Elman network."""
    graph, after = sums.graph, list(steps)[-1]
    reads = [term for term in sums.steps[after] if term.weight and term.weight != recurrent]
    firsts = [past for past in steps.values() if past not in steps]
    w_h = sums.matrices[recurrent]
    if len(reads) != 1 or len(firsts) != 1 or w_h.shape[0] != w_h.shape[1] or len(sums.steps[after]) > 4:
        return None
    (read,), units = reads, len(w_h)
    w_x, first = sums.matrices[read.weight], sums.steps[firsts[0]]
    bias, begun = (_constants(graph, terms, units) for terms in (sums.steps[after], first))
    if bias is None or begun is None or len(w_x) != units or read.weight not in {term.weight for term in first}:
        return None
    given = next((term.value for term in first if term.weight == recurrent), "")
    state = one_row(graph, given) if given else _first_state(w_h, begun - bias)
    if state is None or state.numel() not in (1, units):
        raise OwnError(
            say(
                "{where}: it begins from a state of its own, which the exporter put into its sums: export it with "
                "torch.onnx.export(…, dynamo=False)",
                where=where,
            )
        )
    source, turned = sums.made_by(read.value)
    names = [match for term in sums.steps[after] if not term.weight and (match := NAME.match(term.value))]
    name = f"{names[0]['path'] or 'rnn'}{names[0]['place'] or ''}".removesuffix("_reverse") if names else ""
    kind = FUNCTIONS[sums.makers[after].operator]
    weights = (w_x, w_h, bias, torch.zeros(units))
    state = state.reshape(1, -1).expand(1, units)
    label = name or where.rpartition(": ")[2]
    return Way(label, kind, weights, state, source, read.turned != turned)


def _first_state(w_h: Tensor, product: Tensor) -> Tensor | None:
    """The state h₀ of which an exporter stored W_hh h₀ alone; None where rounding hides more of it than ``CLEAR``."""
    if torch.allclose(product, torch.zeros(()), atol=1e-6):
        return torch.zeros(len(w_h))
    smallest = torch.linalg.svdvals(w_h.double())[-1]
    if ROUNDING * max(1.0, float(product.abs().max())) > CLEAR * smallest:
        return None
    return torch.linalg.solve(w_h.double(), product.double()).float()


def _constants(graph: Graph, terms: list[_Term], units: int) -> Tensor | None:
    """The sum of what is stored in a sum; None where that is no bias."""
    total = torch.zeros(units)
    for values in (graph.tensors[term.value] for term in terms if not term.weight):
        if not values.numel() or values.numel() % units or values.shape[-1] != units:
            return None
        rows = values.reshape(-1, units)
        if not bool((rows == rows[:1]).all()):
            return None
        total = total + rows[0]
    return total


def _module(ways: Sequence[Way], where: str) -> nn.Module:
    weights = tuple(part for way in ways for part in way.weights)
    if not all(part.isfinite().all() for part in weights):
        raise OwnError(say("{where}: expected finite weights, got others", where=where))
    return module_of(ways[0].kind, weights, True, 1, len(ways) == 2)
