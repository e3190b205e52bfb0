"""The UI script: page settings, the list of pages, and what is done around each. ``app.py`` serves it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core_models.language import speaking
from viz import pages, params
from viz.linked_plot.look import PROJECTED, is_large
from viz.own_model.given import take_given_file
from viz.run import answered
from viz.serving.admission import admit
from viz.serving.operator import RERUNS
from viz.serving.turns import TURNS

SERVING = Path(__file__).parent / "serving"
ICON, STYLE = SERVING / "gatescope.svg", SERVING / "page.css"


def main() -> None:
    """Draw the page that the address names, in the language of whoever looks at it."""
    with RERUNS.timed(), TURNS.turn(), speaking(params.spoken()):
        _draw()


def _draw() -> None:
    st.set_page_config(page_title="Gatescope", page_icon=ICON, layout="wide")
    st.logo(ICON, size="large")
    st.html(STYLE)
    opened = st.navigation(list(pages.listed().values()), position="top")
    page = next(page for page in pages.PAGES if page.url_path == opened.url_path)
    admit()
    params.begin_run(page.file, page.suits)
    params.pick_language()
    if is_large():
        st.html(PROJECTED)
    try:
        with answered():
            take_given_file()
            opened.run()
    finally:  # also where a page ends early, or is drawn anew
        params.end_run(remember=bool(page.families) or page.remembered)


if __name__ == "__main__":
    main()
