"""The formula of a state as a tree that can be drawn and computed.

A node is a list, ready for JSON: ``["of", name]`` for a quantity, ``["number", value]``, ``[sign, left, right]`` for
one of ``SIGNS``, ``max`` among them, and ``[function, inside]`` for one of ``FUNCTIONS``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Node = list[Any]

FUNCTIONS: Mapping[str, Any] = {
    "tanh": np.tanh,
    "sigma": lambda values: 1.0 / (1.0 + np.exp(-values)),
    "exp": np.exp,
    "relu": lambda values: np.maximum(values, 0.0),
}
"""What a formula may apply to a value; the browser computes the same ones."""

SIGNS: Mapping[str, Any] = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "max": np.maximum}

_TOKEN = re.compile(r"\s*(\{[a-z_]+\}|\\[a-z]+|\d+(?:\.\d+)?|[-+/(){},])")
_SILENT = ("\\left", "\\right")


def parse(latex: str) -> Node:
    r"""The tree of a formula such as ``(1 - {update_gate}) \cdot {candidate}``.

    Raises:
        ValueError: if it holds anything but quantities in braces, numbers, brackets, signs and known functions.
    """
    reader = _Reader(latex)
    found = reader.sum()
    if reader.next is not None:
        raise ValueError(f"formula: expected an end, got {reader.next!r} in {latex!r}")
    return found


class _Reader:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, latex: str) -> None:
        self.latex, self.tokens, place = latex, list[str](), 0
        while place < len(latex.rstrip()):
            found = _TOKEN.match(latex, place)
            if found is None:
                raise ValueError(f"formula: expected a quantity, number or sign, got {latex[place:]!r}")
            place = found.end()
            if found[1] not in _SILENT:
                self.tokens.append(found[1])

    @property
    def next(self) -> str | None:
        return self.tokens[0] if self.tokens else None

    def take(self, *wanted: str) -> str:
        token = self.tokens.pop(0) if self.tokens else "end"
        if wanted and token not in wanted:
            raise ValueError(f"formula: expected {' or '.join(wanted)}, got {token!r} in {self.latex!r}")
        return token

    def sum(self) -> Node:
        found = self.product()
        while self.next in ("+", "-"):
            found = [self.take(), found, self.product()]
        return found

    def product(self) -> Node:
        found = self.factor()
        while self.next in ("\\cdot", "\\odot", "/"):
            sign = self.take()
            found = ["/" if sign == "/" else "*", found, self.factor()]
        return found

    def factor(self) -> Node:
        token = self.take()
        if token == "(":
            found = self.sum()
            self.take(")")
            return found
        if token == "-":
            return ["-", ["number", 0.0], self.factor()]
        if token == "\\max":
            self.take("(")
            first = self.sum()
            self.take(",")
            second = self.sum()
            self.take(")")
            return ["relu", second] if first == ["number", 0.0] else ["max", first, second]
        if token == "\\frac":
            return ["/", self.group(), self.group()]
        if token[1:] in FUNCTIONS:
            return [token[1:], self.factor()]
        if token.startswith("{") and len(token) > 1:
            return ["of", token[1:-1]]
        if token[0].isdigit():
            return ["number", float(token)]
        raise ValueError(f"formula: expected a quantity, number or function, got {token!r} in {self.latex!r}")

    def group(self) -> Node:
        if self.next != "{":
            return self.factor()
        self.take("{")
        found = self.sum()
        self.take("}")
        return found


def operands(node: Node) -> tuple[str, ...]:
    """Names of the quantities in a tree, each once, from left to right."""
    return tuple(dict.fromkeys(_names(node)))


def _names(node: Node) -> Iterator[str]:
    if node[0] == "of":
        yield node[1]
    elif node[0] != "number":
        for part in node[1:]:
            yield from _names(part)


def terms(node: Node) -> list[Node]:
    """What is added up; what is subtracted is a term with its sign turned."""
    if node[0] == "+":
        return terms(node[1]) + terms(node[2])
    if node[0] == "-" and node[1] != ["number", 1.0]:
        left = [] if node[1] == ["number", 0.0] else terms(node[1])
        return left + [["-", ["number", 0.0], part] for part in terms(node[2])]
    return [node]


def factors(node: Node) -> list[Node]:
    """What is multiplied; a divisor is a factor ``1 / divisor``."""
    if node[0] == "*":
        return factors(node[1]) + factors(node[2])
    if node[0] == "/" and node[1] != ["number", 1.0]:
        return [*factors(node[1]), ["/", ["number", 1.0], node[2]]]
    return [node]


def product(nodes: list[Node]) -> Node:
    """The tree of all nodes multiplied."""
    found = nodes[0]
    for node in nodes[1:]:
        found = ["*", found, node]
    return found


def evaluate(node: Node, values: Mapping[str, NDArray[np.floating]]) -> Any:
    """The value of a tree, by the values of its quantities."""
    kind, *parts = node
    if kind == "of":
        return values[parts[0]]
    if kind == "number":
        return parts[0]
    found = [evaluate(part, values) for part in parts]
    return SIGNS[kind](*found) if kind in SIGNS else FUNCTIONS[kind](*found)
