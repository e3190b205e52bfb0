"""What every model that reads one sequence offers, whatever its family: the Explore page asks for no more."""

from __future__ import annotations

from typing import Any, Protocol

from torch import nn

from core_models.explain.arithmetic.cell import Arithmetic
from core_models.trace import Site, Trace
from pretrained.recipe import Recipe
from pretrained.task import Reading


class SequenceModel(Protocol):
    """A trained network with all that is needed to read a person's input.

    Attributes:
        recipe: how it was made and how well it does.
        task: how input is read; its ``examples`` are worth looking at, the first is what a page opens with.
        network: the network, in ``eval()``; shared by everyone, so never changed. Its ``convention`` is its cell's.
    """

    @property
    def recipe(self) -> Recipe: ...
    @property
    def task(self) -> Any: ...
    @property
    def network(self) -> nn.Module: ...

    def trace(self, reading: Reading) -> Trace:
        """Everything that happens inside when the network reads ``reading``; raises ``ModelError``."""
        ...

    def explain(self, trace: Trace, site: Site, key: str, step: int, unit: int = 0, head: int = 0) -> Arithmetic:
        """The arithmetic behind one number of a trace; raises ``KeyError`` where there is nothing to explain."""
        ...
