"""An LSTM with and without its forget gate on continual embedded Reber strings.

Without a forget gate the cell state is a sum over all that was ever written, c_t = c_{t-1} + i_t ⊙ g_t: the LSTM of
1997. Here it is the stock kernel with the forget gate's rows zero and its bias 50, held fixed: σ(50) is exactly 1 in
float32. It gets more units, so that both have equally many parameters that learn.

Both are trained by truncated backpropagation: a chunk of every stream at a time, the state carried over to the next
chunk without its gradient and never reset.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from core_models.cells.recurrence import recurrence
from pretrained.memory.reber import SYMBOLS, Stream, Streams, encode, judge_legal, judge_outer

UNITS = {"lstm": 12, "lstm_no_forget": 14}
OPEN = 50.0
SEEDS, RATES = (1, 2, 3), (1e-2, 3e-3)


@dataclass(frozen=True)
class Settings:
    """What holds for every run.

    Attributes:
        clip: largest norm of the gradient.
        streams: streams read side by side.
        chunk: steps between two cuts of the gradient.
        chunks: steps of the optimiser.
        marks: chunks after which is tested on ``test_streams`` of ``mark_steps`` symbols.
        test_streams: fresh streams on which is tested, from a zero state.
        test_steps: their length in the last test.
        windows: equal parts of the last test in which scores and norms are reported.
    """

    optimizer: str = "Adam"
    clip: float = 1.0
    streams: int = 32
    chunk: int = 40
    chunks: int = 1000
    marks: tuple[int, ...] = (50, 100, 200, 300, 400, 500, 600, 800, 1000)
    mark_steps: int = 1000
    test_streams: int = 20
    test_steps: int = 10_000
    windows: int = 20


class StreamNetwork(nn.Module):
    """An LSTM and a linear readout at every step."""

    def __init__(self, key: str) -> None:
        super().__init__()
        hidden, self.forgets = UNITS[key], key == "lstm"
        self.rnn = recurrence("lstm", len(SYMBOLS), hidden)
        self.readout = nn.Linear(hidden, len(SYMBOLS))
        forget = slice(hidden, 2 * hidden)
        given = dict(self.rnn.named_parameters())
        with torch.no_grad():
            for block in given["weight_hh_l0"].split(hidden):
                nn.init.orthogonal_(block)
            given["bias_ih_l0"][forget] = 1.0
        if not self.forgets:
            _nail_open(given, forget)

    @property
    def learned(self) -> int:
        """Number of parameters that training can change."""
        fixed = 0 if self.forgets else self.rnn.hidden_size * (len(SYMBOLS) + self.rnn.hidden_size + 2)
        return sum(parameter.numel() for parameter in self.parameters()) - fixed

    def forward(self, ids: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Answers ``[step, stream, symbol]`` after each of ``ids [step, stream]``, and the state after the last."""
        states, last = self.rnn(encode(ids), state)
        return self.readout(states), last


def _nail_open(given: dict[str, nn.Parameter], forget: slice) -> None:
    """Fix the forget gate at 1: where the sigmoid is exactly 1 its gradient is exactly 0, so Adam never moves it."""
    values = {"weight_ih_l0": 0.0, "weight_hh_l0": 0.0, "bias_ih_l0": OPEN, "bias_hh_l0": 0.0}
    for name, value in values.items():
        with torch.no_grad():
            given[name][forget] = value


def run(key: str, rate: float, seed: int, settings: Settings) -> dict[str, Any]:
    """Train and test one network; the row for the results."""
    start = time.perf_counter()
    torch.manual_seed(seed)
    network = StreamNetwork(key)
    curve = train(network, rate, seed, settings)
    return {
        "task": "reber", "cell": key, "learning_rate": rate, "seed": seed,
        "hidden": network.rnn.hidden_size, "parameters": network.learned,
        **test(network, settings.test_steps, settings.windows, settings.test_streams),
        "symbols_by_mark": [mark * settings.chunk * settings.streams for mark in settings.marks],
        "outer_by_mark": curve,
        "seconds": round(time.perf_counter() - start, 1), "torch": torch.__version__.split("+")[0],
    }  # fmt: skip


def train(network: StreamNetwork, rate: float, seed: int, settings: Settings) -> list[float]:
    """Train on streams that never end and a state that is never reset; the outer score at every mark."""
    symbols, state, curve = _training_symbols(seed, settings), None, []
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)
    for chunk in range(settings.chunks):
        optimizer.param_groups[0]["lr"] = rate * (1.0 - 0.9 * chunk / settings.chunks)
        ids = symbols[chunk * settings.chunk : (chunk + 1) * settings.chunk + 1]
        answers, last = network(ids[:-1], state)
        state = (last[0].detach(), last[1].detach())
        optimizer.zero_grad()
        cross_entropy(answers.flatten(0, 1), ids[1:].flatten()).backward()
        nn.utils.clip_grad_norm_(network.parameters(), settings.clip)
        optimizer.step()
        if chunk + 1 in settings.marks:
            curve.append(test(network, settings.mark_steps, 1, settings.test_streams)["outer"])
    return curve


@lru_cache(maxsize=1)
def _training_symbols(seed: int, settings: Settings) -> Tensor:
    return Streams(settings.streams, seed).take(settings.chunks * settings.chunk + 1).ids


@lru_cache(maxsize=2)
def _test_streams(count: int, steps: int) -> Stream:
    return Streams(count, 0).take(steps + 1)


@torch.no_grad()
def test(network: StreamNetwork, steps: int, windows: int, count: int) -> dict[str, Any]:
    """Scores over whole fresh streams, and by window: the outer score, and the mean norm of the cell state at its end.

    Args:
        network: what is tested.
        steps: predictions in each stream.
        windows: equal parts into which the streams are cut; the state goes on from one to the next.
        count: streams.
    """
    stream, state, size = _test_streams(count, steps), None, steps // windows
    legal, right, asked, norms = 0.0, [], [], []
    for start in range(0, size * windows, size):
        now, following = slice(start, start + size), slice(start + 1, start + size + 1)
        answers, state = network(stream.ids[now], state)
        outer = stream.outer[following]
        legal += float(judge_legal(answers, stream.legal[following]).float().mean()) / windows
        right.append(int(judge_outer(answers, stream.ids[following])[outer].sum()))
        asked.append(int(outer.sum()))
        norms.append(round(float(state[1][0].norm(dim=1).mean()), 3))
    shares = [round(r / a, 4) for r, a in zip(right, asked, strict=True)]
    return {
        "legal": round(legal, 4), "outer": round(sum(right) / sum(asked), 4), "asked": sum(asked),
        "outer_by_window": shares, "norm_by_window": norms,
    }  # fmt: skip


def settings_record(settings: Settings) -> dict[str, Any]:
    """The settings as they stand in the results file."""
    return asdict(settings)
