"""How a figure reaches a page: one card with its words and files; and the other things that several pages show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core_models.explain.arithmetic.cell import Arithmetic
from core_models.language import ENGLISH, say, speaking
from core_models.trace import Tokens, Trace
from viz.figures.explain.arithmetic import draw_terms
from viz.figures.parts.export import to_csv, to_html, to_npz
from viz.figures.parts.marks import Place, picked
from viz.figures.parts.written import plain
from viz.figures.trace.attention_stages import Check
from viz.linked_plot import Click, Saved, Zoom, linked_plot, linked_text, say_keys, zoomed_plot
from viz.markdown import escape
from viz.models import every_recipe, load
from viz.outside.bundle import Bundle
from viz.session import Selection, select
from viz.view import Figure

LONGEST_NAME = 40
"""Characters of an input in the name of a file."""


@dataclass(frozen=True)
class Origin:
    """What a figure was made from: the model's key and the input, for the names of its files and their headings.

    Attributes:
        model: its key.
        text: the input.
        traces: from which the numbers come, to compute them again; none where they come from elsewhere.
    """

    model: str = ""
    text: str = ""
    traces: tuple[Trace, ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def of(cls, trace: Trace) -> Origin:
        """Model and input of a trace; an input without text is named by its first and last step."""
        tokens = trace.sources or trace.tokens
        return cls(trace.model, tokens.text or f"{tokens.labels[0]} to {tokens.labels[-1]}", (trace,))

    def name(self, key: str) -> str:
        """File name for the figure named ``key``, without its ending."""
        text = re.sub(r"\W+", "-", self.text.casefold())[:LONGEST_NAME].strip("-")
        return "-".join(part for part in (self.model, key, text) if part)


@dataclass(frozen=True, kw_only=True)
class Card:
    """One figure on a page, with all that belongs to it.

    All words are plain text, escaped here, but ``found``, which is Markdown.

    Attributes:
        key: identifies the figure between runs, and names its files.
        title: heading.
        question: what it shows or asks, one sentence, below the heading.
        asks: whether it stands there, where it is not said of several figures at once.
        how_to_read: the rest, behind “How to read this”.
        figure: what is drawn.
        numbers: makes the tidy table of what is drawn, when somebody saves it.
        alt: what the figure shows, for those who cannot see it; heading and question if empty.
        origin: what it was made from.
        group: figures and texts of one group share the item under the pointer.
        sound: a WAV file that the figure shows, see ``linked_plot``.
        found: what came out, below the figure.
        again: Python that makes the numbers of ``trace``, see ``viz.outside.bundle``.
    """

    key: str
    title: str
    question: str
    figure: Figure
    numbers: Callable[[], pd.DataFrame]
    how_to_read: str = ""
    alt: str = ""
    origin: Origin = Origin()
    group: str = "step"
    sound: bytes = b""
    found: str = ""
    asks: bool = True
    again: str = ""

    @property
    def said(self) -> str:
        """What the figure shows, in words."""
        return self.alt or f"{self.title}. {self.question}"

    @property
    def saved(self) -> Saved:
        """What a picture of it carries: title, what was read and by which model, in its file's name too."""
        read = " · ".join(part for part in (self.origin.text, self.origin.model) if part)
        return Saved(self.origin.name(self.key), (self.title, read))


def show(card: Card) -> Click | None:
    """Put a card on the page; returns the point that was clicked in its figure."""
    figure = card.figure
    with _framed(card):
        if isinstance(figure, go.Figure):
            return linked_plot(
                figure, key=card.key, alt=card.said, group=card.group, sound=card.sound, saved=card.saved
            )
        show_chart(figure, alt=card.said, key=card.key)
    return None


