"""What the Compare page shows: one figure with its words and files, the texts in step with them, the table."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core_models.explain.dynamics.divergence import MISSING
from viz.cards import save
from viz.compare.sides import Side
from viz.figures.compare.comparison import part_answers
from viz.figures.parts.export import to_html
from viz.figures.parts.marks import picked
from viz.linked_plot import linked_plot, linked_text
from viz.markdown import escape

UNKNOWN = "the model never saw this word and reads it as unknown"


def show_figure(
    key: str, heading: str, how: str, figure: go.Figure, numbers: Callable[[], pd.DataFrame], side: Side
) -> int | None:
    """One figure with how to read it and its files; returns the column of the person's text that was clicked in it."""
    heading, key = side.name(heading), key + side.suffix
    with st.container(border=True, key=f"card-{key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{escape(heading)}**", width="stretch")
            save(key, f"compare-{key}", lambda: numbers().to_csv(index=False), "csv", "The numbers of this figure")
            save(key, f"compare-{key}", lambda: to_html(figure, heading), "html", "This figure, to open offline")
        st.caption(escape(how))
        click = linked_plot(figure, key=key, alt=f"{heading}. {how}", group=side.group)
        found = picked(figure, click) if click and side.ordered else None
        return found[0] if found else None


def show_text(side: Side, number: int, selected: int | None) -> int | None:
    """The text that one trace read, in step with the figures; returns the column of the person's text clicked in it.

    A column that the text lacks is an empty place in it, so that columns count alike in both texts.
    """
    comparison, end, spans = side.comparison, 0, []
    tokens, steps = comparison.traces[number].tokens, comparison.steps[number].tolist()
    for step in steps:
        start, end = (end, end) if step == MISSING else tokens.spans[step]
        spans.append((start, end))
    known = tokens.known or (True,) * len(tokens)
    marked = {
        "unknown": ({c for c, step in enumerate(steps) if step != MISSING and not known[step]}, UNKNOWN),
        "changed": (set(comparison.changed().tolist()), "not the same in both texts"),
        "parting": ({part_answers(comparison).opposite}, "the answers part here"),
    }
    marks = [" ".join(name for name, (columns, _) in marked.items() if c in columns) for c in range(len(spans))]
    notes = ["; ".join(note for columns, note in marked.values() if c in columns) for c in range(len(spans))]
    key = f"text-{number}{side.suffix}"
    clicked = linked_text(tokens.text, spans, key=key, marks=marks, notes=notes, selected=selected, group=side.group)
    return clicked if side.ordered else None


def show_table(rows: list[dict[str, str]], notes: str) -> None:
    """What was measured of each model."""
    st.table(pd.DataFrame(rows).map(escape).set_index("model"), alt="What was measured of each model")
    st.caption(notes)
