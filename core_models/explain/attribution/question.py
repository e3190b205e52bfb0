"""What is asked of a network that gives several outputs for one input: which step gave how much to which output?

A tagger's outputs are the labels that it gives, a language model's the tokens that came, a recogniser's its classes,
each by its log-odds

    log p / (1 − p) = ℓ_k − log Σ_{j≠k} exp ℓ_j

of the softmax's logits ℓ: unlike p and log p it does not flatten out where the network is sure. A forecaster's are the
values that it forecasts. Each is a function of the embedded input, so that every method that asks for one number
(core_models.explain.attribution.methods) can be asked about each, and gradient × input about all at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core_models.explain.attribution.methods import Read, ReadSome, integrated_gradients, step_matrix
from core_models.explain.attribution.opinions import METHODS
from core_models.networks.forecaster import SeriesForecaster
from core_models.networks.language_model import LanguageModel
from core_models.networks.recogniser import SequenceRecogniser
from core_models.networks.tagger import SequenceTagger
from core_models.tracing import State

FEW, MANY, MOST, SMALL = 50, 300, 2000, 0.01
"""Points on the path of integrated gradients: few; from many to the most where the gap is more than a small share."""

ROOM = 60_000
"""Steps that are read at most for one path, if there are more than ``MANY`` points on it."""


BASELINES = {
    "unknown": "something unknown",
    "zero": "nothing (zeros)",
    "mean": "the mean of all",
    "last": "the last value",
}
"""What can stand for "nothing here"."""

LOG_ODDS = "log-odds"


@dataclass(frozen=True, eq=False)
class Question:
    """Several outputs of a network for one input.

    Attributes:
        read: output ``which[b]`` of row b, from embedded inputs ``[batch, step, feature]`` and ``which`` ``[batch]``.
        x: the embedded input, ``[step, feature]``.
        baselines: what stands for "nothing here", ``[feature]`` or ``[step, feature]``, by key of ``BASELINES``.
        inputs: what each step is called.
        outputs: what each output is called.
        causal: whether output o depends on the steps up to o only.
        what: what an output is, for people.
        unit: of the outputs.
        telling: number of the output to begin with; None for the one that something speaks for or against most.
    """

    read: ReadSome
    x: Tensor
    baselines: Mapping[str, Tensor]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    causal: bool
    what: str = "a label that is given"
    unit: str = LOG_ODDS
    telling: int | None = None

    def about(self, output: int) -> Read:
        """One output as a function of the input."""
        return lambda rows: self.read(rows, torch.full((len(rows),), output))

    def matrix(self, baseline: str) -> NDArray[np.float32]:
        """Gradient × input of every output by step, ``[output, step]``."""
        return step_matrix(self.read, self.x, self.baselines[baseline], len(self.outputs)).float().cpu().numpy()


@dataclass(frozen=True, eq=False)
class Shared:
    """One output shared out among the steps.

    Attributes:
        value: the output for the input.
        without: the output for an input of baselines only.
        shares: of every step, ``[step]``, by key of a method.
        points: points on the path of integrated gradients.
    """

    value: float
    without: float
    shares: Mapping[str, NDArray[np.float64]]
    points: int

    def gap(self, method: str) -> float:
        """What a method's shares lack of the difference between input and baseline."""
        return self.value - self.without - float(self.shares[method].sum())


