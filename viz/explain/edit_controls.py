"""Widgets with which a person makes an edit; each kind has its own few, with defaults that show something."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core_models.edits.edit import (
    STATE_CHANGES,
    ChangeState,
    DeleteToken,
    Edit,
    EditError,
    HoldGate,
    MaskToken,
    PoolAttention,
    Some,
    Transplant,
)
from core_models.trace import Site
from core_models.vocabulary import Kind, quantity
from pretrained.data.tokenizer import UNKNOWN_ID
from pretrained.task import InputError
from viz.explain.edit_stack import EDITS, add, limits
from viz.explain.edit_text import LONGEST_TEXT, put_word
from viz.explain.edit_words import STATES
from viz.markdown import escape
from viz.run import ModelRun

KINDS = {
    "hold": "Hold a gate",
    "state": "Change the state",
    "paste": "Paste a state from another text",
    "token": "Change a token",
    "attend": "Move the attention",
}
WIDEST = 3.0
"""Ends of the slider for a quantity without bounds."""

MOST_DRAWN = 6
"""Tokens among which attention is shared out by hand."""


def make_edit(asked: ModelRun) -> None:
    """The kind, its widgets, and the button that puts the edit on the stack."""
    kinds = {key: name for key, name in KINDS.items() if key != "attend" or limits(asked).attends}
    kind = st.selectbox("What to change", list(kinds), format_func=kinds.__getitem__, key="new-kind")
    makers: dict[str, Callable[[ModelRun], Edit | None]] = {
        "hold": _hold, "state": _state, "paste": _paste, "token": _token, "attend": _attend,
    }  # fmt: skip
    problem = ""
    edit = None
    try:
        edit = makers[kind or "hold"](asked)
    except EditError as error:
        problem = str(error).removeprefix("edit: ")
    if (
        st.button(
            "Add this what-if",
            icon=":material/add:",
            key="new-add",
            disabled=edit is None or not EDITS.free,
            type="primary",
        )
        and edit
    ):
        add(edit)
        st.rerun()
    if problem:
        st.info(f"{escape(problem[0].upper() + problem[1:])}.", icon=":material/edit:")


def _hold(asked: ModelRun) -> Edit:
    choices = [(site, gate) for site, gates in limits(asked).gates.items() for gate in gates]
    choices.sort(key=lambda choice: quantity(choice[1]).kind is not Kind.GATE)
    several = len(limits(asked).gates) > 1
    names = [quantity(gate).label + (f", {site.label}" if several else "") for site, gate in choices]
    number = st.selectbox("Gate", range(len(choices)), format_func=names.__getitem__, key=f"new-gate-{_place(asked)}")
    site, gate = choices[number or 0]
    row = quantity(gate)
    low, high = (row.low, row.high) if row.high < WIDEST else (-WIDEST, WIDEST)
    value = st.slider("Value", float(low), float(high), 0.0, 0.05, key=f"new-value-{gate}")
    return HoldGate(site, gate, round(float(value), 2), _units(asked), _steps(asked))


def _state(asked: ModelRun) -> Edit:
    site = _site(asked)
    how = st.selectbox("What happens to it", STATE_CHANGES, format_func=STATES.__getitem__, key="new-how") or "zero"
    units, steps = _units(asked), _steps(asked)
    seed = int(st.number_input("Order", 0, 9999, 1, key="new-seed")) if how == "shuffle" else 0
    return ChangeState(site, how, units, steps, seed)


def _paste(asked: ModelRun) -> Edit | None:
    site, labels = _site(asked), asked.trace.tokens.labels
    step = _one("After token of this text", labels, (len(labels) - 1) // 2, f"new-after-{_place(asked)}")
    text = st.text_input("The other text", "a masterpiece", max_chars=LONGEST_TEXT, key="new-donor") or ""
    try:
        reading = asked.model.task.encode(text)
    except InputError as error:
        raise EditError("type the text whose state is to be pasted") from error
    others = reading.tokens.labels
    at = _one("Its state after token", others, len(others) - 1, f"new-donor-step-{len(others)}")
    return Transplant(site, step, reading.ids, at, _units(asked), text)


def _token(asked: ModelRun) -> Edit | None:
    ways = {"delete": "is deleted", "word": "is replaced by a word", "unknown": "is read as an unknown word",
            "blank": "is read as a vector of zeros"}  # fmt: skip
    step = _one("Token", asked.trace.tokens.labels, 0, f"new-token-{_place(asked)}")
    way = st.selectbox("What happens to it", list(ways), format_func=ways.__getitem__, key="new-way")
    if way == "word":
        return put_word(asked.model.task, step, st.text_input("Word", "dull", max_chars=60, key="new-word") or "")
    if way == "unknown":
        return MaskToken(step, UNKNOWN_ID)
    return MaskToken(step) if way == "blank" else DeleteToken(step)


def _attend(asked: ModelRun) -> Edit | None:
    ways = {"uniform": "at all tokens alike", "one": "at one token alone", "permuted": "with its weights permuted",
            "drawn": "as drawn by hand"}  # fmt: skip
    way = st.selectbox("It looks", list(ways), format_func=ways.__getitem__, key="new-look")
    labels = asked.trace.tokens.labels
    if way == "one":
        return PoolAttention("one", position=_one("Token", labels, 0, f"new-only-{_place(asked)}"))
    if way == "permuted":
        return PoolAttention("permuted", seed=int(st.number_input("Order", 0, 9999, 1, key="new-seed")))
    if way == "uniform":
        return PoolAttention("uniform")
    chosen = st.multiselect(
        "Tokens that get attention", range(len(labels)), format_func=lambda i: f"{i + 1}: {labels[i]}",
        key=f"new-drawn-{_place(asked)}", max_selections=MOST_DRAWN, default=[0],
    )  # fmt: skip
    weights = [0.0] * len(labels)
    for step in chosen:
        weights[step] = float(st.slider(f"{step + 1}: {escape(labels[step])}", 0, 100, 50, key=f"new-weight-{step}"))
    if not any(weights):
        raise EditError("give at least one token some attention")
    return PoolAttention("drawn", weights=tuple(weights))


def _site(asked: ModelRun) -> Site:
    sites = list(limits(asked).gates)
    if len(sites) == 1:
        return sites[0]
    names = [site.label for site in sites]
    number = st.selectbox(
        "Layer and direction", range(len(sites)), index=len(sites) - 1, format_func=names.__getitem__,
        key=f"new-site-{asked.model.recipe.key}",
    )  # fmt: skip
    return sites[number or 0]


def _units(asked: ModelRun) -> Some:
    chosen = st.multiselect(
        "Units", range(limits(asked).units), key=f"new-units-{asked.model.recipe.key}", placeholder="all units"
    )
    return tuple(sorted(chosen)) or None


def _steps(asked: ModelRun) -> Some:
    labels = asked.trace.tokens.labels
    chosen = st.multiselect(
        "Tokens", range(len(labels)), format_func=lambda step: f"{step + 1}: {labels[step]}",
        key=f"new-steps-{_place(asked)}", placeholder="all tokens",
    )  # fmt: skip
    return tuple(sorted(chosen)) or None


def _one(label: str, labels: tuple[str, ...], default: int, key: str) -> int:
    chosen = st.selectbox(
        label, range(len(labels)), index=default, format_func=lambda step: f"{step + 1}: {labels[step]}", key=key
    )
    return chosen or 0


def _place(asked: ModelRun) -> str:
    """Part of a widget's key that changes with the choices it offers."""
    return f"{asked.model.recipe.key}-{len(asked.trace)}"
