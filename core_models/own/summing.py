"""What becomes of a softmax: whether the axis that it makes sum to 1 is the axis that is summed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

SAME = ("dropout", "masked_fill", "mul", "__mul__", "__rmul__", "contiguous")
"""Functions whose result has the axes of what they were given."""


class Sums:
    """Every softmax of a run, followed to the sum in which its weights are used.

    Attributes:
        seen: results of the softmax calls, with the axis of each.
        wrong: sentences about those that are summed over another axis.
    """

    def __init__(self) -> None:
        self.seen: list[tuple[Tensor, int]] = []
        self.wrong: list[str] = []
        self._followed: dict[int, tuple[Tensor, int]] = {}

    def note(self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any], result: Any) -> None:
        """A function of torch was called."""
        if not isinstance(result, Tensor) or not args:
            return
        if function == "softmax":
            axis = kwargs.get("dim", args[1] if len(args) > 1 else None)
            if axis is not None:
                self._follow(result, int(axis) % result.ndim)
                self.seen.append((result, int(axis) % result.ndim))
            return
        if function == "einsum":
            self._einsum(*args)
            return
        places = [place for place, part in enumerate(args[:2]) if id(part) in self._followed]
        if places:
            self._used(function, args, kwargs, result, places[0])

    def _follow(self, values: Tensor, axis: int) -> None:
        self._followed[id(values)] = (values, axis)

    def _used(self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any], result: Tensor, place: int) -> None:
        weights, axis = self._followed[id(args[place])]
        if function in ("matmul", "__matmul__", "bmm"):
            summed = weights.ndim - 1 if place == 0 or weights.ndim == 1 else weights.ndim - 2
            self._hold(weights, axis, summed)
        elif function == "sum":
            dim = kwargs.get("dim", args[1] if len(args) > 1 else None)
            if isinstance(dim, int):
                self._hold(weights, axis, dim % weights.ndim)
        elif function == "unsqueeze":
            at = int(kwargs.get("dim", args[1] if len(args) > 1 else 0)) % result.ndim
            self._follow(result, axis + (at <= axis))
        elif function in ("transpose", "swapaxes"):
            one, other = (int(part) % weights.ndim for part in args[1:3])
            self._follow(result, {one: other, other: one}.get(axis, axis))
        elif function in SAME:
            self._follow(result, axis + result.ndim - weights.ndim)

    def _einsum(self, equation: Any, *operands: Any) -> None:
        """Every letter of some weights that does not come out again is an axis that is summed."""
        if not isinstance(equation, str) or "->" not in equation or "." in equation:
            return
        read, _, made = equation.replace(" ", "").partition("->")
        parts = operands[0] if len(operands) == 1 and isinstance(operands[0], Sequence) else operands
        for letters, part in zip(read.split(","), parts, strict=True):
            weights, axis = self._followed.get(id(part), (None, 0))
            summed = [place for place, letter in enumerate(letters) if letter not in made]
            if weights is not None and summed:
                self._hold(weights, axis, axis if axis in summed else summed[0])

    def _hold(self, weights: Tensor, axis: int, summed: int) -> None:
        if axis != summed:
            self.wrong.append(
                f"weights of shape {list(weights.shape)} sum to 1 along axis {axis}, but are summed over axis {summed}"
            )
