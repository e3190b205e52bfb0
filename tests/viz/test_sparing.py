"""What Streamlit does anew in every run is done once, and comes out as it did."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from tests.support.loops import run_alone
from viz.serving import sparing

SECTIONS = ("theme", "theme.light", "theme.dark", "theme.sidebar", "theme.light.sidebar", "theme.dark.sidebar")


@pytest.fixture
def populate(monkeypatch: pytest.MonkeyPatch) -> sparing.Populate:
    """What Streamlit has itself, put back afterwards."""
    own = app_session._populate_theme_msg
    own = getattr(own, "__wrapped__", own)
    monkeypatch.setattr(app_session, "_populate_theme_msg", own)
    return own


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_of_the_theme_is_put_into_every_message_as_streamlit_puts_it(populate: Any, section: str):
    sparing.read_theme_once()
    for _ in range(2):
        theirs, ours = CustomThemeConfig(), CustomThemeConfig()
        populate(theirs.light, section)
        app_session._populate_theme_msg(ours.light, section)
        assert ours.SerializeToString(deterministic=True) == theirs.SerializeToString(deterministic=True)
        assert ours.HasField("light") == theirs.HasField("light")


def test_the_theme_is_read_again_only_where_the_configuration_was_read_again():
    read: list[str] = []

    def populate(message: CustomThemeConfig, section: str = "theme") -> None:
        read.append(section)
        message.primary_color = f"#00000{len(read)}"

    populated = sparing.once_a_section(populate)
    colours = []
    for _ in range(2):
        for _ in range(3):
            populated(message := CustomThemeConfig())
            colours.append(message.primary_color)
        config._on_config_parsed.send()
    assert colours == ["#000001"] * 3 + ["#000002"] * 3
    assert read == ["theme"] * 2


def test_the_theme_of_one_session_is_nobody_elses_to_change(populate: Any):
    populated = sparing.once_a_section(populate)
    populated(first := CustomThemeConfig(), "theme.light")
    first.primary_color = "#123456"
    populated(second := CustomThemeConfig(), "theme.light")
    assert second.primary_color != "#123456"


def test_what_is_sent_in_close_succession_is_handed_over_in_one_turn_and_in_order():
    sent: list[tuple[int, Any]] = []
    turns = 0

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        queue: asyncio.Queue[int] = asyncio.Queue()

        async def sender() -> None:
            for _ in range(6):
                await send({"type": "websocket.send", "bytes": await queue.get()})

        sending = asyncio.create_task(sender())
        for burst in range(2):
            for number in range(3):
                queue.put_nowait(3 * burst + number)
            await asyncio.sleep(10 * sparing.GATHER)
        await sending

    async def send(message: Message) -> None:
        sent.append((turns, message["bytes"]))

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async def visit() -> None:
        counting = asyncio.create_task(count())
        receive: Any = None
        await sparing.GatherMessages(inner)({"type": "websocket"}, receive, send)
        counting.cancel()

    run_alone(visit())
    assert [number for _, number in sent] == list(range(6))
    assert len({turn for turn, _ in sent}) == 2