def show_zoomed(card: Card) -> Click | Zoom | None:
    """As ``show``, for a figure that tells which part of it a person zoomed to; see ``zoomed_plot``.

    Raises:
        TypeError: if the figure is none of Plotly's.
    """
    figure = card.figure
    if not isinstance(figure, go.Figure):
        raise TypeError(f"show_zoomed {card.key!r}: expected a Plotly figure, got {type(figure).__name__}")
    with _framed(card):
        return zoomed_plot(figure, key=card.key, alt=card.said, group=card.group, saved=card.saved)


def show_and_pick(card: Card) -> Place | None:
    """As ``show``; returns step and unit of the number under a click, see ``picked``."""
    click = show(card)
    return picked(card.figure, click) if click and isinstance(card.figure, go.Figure) else None


def show_chart(chart: Any, *, alt: str, key: str | None = None) -> None:
    """A chart of Altair's; ``alt`` says what it shows, and the keys of viz/serving/chart_keys.js move in it."""
    st.altair_chart(chart, key=key, alt=f"{alt} {say_keys()}", width="stretch")


@contextmanager
def _framed(card: Card) -> Iterator[None]:
    """Heading, files and words around the figure."""
    with st.container(border=True, key=f"card-{card.key}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{escape(card.title)}**", width="stretch")
            figure_menu(card.key, escape(card.how_to_read), partial(_save_files, card))
        if card.asks:
            st.caption(escape(card.question))
        yield
        if card.found:
            st.markdown(card.found)


def figure_menu(key: str, how_to_read: str, files: Callable[[], None]) -> None:
    """The menu of a figure: how to read it, in Markdown, and its ``files``, made where somebody opens it."""
    tip = say("How to read this, the figure’s files, and how to compute its numbers again")
    with st.popover("⋯", type="tertiary", help=tip, key=f"more-{key}", on_change="rerun") as menu:
        if how_to_read:
            st.markdown(say("**How to read this.** {words}", words=how_to_read))
        if menu.open:
            files()


def _save_files(card: Card) -> None:
    """Every file of a card, made where somebody asks for it, and the lines that compute its numbers again."""
    figure, name, model = card.figure, card.origin.name(card.key), card.origin.model
    page = f"{card.title} ({model})" if model else card.title
    with st.container(horizontal=True):
        save(card.key, name, lambda: to_csv(in_english(card.numbers)), "csv", say("The numbers of this figure"))
        save(
            card.key,
            name,
            lambda: to_npz(in_english(card.numbers)),
            "npz",
            say("The numbers of this figure, for NumPy"),
        )
        if isinstance(figure, go.Figure):
            save(card.key, name, lambda: to_html(figure, page, card.origin.text), "html",
                 say("This figure, to open offline"))  # fmt: skip
        bundle = bundle_of(card)
        if bundle:
            save(card.key, name, lambda: bundle.pack(figure, in_english(card.numbers), page), "zip",
                 say("Figure, numbers, settings, input, and a script that computes them again"))  # fmt: skip
    if isinstance(figure, go.Figure):
        st.caption(say("SVG, PNG and PDF (by printing, with lines that stay sharp) are in the corner of the figure."))
    if bundle:
        st.caption(
            say("The same numbers, in your own Python; the ZIP holds this script with its input.")
            if bundle.again
            else say(
                "The values that this figure was made of, in your own Python; the ZIP holds this script with its input."
            )
        )
        st.code(bundle.script(), language="python")


def bundle_of(card: Card) -> Bundle | None:
    """What a card's numbers are computed again from; None where they come from no trace of a model that is here."""
    traces = card.origin.traces
    if not traces or not all(trace.model in every_recipe() for trace in traces):
        return None
    models = [load(trace.model) for trace in traces]
    own = any(getattr(model.task, "own_file", "") for model in models)
    again = "" if own and "gs.Site(module='rnn'" not in card.again else card.again
    return Bundle(traces, models, again)


MIMES = {
    "npz": "application/octet-stream", "safetensors": "application/octet-stream", "zip": "application/zip",
}  # fmt: skip


