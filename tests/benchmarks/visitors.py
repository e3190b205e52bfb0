"""Many visitors at once, over websockets, as browsers talk to Streamlit.

    python -m tests.benchmarks.visitors [--visitors 50] [--think 5] [--seconds 60] [--port 8640]

First every visitor types a new sentence after a pause of 5 s on average (exponential), for a minute: the time from the
sentence being sent until the server says that the script has finished and all of its answer has been received, p50 and
p95 over all of them, the first 5 s left out. Then 8 visitors without pauses, for 15 s: reruns a second, the most that
one process can do. Beside both, the processor time of the server for one rerun, which other programs disturb least.

The client draws nothing; it runs on the same machine and its own share of a processor is printed. It connects to
localhost only, and stops by itself: after the given time, or after a minute without an answer.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from dataclasses import dataclass, field

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection

from tests.benchmarks.running import APP, Server, dice, sentence, serve
from tests.benchmarks.timing import Times, milliseconds, print_conditions, print_table, verdict

AIM_MILLISECONDS = 250
WARM_SECONDS = 5.0
ANSWER_SECONDS = 60.0
BUSY_VISITORS, BUSY_SECONDS = 8, 15.0


@dataclass
class Visitor:
    """One open page: finds the text box in what the server sends, and types into it."""

    socket: ClientConnection
    box: str = ""
    session: str = ""
    cached: set[str] = field(default_factory=set)

    async def run(self, text: str | None = None) -> float:
        """Ask for a rerun, with ``text`` in the box if given, and read the whole answer; returns how long it took."""
        message = BackMsg()
        message.rerun_script.query_string = ""
        message.rerun_script.cached_message_hashes.extend(self.cached)
        if text is not None:
            message.rerun_script.widget_states.widgets.add(id=self.box, string_value=text)
        start = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        async with asyncio.timeout(ANSWER_SECONDS):
            while not self._read(await self.socket.recv()):
                pass
        return time.perf_counter() - start

    def _read(self, raw: str | bytes) -> bool:
        """Note what a message tells; True if it ends the answer to a rerun."""
        message = ForwardMsg.FromString(raw if isinstance(raw, bytes) else raw.encode())
        if message.WhichOneof("type") == "new_session":
            self.session = message.new_session.initialize.session_id
        element = message.delta.new_element
        if element.WhichOneof("type") == "text_input" and not self.box:
            self.box = element.text_input.id
        if element.WhichOneof("type") == "exception":
            raise RuntimeError(f"visitors: expected the page, got {element.exception.message}")
        if message.metadata.cacheable and message.WhichOneof("type") != "ref_hash":
            self.cached.add(message.hash)
        return message.WhichOneof("type") == "script_finished"


async def arrive(server: Server) -> Visitor:
    """Open a page and wait for its first answer."""
    address = f"ws://localhost:{server.port}/_stcore/stream"
    socket = await websockets.connect(
        address, subprotocols=[websockets.Subprotocol("streamlit")], origin=websockets.Origin(server.url),
        max_size=None, open_timeout=ANSWER_SECONDS,
    )  # fmt: skip
    visitor = Visitor(socket)
    await visitor.run()
    if not visitor.box:
        raise RuntimeError("visitors: expected a text box on the page, got none")
    return visitor


async def stay(visitor: Visitor, seed: int, think: float, until: float) -> list[tuple[float, float]]:
    """Type until the time is up; returns when each rerun ended and how many seconds it took."""
    chance, found = dice(seed), []
    while True:
        await asyncio.sleep(chance.expovariate(1 / think) if think else 0)
        if time.perf_counter() > until:
            return found
        taken = await visitor.run(sentence(chance))
        found.append((time.perf_counter(), taken))


async def crowd(server: Server, count: int, think: float, seconds: float) -> list[str]:
    """Let ``count`` visitors in, let them type for ``seconds``, and return a line of the table."""
    guests = [await arrive(server) for _ in range(count)]
    begin, used, own = time.perf_counter(), server.processor_seconds, time.process_time()
    stays = (stay(guest, seed, think, begin + seconds) for seed, guest in enumerate(guests))
    done = [pair for found in await asyncio.gather(*stays) for pair in found]
    took = time.perf_counter() - begin
    used, own = server.processor_seconds - used, time.process_time() - own
    await asyncio.gather(*(guest.socket.close() for guest in guests))
    times = Times(tuple(taken for end, taken in done if end - begin > WARM_SECONDS))
    return [
        f"{count} visitors, " + (f"a sentence every {think:g} s" if think else "no pauses"),
        str(len(times.seconds)),
        milliseconds(times.median),
        milliseconds(times.p95),
        verdict(times.p95 * 1e3, AIM_MILLISECONDS) if think else "",
        f"{len(done) / took:.1f}",
        milliseconds(used / max(1, len(done))),
        f"{used / took:.0%}",
        f"{own / took:.0%}",
    ]


async def measure(server: Server, asked: argparse.Namespace) -> None:
    """Both parts, after one visitor who warms the server up."""
    first = await arrive(server)
    for number in range(3):
        await first.run(sentence(dice(-1 - number)))
    await first.socket.close()
    rows = [await crowd(server, asked.visitors, asked.think, asked.seconds)]
    rows.append(await crowd(server, BUSY_VISITORS, 0.0, BUSY_SECONDS))
    header = ["", "reruns", "p50", "p95", "aim, ms", "reruns/s", "server time a rerun", "server uses", "client uses"]
    print_table(header, rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--think", type=float, default=5.0, help="average pause in seconds")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--port", type=int, default=8640)
    asked = parser.parse_args()
    print_conditions(
        "Many visitors",
        "the default model, 20 words a sentence, every sentence new; client and server on this machine, loopback only",
    )
    with serve(APP, asked.port) as server:
        asyncio.run(measure(server, asked))


if __name__ == "__main__":
    main()
