"""One figure of the Explain page with its words and files."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from viz.cards import save
from viz.figures.parts.export import to_html
from viz.linked_plot import Click, linked_plot
from viz.markdown import escape


def show_figure(
    key: str, heading: str, how: str, figure: go.Figure, numbers: Callable[[], pd.DataFrame], *, group: str = "step"
) -> Click | None:
    """A figure with how to read it, its numbers and itself to keep; returns the point that was clicked.

    Args:
        key: identifies the figure between runs, and names its files.
        heading: plain text.
        how: how to read it, plain text.
        figure: what is drawn.
        numbers: makes the table of its numbers, when somebody asks for it.
        group: figures of one group share the token under the pointer.
    """
    with st.container(border=True, key=f"card-{key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{escape(heading)}**", width="stretch")
            save(key, f"explain-{key}", lambda: numbers().to_csv(index=False), "csv", "The numbers of this figure")
            save(key, f"explain-{key}", lambda: to_html(figure, heading), "html", "This figure, to open offline")
        st.caption(escape(how))
        return linked_plot(figure, key=key, alt=f"{heading}. {how}", group=group)
