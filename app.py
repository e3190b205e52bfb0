"""What `streamlit run app.py` starts: viz/main.py, with everything slow done before the first visitor comes."""

import os

# Set before NumPy is loaded: its second thread would spin after every small product that it shared out.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

import streamlit as st
import torch
from starlette.middleware import Middleware

from viz import session
from viz.linked_plot.bundle import plotly_bundle_route
from viz.serving.delivery import CompressOnce, OpeningScript, SecurityHeaders, with_script
from viz.serving.housekeeping import allot, kept_house


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Load the first model, then exempt all that was imported and loaded from garbage collection.

    One torch thread: models here are small, visitors are many, and threads would only wait for one another.
    """
    allot()
    torch.set_num_threads(1)
    session.preload()
    gc.collect()
    gc.freeze()
    async with kept_house():
        yield


STREAMLIT_PAGE = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
OPENING = "".join(
    files("viz.serving").joinpath(name).read_text(encoding="utf-8")
    for name in ("history.js", "drawer.js", "language.js")
)
"""What a step of Back is, what stays in sight and which language is read aloud, decided before the app starts."""

app = st.App(
    "viz/main.py",
    lifespan=lifespan,
    middleware=[
        Middleware(SecurityHeaders, page=with_script(STREAMLIT_PAGE, OPENING)),
        Middleware(OpeningScript, script=OPENING),
        Middleware(CompressOnce),
    ],
    routes=[plotly_bundle_route()],
)
