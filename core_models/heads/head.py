"""What a head is: a readout of what attention and recurrence made, as scalar outputs and as quantities of a trace."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core_models.attention.score import double
from core_models.explain.arithmetic.cell import Arithmetic
from core_models.explain.arithmetic.readout import Affine, HeadInput, explain_softmax
from core_models.language import mark
from core_models.trace import Site, Trace
from core_models.tracing import Replay


@dataclass(frozen=True, eq=False)
class Concluded:
    """What a head said of one sequence, before it is made into quantities.

    Attributes:
        outputs: of every step where it answers at each, else of the whole.
        running: of every prefix, where a head that answers for the whole was asked after each step; else None.
        before: outputs before the first step, where it answers at each.
        ids: of the tokens that were read, ``[step]`` or ``[step, column]``; empty for numbers.
        stretch: factors of the interval of a forecast, ``[horizon]``; those of the head if None.
    """

    outputs: Tensor
    running: Tensor | None
    before: Tensor
    ids: Tensor
    stretch: Tensor | None = None


class Head(nn.Module):
    """One readout; a subclass says what its numbers mean.

    Args:
        size: features of what it reads.
        count: classes, labels, tokens, or steps that are forecast.
        linear: steps of a linear autoregression beside it, where it has one.

    Attributes:
        site: where its quantities stand in a trace.
        each_step: whether it answers at every step, not for the whole sequence.
        of_input: whether those are steps of what is read; else they are steps of what is written for it.
        running: whether it is asked after every prefix too; see ``run``.
        unit: of its scalar outputs.
        readout: linear map from what it reads.
    """

    site: Site
    each_step: bool = False
    of_input: bool = True
    running: bool = False
    unit: str = mark("log-odds")

    def __init__(self, size: int, count: int, linear: int = 0) -> None:
        super().__init__()
        self.count = count
        self.readout = nn.Linear(size, self.rows)

    def run(self) -> None:
        """Let it be asked after every prefix too; see ``SequenceNetwork.running``."""
        self.running = True

    @property
    def rows(self) -> int:
        """Numbers that the readout gives."""
        return self.count

    def forward(self, summary: Tensor, x: Tensor) -> Tensor:
        """Raw outputs ``[..., count]`` from ``summary`` ``[..., size]``; ``x`` is the embedded input."""
        return self.readout(summary)

    def scalar(self, outputs: Tensor, index: int | Tensor, against: int | None = None) -> Tensor:
        """One number a row, ``[row]``, of raw outputs ``[row, count]``.

        Args:
            outputs: raw outputs.
            index: which class, label or token, for all rows or ``[row]``.
            against: another one to hold it against; all others if None.
        """
        chosen = torch.as_tensor(index, device=outputs.device).expand(len(outputs))
        if against is not None:
            return outputs.gather(1, chosen[:, None])[:, 0] - outputs[:, against]
        return log_odds(outputs, chosen)

    def telling(self, outputs: Tensor) -> int:
        """Which of raw outputs ``[count]`` is asked about where nothing else is said: the largest."""
        return int(outputs.argmax())

    def squash(self, scalars: Tensor) -> Tensor:
        """A scalar output as it is best compared: log-odds as a probability."""
        return torch.sigmoid(scalars)

    def quantities(self, concluded: Concluded) -> Replay:
        """What it said of one sequence, by address in the trace."""
        raise TypeError(f"{type(self).__name__}: expected quantities of its own")

    @property
    def spelled(self) -> Affine:
        """Weights and biases of every score, for arithmetic that is spelled out."""
        return double(self.readout.weight), double(self.readout.bias)

    def explain(self, trace: Trace, read: HeadInput, key: str, step: int, unit: int) -> Arithmetic:
        """The arithmetic behind one number that it said: the probability of label ``unit`` at a step.

        Raises:
            KeyError: if it said no such number.
        """
        return explain_softmax(self.spelled, read.summary(step), trace, self.site, key, step, unit)


def log_odds(logits: Tensor, chosen: Tensor) -> Tensor:
    r"""log p / (1 − p) = ℓ_k − log Σ_{j≠k} exp ℓ_j of one choice in each row of a softmax's logits.

    Unlike p and log p it does not flatten out where the network is sure.

    Args:
        logits: ``[row, choice]``.
        chosen: ``[row]``.
    """
    chosen = chosen.to(logits.device)[:, None]
    others = logits.scatter(1, chosen, -torch.inf)
    return logits.gather(1, chosen)[:, 0] - others.logsumexp(dim=1)
