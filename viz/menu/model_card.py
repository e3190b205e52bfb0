"""What a model is, in words: how it was made, how well it does, its equations, its data and where it ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core_models.language import say, say_n
from pretrained.trained import Trained
from viz.cards import aligned
from viz.markdown import escape


def show_model_card(model: Trained, show_scores: Callable[[Trained], None]) -> None:
    """What the model is, what it was trained on, how well it does, and where it ends."""
    recipe, scores = model.recipe, model.recipe.scores
    st.markdown(escape(say(recipe.summary)))
    if "training_seconds" in scores:
        st.markdown(say(
            "{n:,} parameters, {size}, trained in {span} on {device}.", n=scores["parameters"],
            size=_size(recipe.weights["bytes"]), span=_span(scores["training_seconds"]),
            device=scores["device"].upper(),
        ))  # fmt: skip
    else:
        st.markdown(say("{n:,} parameters.", n=scores["parameters"]))
    show_scores(model)
    for note, equations in cell_equations(model):
        st.latex(aligned(equations))
        st.caption(note)
    data = model.task.data
    if not data:
        return
    st.markdown(
        say("**Trained on** {name}. {citation}.", name=escape(say(data["name"])), citation=escape(data["citation"]))
    )
    st.markdown(say("**Licence of the data:** {licence}.", licence=escape(say(data["licence"]))))
    if "background" in data:
        st.markdown(say("**Background:** {background}.", background=escape(say(data["background"]))))
    st.markdown(say("**Limits:** {limits}", limits=escape(say(data["limits"]))))


def _size(count: int) -> str:
    """A number of bytes in words."""
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.0f} kB"


def _span(seconds: float) -> str:
    """A time in words."""
    return (
        say("{n:.0f} minutes", n=seconds / 60) if seconds >= 90 else say_n("{n} second", "{n} seconds", round(seconds))
    )


def cell_equations(model: Trained) -> Sequence[tuple[str, tuple[str, ...]]]:
    """Note and equations of the model's cell, and of its attention if it has one."""
    convention: Any = model.network.convention
    note = say("{note} Source: {source}.", note=say(convention.note), source=convention.source)
    found = [(note, convention.equations)]
    attention: Any = getattr(model.network, "attention", None)
    if attention is not None:
        found.append((say("Attention. Source: {source}.", source=attention.source), attention.equations))
    return found
