"""What the Compare page shows: several models on one text, or two texts on one model.

Figures are chosen by what the traces hold, so a new kind of cell or attention appears here without a change.
"""

from __future__ import annotations

import streamlit as st

from pretrained.registry import recipes, task_of
from viz import inputs, session
from viz.cards import show_notices
from viz.compare import cards, choices, places
from viz.compare.architectures import show_architectures
from viz.compare.measurements import measured
from viz.compare.sides import Side, inputs_beside, inputs_side, models_beside, models_side
from viz.figures.compare import prediction as compare_prediction
from viz.figures.compare.comparison import answers
from viz.markdown import escape
from viz.run import answered

ALIGNED = (
    "Tokens are aligned by their longest common stretches, or one by one where texts of equal length agree in as many "
    "tokens that way; capitals are ignored. A word in another’s place is set against it (first→second), and what only "
    "one text has stands alone (− first text, + second text)."
)


def open_page() -> None:
    """Everything below the heading."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mode = choices.pick_mode()
        baseline, seed = choices.pick_baseline()
    with answered():
        (_open_models if mode == "models" else _open_inputs)(baseline, seed)


def _open_models(baseline: str, seed: int) -> None:
    """Several models on one text."""
    left, right = st.columns(2)
    with left:
        keys = choices.pick_models()
    task = task_of(recipes("sentiment")[keys[0] if keys else next(iter(recipes("sentiment")))])
    with right:
        text = inputs.type_text(task)
    inputs.pick_example(task.examples)
    if not keys:
        st.info("Choose two to four models to compare them.", icon=":material/edit:")
        return
    if len(keys) == 1:
        st.info("Choose a second model to compare this one with; up to four are shown.", icon=":material/add:")
    side = models_side(keys, text)
    beside, sentence = models_beside(keys, text, baseline, seed)
    show_notices(session.traced(keys[0], text)[0].notices)
    selected = choices.chosen_token(len(side.comparison))
    sides = [side, beside] if beside else [side]
    clicks = [cards.show_text(each, 0, selected if each.ordered else None) for each in _texts(sides)]
    _describe(side, task.classes)
    clicks += places.place_answers_and_quantity(sides, sentence)
    clicks += places.place_attention(sides, selected)
    st.subheader("What each costs and how well it does", divider="gray")
    cards.show_table(*measured(sides, text))
    title = "Does attention help? Every architecture, every seed"
    with st.expander(title, icon=":material/leaderboard:", key="architectures", on_change="rerun") as drawer:
        if drawer.open:
            show_architectures(task.key)
    _act(clicks, selected)


def _open_inputs(baseline: str, seed: int) -> None:
    """Two texts on one model."""
    left, middle, right = st.columns(3)
    with left:
        key = inputs.pick_model(inputs.offered("sentiment"))
    task = session.model(key).task
    choices.prepare_pair(task)
    with middle:
        first = inputs.type_text(task)
    with right:
        second = choices.type_second(task)
    choices.pick_pair(task)
    choices.explain_pair(task, first, second)
    side = inputs_side(key, first, second)
    beside, sentence = inputs_beside(key, first, second, side.comparison, baseline, seed)
    show_notices([notice for text in (first, second) for notice in session.traced(key, text)[0].notices])
    if not len(side.comparison.changed()):
        st.info("The two texts are the same; change a word in one of them.", icon=":material/edit:")
    _show_inputs(side, beside, sentence, task.classes)


def _show_inputs(side: Side, beside: Side | None, sentence: str, classes: tuple[str, str]) -> None:
    selected = choices.chosen_token(len(side.comparison))
    sides = [side, beside] if beside else [side]
    clicks = []
    for each in _texts(sides):
        for number, column in enumerate(st.columns(2)):
            with column:
                clicks.append(cards.show_text(each, number, selected if each.ordered else None))
    st.caption(ALIGNED)
    _describe(side, classes)
    clicks += places.place_answers_and_quantity(sides, sentence)
    clicks += places.place_states(sides)
    clicks += places.place_attention(sides, selected)
    _act(clicks, selected)


def _texts(sides: list[Side]) -> list[Side]:
    """Sides whose text is shown: one for each order of the tokens."""
    return [side for number, side in enumerate(sides) if number == 0 or not side.ordered]


def _describe(side: Side, classes: tuple[str, str]) -> None:
    if answers(side.comparison) is not None:
        st.markdown(escape(compare_prediction.describe(side.comparison, classes)))


def _act(clicks: list[int | None], selected: int | None) -> None:
    """A clicked column becomes the selected one."""
    chosen = next((click for click in clicks if click is not None), None)
    if chosen is not None:
        choices.choose_token(chosen, selected)
        st.rerun()
