"""The trained recall networks, asked on a person's own symbol and lag.

Each network reads the symbol and then the distractors. After each of them it is asked, on the side, what the symbol
was: one more step with the asking sign from the state it has then, which the reading itself goes on without.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from core_models.cells import Unrolled
from core_models.cells.steps import take_step
from core_models.cells.unrolled import Past
from core_models.explain.memory.timescale import retention
from core_models.language import say
from core_models.trace import Site, Trace
from core_models.tracing import plain_layers, trace
from pretrained.errors import ModelError
from pretrained.memory import recall
from pretrained.memory.network import MemoryNetwork, build
from pretrained.memory.results import ResultsError
from pretrained.memory.training import BUDGETS, generator_of
from pretrained.shipped import read

LAG, SEED = 100, 1
"""Lag and seed of the training runs whose networks are kept."""

LETTERS = "ABCDEFGH"
"""Names of the eight symbols on screen."""

HERE, SIGN = Site("rnn"), recall.encode(torch.tensor(recall.ASK))
"""Where the networks' one layer stands in a trace, and what asks."""

WEIGHTS = Path(__file__).parent / "weights"


@dataclass(frozen=True)
class Answers:
    """What one network answers if asked after the symbol and after each distractor.

    Attributes:
        probability: of each symbol, ``[lag + 1, symbol]``; row t after t distractors.
        keep: share of the past that is kept, mean over units, ``[lag + 1]``; None where no gate decides that.
        look: attention that the asking step pays to the state after the symbol, ``[lag + 1]``; None without attention.
    """

    probability: NDArray[np.float32]
    keep: NDArray[np.float32] | None = None
    look: NDArray[np.float32] | None = None


def weights_path(cell: str) -> Path:
    """The file of the network of one architecture."""
    return WEIGHTS / f"recall-{cell}.safetensors"


@cache
def network_of(cell: str) -> MemoryNetwork:
    """The kept network of one architecture; shared, so never changed.

    Raises:
        ResultsError: if its weights cannot be read.
    """
    network = build(cell, recall.TASK, BUDGETS["recall"], LAG)
    try:
        network.load_state_dict(load(read(weights_path(cell))))
    except (ModelError, SafetensorError, RuntimeError) as error:
        raise _unreadable(cell) from error
    return network.eval().requires_grad_(False)


@torch.no_grad()
def ask(cell: str, symbol: int, lag: int, draw: int = 0) -> Answers:
    """Answers of one architecture's network after the symbol and after each of ``lag`` distractors.

    Args:
        cell: key of the architecture.
        symbol: 0 to 7.
        lag: number of distractors.
        draw: which random distractors; the same for every architecture.

    Raises:
        ResultsError: if the weights cannot be read.
    """
    network = network_of(cell)
    rnn, found = network.rnn, trace(network.rnn, recall.encode(read_ids(symbol, lag, draw)))
    if isinstance(rnn, Unrolled):
        asked = _ask_attending(rnn, found)
        return Answers(_softmax(network, asked["hidden_state"]), look=asked["attention_weights"][0, :, 0].numpy())
    ((layer,),) = plain_layers(rnn)
    states = {key: _states(found, key) for key in layer.cell.states}
    signs = layer.weights.project(SIGN).expand(lag + 1, -1)
    after = take_step(layer.cell, layer.weights, signs, states)["hidden_state"]
    kept = retention(found, HERE)
    return Answers(_softmax(network, after), keep=None if kept is None else kept.mean(axis=1).astype(np.float32))


def _ask_attending(rnn: Unrolled, found: Trace) -> dict[str, Tensor]:
    """One step with the asking sign after each step: row t sees the first t + 1 states."""
    states = _states(found, "hidden_state")
    every = torch.ones(len(states), len(states), dtype=torch.bool).tril()
    signs = SIGN.expand(len(states), -1)
    return rnn.values(rnn.project(signs), Past(states, states, signs, every))


def _states(found: Trace, key: str) -> Tensor:
    return torch.from_numpy(found.array(HERE, key).copy())


def share_right(cell: str, longest: int, draws: int) -> NDArray[np.float64]:
    """Share of sequences whose symbol one network names if asked after 0, 1, ... ``longest`` distractors.

    Args:
        cell: key of the architecture.
        longest: the longest lag.
        draws: how many draws of distractors; each is read after every symbol.

    Returns:
        ``[longest + 1]``.
    """
    right = [
        ask(cell, symbol, longest, draw).probability.argmax(axis=1) == symbol
        for symbol in range(recall.SYMBOLS)
        for draw in range(draws)
    ]
    return np.mean(right, axis=0)


def read_ids(symbol: int, lag: int, draw: int) -> Tensor:
    """The symbol and its distractors; a longer lag only adds distractors at the end."""
    noise = torch.randint(recall.DISTRACTORS, (lag,), generator=generator_of("live", draw))
    return torch.cat([torch.tensor([symbol]), recall.SYMBOLS + noise])


def _softmax(network: MemoryNetwork, states: Tensor) -> NDArray[np.float32]:
    return network.readout(states).softmax(dim=1).numpy()


def _unreadable(cell: str) -> ResultsError:
    """That the network of a cell cannot be read, and what to do."""
    return ResultsError(
        say(
            "The network in {file} cannot be read; put the file back, or train it anew with "
            "python -m pretrained.memory.race --tasks recall --cells {cell} --lags {lag} "
            "--seeds {seed}.",
            file=weights_path(cell).name,
            cell=cell,
            lag=LAG,
            seed=SEED,
        )
    )
