"""What `streamlit run app.py` starts: viz/main.py, with everything slow loaded while the server answers already."""

import os

# Set before NumPy is loaded: its second thread would spin after every small product that it shared out.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from importlib.resources import files
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from viz.serving.delivery import CompressOnce, OpeningScript, SecurityHeaders, with_script
from viz.serving.operator import ForOperators, figures, word_of
from viz.serving.sparing import GatherMessages
from viz.serving.start import WaitForPages, asset, route, started

STREAMLIT_PAGE = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
OPENING = "".join(
    files("viz.serving").joinpath(name).read_text(encoding="utf-8")
    for name in ("history.js", "drawer.js", "language.js", "chart_keys.js", "scrolled.js")
)
"""Put before the app: what a step of Back is, what stays in sight, which language is read aloud, and what keys move."""

app = st.App(
    "viz/main.py",
    lifespan=started,
    middleware=[
        Middleware(ForOperators, word=word_of(os.environ)),
        Middleware(SecurityHeaders, page=with_script(STREAMLIT_PAGE, OPENING)),
        Middleware(OpeningScript, script=OPENING),
        Middleware(CompressOnce),
        Middleware(WaitForPages),
        Middleware(GatherMessages),
    ],
    routes=[route("assets/{name:path}", asset), route("operator", figures)],
)
