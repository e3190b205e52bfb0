"""Layers that a graph reads in one direction each, put together where two of them read the same from both ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core_models.language import say
from core_models.own.begun import beginning
from core_models.own.traced import OwnError


@dataclass(frozen=True, eq=False)
class Way:
    """A layer in one direction.

    Attributes:
        name: of the layer.
        kind: what it is beside its weights.
        weights: as whoever makes the module takes them.
        state: before the first step, ``[1, unit]``.
        source: name of what it reads.
        backward: whether it reads that from its end.
    """

    name: str
    kind: Any
    weights: Any
    state: Tensor
    source: str
    backward: bool


def modules_of(ways: Sequence[Way], file: str, make: Callable[[Sequence[Way], str], nn.Module]) -> dict[str, nn.Module]:
    """The layers by name, each in both directions where there is one for each.

    Args:
        ways: the layers.
        file: name of the file.
        make: makes a module of one or two directions, and is told where they are.

    Raises:
        OwnError: if one is read backward alone.
    """
    found, left = {}, [way for way in ways if way.backward]
    for way in (way for way in ways if not way.backward):
        twin = next((other for other in left if (other.source, other.kind) == (way.source, way.kind)
                     and other.state.shape == way.state.shape), None)  # fmt: skip
        left = [other for other in left if other is not twin]
        both = [way] if twin is None else [way, twin]
        found[way.name] = beginning(make(both, f"{file}: {way.name}"), [torch.cat([one.state for one in both])])
    if left:
        raise OwnError(
            say(
                "{where}: it is read in {direction!r} direction alone, which no module of torch does",
                where=f"{file}: {left[0].name}",
                direction="reverse",
            )
        )
    return found
