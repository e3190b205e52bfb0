r"""One training of the lab, in pieces: each begins from a state and ends with one, so that anything may stand between.

    ĝ = ∇L,   ĝ ← ĝ · min(1, clip / ‖ĝ‖)                     gradient of the mean loss, clipped (Pascanu et al. 2013)
    θ ← θ - rate · (ĝ as the optimiser scales it)

The sequences of a step depend on problem, length, seed and the number of the step, and nothing else; so do all numbers,
however often a training is stopped. Held-out sequences are drawn apart from those that are learned.

How far back the gradient reaches is the norm of ∂ℓ/∂x_s, ℓ the loss of the last answer that is asked for and x_s the
embedded input of step s, averaged over held-out sequences.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core_models.explain.memory.timescale import keeping_gate
from core_models.language import say
from core_models.networks.sequence import SequenceNetwork
from core_models.tracing import cell_of
from pretrained.lab.problems import Batch
from pretrained.lab.settings import BATCH, Settings
from pretrained.memory.training import generator_of, seed_of

HELD_OUT, ASKED = 256, 16
"""Held-out sequences that are scored, and those of which the gradient is followed back."""

MOMENTUM = 0.9
Weights = Mapping[str, Tensor]


@dataclass(frozen=True, eq=False)
class State:
    """A network in training after some steps.

    Attributes:
        step: how many.
        weights: by name.
        optimizer: what the optimiser remembers.
    """

    step: int
    weights: Weights
    optimizer: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Record:
    """What is known of a network after some steps.

    Attributes:
        step: how many.
        loss: mean on held-out sequences.
        score: share of right answers there.
        weights: by name.
        reach: mean norm of the gradient of the last answer's loss by the input k steps before it, ``[k + 1]``.
        radius: spectral radius of each recurrent matrix, by the quantity that it helps to make.
    """

    step: int
    loss: float
    score: float
    weights: Weights
    reach: NDArray[np.float32]
    radius: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Progress:
    """What came of a piece of training.

    Attributes:
        state: at its end.
        losses: training loss of each of its steps.
        records: made on the way.
        seconds: of computing.
        trouble: why it cannot go on; "" if it can.
    """

    state: State
    losses: list[float] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    seconds: float = 0.0
    trouble: str = ""


def fresh(settings: Settings) -> SequenceNetwork:
    """The network before it learns; its weights depend on the settings alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_of("lab", settings.cell, settings.hidden, settings.seed))
        task = settings.task
        inputs = task.channels or (len(task.words),)
        network = SequenceNetwork(settings.architecture, inputs, {task.head: len(task.outputs)})
    gate, cell = keeping_gate(cell_of(network.rnn).convention), cell_of(network.rnn)
    if gate is not None:
        bias = dict(network.rnn.named_parameters())["bias_ih_l0"].detach().chunk(len(cell.parts))[cell.row_of(gate[0])]
        bias += float(settings.bias) if gate[1] else -float(settings.bias)
    return network


def network_at(settings: Settings, weights: Weights) -> SequenceNetwork:
    """The network with these weights, in ``eval()``."""
    network = fresh(settings)
    network.load_state_dict(dict(weights))
    return network.eval().requires_grad_(False)


def held_out(settings: Settings, count: int = HELD_OUT) -> Batch:
    """The first of the sequences that are scored, the same for every seed."""
    return settings.task.sample(settings.length, count, generator_of("lab", settings.problem, settings.length))


