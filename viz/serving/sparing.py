"""Work that Streamlit does anew in every run of a page, though it comes out the same, done once.

Every run begins with a message that holds all settings of the theme, read one by one from the configuration, and every
element of a page is written to its connection by itself. A Streamlit that begins its runs in another way is left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import wraps
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.runtime import app_session

GATHER = 0.002
"""Seconds that the first of several messages waits for those behind it."""

Populate = Callable[..., None]
"""Puts the settings of a section of the configuration into a message."""


def read_theme_once() -> None:
    """Let sessions read the settings of the theme again only where the configuration was read again."""
    populate: Populate | None = getattr(app_session, "_populate_theme_msg", None)
    if populate is not None and not hasattr(populate, "__wrapped__"):
        app_session._populate_theme_msg = once_a_section(populate)


def once_a_section(populate: Populate) -> Populate:
    """The same, with what was put into a message kept by section until the configuration is read again."""
    made: dict[str, Any] = {}

    @wraps(populate)
    def populated(message: Any, section: str = "theme") -> None:
        if section not in made:
            fresh = type(message)()
            populate(fresh, section)
            made[section] = fresh
        if made[section].ByteSize():  # merging nothing would say that the section is there
            message.MergeFrom(made[section])

    config.on_config_parsed(made.clear, force_connect=True)
    return populated


class GatherMessages:
    """ASGI middleware: what is sent over a websocket in close succession leaves the server in one piece.

    The first message waits a moment. Those that come meanwhile queue behind it, so that all are handed over in one turn
    of the event loop, which writes them with one call to the system instead of one for each.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gathered = False

        def turn_is_over() -> None:
            nonlocal gathered
            gathered = False

        async def send_together(message: Message) -> None:
            nonlocal gathered
            if message["type"] == "websocket.send" and not gathered:
                await asyncio.sleep(GATHER)
                gathered = True
                asyncio.get_running_loop().call_soon(turn_is_over)
            await send(message)

        await self.app(scope, receive, send_together if scope["type"] == "websocket" else send)
