"""What a network answers on one input, as functions of the embedded input: the attribution targets of every network.

A tagger's outputs are the labels of tokens, a language model's the tokens that come next, a classifier's its classes,
each counted by its log-odds; a forecaster's are the values that it forecasts. A translator's are the tokens that it
writes (core_models.explain.written). Every method that asks about one number
can be asked about each, and gradient × input about all at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core_models.encoded import Encoded
from core_models.explain.attribution.methods import Read, ReadSome, step_matrix
from core_models.language import mark
from core_models.networks.reader import Reader
from core_models.networks.sequence import SequenceNetwork
from core_models.target import Target
from core_models.tracing import State


@dataclass(frozen=True)
class Output:
    """One scalar output, and how it is called.

    Attributes:
        target: which.
        name: on screen, such as “the label noun at ‘film’”.
    """

    target: Target
    name: str


@dataclass(frozen=True, eq=False)
class Outputs:
    """The outputs of a network for one input.

    Attributes:
        network: the network, in ``eval()``.
        encoded: the input.
        known: outputs that are worth asking about, in the order of their steps.
        what: what one of them is, for people, such as ``a label``.
        telling: number of the output to begin with.
    """

    network: Reader
    encoded: Encoded
    known: tuple[Output, ...]
    what: str = mark("an output")
    telling: int = 0

    @cached_property
    def content(self) -> Tensor:
        """Ids or numbers, as the input layer takes them."""
        return self.network.input.tensor(self.encoded)

    @cached_property
    def x(self) -> Tensor:
        """The embedded input, ``[step, feature]``."""
        with torch.no_grad():
            return self.network.input.embed(self.content)

    @property
    def baselines(self) -> Mapping[str, Tensor]:
        """What stands for "nothing here", by key of ``BASELINES``."""
        return self.network.input.baselines(self.content)

    @property
    def unit(self) -> str:
        """What the outputs are counted in."""
        return self.network.head(self.known[0].target.head).unit

    @property
    def causal(self) -> bool:
        """Whether there is an output at every step from the first on, which depends on the steps up to it only."""
        each = all(output.target.step == number for number, output in enumerate(self.known))
        return each and not self.network.rnn.bidirectional

    def about(self, target: Target) -> Read:
        """One output as a function of embedded inputs, ``[batch, step, feature]`` to ``[batch]``."""
        return lambda rows: self._values(rows, [target] * len(rows))

    def some(self, targets: Sequence[Target]) -> ReadSome:
        """Several outputs as a function of embedded inputs and the number of the target of each row."""
        return lambda rows, which: self._values(rows, [targets[number] for number in which.tolist()])

    def prefixes(self, target: Target) -> ReadSome:
        """An output of the whole, had the input ended at the step whose number is given for each row."""
        return lambda rows, which: self._values(rows, [target] * len(rows), which + 1)

    def value(self, target: Target) -> float:
        """One output for the input itself."""
        with torch.no_grad():
            return float(self.about(target)(self.x[None])[0])

    def matrix(self, baseline: str) -> NDArray[np.float32]:
        """Gradient × input of every known output by step, ``[output, step]``."""
        read = self.some([output.target for output in self.known])
        return step_matrix(read, self.x, self.baselines[baseline], len(self.known)).float().cpu().numpy()

    def answers(self, target: Target, baseline: str) -> NDArray[np.float32]:
        """Gradient × input of an output of the whole after every prefix, ``[prefix, step]``."""
        found = step_matrix(self.prefixes(target), self.x, self.baselines[baseline], len(self.x))
        return found.float().cpu().numpy()

    def _values(self, rows: Tensor, targets: Sequence[Target], lengths: Tensor | None = None) -> Tensor:
        """The target of each row, ``[row]``; rows that share head and rival are asked together."""
        lengths = torch.full((len(rows),), rows.shape[1]) if lengths is None else lengths.cpu()
        states = self._states(rows, lengths)
        groups: dict[tuple[str, int | None], list[int]] = {}
        for row, target in enumerate(targets):
            groups.setdefault((target.head, target.against), []).append(row)
        parts = [self._of(head, against, members, states, rows, targets, lengths)
                 for (head, against), members in groups.items()]  # fmt: skip
        order = torch.tensor([row for members in groups.values() for row in members]).argsort()
        return torch.cat(parts)[order.to(rows.device)]

    def _states(self, rows: Tensor, lengths: Tensor) -> Tensor:
        """States of the topmost layer, ``[row, step, unit]``, from embedded inputs."""
        return self.network.recur(rows, lengths, repeated(self.encoded.state, len(rows)))[0]

    def _raw(self, name: str, states: Tensor, rows: Tensor, lengths: Tensor, at: Tensor | None) -> Tensor:
        """Raw outputs of a head, ``[row, index]``; where it answers at each step, at a step of each row."""
        if not isinstance(self.network, SequenceNetwork):
            raise TypeError(f"outputs: expected a network that reads one sequence, got {type(self.network).__name__}")
        return self.network.output(name, states, rows, lengths, at)

    def _of(
        self,
        name: str,
        against: int | None,
        members: list[int],
        states: Tensor,
        rows: Tensor,
        targets: Sequence[Target],
        lengths: Tensor,
    ) -> Tensor:
        """The values of some rows that ask the same head against the same rival, ``[member]``."""
        head = self.network.head(name)
        at = torch.tensor([targets[row].step or 0 for row in members]) if head.each_step else None
        raw = self._raw(name, states[members], rows[members], lengths[members], at)
        return head.scalar(raw, torch.tensor([targets[row].index for row in members], device=raw.device), against)


def repeated(state: State, rows: int) -> State:
    """The same state for every row of a batch, ``[layers, batch, unit]``."""
    if state is None:
        return None
    held = state if isinstance(state, tuple) else (state,)
    parts = [part[:, None].expand(-1, rows, -1).contiguous() for part in held]
    return parts[0] if len(parts) == 1 else (parts[0], parts[1])
