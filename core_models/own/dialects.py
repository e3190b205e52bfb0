r"""One cell as PyTorch, Keras, ONNX and textbooks write it, and the lines that copy its weights from one to another.

The weights go through PyTorch's own order: W ``[gates * unit, feature]``, R ``[gates * unit, unit]``, b_i and b_h
``[gates * unit]``, gates r, z, n of a GRU and i, f, g, o of an LSTM, z = 1 keeping the past. A GRU comes in two
families that no weights make equal: the reset gate acts after the product with R, or before it.

Sources: torch.nn, keras.layers (Keras 3) and ONNX RNN-14, GRU-14, LSTM-14 documentation; Chung et al. 2014, arXiv
1412.3555; Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000; Elman 1990.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core_models.language import mark

PYTORCH, KERAS, ONNX, TEXTBOOK = "PyTorch", "Keras", "ONNX", "Textbook"


@dataclass(frozen=True)
class Form:
    """One way to write a cell.

    Attributes:
        name: on screen, with the option that it needs.
        family: forms of one family compute the same with the right weights.
        order: the gates in the order in which their weights stand.
        equations: LaTeX, one per line.
        differs: what is unlike PyTorch, in a sentence.
        read: Python that makes W, R, b_i and b_h of this form's weights.
        write: Python that makes this form's weights of W, R, b_i and b_h.
    """

    name: str
    family: str
    order: str
    equations: tuple[str, ...]
    differs: str
    read: str
    write: str


def lines(source: Form, target: Form) -> str:
    """Python that copies the weights of a layer from one form to another; raises ``ValueError`` where none can."""
    if source.family != target.family:
        raise ValueError(
            f"dialects: expected two forms of one family, got {source.name} and {target.name}: with the reset gate on "
            "the other side of the product, no weights compute the same"
        )
    return f"import numpy as np\n\n{source.read}\n\n{target.write}\n"


_TORCH_READ = "W, R, b_i, b_h = (part.detach().numpy() for part in module.all_weights[0])"
_TORCH_WRITE = (
    "import torch\n\n"
    "with torch.no_grad():\n"
    "    for part, values in zip(module.all_weights[0], (W, R, b_i, b_h)):\n"
    "        part.copy_(torch.from_numpy(np.ascontiguousarray(values)))"
)


def _back(order: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(order.index(place) for place in range(len(order)))


def _sorter(order: tuple[int, ...], axis: int) -> str:
    """A function that puts blocks into an order; nothing to put where there is one."""
    if len(order) == 1:
        return "sort = np.asarray"
    return (
        f"def sort(part):\n    blocks = np.split(part, {len(order)}, axis={axis})\n"
        f"    return np.concatenate([blocks[k] for k in {list(order)}], axis={axis})"
    )


def _keras(order: tuple[int, ...], *, two: bool) -> tuple[str, str]:
    """Read and write lines of a Keras layer; ``order`` is, for each of its blocks, PyTorch's place."""
    bias = "b_i, b_h = map(sort, bias)" if two else "b_i, b_h = sort(bias), np.zeros_like(bias)"
    read = (
        f"kernel, recurrent, bias = layer.get_weights()\n\n\n{_sorter(_back(order), -1)}\n\n\n"
        f"W, R = sort(kernel).T, sort(recurrent).T\n{bias}"
    )
    made = "np.stack([sort(b_i), sort(b_h)])" if two else "sort(b_i + b_h)"
    write = f"{_sorter(order, -1)}\n\n\nlayer.set_weights([sort(W.T), sort(R.T), {made}])"
    return read, write


def _onnx(order: tuple[int, ...]) -> tuple[str, str]:
    """Read and write lines of an ONNX node of one direction."""
    read = (
        f"{_sorter(_back(order), 0)}\n\n\n"
        'W, R = sort(tensors["W"][0]), sort(tensors["R"][0])\n'
        'b_i, b_h = map(sort, np.split(tensors["B"][0], 2))'
    )
    write = (
        f"{_sorter(order, 0)}\n\n\n"
        'tensors = {"W": sort(W)[None], "R": sort(R)[None], "B": np.concatenate([sort(b_i), sort(b_h)])[None]}'
    )
    return read, write


