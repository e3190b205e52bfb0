"""One session that walks from page to page, over the websocket that a browser would use."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection

from pretrained.registry import GROUPS, recipes
from tests.benchmarks.running import sentence
from viz.pages import PAGES

ANSWER_SECONDS = 120.0
TABS = ("", "cell", "answer", "gates", "attention", "path", "memory", "explain")
SENTENCES = ("sentiment",)
"""Groups of models whose text box holds what the address says as it is."""


@dataclass(frozen=True)
class Address:
    """A page and what stands behind the question mark.

    Attributes:
        page: its name in the address.
        query: the rest.
        text: what the text box must hold, or "" where nothing is known of it.
    """

    page: str
    query: str
    text: str = ""


def addresses(chance: random.Random) -> Iterator[Address]:
    """Pages with models, texts and tabs, at random, for ever."""
    models: dict[str, list[str]] = {group: list(recipes(group)) for group in GROUPS}
    while True:
        page = chance.choice(PAGES)
        groups = [group for group in page.families if models.get(group)]
        if not groups:
            yield Address(page.url_path, "")
            continue
        group = chance.choice(groups)
        text = sentence(chance, 12) if group in SENTENCES and page.file in ("explore", "explain") else ""
        asked = {"model": chance.choice(models[group]), "tab": chance.choice(TABS), "text": text}
        yield Address(page.url_path, urlencode({name: value for name, value in asked.items() if value}), text)


@dataclass
class Found:
    """What all sessions together saw: when each page was there and how many seconds it took, and what went wrong."""

    pages: list[tuple[float, float]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    connected_anew: int = 0


async def walk(url: str, chance: random.Random, think: float, over: asyncio.Event, found: Found) -> None:
    """Walk until it is over; where the connection is lost, connect anew and ask for the same page."""
    steps, address = addresses(chance), None
    socket = await _connect(url, over)
    while socket and not over.is_set():
        if address is None:
            await asyncio.sleep(chance.expovariate(1 / think))
            address = next(steps)
        try:
            await _open(socket, address, found)
            address = None
        except (websockets.ConnectionClosed, ConnectionError):
            socket = await _connect(url, over)
            found.connected_anew += socket is not None
        except TimeoutError:
            found.wrong.append(f"not answered in {ANSWER_SECONDS:g} s: {address}")
            await socket.close()
            socket, address = await _connect(url, over), None
    if socket:
        await socket.close()


async def _connect(url: str, over: asyncio.Event) -> ClientConnection | None:
    """A connection, asked for again and again while there is no server; None once it is over."""
    while not over.is_set():
        try:
            return await websockets.connect(
                url.replace("http", "ws") + "/_stcore/stream", subprotocols=[websockets.Subprotocol("streamlit")],
                origin=websockets.Origin(url), max_size=None, open_timeout=ANSWER_SECONDS,
            )  # fmt: skip
        except (OSError, websockets.InvalidHandshake, TimeoutError):
            await asyncio.sleep(0.5)
    return None


async def _open(socket: ClientConnection, address: Address, found: Found) -> None:
    message = BackMsg()
    message.rerun_script.query_string, message.rerun_script.page_name = address.query, address.page
    start, held = time.monotonic(), list[str]()
    await socket.send(message.SerializeToString())
    async with asyncio.timeout(ANSWER_SECONDS):
        while not _read(await socket.recv(), address, held, found):
            pass
    found.pages.append((time.monotonic(), time.monotonic() - start))
    if address.text and address.text not in held:
        found.wrong.append(f"the text did not come back: {address}, in the boxes {held}")


def _read(raw: str | bytes, address: Address, held: list[str], found: Found) -> bool:
    """Note what a message tells; True if the page is complete."""
    message = ForwardMsg.FromString(raw if isinstance(raw, bytes) else raw.encode())
    element = message.delta.new_element
    kind = element.WhichOneof("type")
    if kind == "exception":
        found.wrong.append(f"an error page: {address}: {element.exception.message[:200]}")
    if kind in ("text_input", "text_area"):
        box = element.text_input if kind == "text_input" else element.text_area
        held += [box.value, box.default]
    return message.WhichOneof("type") == "script_finished" and message.script_finished in (
        ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
    )  # fmt: skip
