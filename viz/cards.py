"""What pages show: the text, one figure with its words, one number spelled out, the model, one row of the glossary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import inf
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core_models.explain.arithmetic.cell import Arithmetic
from core_models.trace import Tokens, Trace
from core_models.vocabulary import Kind, Quantity
from pretrained.sequence_model import SequenceModel
from viz.controls import STAGES
from viz.figures.explain.arithmetic import draw_terms
from viz.figures.parts.export import to_csv, to_html
from viz.figures.parts.marks import picked
from viz.figures.parts.token_axis import in_nouns, noun_of
from viz.figures.trace.attention_heatmap import Check
from viz.linked_plot import linked_plot, linked_text
from viz.markdown import escape
from viz.session import Selection
from viz.view import Options, Target, View


def show_notices(notices: Iterable[str]) -> None:
    """What was done to an input before it was read: each sentence once, several as a list in one box."""
    said = list(dict.fromkeys(notices))
    if said:
        text = said[0] if len(said) == 1 else "\n".join(f"* {notice}" for notice in said)
        st.info(text, icon=":material/info:")


def show_text(tokens: Tokens, selection: Selection | None) -> int | None:
    """The person's own text with every token in its place; returns a token that was clicked."""
    unknown = [not known for known in tokens.known]
    return linked_text(
        tokens.text,
        tokens.spans,
        key="tokens",
        marks=["unknown" if missing else "" for missing in unknown],
        notes=["the model never saw this and reads it as unknown" if missing else "" for missing in unknown],
        selected=selection.step if selection else None,
    )


def show_view(view: View, trace: Trace, target: Target, options: Options) -> tuple[int, int | None] | None:
    """One figure with its question, how to read it, and its files; returns step and unit of a click in it."""
    label = STAGES.get(options.stage, "") if view.key == "attention_heatmap" else target.quantity.label
    if len(trace.sites(Kind.STATE)) > 1 and target.site.module == "rnn":
        label += f", {target.site.label}"
    noun = noun_of(trace, target.site)
    heading = in_nouns(view.title, noun) if view.key == "prediction" else f"{in_nouns(view.title, noun)}: {label}"
    figure = view.draw(trace, target, options)
    with st.container(border=True, key=f"card-{view.key}-{target.name}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{heading}**", width="stretch")
            name = f"{view.key}-{target.name}"
            save(
                name, f"{trace.model}-{name}", lambda: to_csv(view, trace, target), "csv", "The numbers of this figure"
            )
            if isinstance(figure, go.Figure):
                save(
                    name,
                    f"{trace.model}-{name}",
                    lambda: to_html(figure, f"{heading} ({trace.model})", trace.tokens.text),
                    "html",
                    "This figure, to open offline",
                )
        st.caption(in_nouns(f"{view.question} {view.how_to_read(trace, target, options)}", noun))
        alt = f"{heading}. {in_nouns(view.question, noun)}"
        if isinstance(figure, go.Figure):
            group = "source" if target.site in trace.reading else "step"
            click = linked_plot(figure, key=f"{view.key}-{target.name}", alt=alt, group=group)
            return picked(figure, click) if click else None
        st.altair_chart(figure, key=f"{view.key}-{target.name}", alt=alt)
        return None


def save(key: str, name: str, content: Callable[[], str], kind: str, tip: str) -> None:
    """A button that makes a file when it is clicked, and not before."""
    st.download_button(
        kind.upper(), content, file_name=f"{name}.{kind}", mime=f"text/{kind}", key=f"{kind}-{key}",
        on_click="ignore", type="tertiary", icon=":material/download:", help=tip,
    )  # fmt: skip


def aligned(lines: Sequence[str]) -> str:
    """Equations below each other, their first equals signs in one column."""
    rows = (line.replace("=", "&=", 1) for line in lines)
    return r"\begin{aligned}" + r"\\[4pt]".join(rows) + r"\end{aligned}"