def _book(gates: str, negative: str = "") -> tuple[str, str]:
    """Read and write lines of a textbook's separate matrices, by the letters of the gates in PyTorch's order."""

    def stacked(letter: str) -> str:
        parts = [f'{"-" if gate in negative else ""}book["{letter}_{gate}"]' for gate in gates]
        return f"np.concatenate([{', '.join(parts)}])"

    read = "\n".join(f"{whole} = {stacked(letter)}" for whole, letter in (("W", "W"), ("R", "U"), ("b_i", "b")))
    flip = "".join(f'\nfor letter in "WUb":\n    book[f"{{letter}}_{gate}"] *= -1.0' for gate in negative)
    write = (
        "book = {}\n"
        'for letter, whole in (("W", W), ("U", R), ("b", b_i + b_h)):\n'
        f'    for gate, part in zip("{gates}", np.split(whole, {len(gates)})):\n'
        f'        book[f"{{letter}}_{{gate}}"] = part.copy(){flip}'
    )
    return f"{read}\nb_h = np.zeros_like(b_i)", write


_AFTER = (
    r"r_t = \sigma(W_r x_t + R_r h_{t-1} + b_r)",
    r"z_t = \sigma(W_z x_t + R_z h_{t-1} + b_z)",
    r"n_t = \tanh(W_n x_t + b_{in} + r_t \odot (R_n h_{t-1} + b_{hn}))",
    r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}",
)
_BEFORE = (*_AFTER[:2], r"n_t = \tanh(W_n x_t + R_n (r_t \odot h_{t-1}) + b_n)", _AFTER[3])
_BOOK = (*_BEFORE[:3], r"h_t = (1 - z_t) \odot h_{t-1} + z_t \odot n_t")
_LSTM = (
    r"i_t = \sigma(W_i x_t + R_i h_{t-1} + b_i)",
    r"f_t = \sigma(W_f x_t + R_f h_{t-1} + b_f)",
    r"g_t = \tanh(W_g x_t + R_g h_{t-1} + b_g)",
    r"o_t = \sigma(W_o x_t + R_o h_{t-1} + b_o)",
    r"c_t = f_t \odot c_{t-1} + i_t \odot g_t",
    r"h_t = o_t \odot \tanh(c_t)",
)
_RNN = (r"h_t = \tanh(W x_t + R h_{t-1} + b)",)
_TURNED = mark("Matrices are transposed, so that x stands on their left. One bias.")
_PARTED = mark("Every gate has matrices of its own, W and U, and one bias.")
_BOTH, _ADDED = mark("B holds both biases, one after the other."), mark("Two biases, which are added.")

DIALECTS: Mapping[str, tuple[Form, ...]] = {
    "GRU": (
        Form(PYTORCH, "after", "r, z, n", _AFTER, mark("Two biases; z = 1 keeps the past."), _TORCH_READ, _TORCH_WRITE),
        Form(f"{KERAS} (reset_after=True)", "after", "z, r, h", _AFTER,
             mark("Matrices are transposed, so that x stands on their left. z = 1 keeps the past, as in "
                  "PyTorch."), *_keras((1, 0, 2), two=True)),
        Form(f"{ONNX} (linear_before_reset=1)", "after", "z, r, h", _AFTER,
             _BOTH, *_onnx((1, 0, 2))),
        Form(TEXTBOOK, "before", "r, z, h", _BOOK,
             mark("Every gate has matrices of its own, W and U, and one bias. z = 1 overwrites the past, so that the "
                  "weights of z change their sign. The reset gate acts before the product, which PyTorch's GRU does "
                  "not."), *_book("rzh", "z")),
        Form(f"{KERAS} (reset_after=False)", "before", "z, r, h", _BEFORE, _TURNED,
             *_keras((1, 0, 2), two=False)),
        Form(f"{ONNX} (linear_before_reset=0)", "before", "z, r, h", _BEFORE,
             mark("ONNX's default. B holds both biases, one after the other."), *_onnx((1, 0, 2))),
    ),
    "LSTM": (
        Form(PYTORCH, "one", "i, f, g, o", _LSTM, _ADDED, _TORCH_READ, _TORCH_WRITE),
        Form(KERAS, "one", "i, f, c, o", _LSTM, _TURNED, *_keras((0, 1, 2, 3), two=False)),
        Form(ONNX, "one", "i, o, f, c", _LSTM, _BOTH, *_onnx((0, 3, 1, 2))),
        Form(TEXTBOOK, "one", "i, f, g, o", _LSTM, _PARTED, *_book("ifgo")),
    ),
    "RNN": (
        Form(PYTORCH, "one", "h", _RNN, _ADDED, _TORCH_READ, _TORCH_WRITE),
        Form(KERAS, "one", "h", _RNN, _TURNED, *_keras((0,), two=False)),
        Form(ONNX, "one", "h", _RNN, _BOTH, *_onnx((0,))),
        Form(TEXTBOOK, "one", "h", _RNN, mark("W and U, and one bias."), *_book("h")),
    ),
}  # fmt: skip
"""The forms of each cell; PyTorch's first."""
