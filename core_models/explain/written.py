"""What an encoder-decoder answers: the tokens that it writes, as functions of the embedded source.

The target is given, whatever the network would have written (teacher forcing): the output at a step asks why its token
was probable after the tokens before it, or more probable than another one. What is asked about is the source alone; it
acts through the encoder, whose states know their neighbours, and through every step of the decoder up to that one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core_models.edits.edit import Stack
from core_models.edits.plan import Rows, plan_rows
from core_models.edits.reading import embedded, read
from core_models.edits.writing import changes_states, course_of, written_ids
from core_models.explain.attribution.methods import gradients
from core_models.explain.outputs import Outputs
from core_models.networks.translator import Course, Translator


@dataclass(frozen=True, eq=False)
class WrittenOutputs(Outputs):
    """The outputs of an encoder-decoder for one source and what is written for it; see ``Outputs``.

    Attributes:
        stack: edits under which it is read and written.
    """

    network: Translator
    stack: Stack = ()

    @property
    def causal(self) -> bool:
        """Never: an output is said at a step of the target and depends on all of the source."""
        return False

    @cached_property
    def ids(self) -> Tensor:
        """Ids of what is written, ``[step]``."""
        return written_ids(self.network, self.encoded)

    @cached_property
    def rows(self) -> Rows:
        """The source as it is read."""
        return plan_rows(self.content.cpu(), [self.stack])

    @cached_property
    def x(self) -> Tensor:
        """The embedded source, ``[step, feature]``."""
        with torch.no_grad():
            return embedded(self.network, self.rows)[0]

    @cached_property
    def course(self) -> Course:
        """What is to be otherwise while it is written."""
        return course_of(self.network, self.rows, [self.stack], len(self.ids))

    def reach(self) -> NDArray[np.float32]:
        """How fast each known output can change with each source token's embedding, ``[output, step]``: ‖∂f/∂x‖."""
        read, which = self.some([output.target for output in self.known]), torch.arange(len(self.known))
        slopes = gradients(lambda rows: read(rows, which), self.x.expand(len(which), -1, -1))
        return slopes.norm(dim=-1).float().cpu().numpy()

    def _states(self, rows: Tensor, lengths: Tensor) -> Tensor:
        if not any(changes_states(edit) for edit in self.stack):
            return super()._states(rows, lengths)
        content, zeros = (part.expand(len(rows), *part.shape[1:]) for part in (self.rows.content, self.rows.zeros))
        alike = Rows(content, zeros, lengths, self.rows.kept * len(rows))
        return self.network.top(read(self.network, rows, alike, [self.stack] * len(rows), {}, whole=False))

    def _raw(self, name: str, states: Tensor, rows: Tensor, lengths: Tensor, at: Tensor | None) -> Tensor:
        steps = torch.zeros(len(states), dtype=torch.long) if at is None else at
        return self.network.written_at(self.network.remember(states, lengths), self.ids, steps, self.course)
