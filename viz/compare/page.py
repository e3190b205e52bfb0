"""What the Compare page shows: several models on one input, or two inputs on one model.

Figures are chosen by what the traces hold, so a new kind of cell, attention or answer appears here without a change.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core_models.language import mark, say
from pretrained.evidence import doubt_about
from pretrained.task import Given
from pretrained.trained import Trained
from viz import inputs, session
from viz.cards import show_notices
from viz.compare import cards, choices, places
from viz.compare.architectures import has_architectures, show_architectures
from viz.compare.baselines import read
from viz.compare.history import open_history
from viz.compare.measurements import measured
from viz.compare.second import alone, explain_pair, pick_pair, prepare_pair, take_second
from viz.compare.sides import CALLED, Side, inputs_beside, inputs_side, models_beside, models_side, names_of, title_of
from viz.compare.written import show_writers, writers_beside, writers_of
from viz.figures.parts.token_axis import in_nouns
from viz.files.open_file import say_opened
from viz.history import record
from viz.kinds import kind_of, kind_of_task
from viz.markdown import escape
from viz.menu import offer_menu
from viz.models import every_recipe, task_of
from viz.run import answered, heading_row
from viz.tabs import open_tab

ABOUT = mark(
    "One input read by several networks, or two similar inputs read by one: where do the answers diverge, and what "
    "inside the networks explains it? All figures share their scales and are in step: point at a step anywhere."
)

PARTS = {"answers": mark("Answers, gates and attention"), "states": mark("Where the states diverge")}
"""The parts of a comparison of two inputs by their key in the address."""

ALIGNED = mark(
    "Tokens are aligned by their longest common stretches, or one by one where inputs of equal length agree in as many "
    "that way; capitals are ignored. One in another’s place is set against it (first→second), and what only "
    "one input contains stands alone (− first, + second)."
)


def open_page() -> None:
    """Everything below the heading."""
    row = heading_row(say("Compare networks on your input, or two inputs in one network"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mode, beside = choices.pick_mode(), st.container()
    if mode == "history":
        open_history()
        return
    with answered():
        (_open_models if mode == "models" else _open_inputs)(beside, row)


def _open_models(place: DeltaGenerator, row: DeltaGenerator) -> None:
    """Several models on one input; the baseline beside them and the menu stand in places above."""
    left, right = st.columns(2)
    with left:
        key, keys = choices.pick_models()
    task = next(found for recipe in every_recipe().values() if (found := task_of(recipe)).key == key)
    with right:
        given = alone(kind_of_task(task).take_input(task))
    with row:
        offer_menu(say(ABOUT), task.examples, files=True)
    say_opened()
    if not keys:
        st.info(say("Choose two to four models to compare them."), icon=":material/edit:")
        return
    if len(keys) == 1:
        _ask_for_more(task)
    with place:
        baseline, seed = choices.pick_baseline()
    if task.kind == "translation":
        _show_written(keys, [given] * len(keys), [title_of(key) for key in keys], baseline, seed)
        return
    side = models_side(keys, given)
    beside, sentence = models_beside(keys, given, baseline, seed)
    doubts = (doubt_about(session.model(key), read(key, given)[1]) for key in keys)
    show_notices([*read(keys[0], given)[0].notices, *filter(None, doubts)])
    record(*((session.model(each), given, *read(each, given)) for each in keys))
    selected = choices.chosen_token(len(side.comparison))
    sides = [side, beside] if beside else [side]
    clicks = [cards.show_text(each, 0, selected if each.ordered else None) for each in _texts(sides)]
    st.markdown(escape(places.describe(side)))
    clicks += places.place_answers_and_quantity(sides, sentence)
    clicks += places.place_attention(sides, selected, _reader(session.model(keys[0])))
    st.header(say("What each network costs and how well it does"), divider="gray")
    cards.show_table(*measured(sides))
    if has_architectures(task):
        title = say("Does attention help? Every architecture, every seed")
        with st.expander(title, icon=":material/leaderboard:", key="architectures", on_change="rerun") as drawer:
            if drawer.open:
                show_architectures(task)
    _act(clicks, selected)


def _show_written(keys: Sequence[str], givens: Sequence[Given], names: Sequence[str], baseline: str, seed: int) -> None:
    """Translators with the baseline of each."""
    beside, sentence = writers_beside(keys, givens, names, baseline, seed)
    if sentence:
        st.caption(escape(sentence))
    show_writers([*writers_of(keys, givens, names), *beside])


def _ask_for_more(task: Any) -> None:
    """What to do with one model alone."""
    if sum(recipe.task == task.key for recipe in every_recipe().values()) > 1:
        st.info(say("Choose a second model to compare this one with; up to four are shown."), icon=":material/add:")
    else:
        st.info(
            say(
                "This is the only model of its task: compare it with a baseline, or let it read two inputs; choose "
                "either above."
            ),
            icon=":material/info:",
        )


def _open_inputs(place: DeltaGenerator, row: DeltaGenerator) -> None:
    """Two inputs on one model; the baseline beside them, the model and the menu stand in places above."""
    with row:
        key = inputs.pick_model(inputs.offered())
    model = session.model(key)
    task = model.task
    with row:
        offer_menu(say(ABOUT), task.examples, model=model, files=True)
    prepare_pair(task)
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        st.caption(say("The first {what}", what=say(CALLED[task.medium])))
        first = alone(kind_of(model).take_input(task))
    with right:
        second = take_second(task, first)
    pick_pair(task)
    say_opened()
    explain_pair(task, first, second)
    with place:
        baseline, seed = choices.pick_baseline()
    if task.kind == "translation":
        _show_written([key] * 2, [first, second], names_of(task), baseline, seed)
        return
    side = inputs_side(key, first, second)
    beside, sentence = inputs_beside(key, first, second, side.comparison, baseline, seed)
    both = [read(key, given) for given in (first, second)]
    doubts = (doubt_about(session.model(key), trace) for _, trace in both)
    show_notices([*(notice for encoded, _ in both for notice in encoded.notices), *filter(None, doubts)])
    record(*((model, each, *found) for each, found in zip((first, second), both, strict=True)))
    if not len(side.comparison.changed()):
        what = say(CALLED[task.medium])
        st.info(
            say("The two {what}s are the same; change something in one of them.", what=what), icon=":material/edit:"
        )
    _show_inputs(model, side, beside, sentence)


def _show_inputs(model: Trained, side: Side, beside: Side | None, sentence: str) -> None:
    selected = choices.chosen_token(len(side.comparison))
    sides = [side, beside] if beside else [side]
    clicks = []
    for each in _texts(sides):
        for number, column in enumerate(st.columns(2)):
            with column:
                clicks.append(cards.show_text(each, number, selected if each.ordered else None))
    if len(side.comparison.changed()):
        st.caption(in_nouns(say(ALIGNED), side.comparison.noun))
        st.markdown(escape(places.describe(side)))
    if open_tab({key: say(name) for key, name in PARTS.items()}) == "states":
        clicks += places.place_states(sides)
    else:
        clicks += places.place_answers_and_quantity(sides, sentence)
        clicks += places.place_attention(sides, selected, _reader(model))
    _act(clicks, selected)


def _reader(model: Trained) -> int | None:
    """The step whose attention counts, where that is not the last."""
    return kind_of(model).reader(model)


def _texts(sides: list[Side]) -> list[Side]:
    """Sides whose text is shown: one for each order of the tokens, where there is a text."""
    told = [side for side in sides if all(trace.tokens.spans for trace in side.comparison.traces)]
    return [side for number, side in enumerate(told) if number == 0 or not side.ordered]


def _act(clicks: list[int | None], selected: int | None) -> None:
    """A clicked column becomes the selected one."""
    chosen = next((click for click in clicks if click is not None), None)
    if chosen is not None:
        choices.choose_token(chosen, selected)
        st.rerun()