def share_out(question: Question, output: int, baseline: str) -> Shared:
    """One output by every method that does not sample.

    A label may turn within a short part of the path of integrated gradients: there are more points on it where the gap
    would otherwise be more than a hundredth of the difference.
    """
    read, x, gone = question.about(output), question.x, question.baselines[baseline]
    with torch.no_grad():
        value, without = read(torch.stack([x, gone.expand_as(x)])).tolist()
    found = {key: METHODS[key].explain(read, x[None], gone)[0] for key in ("gradient", "occlusion")}
    points, found["integrated"] = FEW, integrated_gradients(read, x[None], gone, FEW)[0]
    if abs(value - without - float(found["integrated"].sum())) > SMALL * abs(value - without):
        points = max(MANY, min(MOST, ROOM // len(x)))
        found["integrated"] = integrated_gradients(read, x[None], gone, points)[0]
    shares = {key: found[key].double().cpu().numpy() for key in METHODS if key in found}
    return Shared(value, without, shares, points)


def log_odds(logits: Tensor, chosen: Tensor) -> Tensor:
    """log p / (1 − p) of one choice in each row of a softmax's logits, ``[batch, choice]`` and ``[batch]``."""
    chosen = chosen.to(logits.device)[:, None]
    others = logits.scatter(1, chosen, -torch.inf)
    return logits.gather(1, chosen)[:, 0] - others.logsumexp(dim=1)


def ask_language_model(
    network: LanguageModel, ids: Tensor, inputs: Sequence[str], unknown: int, state: State = None
) -> Question:
    """Log-odds of every token after the first, from those before it.

    Args:
        network: the network.
        ids: ``[step]``, at least two.
        inputs: names of the tokens.
        unknown: id that stands for what is unknown.
        state: from which the first token is read, ``[layers, unit]`` (for an LSTM two); zeros if None.
    """
    table = network.embedding.weight.detach()

    def read(rows: Tensor, which: Tensor) -> Tensor:
        logits, _ = network.foretell(rows.transpose(0, 1), _repeated(state, len(rows)))
        return log_odds(logits[which, torch.arange(len(rows))], ids[which + 1])

    gone = {"unknown": table[unknown], "zero": torch.zeros_like(table[0])}
    return Question(read, table[ids], gone, tuple(inputs), tuple(inputs[1:]), causal=True, what="a token that came")


def _repeated(state: State, rows: int) -> State:
    """The same state for every row of a batch, ``[layers, batch, unit]``."""
    if state is None:
        return None
    held = state if isinstance(state, tuple) else (state,)
    parts = [part[:, None].expand(-1, rows, -1).contiguous() for part in held]
    return parts[0] if len(parts) == 1 else (parts[0], parts[1])


def ask_tagger(
    network: SequenceTagger,
    ids: Tensor,
    given: Sequence[int],
    inputs: Sequence[str],
    outputs: Sequence[str],
    unknown: int,
) -> Question:
    """Log-odds of the label given to every token, and of the class given to the whole where there is one.

    Args:
        network: the network.
        ids: ``[step, column]``.
        given: index of the label of every token; behind them that of the class, if the network has classes.
        inputs: names of the tokens.
        outputs: names of what is given.
        unknown: id that stands for what is unknown, in every column.
    """
    wanted, steps = torch.tensor(list(given)), len(ids)

    def read(rows: Tensor, which: Tensor) -> Tensor:
        tags, answer = network.label(rows, torch.full((len(rows),), steps))
        every, wholes = torch.arange(len(rows)), which >= steps
        found = log_odds(tags[every, which.clamp(max=steps - 1)], wanted[which].where(~wholes, 0))
        if answer is None:
            return found
        whole = log_odds(answer, wanted[which].where(wholes, 0))
        return torch.where(wholes.to(found.device), whole, found)

    with torch.no_grad():
        x, strange = network.embed(ids), network.embed(torch.full_like(ids[:1], unknown))[0]
    gone = {"unknown": strange, "zero": torch.zeros_like(strange)}
    return Question(read, x, gone, tuple(inputs), tuple(outputs), causal=False)


def ask_recogniser(
    network: SequenceRecogniser, sequence: Tensor, inputs: Sequence[str], classes: Sequence[str]
) -> Question:
    """Log-odds of every class of the whole.

    Args:
        network: the network.
        sequence: ids ``[step]`` or frames ``[step, channel]``.
        inputs: names of the steps.
        classes: names of the classes.
    """
    steps = len(sequence)

    def read(rows: Tensor, which: Tensor) -> Tensor:
        return log_odds(network.classify(rows, torch.full((len(rows),), steps)), which)

    with torch.no_grad():
        x = network.embed(sequence)
        gone = {"zero": torch.zeros_like(x)}
        if network.embedding is not None:  # a token that is gone keeps the code of its place
            mean = network.embedding.weight[1:].mean(0)
            gone = {"mean": x - network.embedding(sequence) + mean}
    with torch.no_grad():
        best = int(network.classify(x[None], torch.tensor([steps]))[0].argmax())
    names = tuple(inputs), tuple(classes)
    return Question(read, x, gone, *names, causal=False, what="a class of the whole", telling=best)


def ask_forecaster(network: SeriesForecaster, values: Tensor, inputs: Sequence[str], ahead: Sequence[str]) -> Question:
    """The centre of the forecast for every step ahead, in standard deviations.

    Args:
        network: the network.
        values: standardised, ``[step, channel]``.
        inputs: names of the steps.
        ahead: names of the steps that are forecast.
    """

    def read(rows: Tensor, which: Tensor) -> Tensor:
        return network(rows)[torch.arange(len(rows)), which.to(rows.device), 0]

    gone = {"mean": torch.zeros_like(values[0]), "last": values[-1]}
    names, unit = (tuple(inputs), tuple(ahead)), "standard deviations"
    return Question(read, values, gone, *names, causal=False, what="a step that is forecast", unit=unit)