def save(key: str, name: str, content: Callable[[], str | bytes], kind: str, tip: str) -> None:
    """A button that makes a file when it is clicked, and not before."""
    st.download_button(
        kind.upper(), content, file_name=f"{name}.{kind}", mime=MIMES.get(kind, f"text/{kind}"), key=f"{kind}-{key}",
        on_click="ignore", type="tertiary", icon=":material/download:", help=tip,
    )  # fmt: skip


def in_english(table: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """A table for a file, its columns called the same whoever saves it: programs read them."""
    with speaking(ENGLISH):
        return table()


def save_table(key: str, name: str, table: Callable[[], pd.DataFrame], tip: str = "") -> None:
    """The button that saves a table that stands on the page without a figure; ``table`` makes it for the file."""
    save(key, name, lambda: to_csv(in_english(table)), "csv", tip or say("The numbers of this table"))


def show_notices(notices: Iterable[str]) -> None:
    """What was done to an input before it was read: each sentence once, several as a list in one box."""
    said = [escape(say(notice)) for notice in dict.fromkeys(notices)]
    if said:
        text = said[0] if len(said) == 1 else "\n".join(f"* {notice}" for notice in said)
        st.info(text, icon=":material/info:")


def show_text(tokens: Tokens, selection: Selection | None, shades: Sequence[float] = ()) -> int | None:
    """The person's own text with every token in its place, in the colours of ``shades``; returns a clicked token."""
    unknown, note = [not known for known in tokens.known], say("the model never saw this and reads it as unknown")
    return linked_text(
        tokens.text,
        tokens.spans,
        key="tokens",
        marks=["unknown" if missing else "" for missing in unknown],
        notes=[note if missing else "" for missing in unknown],
        values=shades or None,
        selected=selection.step if selection else None,
    )


def aligned(lines: Sequence[str]) -> str:
    """Equations below each other, their first equals signs in one column."""
    rows = (line.replace("=", "&=", 1) for line in lines)
    return r"\begin{aligned}" + r"\\[4pt]".join(rows) + r"\end{aligned}"


def show_arithmetic(arithmetic: Arithmetic) -> bool:
    """One number spelled out in a drawer: equation, numbers put in, largest terms, check; True if it was closed."""
    with st.container(border=True, height=270, key="arithmetic"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                say("**Explain this number:** {name} = **{value:.6f}**",
                    name=escape(arithmetic.title), value=arithmetic.shown),
                width="stretch",
            )  # fmt: skip
            closed = st.button(say("Close"), key="close", type="tertiary", icon=":material/close:")
        bars, words = st.columns([2, 3]) if arithmetic.terms else (None, st.container())
        with words:
            st.latex(aligned(arithmetic.lines))
            if arithmetic.acting:
                st.markdown(say(", ").join(f"{label} = **{plain(value, 6)}**" for label, value in arithmetic.acting))
            st.caption(
                say(
                    "In the trace: {shown:.6f}. Recomputed from the weights in double precision: {value:.6f}; they "
                    "differ by {gap:.1e}.",
                    shown=arithmetic.shown,
                    value=arithmetic.value,
                    gap=abs(arithmetic.value - arithmetic.shown),
                )
            )
        if bars:
            alt = say("Largest terms of {name}", name=arithmetic.title)
            with bars:
                show_chart(draw_terms(arithmetic), alt=alt)
    return closed


def explain_selected(ask: Callable[[], Arithmetic]) -> None:
    """The arithmetic of the selected number at the foot of the window, if it has any; closing it selects none.

    Args:
        ask: gives the arithmetic; KeyError where the number has none.
    """
    try:
        arithmetic = ask()
    except KeyError:
        return
    with st.bottom:
        closed = show_arithmetic(arithmetic)
    if closed:
        select(None)
        st.rerun()


def show_checks(found: Sequence[Check]) -> None:
    """What was verified about the attention on screen."""
    for check in found:
        icon, color = (":material/check_circle:", "green") if check.passed else (":material/error:", "red")
        st.markdown(f":{color}[{icon}] {check.name}: {check.detail}")
