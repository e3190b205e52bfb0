"""A trained network, ready for a person's input; ``pretrained.registry.load`` gives one by its key.

model = load("sst2-gru-attention")
encoded = model.encode("the acting is superb")
model.trace(encoded)                  everything that happens inside
model.predict([encoded])              the answer alone, for many inputs at once
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from core_models.cells.recurrence import Recurrent
from core_models.encoded import Encoded, State
from core_models.explain.arithmetic.cell import Arithmetic
from core_models.explain.arithmetic.sequence import explain
from core_models.explain.outputs import Outputs
from core_models.language import say
from core_models.trace import Site, Trace
from pretrained.errors import ModelError, values_of
from pretrained.recipe import Recipe

HALVES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Trained:
    """A trained network with all that is needed to read a person's input.

    Attributes:
        recipe: how it was made and how well it does.
        task: how input is encoded, and what the output means; see ``pretrained.task.Task``.
        network: the network, in ``eval()``; shared by everyone, so never changed.
        reference: background states and classes, by (site, quantity key).
    """

    recipe: Recipe
    task: Any
    network: Any
    reference: Mapping[tuple[Site, str], NDArray[np.floating]] = field(default_factory=dict)

    @property
    def device(self) -> torch.device:
        """Where the network computes."""
        return next(self.network.parameters()).device

    def encode(self, text: str, content: Any = None) -> Encoded:
        """What a person gave, as the network reads it; raises ``InputError``, see ``pretrained.task.Task.encode``.

        A half of a character (U+D800 to U+DFFF), which no text in UTF-8 can hold, is read as U+FFFD.
        """
        return self.task.encode(HALVES.sub("\ufffd", text), content)

    def complete(self, encoded: Encoded) -> Encoded:
        """The input with what the model writes for it, where it writes; else the input as it is."""
        return encoded

    def sequence(self, encoded: Encoded) -> Tensor:
        """Ids ``[step]`` (where several columns are read ``[step, column]``) or numbers ``[step, channel]``.

        Raises:
            ModelError: if the network reads numbers and there are none.
        """
        self._refuse(encoded)
        if encoded.values is not None:
            return torch.tensor(encoded.values, device=self.device)
        ids = torch.tensor(encoded.ids, device=self.device)
        return ids[:, 0] if ids.ndim == 2 and ids.shape[1] == 1 else ids

    def _refuse(self, encoded: Encoded) -> None:
        if encoded.values is None and self.task.medium in ("series", "sound"):
            raise ModelError(
                say("The model “{model}” reads numbers; choose a series or a recording.", model=say(self.recipe.title))
            )

    @property
    def classes(self) -> tuple[str, ...]:
        """What the classes that it answers with are called on screen; empty where there are none."""
        return ()

    def trace(self, encoded: Encoded) -> Trace:
        """Everything that happens inside when the network reads ``encoded``, with the background states.

        Raises:
            ModelError: if impossible values come out, as they do from damaged weights, or it reads something else.
        """
        self._refuse(encoded)
        with values_of(self.recipe.title):
            trace = self.network.trace(encoded, name=self.recipe.key)
        return trace.with_entries(self.reference, self.classes)

    def explain(self, trace: Trace, site: Site, key: str, step: int, unit: int = 0, head: int = 0) -> Arithmetic:
        """The arithmetic behind one number of a trace.

        Raises:
            KeyError: where there is nothing to explain.
        """
        return explain(self.network, trace, site, key, step, unit, head)

    @torch.no_grad()
    def recurrence(self, encoded: Encoded, site: Site) -> tuple[Recurrent, Tensor, State]:
        """The recurrence of a site, what it reads ``[step, feature]``, and the state that it begins from."""
        network = self.network
        x = network.input.embed(network.input.tensor(encoded))
        return network.rnn, network.input.look(x[None])[0], encoded.state

    def outputs(self, encoded: Encoded, trace: Trace) -> Outputs:
        """What the network answers, as functions of its input, named for people.

        Raises:
            NotImplementedError: if the family of the model has none.
        """
        raise NotImplementedError(type(self).__name__)

    def predict(self, batch: Sequence[Encoded]) -> list[Any]:
        """The answers to several inputs, computed together; what one is, the family says.

        Raises:
            NotImplementedError: if the family of the model has no batches.
        """
        raise NotImplementedError(type(self).__name__)

    def padded(self, batch: Sequence[Encoded]) -> tuple[Tensor, Tensor]:
        """Inputs side by side, ``[batch, step]`` or ``[batch, step, channel]``, padded with 0, and their lengths."""
        rows = [self.sequence(encoded) for encoded in batch]
        return pad_sequence(rows, batch_first=True), torch.tensor([len(row) for row in rows])
