"""The lines that copy weights between libraries: run, and held to each library's own equations, written out here."""

from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from core_models.own.dialects import DIALECTS, Form, lines

X, UNITS = np.random.default_rng(0).normal(size=(5, 3)), 4
COUNT = {"GRU": 3, "LSTM": 4, "RNN": 1}


class Layer:
    """What a Keras layer takes and gives."""

    def __init__(self, weights: list[np.ndarray]) -> None:
        self.weights = weights

    def get_weights(self) -> list[np.ndarray]:
        return self.weights

    def set_weights(self, weights: list[np.ndarray]) -> None:
        assert [part.shape for part in weights] == [part.shape for part in self.weights]
        self.weights = weights


def drawn(cell: str, form: Form) -> dict[str, Any]:
    """Weights of a form, drawn at random, under the name that the lines use."""
    rng, rows = np.random.default_rng(1), COUNT[cell] * UNITS
    if form.name == "PyTorch":
        return {"module": getattr(nn, cell)(3, UNITS).double()}
    if form.name.startswith("Keras"):
        bias = (2, rows) if form.name.endswith("(reset_after=True)") else (rows,)
        return {"layer": Layer([rng.normal(size=size) for size in ((3, rows), (UNITS, rows), bias)])}
    if form.name.startswith("ONNX"):
        sizes = {"W": (1, rows, 3), "R": (1, rows, UNITS), "B": (1, 2 * rows)}
        return {"tensors": {name: rng.normal(size=size) for name, size in sizes.items()}}
    sizes = {"W": (UNITS, 3), "U": (UNITS, UNITS), "b": (UNITS,)}
    gates = {"GRU": "rzh", "LSTM": "ifgo", "RNN": "h"}[cell]
    return {"book": {f"{letter}_{gate}": rng.normal(size=size) for letter, size in sizes.items() for gate in gates}}


def sigmoid(values: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-values))


def states(cell: str, form: Form, held: dict[str, Any]) -> np.ndarray:
    """What the library computes with its weights, by its own documentation."""
    if form.name == "PyTorch":
        with torch.no_grad():
            return held["module"](torch.from_numpy(X))[0].numpy()
    gate, before, book = _gates(cell, form, held)
    h, c, found = np.zeros(UNITS), np.zeros(UNITS), []
    for x in X:
        if cell == "RNN":
            h = np.tanh(gate("h", x, h))
        elif cell == "LSTM":
            c = sigmoid(gate("f", x, h)) * c + sigmoid(gate("i", x, h)) * np.tanh(gate("c", x, h))
            h = sigmoid(gate("o", x, h)) * np.tanh(c)
        else:
            r, z = sigmoid(gate("r", x, h)), sigmoid(gate("z", x, h))
            n = np.tanh(gate("h", x, r * h) if before else gate("h", x, h, r))
            h = z * n + (1 - z) * h if book else (1 - z) * n + z * h
        found.append(h)
    return np.array(found)


def _gates(cell: str, form: Form, held: dict[str, Any]):
    """By letter of a gate its sum; whether the reset gate acts before the product, and whether z = 1 overwrites."""
    if "book" in held:
        book = held["book"]

        def gate(name: str, x: np.ndarray, h: np.ndarray, r: Any = 1.0) -> np.ndarray:
            name = {"c": "g"}.get(name, name)
            return book[f"W_{name}"] @ x + book[f"U_{name}"] @ h + book[f"b_{name}"]

        return gate, True, True
    keras = "layer" in held
    order = {"GRU": "zrh", "LSTM": "ifco" if keras else "iofc", "RNN": "h"}[cell]
    if keras:
        kernel, recurrent, bias = held["layer"].get_weights()
        w, u, (bi, bh) = kernel.T, recurrent.T, bias if bias.ndim == 2 else (bias, np.zeros_like(bias))
    else:
        w, u, (bi, bh) = held["tensors"]["W"][0], held["tensors"]["R"][0], np.split(held["tensors"]["B"][0], 2)

    def sums(name: str, x: np.ndarray, h: np.ndarray, r: Any = 1.0) -> np.ndarray:
        at = slice(order.index(name) * UNITS, (order.index(name) + 1) * UNITS)
        return w[at] @ x + bi[at] + r * (u[at] @ h + bh[at])

    return sums, form.family == "before", False


PAIRS = [
    (cell, source, target)
    for cell, forms in DIALECTS.items()
    for source, target in product(forms, repeat=2)
    if source.family == target.family and source is not target
]


@pytest.mark.parametrize(
    ("cell", "source", "target"), PAIRS, ids=lambda each: each.name if isinstance(each, Form) else each
)
def test_the_lines_copy_the_weights_so_that_both_compute_the_same(cell, source, target):
    torch.manual_seed(2)
    held = drawn(cell, source)
    made = drawn(cell, target) | held
    expected = states(cell, source, held)
    exec(lines(source, target), made)  # noqa: S102 - our own lines
    np.testing.assert_allclose(states(cell, target, made if target.name == "PyTorch" else _own(target, made)),
                               expected, atol=1e-9)  # fmt: skip


def _own(form: Form, made: dict[str, Any]) -> dict[str, Any]:
    key = {"K": "layer", "O": "tensors", "T": "book"}[form.name[0]]
    return {key: made[key]}


def test_forms_that_no_weights_make_equal_are_refused():
    forms = {form.name: form for form in DIALECTS["GRU"]}
    with pytest.raises(ValueError, match="no weights compute the same"):
        lines(forms["PyTorch"], forms["Textbook"])
