"""What a server loads while it answers already: the networks' library, the pages, and the model that opens first.

The server is healthy, and sends a browser the app's own scripts, before any of it is there. A page's connection waits.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from viz.serving.housekeeping import allot, give_back, kept_house
from viz.serving.later import put_off
from viz.serving.sparing import read_theme_once

LOG = logging.getLogger(__name__)

SELDOM = ("pandas", "altair", "pyarrow", "pyarrow.compute", "pyarrow.parquet")
"""Packages that the first page does without."""

SELDOM_COLLECTED = 20_000
"""New objects after which the young ones are collected; a run of a page alone makes some thousands that stay."""

FIRST = ("viz.main", "viz.explore.page")
"""Modules of the first page: with them comes all that it needs."""

_loaded = asyncio.Event()


def load() -> None:
    """Import what the pages need, load the first model, then exempt all of it from garbage collection.

    One torch thread: models here are small, visitors are many, and threads would only wait for one another.
    """
    import torch

    with put_off(*SELDOM):
        for name in FIRST:
            import_module(name)
        from viz import session
    torch.set_num_threads(1)
    session.preload()
    give_back()
    gc.freeze()
    gc.set_threshold(SELDOM_COLLECTED)


@asynccontextmanager
async def started(_: st.App) -> AsyncIterator[None]:
    """Load beside the server while it runs; connections wait until it is done."""
    allot()
    read_theme_once()
    loading = asyncio.create_task(_load())
    async with kept_house():
        yield
    await loading


async def _load() -> None:
    try:
        await asyncio.to_thread(load)
    except Exception:
        LOG.exception("The pages could not be loaded.")
    finally:
        _loaded.set()


class WaitForPages:
    """ASGI middleware: a page's connection is taken up once the pages are loaded; everything else passes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await _loaded.wait()
        await self.app(scope, receive, send)


def route(path: str, answer: Callable[[Request], Response]) -> Route:
    """Answer at this path, below ``server.baseUrlPath`` if one is set, in a thread of its own: others do not wait."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return Route(f"{'/' + base if base else ''}/{path}", answer, methods=["GET"])


def asset(request: Request) -> Response:
    """Plotly and the components' modules; see viz.linked_plot.bundle."""
    from viz.linked_plot.bundle import answer

    return answer(request)
