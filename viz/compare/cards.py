"""What the Compare page shows: one figure with its words and files, the texts in step with them, the table."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core_models.explain.dynamics.divergence import MISSING
from core_models.language import mark, say
from viz.cards import Card, Origin, show_and_pick
from viz.compare.sides import Side
from viz.figures.compare.answers import part_answers
from viz.figures.parts.token_axis import in_nouns
from viz.linked_plot import linked_text
from viz.markdown import escape

Table = Callable[[], pd.DataFrame]

UNKNOWN = mark("the model never saw this word and reads it as unknown")


def card_on(
    side: Side,
    key: str,
    title: str,
    question: str,
    figure: go.Figure,
    table: Table,
    *,
    how: str = "",
    group: str = "",
) -> Card:
    """One figure of a side, linked with those of the same order of tokens, said of what a step of it is called.

    Args:
        side: whose figure it is; its title stands behind the figure's own.
        key: of the figure, without the side.
        title: what the figure shows.
        question: one sentence below it.
        figure: what is drawn.
        table: makes its numbers.
        how: how to read it.
        group: with which figures it is linked instead.
    """
    origins, noun = [Origin.of(trace) for trace in side.comparison.traces], side.comparison.noun
    models, texts = dict.fromkeys(o.model for o in origins), dict.fromkeys(o.text for o in origins)
    return Card(
        key=key + side.suffix,
        title=side.name(title),
        question=in_nouns(question, noun),
        how_to_read=in_nouns(how, noun),
        figure=figure,
        numbers=table,
        origin=Origin("-".join(models), " / ".join(texts), tuple(side.comparison.traces)),
        group=group + side.suffix if group else side.group,
    )


def show_column(card: Card, side: Side) -> int | None:
    """A card; returns the column of the person's input that was clicked in it."""
    found = show_and_pick(card)
    return found[0] if found and side.ordered else None


def show_text(side: Side, number: int, selected: int | None) -> int | None:
    """The text that one trace read, in step with the figures; returns the column of the person's input clicked in it.

    A column that the text lacks is an empty place in it, so that columns count alike in both texts.
    """
    comparison, end, spans = side.comparison, 0, []
    tokens, steps = comparison.traces[number].tokens, comparison.steps[number].tolist()
    for step in steps:
        start, end = (end, end) if step == MISSING else tokens.spans[step]
        spans.append((start, end))
    known = tokens.known or (True,) * len(tokens)
    marked = {
        "unknown": ({c for c, step in enumerate(steps) if step != MISSING and not known[step]}, say(UNKNOWN)),
        "changed": (set(comparison.changed().tolist()), say("not the same in both")),
        "parting": ({part_answers(comparison).opposite}, say("the answers diverge here")),
    }
    marks = [" ".join(name for name, (columns, _) in marked.items() if c in columns) for c in range(len(spans))]
    notes = ["; ".join(note for columns, note in marked.values() if c in columns) for c in range(len(spans))]
    key = f"text-{number}{side.suffix}"
    clicked = linked_text(tokens.text, spans, key=key, marks=marks, notes=notes, selected=selected, group=side.group)
    return clicked if side.ordered else None


def show_table(rows: list[dict[str, str]], notes: str) -> None:
    """What was measured of each model."""
    st.table(pd.DataFrame(rows).map(escape).set_index(say("model")), alt=say("What was measured of each model"))
    st.caption(notes)