def show_arithmetic(arithmetic: Arithmetic) -> bool:
    """One number spelled out in a drawer: equation, numbers put in, largest terms, check; True if it was closed."""
    with st.container(border=True, height=270, key="arithmetic"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**Explain this number:** {escape(arithmetic.title)} = **{arithmetic.shown:.6f}**", width="stretch"
            )
            closed = st.button("Close", key="close", type="tertiary", icon=":material/close:")
        bars, words = st.columns([2, 3]) if arithmetic.terms else (None, st.container())
        with words:
            st.latex(aligned(arithmetic.lines))
            if arithmetic.acting:
                st.markdown(", ".join(f"{label} = **{value:.6f}**" for label, value in arithmetic.acting))
            st.caption(
                f"In the trace: {arithmetic.shown:.6f}. Recomputed from the weights in double precision: "
                f"{arithmetic.value:.6f}; they differ by {abs(arithmetic.value - arithmetic.shown):.1e}."
            )
        if bars:
            bars.altair_chart(draw_terms(arithmetic), alt=f"Largest terms of {arithmetic.title}", width="stretch")
    return closed


def show_checks(found: Sequence[Check]) -> None:
    """What was verified about the attention on screen."""
    for check in found:
        icon, color = (":material/check_circle:", "green") if check.passed else (":material/error:", "red")
        st.markdown(f":{color}[{icon}] {check.name}: {check.detail}")


def show_model_card(model: SequenceModel, show_scores: Callable[[SequenceModel], None]) -> None:
    """What the model is, what it was trained on, how well it does, and where it ends."""
    recipe, scores = model.recipe, model.recipe.scores
    st.markdown(recipe.summary)
    st.markdown(
        f"{scores['parameters']:,} parameters, {_size(recipe.weights['bytes'])}, "
        f"trained in {_span(scores['training_seconds'])} on {scores['device'].upper()}."
    )
    show_scores(model)
    for note, equations in cell_equations(model):
        st.latex(aligned(equations))
        st.caption(note)
    data = recipe.data
    st.markdown(f"**Trained on** {escape(data['name'])}. {escape(data['citation'])}.")
    background = f" **Background:** {escape(data['background'])}." if "background" in data else ""
    st.markdown(f"**Licence of the data:** {escape(data['licence'])}.{background}")
    st.markdown(f"**Limits:** {escape(data['limits'])}")


def _size(count: int) -> str:
    """A number of bytes in words."""
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.0f} kB"


def _span(seconds: float) -> str:
    """A time in words."""
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"


def cell_equations(model: SequenceModel) -> Sequence[tuple[str, tuple[str, ...]]]:
    """Note and equations of the model's cell, and of its attention if it has one."""
    convention: Any = model.network.convention
    found = [(f"{convention.note} Source: {convention.source}.", convention.equations)]
    attention: Any = getattr(model.network, "attention", None)
    if attention is not None:
        found.append((f"Attention. Source: {attention.source}.", attention.equations))
    return found


def mentions(row: Quantity, wanted: str) -> bool:
    """Whether a glossary row holds the words that a person looks for."""
    return (
        wanted.strip().lower() in " ".join((row.name, row.symbol, row.key, row.meaning, row.source, row.kind)).lower()
    )


def show_quantity(row: Quantity) -> None:
    """One row of the glossary: name, meaning, equation, range, axes, source."""
    with st.container(border=True):
        words, equation = st.columns([3, 2], vertical_alignment="center")
        low, high = (
            ("−∞" if bound == -inf else "∞" if bound == inf else f"{bound:g}") for bound in (row.low, row.high)
        )
        words.markdown(f"**{row.name}** ${row.latex}$")
        words.markdown(row.meaning)
        words.caption(
            f"Range {escape(f'[{low}, {high}]')}, axes {escape('[' + ', '.join(row.dims) + ']')}, "
            f"`{row.key}` in code and files. Source: {escape(row.source)}."
        )
        equation.latex(row.equation)
