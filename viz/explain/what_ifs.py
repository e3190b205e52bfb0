"""What-ifs on the Explain page: change something inside one reading, and see the same network read on from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core_models.edits.edit import Edit, EditError, Stack, kept_steps
from core_models.edits.run import edited_outputs, run
from core_models.explain.dynamics.divergence import MISSING
from core_models.language import mark, say
from core_models.trace import Site, Trace, TraceError
from core_models.vocabulary import Kind, Quantity
from pretrained.task import StandIn
from viz import params
from viz.cards import Card, show
from viz.explain.edits.controls import make_edit
from viz.explain.edits.examples import examples
from viz.explain.edits.stack import (
    EDITS,
    MOST,
    Entries,
    Entry,
    active,
    add,
    address_of,
    can_undo,
    current_address,
    put,
    put_address,
    read_entries,
    undo,
)
from viz.explain.edits.text import limits
from viz.explain.edits.words import describe
from viz.explain.sweep import show_sweep
from viz.explain.target import Question, pick_question
from viz.explain.written import show_rewritten
from viz.figures.compare import attention as compare_attention
from viz.figures.compare.comparison import Comparison, compare_inputs, compare_models, tabulate
from viz.figures.explain import edited_answers, edited_choices, edited_states
from viz.figures.parts.token_axis import in_nouns, spell, with_article
from viz.markdown import escape
from viz.params import Param
from viz.remembered import remembered
from viz.run import ModelRun

NAMES = (mark("original"), mark("edited"))
STATE, EXAMPLE = Param("state"), Param("what-if-example", public=False)


def show_what_ifs(asked: ModelRun) -> None:
    """The section: make edits, list them, and see both readings."""
    noun = asked.tokens.noun
    what = say("the values") if limits(asked).channels else with_article(noun)
    parts = (
        say("the state, {what} or the attention", what=what)
        if limits(asked).attends
        else say("the state or {what}", what=what)
    )
    st.markdown(
        say(
            "Change a gate, {parts} in **this one reading**, and the same network continues from "
            "there: cause and effect, not a story. The network itself is never changed, and "
            "nobody else sees your what-ifs; they are kept in your address bar.",
            parts=parts,
        )
    )
    question = pick_question(asked)
    _pick_example(question)
    entries = read_entries(current_address(), asked)
    left, right = st.columns([2, 3])
    with left, st.container(border=True):
        make_edit(asked)
    with right, st.container(border=True, key="what-ifs"):
        list_entries(asked, entries)
    try:
        stack = active(entries, len(asked.encoded))
    except EditError:
        st.info(say(
            "Every {noun} is deleted: switch off one of the what-ifs, so that there is something "
            "left to read.", noun=say(noun)),
                icon=":material/edit:")  # fmt: skip
        return
    if stack:
        _show_both(question, stack)
    if place_of(question, stack) is None:
        return
    with st.expander(
        say("Which single change affects the answer most?"),
        icon=":material/leaderboard:",
        key="sweep",
        on_change="rerun",
    ) as drawer:
        if drawer.open:
            show_sweep(question, stack)


def _pick_example(question: Question) -> None:
    """One click puts an example on the stack."""
    found = examples(question)

    def use(name: str) -> None:
        add(*found[name])

    params.once(say("Try one"), EXAMPLE, found, use, fills=EDITS, name=escape, titled=True)


def list_entries(asked: ModelRun, entries: Entries) -> None:
    """Every what-if with a switch and a button that removes it."""
    st.markdown(say("**Your what-ifs**, applied from top to bottom"))
    if not entries:
        st.caption(say("None yet: click an example above, make one on the left, or let the search below find one."))
    for number, entry in enumerate(entries):
        _list_entry(asked, entries, number, entry)
    if any(entry.edit is None for entry in entries):
        st.warning(
            say("Crossed-out what-ifs do not fit this input and model and are ignored; remove them, or go back to the "
            "input or model they were made for."), icon=":material/link_off:",
        )  # fmt: skip
    if len(entries) == MOST:
        st.caption(say("At most {most} what-ifs are kept.", most=MOST))
    with st.container(horizontal=True):
        if st.button(say("Undo"), icon=":material/undo:", key="undo", disabled=not can_undo()):
            undo()
            st.rerun()
        if st.button(say("Remove all"), icon=":material/delete:", key="remove-all", disabled=not entries):
            put_address("")
            st.rerun()


def _list_entry(asked: ModelRun, entries: Entries, number: int, entry: Entry) -> None:
    key = f"{number}-{entry.text}"
    with st.container(horizontal=True, vertical_alignment="center"):
        if entry.edit is None:
            st.markdown(f"~~{escape(entry.text[:60])}~~: {escape(entry.problem)}", width="stretch")
        else:
            words = escape(describe(entry.edit, asked.tokens, limits(asked), asked.encoded.written))
            params.give(on := Param(f"on-{key}", public=False), entry.on)
            st.toggle(
                words, key=on, width="stretch", disabled=not EDITS.free, on_change=partial(_switch, entries, number)
            )
        if st.button(
            say("Remove"),
            key=f"remove-{key}",
            icon=":material/close:",
            type="tertiary",
            help=say("Remove this what-if"),
        ):
            put((*entries[:number], *entries[number + 1 :]))
            st.rerun()


def _switch(entries: Entries, number: int) -> None:
    entry = entries[number]
    turned = Entry(entry.text, not entry.on, entry.edit, entry.problem)
    put((*entries[:number], turned, *entries[number + 1 :]))


def _show_both(question: Question, stack: tuple[Edit, ...]) -> None:
    asked = question.asked
    try:
        edited = edited_reading(asked.model.recipe.key, asked.given.key, address_of(stack), asked)
    except TraceError as error:
        st.error(
            say(
                "These what-ifs lead to impossible values in the network ({error}); switch one off.",
                error=escape(str(error)),
            ),
            icon=":material/error:",
        )
        return
    comparison = _beside(asked, edited, stack)
    st.header(say("The same network, original and edited"), divider="gray")
    if asked.encoded.written is not None:
        show_rewritten(asked, edited, stack)
    rows = along(question, comparison)
    st.markdown(escape(edited_states.describe(comparison, rows, in_the_end(question, edited, stack))))
    network = asked.model.network
    if network.architecture.bidirectional and network.running:
        st.caption(say("This network reads from both ends: the answer after each step comes from a separate reading "
                   "that ends there, and every such reading is edited in the same way."))  # fmt: skip
    left, right = st.columns(2)
    with left:
        _show_answers(question, comparison, rows, stack)
    with right:
        _show_states(asked, edited, stack)
    if asked.encoded.written is None and compare_attention.attending(comparison):
        show(Card(
            key="edited-attention", title=say("Where each version looks"), origin=asked.origin,
            question=say("What gets the attention?"), how_to_read=compare_attention.how_to_read(comparison, None),
            figure=compare_attention.draw(comparison, None),
            numbers=partial(compare_attention.numbers, comparison, None),
        ))  # fmt: skip


def _show_answers(
    question: Question, comparison: Comparison, rows: NDArray[np.float32] | None, stack: tuple[Edit, ...]
) -> None:
    """What is asked about after each step, and all that could be said in its place, as far as they are known."""
    asked, noun = question.asked, question.asked.tokens.noun
    if rows is not None:
        show(Card(
            key="edited-answers", title=say("The answer, {noun} by {noun}", noun=say(noun)), origin=asked.origin,
            question=say("What do the edits do to the {measure}?", measure=question.measure) if not question.is_written
            else say("What do the edits do to the probability of each written token, those before it given?"),
            how_to_read=in_nouns(say(edited_answers.HOW_TO_READ), noun),
            figure=edited_answers.draw(comparison, rows, _title(question)),
            numbers=partial(tabulate, comparison, dict(zip(_names(), rows, strict=True))),
        ))  # fmt: skip
    step = place_of(question, stack)
    names = list(question.choices.values())
    if step is None or len(names) == 2:
        return
    whole = [question.whole(trace, at) for trace, at in zip(comparison.traces, (question.place, step), strict=True)]
    show(
        Card(
            key="edited-choices",
            title=say("All possible answers there"),
            origin=asked.origin,
            group="choice",
            question=say("What do the edits do to every {short}?", short=question.short),
            how_to_read=say(edited_choices.HOW_TO_READ),
            figure=edited_choices.draw(names, whole[0], whole[1], _axis(question), span=question.span),
            numbers=partial(edited_choices.numbers, names, *whole),
        )
    )


def _names() -> tuple[str, str]:
    """What both readings are called on screen."""
    return say(NAMES[0]), say(NAMES[1])


def _title(question: Question) -> str:
    if question.is_written:
        return say("probability of each written token")
    return say("{measure} of “{name}”", measure=question.short, name=spell(question.name, 24))


def _axis(question: Question) -> str:
    if question.is_probability:
        return question.short
    return say("{name}, {place}", name=question.short, place=say(question.head.unit))


def place_of(question: Question, stack: Stack) -> int | None:
    """The step of the edited reading at which the output is said; None if that step is deleted."""
    kept = kept_steps(stack, len(question.asked.encoded))
    if question.is_written:
        return question.place
    if question.target.step is None:
        return len(kept) - 1
    if question.target.head == "next_token":
        return sum(step <= question.target.step for step in kept) - 1 if kept[0] <= question.target.step else None
    return kept.index(question.target.step) if question.target.step in kept else None


def along(question: Question, comparison: Comparison) -> NDArray[np.float32] | None:
    """The probability asked about after each step of both readings, ``[trace, column]``; None if it is not known."""
    found = [question.along(trace) for trace in comparison.traces]
    placed = [comparison.place(number, row) for number, row in enumerate(found) if row is not None]
    return np.stack(placed) if placed else None


def in_the_end(question: Question, edited: Trace, stack: tuple[Edit, ...]) -> str:
    """What is asked about, original and edited, and whether another answer is the most probable one."""
    asked, network = question.asked, question.asked.model.network
    said = question.head.squash(edited_outputs(network, asked.encoded, [(), stack], question.target))
    before, after = said.tolist()
    step = place_of(question, stack)
    if step is None:
        return say("The {noun} that the answer is about is deleted.", noun=say(asked.tokens.noun))
    end = say(
        "In the end the {measure} is {after:.3f} instead of {before:.3f}, {gap:+.3f}",
        measure=question.measure,
        after=after,
        before=before,
        gap=after - before,
    )
    if not question.is_probability:
        return f"{end} {say(question.head.unit)}."
    first, last = question.best(asked.trace, question.place), question.best(edited, step)
    return (
        say("{end}: the answer turns from {first} to {last}.", end=end, first=first, last=last)
        if first != last
        else f"{end}."
    )


def _show_states(asked: ModelRun, edited: Trace, stack: tuple[Edit, ...]) -> None:
    trace = asked.trace
    states = {f"{site.key}.{row.key}": (site, row) for site, row in trace.find(Kind.STATE)}
    several = len({site for site, _ in states.values()}) > 1
    names = {key: row.label + (f", {site.label}" if several else "") for key, (site, row) in states.items()}
    top = _topmost(states)
    chosen = params.choose(say("State"), STATE, names, default=top, pills=len(names) < 4) if len(names) > 1 else top
    site, row = states[chosen]
    comparison = _beside(asked, edited, stack, reading=site in trace.reading)
    delta = edited_states.measure(comparison, site, row.key)
    show(Card(
        key="edited-states", title=say("What changed in the {label}", label=row.label), origin=asked.origin,
        question=say(
            "Which units does the edit change, and for how long?"), how_to_read=edited_states.how_to_read(delta),
        figure=edited_states.draw(comparison, delta), numbers=partial(edited_states.numbers, comparison, delta),
    ))  # fmt: skip


def _topmost(states: Mapping[str, tuple[Site, Quantity]]) -> str:
    """The hidden state of the last layer that reads forward, or of what writes."""
    return [key for key, (site, _) in states.items() if key.endswith("hidden_state") and site.direction == "forward"][
        -1
    ]


def _beside(asked: ModelRun, edited: Trace, stack: tuple[Edit, ...], *, reading: bool = False) -> Comparison:
    """Both readings on the tokens of the original; a deleted token stands alone.

    Where a target is written, both write the same one; ``reading`` asks for the source that was read.
    """
    if asked.encoded.written is not None and not reading:
        return compare_models([asked.trace.wrote(), edited.wrote()], _names())
    original, edited = asked.trace.read(), edited.read()
    kept = kept_steps(stack, len(original))
    steps = np.full((2, len(original)), MISSING, dtype=np.intp)
    steps[0] = np.arange(len(original))
    steps[1, list(kept)] = np.arange(len(kept))
    return compare_inputs(original, edited, _names(), steps)


@remembered(max_entries=64)
def edited_reading(key: str, given: str | StandIn, address: str, _asked: ModelRun) -> Trace:
    """The trace of an input under the edits of an address, all of which fit it.

    Args:
        key: of the model.
        given: what was given, see ``Given.key``.
        address: the edits.

    Raises:
        TraceError: if impossible values come out.
    """
    stack = active(read_entries(address, _asked), len(_asked.encoded))
    return replace(run(_asked.model.network, _asked.encoded, stack, name=key), classes=_asked.trace.classes)
