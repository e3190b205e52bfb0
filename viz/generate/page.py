"""The Generate page's picture of one text: the text as it grows, its candidates, and what its units follow."""

from __future__ import annotations

import streamlit as st

from core_models.language import say
from core_models.trace import Site
from pretrained.families.next_token.trained import TrainedLanguageModel
from viz import cards, params, session
from viz.cards import Card, Origin, show, show_and_pick
from viz.figures.sequences import narrowing
from viz.generate import controls, search, writing
from viz.generate.controls import Order
from viz.generate.shading import show_curve, show_shaded
from viz.generate.writing import Writing
from viz.kinds.language_model import name
from viz.session import Selection
from viz.tabs import open_tab

Shade = tuple[Site, str, int]


def show_generation(model: TrainedLanguageModel, asked: Order) -> None:
    """Draw everything about one text, and go on writing it while it is not at its end.

    Raises:
        ModelError: if impossible values came out.
    """
    text = writing.take_up(model, asked)
    cards.show_notices(text.prompt.notices)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        shade = controls.pick_shade(writing.trace_of(model, text), search.best_known(model.recipe.key))
        pace = params.choose(say("Pace"), controls.PACE, pills=True)
        _show_buttons(text)
    st.fragment(_show_text, run_every=writing.TICK_SECONDS if text.busy else None)(model, text, shade, pace)
    if text.busy:
        st.caption(say("The candidates, and a search for what units follow, appear here once the text is written."))
        return
    choices = {"choices": say("How each character was chosen")} if text.count else {}
    if open_tab({**choices, "units": say("What its units follow")}) == "choices":
        _show_candidates(model, text, shade)
    else:
        search.show_search(model, writing.trace_of(model, text), shade)
    _explain(model, text)


def _show_buttons(text: Writing) -> None:
    if text.busy:
        st.button(say("Stop"), icon=":material/stop_circle:", on_click=writing.stop, key="stop")
    elif text.left > 0:
        st.button(say("Go on"), icon=":material/play_circle:", on_click=writing.go_on, key="go-on")
    if controls.SEED.free:
        st.button(say("Another seed"), icon=":material/casino:", on_click=controls.another_seed, key="another")


def _show_text(model: TrainedLanguageModel, text: Writing, shade: Shade, pace: str) -> None:
    """One tick: write a little, show all of it so far in the unit's colours."""
    was_busy = text.busy
    if was_busy:
        text.pen.write(min(writing.PER_TICK[pace], text.left))
    trace = writing.trace_of(model, text)
    selection, missing = session.selected(trace)
    if missing:
        st.warning(missing, icon=":material/link_off:")
    step = selection.step if selection else None
    given = len(text.prompt.ids)
    left, right = st.columns([3, 2])
    with left:
        clicked = show_shaded(trace, *shade, given=given, step=step)
        st.caption(_progress(text))
    with right:
        found = show_curve(trace, *shade, step)
    place = clicked if clicked is not None else found[0] if found else None
    if place is not None and place != step:
        session.select(Selection(shade[0], shade[1], place, shade[2]))
        st.rerun()
    if was_busy and not text.busy:
        st.rerun()


def _progress(text: Writing) -> str:
    total = int(text.asked.length)
    if text.busy:
        return say("Writing: {n} of {all} characters.", n=text.count, all=total)
    settings = say("seed {n}: the same seed and settings always give this text. Click a character.", n=text.asked.seed)
    if text.left:
        return say("Stopped after {n} of {all} characters, {settings}", n=text.count, all=total, settings=settings)
    return say("{n} characters written, {settings}", n=text.count, settings=settings)


def _show_candidates(model: TrainedLanguageModel, text: Writing, shade: Shade) -> None:
    trace, choices, given = writing.trace_of(model, text), text.pen.choices, len(text.prompt.ids)
    names = [[name(model.task, index) for index in choice.ids] for choice in choices]
    selection, _ = session.selected(trace)
    step = selection.step if selection and selection.step >= given else given + narrowing.undecided(choices)
    left, right = st.columns([3, 2])
    with left:
        click = show_and_pick(Card(
            key="narrowing", title=say("Candidates, and what was cut"), origin=Origin.of(trace),
            figure=narrowing.draw_steps(choices, names, trace.tokens.labels, given, step),
            numbers=lambda: narrowing.tabulate(choices, names, given),
            question=say("Which characters was each one drawn from?"),
            how_to_read=say(
                "Each column is one written character, each row a candidate, the most probable at the top. "
                "The colour is the probability drawn from; a blank cell was cut by top-k or top-p. A diamond marks "
                "what was written. Above: how many of all characters were kept."
            ),
            alt=say("Candidates for every written character with what was drawn from"),
        ))  # fmt: skip
    with right:
        choice, named, label = choices[step - given], names[step - given], trace.tokens.labels[step]
        show(Card(
            key="choice", title=say("One choice: character {n}, “{label}”", n=step - given + 1, label=label),
            origin=Origin.of(trace),
            question=say("How were the candidates narrowed down?"),
            how_to_read=say(
                "First the temperature reshapes the probabilities; then top-k keeps {kept:,} of {all:,} characters, "
                "then top-p {left:,} of those; one is drawn from what is left, rescaled to sum to 1.",
                kept=choice.count_k, all=model.task.vocabulary - 1, left=choice.count,
            ),
            figure=narrowing.draw_choice(choice, named), numbers=lambda: narrowing.tabulate([choice], [named], step),
            alt=say("Candidates of one choice, before and after each stage"), group="choice",
        ))  # fmt: skip
    if click and click[0] != (selection.step if selection else None):
        session.select(Selection(shade[0], shade[1], click[0], shade[2]))
        st.rerun()


def _explain(model: TrainedLanguageModel, text: Writing) -> None:
    """The arithmetic of the selected number, at the foot of the window."""
    trace = writing.trace_of(model, text)
    selection, _ = session.selected(trace)
    if selection is None:
        return
    cards.explain_selected(lambda: model.explain(trace, selection.site, selection.key, selection.step, selection.unit))
