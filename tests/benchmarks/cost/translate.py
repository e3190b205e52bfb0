"""What writing a target costs: search and trace, against a plain batched greedy loop without any tracing.

    python -m tests.benchmarks.cost.translate [--steps 12] [--vocabulary 3500] [--sizes 96x160,128x192] [--seconds 4]

plain   one source through torch's own modules and a greedy loop that keeps nothing but the tokens
batch   the same loop on 32 sources side by side, its time divided by 32: what translating in bulk would cost a source
greedy  ``core_models.networks.decoding.search`` with a beam of 1: keeps every node it considered
trace   ``core_models.networks.translation.translate`` of what greedy search found: every gate, state, score and weight
beam    ``search`` with a beam of 5

Networks are random and their end token is never the best, so that every search writes exactly ``--steps`` tokens.
Aims on one core: greedy and trace together below 50 ms, a beam of 5 with its trace below 200 ms, for 12 tokens.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from core_models.edits.writing import rewrite
from core_models.networks.decoding import Search, search
from core_models.networks.translator import BEGIN, END, PADDING, Translator, TranslatorArchitecture
from tests.benchmarks.timing import (
    interleave,
    milliseconds,
    numbers,
    print_conditions,
    print_table,
    rounds_for,
    verdict,
)
from tests.support.kinds import ids_of

AIMS = {"greedy": 0.050, "beam": 0.200}
BATCH = 32
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}


class Plain:
    """Greedy translation as one writes it in a hurry: torch's modules, a loop, an argmax."""

    def __init__(self, network: Translator, steps: int) -> None:
        self.network, self.steps = network, steps
        size, hidden = network.architecture.embedding, network.architecture.hidden
        self.cell = nn.GRUCell(size + hidden, hidden)
        self.cell.weight_ih.data = torch.cat([network.decoder.weight_ih, network.from_context.weight], dim=1)
        self.cell.weight_hh.data = network.decoder.weight_hh.data
        self.cell.bias_ih.data, self.cell.bias_hh.data = network.decoder.bias_ih.data, network.decoder.bias_hh.data

    def __call__(self, sources: Tensor) -> Tensor:
        """Target ids ``[batch, step]`` for sources of equal length ``[batch, key]``."""
        network, attention = self.network, self.network.attention
        if attention is None:
            raise ValueError("translate_cost: expected a network with attention")
        states, last = network.encoder(network.source_embedding(sources).transpose(0, 1))
        states = states.transpose(0, 1)
        state = torch.tanh(network.bridge(torch.cat([last[-2], last[-1]], dim=-1)))
        keys, token, written = attention.keys(states), torch.full((len(sources),), BEGIN), []
        for _ in range(self.steps):
            y = network.target_embedding(token)
            weights = torch.softmax(attention.compare(keys, state[:, None])[:, 0], dim=-1)
            context = (weights @ states)[:, 0]
            state = self.cell(torch.cat([y, context], dim=-1), state)
            output = torch.tanh(network.deep_output(torch.cat([state, context, y], dim=-1)))
            token = network.logits(output).argmax(-1)
            written.append(token)
        return torch.stack(written, dim=1)


def random_network(embedding: int, hidden: int, vocabulary: int) -> Translator:
    """A network that never ends a target of its own accord."""
    torch.manual_seed(0)
    network = Translator(TranslatorArchitecture("gru", embedding, hidden, attention="additive"), vocabulary, vocabulary)
    network.eval()
    with torch.no_grad():
        network.output_bias[[PADDING, BEGIN, END]] = -1e4
    return network


def rivals(embedding: int, hidden: int, vocabulary: int, steps: int) -> dict[str, Callable[[], object]]:
    """The five ways, on one random network and source."""
    network = random_network(embedding, hidden, vocabulary)
    source = [*torch.randint(4, vocabulary, (steps - 1,)).tolist(), END]
    one, plain = torch.tensor([source]), Plain(network, steps)
    target = search(network, source, longest=steps).best.ids
    if list(target) != plain(one)[0].tolist():
        raise AssertionError(f"translate_cost: expected both loops to write the same, got {target}")
    return {
        "plain": lambda: plain(one),
        "batch": lambda: plain(one.expand(BATCH, -1)),
        "greedy": lambda: search(network, source, longest=steps),
        "trace": lambda: rewrite(network, ids_of(source), (), target),
        "beam": lambda: search(network, source, Search(5, 1.0), longest=steps),
    }


def row(size: str, vocabulary: int, steps: int, seconds: float, clock: Callable[[], float]) -> list[str]:
    """One line of the table."""
    embedding, hidden = numbers(size.replace("x", ","))
    ways = rivals(embedding, hidden, vocabulary, steps)
    times = interleave(ways, rounds_for(ways, seconds, least=7, most=200), clock=clock)
    plain, batch, greedy, trace, beam = (times[name].median for name in ways)
    return [
        f"E{embedding} H{hidden}",
        str(len(times["plain"].seconds)),
        milliseconds(plain),
        milliseconds(batch / BATCH),
        f"{greedy / plain:.2f}x",
        f"{trace / plain:.2f}x",
        f"{beam / plain:.2f}x",
        milliseconds(greedy + trace),
        verdict(greedy + trace, AIMS["greedy"]),
        milliseconds(beam + trace),
        verdict(beam + trace, AIMS["beam"]),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=12, help="tokens of source and target")
    parser.add_argument("--vocabulary", type=int, default=3500)
    parser.add_argument("--sizes", default="96x160,128x192", help="embedding x hidden")
    parser.add_argument("--seconds", type=float, default=4.0, help="time spent on each row")
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    print_conditions(
        f"Cost of writing {asked.steps} tokens",
        f"torch {torch.__version__}, 1 thread, float32, GRU with additive attention, {asked.vocabulary} target tokens",
        f"five ways in turn, about {asked.seconds:g} s a row, medians, {asked.clock} time",
    )
    header = ["", "rounds", "plain", "batch/32", "greedy/plain", "trace/plain", "beam/plain"]
    header += ["greedy + trace", "aim (s)", "beam + trace", "aim (s)"]
    with torch.inference_mode():
        sizes = asked.sizes.split(",")
        clock = CLOCKS[asked.clock]
        print_table(header, (row(size, asked.vocabulary, asked.steps, asked.seconds, clock) for size in sizes))


if __name__ == "__main__":
    main()
