"""What-ifs on the Explain page: change something inside one reading, and see the same network read on from there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from core_models.edits.edit import Edit, EditError, kept_steps
from core_models.edits.run import edited_trace
from core_models.explain.dynamics.divergence import MISSING
from core_models.trace import Site, Trace, TraceError
from core_models.vocabulary import Kind, Quantity
from pretrained.task import Given
from viz import params, session
from viz.cards import Card, show
from viz.explain.edit_controls import make_edit
from viz.explain.edit_examples import examples
from viz.explain.edit_stack import (
    EDITS,
    MOST,
    Entries,
    Entry,
    active,
    add,
    address_of,
    can_undo,
    current_address,
    limits,
    put,
    put_address,
    read_entries,
    undo,
)
from viz.explain.edit_words import describe
from viz.explain.sweep import show_sweep
from viz.figures.compare import attention as compare_attention
from viz.figures.compare.comparison import Comparison, answers, compare_inputs, tabulate
from viz.figures.explain import edited_answers, edited_states
from viz.markdown import escape
from viz.params import Param
from viz.run import ModelRun

NAMES = ("original", "edited")
STATE, EXAMPLE = Param("state"), Param("what-if-example", public=False)


def show_what_ifs(asked: ModelRun) -> None:
    """The section: make edits, list them, and see both readings."""
    st.markdown(
        "Change a gate, the state, a token or the attention inside **this one reading**, and the same network reads on "
        "from there: cause and effect, not a story. The network itself is never changed, and nobody else sees your "
        "what-ifs; they are in your address bar."
    )
    _pick_example(asked)
    fits = limits(asked)
    entries = read_entries(current_address(), asked.model.task, fits)
    left, right = st.columns([2, 3])
    with left, st.container(border=True):
        make_edit(asked)
    with right, st.container(border=True, key="what-ifs"):
        _list_entries(asked, entries)
    try:
        stack = active(entries, len(asked.trace))
    except EditError:
        st.info("Every token is deleted: switch off one of the what-ifs, so that something is left to read.",
                icon=":material/edit:")  # fmt: skip
        return
    if stack:
        _show_both(asked, stack)
    with st.expander(
        "Which single change moves the answer most?", icon=":material/leaderboard:", key="sweep", on_change="rerun"
    ) as drawer:
        if drawer.open:
            show_sweep(asked, stack)


def _pick_example(asked: ModelRun) -> None:
    """One click puts an example on the stack."""
    found = examples(asked)

    def use(name: str) -> None:
        add(*found[name])

    params.once("Try one", EXAMPLE, found, use, fills=EDITS, name=escape, titled=True)


def _list_entries(asked: ModelRun, entries: Entries) -> None:
    """Every what-if with a switch and a button that removes it."""
    st.markdown("**Your what-ifs**, applied from top to bottom")
    if not entries:
        st.caption("None yet: click an example above, make one on the left, or let the search below find one.")
    for number, entry in enumerate(entries):
        _list_entry(asked, entries, number, entry)
    if any(entry.edit is None for entry in entries):
        st.warning(
            "What is crossed out does not fit this text and model and is left out; remove it, or go back to the text "
            "or model it was made for.", icon=":material/link_off:",
        )  # fmt: skip
    if len(entries) == MOST:
        st.caption(f"At most {MOST} what-ifs are kept.")
    with st.container(horizontal=True):
        if st.button("Undo", icon=":material/undo:", key="undo", disabled=not can_undo()):
            undo()
            st.rerun()
        if st.button("Remove all", icon=":material/delete:", key="remove-all", disabled=not entries):
            put_address("")
            st.rerun()


def _list_entry(asked: ModelRun, entries: Entries, number: int, entry: Entry) -> None:
    key = f"{number}-{entry.text}"
    with st.container(horizontal=True, vertical_alignment="center"):
        if entry.edit is None:
            st.markdown(f"~~{escape(entry.text[:60])}~~: {escape(entry.problem)}", width="stretch")
        else:
            words = escape(describe(entry.edit, asked.trace.tokens.labels, limits(asked)))
            params.give(on := Param(f"on-{key}", public=False), entry.on)
            st.toggle(
                words, key=on, width="stretch", disabled=not EDITS.free, on_change=partial(_switch, entries, number)
            )
        if st.button(
            "Remove", key=f"remove-{key}", icon=":material/close:", type="tertiary", help="Remove this what-if"
        ):
            put((*entries[:number], *entries[number + 1 :]))
            st.rerun()


def _switch(entries: Entries, number: int) -> None:
    entry = entries[number]
    turned = Entry(entry.text, not entry.on, entry.edit, entry.problem)
    put((*entries[:number], turned, *entries[number + 1 :]))


def _show_both(asked: ModelRun, stack: tuple[Edit, ...]) -> None:
    try:
        edited = edited_reading(asked.model.recipe.key, asked.text, address_of(stack))
    except TraceError as error:
        st.error(f"These what-ifs drive the network to impossible values ({escape(str(error))}); switch one off.",
                 icon=":material/error:")  # fmt: skip
        return
    comparison = _beside(asked.trace, edited, stack)
    st.subheader("The same network, original and edited", divider="gray")
    st.markdown(escape(edited_states.describe(comparison, asked.model.task.classes)))
    if asked.model.network.architecture.bidirectional:
        st.caption("This network reads from both ends: the answer after each token comes from a reading of its own, "
                   "which ends there, and every such reading is edited alike.")  # fmt: skip
    left, right = st.columns(2)
    with left:
        show(Card(
            key="edited-answers", title="The answer, word by word", origin=asked.origin,
            question="What does the edit do to the answer after each word?", how_to_read=edited_answers.HOW_TO_READ,
            figure=edited_answers.draw(comparison), numbers=partial(_answers, comparison),
        ))  # fmt: skip
    with right:
        _show_states(asked, comparison)
    if compare_attention.attending(comparison):
        show(Card(
            key="edited-attention", title="Where each looks", origin=asked.origin,
            question="Which tokens get the attention?", how_to_read=compare_attention.how_to_read(comparison, None),
            figure=compare_attention.draw(comparison, None),
            numbers=partial(compare_attention.numbers, comparison, None),
        ))  # fmt: skip


def _show_states(asked: ModelRun, comparison: Comparison) -> None:
    trace = asked.trace
    states = {f"{site.key}.{row.key}": (site, row) for site, row in trace.find(Kind.STATE)}
    several = len({site for site, _ in states.values()}) > 1
    names = {key: row.label + (f", {site.label}" if several else "") for key, (site, row) in states.items()}
    top = _topmost(states)
    chosen = params.choose("State", STATE, names, default=top, pills=len(names) < 4) if len(names) > 1 else top
    site, row = states[chosen]
    delta = edited_states.measure(comparison, site, row.key)
    show(Card(
        key="edited-states", title=f"What changed in the {row.label}", origin=asked.origin,
        question="Which units does the edit change, and for how long?", how_to_read=edited_states.how_to_read(delta),
        figure=edited_states.draw(comparison, delta), numbers=partial(edited_states.numbers, comparison, delta),
    ))  # fmt: skip


def _topmost(states: Mapping[str, tuple[Site, Quantity]]) -> str:
    """The hidden state of the last layer that reads forward."""
    return [key for key, (site, _) in states.items() if key.endswith("hidden_state") and site.direction == "forward"][
        -1
    ]


def _answers(comparison: Comparison) -> pd.DataFrame:
    found = answers(comparison)
    return tabulate(comparison, {} if found is None else dict(zip(NAMES, found, strict=True)))


def _beside(original: Trace, edited: Trace, stack: tuple[Edit, ...]) -> Comparison:
    """Both readings on the tokens of the original; a deleted token stands alone."""
    kept = kept_steps(stack, len(original))
    steps = np.full((2, len(original)), MISSING, dtype=np.intp)
    steps[0] = np.arange(len(original))
    steps[1, list(kept)] = np.arange(len(kept))
    return compare_inputs(original, edited, NAMES, steps)


@st.cache_resource(max_entries=64, show_spinner=False)
def edited_reading(key: str, text: str, address: str) -> Trace:
    """The trace of a text under the edits of an address, all of which fit it.

    Raises:
        TraceError: if impossible values come out.
    """
    model, (reading, original) = session.model(key), session.traced(key, text)
    entries = read_entries(address, model.task, limits(ModelRun(model, Given(text), reading, original)))
    return edited_trace(model.network, reading.ids, reading.tokens, active(entries, len(original)), name=key)