def advance(settings: Settings, state: State | None, until: int, seconds: float = math.inf) -> Progress:
    """Train until a step or for so many seconds, whichever comes first, but one step at least.

    Without a state it begins with the untrained network.

    A point is recorded where the settings say so, and at ``until``.
    """
    network, begun = fresh(settings), perf_counter()
    optimizer = _optimizer(settings, network)
    found = Progress(State(0, {}, {}))
    if state is None:
        found.records.append(record(settings, network, 0))
    else:
        network.load_state_dict(dict(state.weights))
        optimizer.load_state_dict(dict(state.optimizer))
    step, marks, trouble = state.step if state else 0, {*settings.recorded, until}, ""
    while step < until and not trouble:
        loss = _learn(settings, network, optimizer, step + 1)
        if loss is None:
            trouble = _diverged(settings, step)
            break
        step += 1
        found.losses.append(loss)
        if step in marks:
            made = record(settings, network, step)
            if not math.isfinite(made.loss) or not np.isfinite(made.reach).all():
                trouble = _diverged(settings, step)
            else:
                found.records.append(made)
        if perf_counter() - begun > seconds:
            break
    weights = {name: values.detach().clone() for name, values in network.state_dict().items()}
    return Progress(State(step, weights, optimizer.state_dict()), found.losses, found.records,
                    perf_counter() - begun, trouble)  # fmt: skip


def _diverged(settings: Settings, step: int) -> str:
    return say(
        "After step {step:,} the loss is too large to be written: with a learning rate of {rate} the weights ran away. "
        "Choose a smaller one, or clip the gradient.", step=step, rate=settings.rate,
    )  # fmt: skip


def _optimizer(settings: Settings, network: nn.Module) -> torch.optim.Optimizer:
    rate, learned = float(settings.rate), network.parameters()
    if settings.optimizer == "sgd":
        return torch.optim.SGD(learned, lr=rate, momentum=MOMENTUM)
    return (torch.optim.Adam if settings.optimizer == "adam" else torch.optim.RMSprop)(learned, lr=rate)


def _answers(network: SequenceNetwork, settings: Settings, content: Tensor) -> Tensor:
    lengths = torch.full((len(content),), content.shape[1])
    return network(content, lengths)[settings.task.head]


def _learn(settings: Settings, network: SequenceNetwork, optimizer: torch.optim.Optimizer, step: int) -> float | None:
    """One step; its loss, or None where that or its gradient is not finite, and then nothing is changed."""
    data = generator_of("lab", settings.problem, settings.length, settings.seed, step)
    batch = settings.task.sample(settings.length, BATCH, data)
    optimizer.zero_grad()
    loss = settings.task.loss(_answers(network, settings, batch.content), batch)
    loss.backward()
    norm = nn.utils.clip_grad_norm_(network.parameters(), float(settings.clip) or math.inf)
    if not (math.isfinite(float(loss.detach())) and math.isfinite(float(norm))):
        return None
    optimizer.step()
    return float(loss.detach())


def record(settings: Settings, network: SequenceNetwork, step: int) -> Record:
    """What is known of the network."""
    batch = held_out(settings)
    with torch.no_grad():
        answers = _answers(network, settings, batch.content)
        loss = float(settings.task.loss(answers, batch))
        score = float(settings.task.judge(answers, batch).float().mean())
    weights = {name: values.detach().clone() for name, values in network.state_dict().items()}
    return Record(step, loss, score, weights, _reach(settings, network), _radius(network))


def _reach(settings: Settings, network: SequenceNetwork) -> NDArray[np.float32]:
    batch = held_out(settings, ASKED)
    x = network.input(batch.content).detach().requires_grad_()
    answers = network.read(x, torch.full((len(x),), x.shape[1]))[settings.task.head]
    loss, last = settings.task.last_asked(answers, batch)
    (gradient,) = torch.autograd.grad(loss, x)
    return gradient[:, : last + 1].norm(dim=2).mean(dim=0).flip(0).numpy()


def _radius(network: SequenceNetwork) -> dict[str, float]:
    found = {}
    for layers in network.layers:
        for layer in layers:
            blocks = layer.weights.w_h.detach().split(layer.weights.hidden)
            for part, block in zip(layer.cell.reading_parts, blocks, strict=False):  # none where nothing is read
                found[part.key] = float(torch.linalg.eigvals(block).abs().max()) if block.isfinite().all() else math.nan
    return found
