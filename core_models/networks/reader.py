"""What reads one sequence: an input layer and a recurrence, the parts that all networks here begin with.

    x_t = input(what came at step t)                     core_models.inputs
    h_t = recurrence(x_t, h_{t-1})                       core_models.cells

A sequence network answers from these states; an encoder-decoder hands them to its decoder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from core_models.attention import Score
from core_models.cells.recurrence import Recurrent
from core_models.cells.unrolled import Unrolled
from core_models.convention import Convention
from core_models.encoded import State
from core_models.heads import Head
from core_models.inputs import InputLayer
from core_models.trace import Site
from core_models.tracing import Layer, Replay, cell_of, layers_of, replay, states_by_site


class Reader(nn.Module):
    """The parts that read.

    Attributes:
        recurrence: what its recurrence is called in sites.
        input: embeds what came.
        rnn: the recurrence.
        attention: how states are compared; None without attention.
    """

    recurrence: str = "rnn"
    input: InputLayer
    rnn: Recurrent
    attention: Score | None

    @property
    def convention(self) -> Convention:
        """Equations, source and convention of the recurrent cell."""
        return cell_of(self.rnn).convention

    @property
    def attends_inside(self) -> bool:
        """Whether attention stands inside the recurrence."""
        return isinstance(self.rnn, Unrolled)

    @property
    def layers(self) -> Sequence[tuple[Layer, ...]]:
        """The layers of its recurrence from the input up, each with one ``Layer`` a direction."""
        return layers_of(self.rnn, self.recurrence)

    def head(self, name: str) -> Head:
        """One of its heads.

        Raises:
            KeyError: if it has none of that name.
        """
        raise KeyError(name)

    def recur(self, x: Tensor, lengths: Tensor, state: State = None) -> tuple[Tensor, State]:
        """States of the topmost layer ``[batch, step, unit]``, directions joined, and the state that is left.

        The state is that after the last step of ``x``, padding too where the sequence is read in one direction.

        Raises:
            ValueError: if it is to be read on from a state and the recurrence attends over its own past.
        """
        if state is not None and self.attends_inside:
            raise ValueError("network: expected no state to read on from where attention stands inside, got one")
        seen, given = self.input.look(x, lengths), () if self.attends_inside else (state,)
        if not self.rnn.bidirectional or int(lengths.min()) == x.shape[1]:
            states, after = self.rnn(seen.transpose(0, 1), *given)
            return states.transpose(0, 1), after
        packed = pack_padded_sequence(seen, lengths, batch_first=True, enforce_sorted=False)
        output, after = self.rnn(packed, *given)
        return pad_packed_sequence(output, batch_first=True, total_length=x.shape[1])[0], after

    def replay(self, x: Tensor, state: State = None) -> Replay:
        """Every value of the recurrence on one embedded sequence, ``[step, feature]``; see ``tracing.replay``."""
        return replay(self.rnn, self.input.look(x[None])[0], state=state, name=self.recurrence)

    def top(self, values: Mapping[tuple[Site, str], Tensor], depth: int = -1) -> Tensor:
        """Output of one layer, the topmost if not said otherwise, directions joined, ``[..., step, unit]``."""
        return torch.cat([values[layer.site, "hidden_state"] for layer in self.layers[depth]], dim=-1)

    def ends(self, states: Tensor, lengths: Tensor) -> Tensor:
        """Where each direction ends, joined, ``[row, unit]``, in the topmost states ``[row, step, unit]``."""
        last = states[torch.arange(len(states)), lengths - 1]
        if not self.rnn.bidirectional:
            return last
        size = self.rnn.hidden_size
        return torch.cat([last[:, :size], states[:, 0, size:]], dim=-1)

    def initial(self, state: State) -> Replay:
        """A state from which a sequence is read on, by layer and quantity; nothing where it is zeros."""
        return states_by_site(self.rnn, state)
