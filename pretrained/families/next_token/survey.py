"""A text of any length, read once by a language model: how surprising each character was, and what every unit did."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from core_models.networks.sequence import SequenceNetwork
from core_models.ranges import Range
from core_models.survey import Survey
from core_models.trace import Site
from core_models.tracing import Replay, layers_of
from pretrained.kinds.next_token import CharacterTask, Part


class TextSurvey:
    """One text on its way through a language model.

    Args:
        task: what its characters are.
        network: the network, in ``eval()``; it is not changed.
        text: what is read, after the start that every text has.

    Attributes:
        survey: of the states; step 0 is the start, step t the t-th character.
        ranges: what every unit did in every stretch, once all is read.
    """

    def __init__(self, task: CharacterTask, network: SequenceNetwork, text: str) -> None:
        self.task, self.network, self.text = task, network, text
        self._ids = torch.tensor(task.ids(task.start + text), device=next(network.parameters()).device)
        self._surprise: list[NDArray[np.float32]] = []
        self.ranges: dict[tuple[Site, str], Range] = {}
        embed = network.input.embed
        self.survey = Survey(network.rnn, lambda start, stop: embed(self._ids[start:stop]), len(self._ids))

    def __len__(self) -> int:
        """Number of steps: the start and every character."""
        return len(self._ids)

    @torch.no_grad()
    def read(self) -> Iterator[float]:
        """Read it all; gives the share that was read, after every piece."""
        site, begin = layers_of(self.network.rnn)[-1][0].site, 0
        before = self._ids.new_zeros(self.network.rnn.hidden_size, dtype=torch.float32)
        for values in self.survey.pieces():
            states = values[site, "hidden_state"]
            self._surprise.append(self._surprised(values, before, begin, site))
            before, begin = states[-1], begin + len(states)
            yield begin / len(self)
        self.ranges = self.survey.ranges

    def _surprised(self, values: Replay, before: torch.Tensor, begin: int, site: Site) -> NDArray[np.float32]:
        """Surprise in nats of the characters of a piece, each expected from the state before it."""
        states = values[site, "hidden_state"]
        earlier = torch.cat([before[None], states[:-1]])
        chances = torch.log_softmax(self.network.head("next_token")(earlier, earlier), dim=-1)
        found = -chances.gather(1, self._ids[begin : begin + len(states), None])[:, 0]
        return found.cpu().numpy()

    @property
    def surprise(self) -> NDArray[np.float32]:
        """Surprise of every character in nats, ``[step]``, as far as it was read."""
        return np.concatenate(self._surprise)

    @torch.no_grad()
    def read_finer(self, finer: Survey) -> Iterator[float]:
        """Read what ``survey.within`` gave; gives the share that was read, after every piece."""
        for _ in finer.pieces():
            yield len(finer.states) * finer.piece / finer.length

    def part(self, begin: int) -> Part:
        """The part from a step on, to be read exactly."""
        return Part(self.text, begin, self.survey.state_before(begin))
