"""The floor beside which the page is measured: a Streamlit app that does nothing but paint the same figures.

The figures are recorded from the real page, for two sentences. The floor holds both sets ready and paints one and then
the other whenever its text box changes: no model, no words, no drawing of figures, only Streamlit's own way from a
key to ``st.plotly_chart``. They are static: what plays is drawn as it stands, without frames and controls.
"""

from __future__ import annotations

import json
from pathlib import Path
from unittest import mock

from streamlit.testing.v1 import AppTest

from tests.benchmarks.running import ROOT
from viz.linked_plot import plot

RUN_SECONDS = 120

SCRIPT = """
import json
from pathlib import Path

import plotly.io as pio
import streamlit as st

st.set_page_config(layout="wide")


@st.cache_resource
def figure_sets():
    stored = json.loads(Path(__file__).with_name("figures.json").read_text())
    sizes = stored["sizes"]
    return [[(pio.from_json(text), *size) for text, size in zip(texts, sizes)] for texts in stored["sets"]]


st.text_input("Text", key="text", live=True)
st.session_state.runs = st.session_state.get("runs", 0) + 1
sets = figure_sets()
for number, (figure, width, height) in enumerate(sets[st.session_state.runs % len(sets)]):
    st.plotly_chart(figure, key=str(number), width=width, height=height, theme=None)
"""


def still(figure: str) -> str:
    """The figure, as JSON, without what makes it play."""
    found = json.loads(figure)
    found.pop("frames", None)
    for control in ("sliders", "updatemenus"):
        found["layout"].pop(control, None)
    return json.dumps(found)


def record(texts: tuple[str, str], model: str) -> list[list[str]]:
    """Plotly figures of the Explore page as JSON, for each text, in the order in which the page places them.

    Raises:
        RuntimeError: if the page shows an exception, or a figure could not be recorded.
    """
    recorded: list[list[str]] = []
    for text in texts:
        figures: list[str] = []

        def keep(*, data: dict[str, str], figures: list[str] = figures, **_: object) -> dict[str, object]:
            figures.append(still(data["figure"]))
            return {}

        app = AppTest.from_file(str(ROOT / "viz" / "main.py"), default_timeout=RUN_SECONDS)
        app.query_params["text"] = text
        if model:
            app.query_params["model"] = model
        with mock.patch.object(plot, "_component", keep):
            app.run()
        if app.exception or not figures:
            raise RuntimeError(f"floor: expected the page with figures, got {[e.message for e in app.exception]}")
        recorded.append(figures)
    return recorded


def write_floor(folder: Path, sets: list[list[str]], sizes: list[tuple[int, int]]) -> Path:
    """Write the floor's script and figures into ``folder``; returns the script.

    Args:
        folder: an existing folder.
        sets: figures as JSON, one list a sentence.
        sizes: width and height of every figure on the real page, in pixels.

    Raises:
        RuntimeError: if the page in the browser holds another number of figures than were recorded.
    """
    if any(len(figures) != len(sizes) for figures in sets):
        raise RuntimeError(f"floor: expected {len(sets[0])} figures on the page, got {len(sizes)} in the browser")
    (folder / "figures.json").write_text(json.dumps({"sets": sets, "sizes": sizes}), encoding="utf-8")
    script = folder / "floor.py"
    script.write_text(SCRIPT, encoding="utf-8")
    return script
