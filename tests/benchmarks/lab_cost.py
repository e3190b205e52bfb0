"""Browsing while others train: how long a page takes when a class watches its networks learn.

    python -m tests.benchmarks.lab_cost [--learners 30] [--visitors 20] [--think 5] [--seconds 60] [--port 8641]

First the visitors alone type sentences on Explore, with a pause of 5 s on average; then as many learners open the lab,
press Play at once, and their pages ask for new pictures as a browser does, while the visitors type as before. Printed
are p50 and p95 of a visitor's answer in both, how many networks were learning, waiting and done at the end, and the
memory of the server without the process that learns.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from dataclasses import dataclass, field

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.benchmarks.running import APP, Server, dice, sentence, serve
from tests.benchmarks.timing import Times, milliseconds, print_conditions, print_table, verdict
from tests.benchmarks.visitors import ANSWER_SECONDS, WARM_SECONDS, Visitor, arrive, stay

AIM_MILLISECONDS = 500
SETTINGS = "problem=recall&span=20&hidden=32&lab-steps=1000"
PLAY = "Play"


@dataclass
class Learner(Visitor):
    """One open page of the lab."""

    buttons: dict[str, str] = field(default_factory=dict)
    again: dict[str, float] = field(default_factory=dict)
    seed: int = 0

    async def ask(self, *, fragment: str = "", press: str = "") -> None:
        """A rerun of the page, or of one of its fragments, with a button pressed if one is named."""
        message = BackMsg()
        message.rerun_script.page_name = "lab"
        message.rerun_script.query_string = f"{SETTINGS}&lab-seed={self.seed}"
        message.rerun_script.cached_message_hashes.extend(self.cached)
        message.rerun_script.fragment_id = fragment
        message.rerun_script.is_auto_rerun = bool(fragment)
        if press:
            message.rerun_script.widget_states.widgets.add(id=self.buttons[press], trigger_value=True)
        if not fragment:
            self.again, self.buttons = {}, {}
        await self.socket.send(message.SerializeToString())
        async with asyncio.timeout(ANSWER_SECONDS):
            while not self._read(await self.socket.recv()):
                pass

    def _read(self, raw: str | bytes) -> bool:
        message = ForwardMsg.FromString(raw if isinstance(raw, bytes) else raw.encode())
        element = message.delta.new_element
        if element.WhichOneof("type") == "button":
            self.buttons[element.button.label] = element.button.id
        if message.WhichOneof("type") == "auto_rerun":
            self.again[message.auto_rerun.fragment_id] = message.auto_rerun.interval
        return super()._read(raw)

    async def watch(self, until: float) -> str:
        """Press Play and look until the time is up; what became of the network."""
        await self.ask(press=PLAY)
        while time.perf_counter() < until:
            if not self.again:
                return "done"
            await asyncio.sleep(min(self.again.values()))
            for fragment in list(self.again):
                await self.ask(fragment=fragment)
        return "waiting" if min(self.again.values(), default=0.0) > 1.0 else "learning"


async def open_lab(server: Server, seed: int) -> Learner:
    """Open the lab with settings of its own."""
    address = f"ws://localhost:{server.port}/_stcore/stream"
    socket = await websockets.connect(
        address, subprotocols=[websockets.Subprotocol("streamlit")], origin=websockets.Origin(server.url), max_size=None
    )
    learner = Learner(socket, seed=seed)
    await learner.ask()
    if PLAY not in learner.buttons:
        raise RuntimeError("lab_cost: expected a button that starts the training, got none")
    return learner


async def crowd(server: Server, learners: int, asked: argparse.Namespace) -> list[str]:
    """A line of the table: visitors type while so many learn."""
    guests = [await arrive(server) for _ in range(asked.visitors)]
    pupils = [await open_lab(server, seed) for seed in range(1, learners + 1)]
    begin, used = time.perf_counter(), server.processor_seconds
    end = begin + asked.seconds
    stays = [stay(guest, seed, asked.think, end) for seed, guest in enumerate(guests)]
    typed, watched = asyncio.gather(*stays), asyncio.gather(*(pupil.watch(end) for pupil in pupils))
    found, ends = await typed, list(await watched)
    took, used = time.perf_counter() - begin, server.processor_seconds - used
    done = [pair for pairs in found for pair in pairs]
    times = Times(tuple(taken for at, taken in done if at - begin > WARM_SECONDS))
    await asyncio.gather(*(each.socket.close() for each in (*guests, *pupils)))
    return [
        f"{asked.visitors} visitors, {learners} learners", str(len(times.seconds)), milliseconds(times.median),
        milliseconds(times.p95), verdict(times.p95 * 1e3, AIM_MILLISECONDS), f"{used / took:.0%}",
        ", ".join(f"{ends.count(kind)} {kind}" for kind in ("learning", "waiting", "done")) if learners else "",
        f"{server.memory:,.0f} MB",
    ]  # fmt: skip


async def measure(server: Server, asked: argparse.Namespace) -> None:
    """Both crowds, after one visitor who warms the server up."""
    first = await arrive(server)
    for number in range(3):
        await first.run(sentence(dice(-1 - number)))
    await first.socket.close()
    rows = [await crowd(server, learners, asked) for learners in (0, asked.learners)]
    print_table(["", "reruns", "p50", "p95", "aim, ms", "server uses", "networks at the end", "server"], rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--learners", type=int, default=30)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--think", type=float, default=5.0, help="average pause in seconds")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--port", type=int, default=8641)
    asked = parser.parse_args()
    print_conditions("Browsing while others train", f"each network with {SETTINGS}; client and server on this machine")
    with serve(APP, asked.port) as server:
        asyncio.run(measure(server, asked))


if __name__ == "__main__":
    main()
