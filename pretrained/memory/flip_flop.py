r"""The 3-bit flip-flop: remember the sign of the last pulse on each of three lines.

    x_t ∈ {-1, 0, 1}³    a pulse on each line with probability 1/10, its sign by a fair coin
    y_t ∈ {-1, 1}³       sign of the last pulse on each line; not asked for before a line's first pulse

A network that does this must be able to rest in 2³ = 8 places while nothing comes in, one for every memory: they are
there to be found (core_models.explain.dynamics.fixed_points). Task: Sussillo & Barak 2013, "Opening the Black Box",
Neural Computation 25(3), section 4.1, there with a network of 1,000 tanh units.

    python -m pretrained.memory.flip_flop        trains the network that is kept, and writes its weights and score
"""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Generator, Tensor, nn
from tqdm import tqdm

from core_models.cells.recurrence import recurrence
from core_models.language import say
from pretrained.errors import ModelError
from pretrained.memory.live import WEIGHTS
from pretrained.memory.results import ResultsError, results_path, write_results
from pretrained.memory.training import generator_of
from pretrained.shipped import read, record

BITS = 3
PULSE = 0.1
"""Probability of a pulse on each line at each step."""

KEY = "flip_flop"
WEIGHTS_PATH = WEIGHTS / "flip-flop.safetensors"


@dataclass(frozen=True)
class Settings:
    """How the network is trained: a GRU with a linear readout, mean squared error, Adam with a falling rate."""

    hidden: int = 16
    steps: int = 2000
    batch: int = 64
    length: int = 80
    learning_rate: float = 1e-2
    clip: float = 1.0
    seed: int = 1
    test_count: int = 500
    test_length: int = 500


SETTINGS = Settings()


class Pulses(NamedTuple):
    """A batch of sequences.

    Attributes:
        x: pulses, ``[step, sequence, line]``.
        target: sign of the last pulse, ``[step, sequence, line]``; 0 before the first.
    """

    x: Tensor
    target: Tensor


def sample(length: int, count: int, generator: Generator) -> Pulses:
    """``count`` fresh sequences of ``length`` steps."""
    shape = (length, count, BITS)
    signs = torch.randint(2, shape, generator=generator) * 2.0 - 1.0
    return remember(signs * (torch.rand(shape, generator=generator) < PULSE))


def remember(x: Tensor) -> Pulses:
    """Pulses ``[step, sequence, line]`` with the sign that each line has to hold."""
    held, rows = torch.zeros_like(x[0]), []
    for pulses in x:
        held = torch.where(pulses != 0, pulses, held)
        rows.append(held)
    return Pulses(x, torch.stack(rows))


class FlipFlop(nn.Module):
    """A GRU and a linear readout of every state."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.rnn = recurrence("gru", BITS, hidden)
        self.readout = nn.Linear(hidden, BITS)

    def forward(self, x: Tensor) -> Tensor:
        """Answers ``[step, sequence, line]`` to pulses of the same shape."""
        return self.readout(self.rnn(x)[0])


def train(settings: Settings) -> FlipFlop:
    """The network after training; its first weights and its sequences depend on the seed alone."""
    torch.manual_seed(settings.seed)
    network, data = FlipFlop(settings.hidden), generator_of(KEY, settings.seed, "training")
    optimizer = torch.optim.Adam(network.parameters(), lr=settings.learning_rate)
    for step in tqdm(range(settings.steps), desc="flip-flop"):
        optimizer.param_groups[0]["lr"] = settings.learning_rate * (1.0 - 0.95 * step / settings.steps)
        pulses = sample(settings.length, settings.batch, data)
        asked = pulses.target != 0
        optimizer.zero_grad()
        (network(pulses.x) - pulses.target)[asked].square().mean().backward()
        nn.utils.clip_grad_norm_(network.parameters(), settings.clip)
        optimizer.step()
    return network


@torch.no_grad()
def test(network: FlipFlop, settings: Settings) -> float:
    """Share of answers whose sign is right, over fresh sequences longer than those of the training."""
    pulses = sample(settings.test_length, settings.test_count, generator_of(KEY, "test"))
    asked = pulses.target != 0
    return float((network(pulses.x).sign() == pulses.target)[asked].float().mean())


@cache
def kept_network() -> FlipFlop:
    """The trained network; shared, so never changed.

    Raises:
        ResultsError: if its weights cannot be read.
    """
    network = FlipFlop(SETTINGS.hidden)
    try:
        network.load_state_dict(load(read(WEIGHTS_PATH)))
    except (ModelError, SafetensorError, RuntimeError) as error:
        raise _unreadable() from error
    return network.eval().requires_grad_(False)


def main() -> None:
    """Train, test, and write weights and score."""
    argparse.ArgumentParser(description="Train the 3-bit flip-flop network that is kept, and test it.").parse_args()
    start = time.perf_counter()
    network = train(SETTINGS)
    row: dict[str, Any] = {
        "cell": "gru", "parameters": sum(p.numel() for p in network.parameters()),
        "accuracy": round(test(network, SETTINGS), 5), "seconds": round(time.perf_counter() - start, 1),
        "torch": torch.__version__.split("+")[0],
    }  # fmt: skip
    WEIGHTS_PATH.write_bytes(save({name: value.contiguous() for name, value in network.state_dict().items()}))
    record(WEIGHTS_PATH)
    write_results(results_path(KEY), asdict(SETTINGS), [row])


def _unreadable() -> ResultsError:
    """That the network cannot be read, and what to do."""
    return ResultsError(
        say(
            "The network in {file} cannot be read; put the file back, or train it anew with "
            "python -m pretrained.memory.flip_flop.",
            file=WEIGHTS_PATH.name,
        )
    )


if __name__ == "__main__":
    main()
