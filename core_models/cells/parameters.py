"""Parameters of a recurrent module by layer and direction, named and stacked as torch.nn.GRU names and stacks them."""

from __future__ import annotations

import math

import torch
from torch import nn

from core_models.cells.cell import Described, Weights

PEEPHOLE = "peephole_"
"""What stands before the key of a part in the name of its peephole."""


def _suffix(depth: int, backward: bool) -> str:
    return f"l{depth}_reverse" if backward else f"l{depth}"


def add_parameters(
    module: nn.Module, cell: Described, input_size: int, hidden_size: int, depth: int = 0, *, backward: bool = False
) -> None:
    """Give a module fresh parameters for one layer and direction.

    There is one bias a part. The recurrent one is zeros that are neither learned nor saved; parts that read no state
    have no recurrent rows. A part that peeks at a state has one weight a unit, called ``peephole_`` and its key.
    """
    suffix, shapes = _suffix(depth, backward), _shapes(cell, input_size, hidden_size)
    read = shapes.pop("bias_hh")
    for name, shape in shapes.items():
        module.register_parameter(f"{name}_{suffix}", _drawn(shape, hidden_size))
    module.register_buffer(f"bias_hh_{suffix}", torch.zeros(read), persistent=False)


class CellParameters(nn.Module):
    """Parameters of one cell that is stepped by somebody else, named, stacked and drawn as torch.nn.GRUCell does."""

    weight_ih: nn.Parameter
    weight_hh: nn.Parameter
    bias_ih: nn.Parameter
    bias_hh: nn.Parameter

    def __init__(self, cell: Described, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size, self._peeking = hidden_size, [part.key for part in cell.peeking_parts]
        for name, shape in _shapes(cell, input_size, hidden_size).items():
            self.register_parameter(name, _drawn(shape, hidden_size))

    @property
    def weights(self) -> Weights:
        """The same, as cells take them."""
        peepholes = {key: self.get_parameter(f"{PEEPHOLE}{key}") for key in self._peeking}
        return Weights(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh, None, peepholes)


def _shapes(cell: Described, input_size: int, hidden_size: int) -> dict[str, tuple[int, ...]]:
    rows, read = len(cell.parts) * hidden_size, len(cell.reading_parts) * hidden_size
    peepholes: dict[str, tuple[int, ...]] = {f"{PEEPHOLE}{part.key}": (hidden_size,) for part in cell.peeking_parts}
    return {
        "weight_ih": (rows, input_size), "weight_hh": (read, hidden_size), "bias_ih": (rows,), "bias_hh": (read,),
        **peepholes,
    }  # fmt: skip


def _drawn(shape: tuple[int, ...], hidden_size: int) -> nn.Parameter:
    reach = 1.0 / math.sqrt(hidden_size)
    return nn.Parameter(torch.empty(shape).uniform_(-reach, reach))


def weights_of(module: nn.Module, depth: int = 0, *, backward: bool = False) -> Weights:
    """Parameters of one layer and direction of a module that names them so; zeros for biases that it lacks."""
    suffix = _suffix(depth, backward)
    w_x, w_h = getattr(module, f"weight_ih_{suffix}"), getattr(module, f"weight_hh_{suffix}")
    projection, cell = getattr(module, f"weight_hr_{suffix}", None), getattr(module, "cell", None)
    peeking = cell.peeking_parts if isinstance(cell, Described) else ()
    peepholes = {part.key: module.get_parameter(f"{PEEPHOLE}{part.key}_{suffix}") for part in peeking}
    biases = (getattr(module, f"bias_ih_{suffix}"), getattr(module, f"bias_hh_{suffix}")) if module.bias else None
    b_x, b_h = biases or (w_x.new_zeros(len(w_x)), w_h.new_zeros(len(w_h)))
    return Weights(w_x, w_h, b_x, b_h, projection, peepholes)
