"""The parts of the Compare page, from top to bottom: each draws one or two sides and returns the columns clicked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from viz import controls
from viz.compare import cards, choices
from viz.compare.sides import Side
from viz.figures.compare import attention as compare_attention
from viz.figures.compare import distance as compare_distance
from viz.figures.compare import gaps as compare_gaps
from viz.figures.compare import heatmaps as compare_heatmaps
from viz.figures.compare import lines as compare_lines
from viz.figures.compare import path as compare_path
from viz.figures.compare import prediction as compare_prediction
from viz.figures.compare.comparison import Comparison, answers, tabulate
from viz.figures.compare.quantity import ShownQuantity, pick, quantities, units_table
from viz.markdown import escape

Clicks = list[int | None]


def place_answers_and_quantity(sides: Sequence[Side], sentence: str) -> Clicks:
    """The answers and what went on inside: beside each other, or each beside its baseline."""
    st.subheader("The answer, word by word, and what went on inside", divider="gray")
    if sentence:
        st.info(escape(sentence), icon=":material/info:")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = choices.pick_quantity(quantities([t for side in sides for t in side.comparison.traces]))
        form = choices.pick_form()
    found = pick([side.comparison for side in sides], key)
    top = max(compare_lines.reach(shown)[1] for shown in found)
    draw = partial(_draw_quantity, form=form, top=top)
    if len(sides) == 1:
        left, right = st.columns(2)
        with left:
            clicks = [_draw_answers(sides[0])]
        with right:
            return [*clicks, draw(sides[0], found[0])]
    clicks = []
    for column, side in zip(st.columns(2), sides, strict=True):
        with column:
            clicks.append(_draw_answers(side))
    for column, side, shown in zip(st.columns(2), sides, found, strict=True):
        with column:
            clicks.append(draw(side, shown))
    return clicks


def _draw_answers(side: Side) -> int | None:
    if answers(side.comparison) is None:
        st.info("These networks give no answer after each token.", icon=":material/info:")
        return None
    figure, how = compare_prediction.draw(side.comparison), compare_prediction.HOW_TO_READ
    card = cards.card_on(
        side, "answers", "Answers", "How sure is each network after each token?", figure,
        partial(_answers_table, side.comparison), how=how,
    )  # fmt: skip
    return cards.show_column(card, side)


def _answers_table(comparison: Comparison) -> pd.DataFrame:
    found = answers(comparison)
    return tabulate(comparison, {} if found is None else dict(zip(comparison.names, found, strict=True)))


def _draw_quantity(side: Side, shown: ShownQuantity, form: str, top: float) -> int | None:
    heading = f"{shown.label[0].upper()}{shown.label[1:]}"
    if all(each is None for each in shown.drawn):
        st.info(escape(compare_lines.name_origins(side.comparison, shown)), icon=":material/info:")
        return None
    if form == "heatmaps":
        figure, how = (
            compare_heatmaps.draw(side.comparison, shown),
            compare_heatmaps.how_to_read(side.comparison, shown),
        )
    else:
        figure, how = compare_lines.draw(side.comparison, shown, top), compare_lines.how_to_read(side.comparison, shown)
    card = cards.card_on(
        side, form, heading, "How does this quantity change from token to token?", figure,
        partial(units_table, side.comparison, shown), how=how,
    )  # fmt: skip
    return cards.show_column(card, side)


def place_attention(sides: Sequence[Side], selected: int | None) -> Clicks:
    """What one reader looks at in every trace that has attention."""
    attending = [side for side in sides if compare_attention.attending(side.comparison)]
    if not attending:
        return []
    st.subheader("Attention", divider="gray")
    clicks: Clicks = []
    for column, side in zip(st.columns(len(attending)), attending, strict=True):
        step = selected if side.ordered else None
        figure, how = (
            compare_attention.draw(side.comparison, step),
            compare_attention.how_to_read(side.comparison, step),
        )
        numbers = partial(compare_attention.numbers, side.comparison, step)
        with column:
            card = cards.card_on(
                side, "attention", "Where each looks", "Which tokens get the attention?", figure, numbers, how=how
            )
            clicks.append(cards.show_column(card, side))
    return clicks


def place_states(sides: Sequence[Side]) -> Clicks:
    """How far two readings' states are apart: in all, unit by unit, and in the plane of real sentences."""
    first = sides[0].comparison
    st.subheader("Where the states part", divider="gray")
    site = controls.pick_layer(first.traces[0])
    found = [compare_distance.measure(side.comparison, site) for side in sides]
    st.markdown(escape(compare_distance.describe(first, found[0])))
    far, wide = max(map(compare_distance.reach, found)), max(map(compare_gaps.reach, found))
    clicks: Clicks = []
    columns = st.columns(2)
    for number, (side, gaps) in enumerate(zip(sides, found, strict=True)):
        numbers = partial(compare_distance.numbers, side.comparison, gaps)
        with columns[number]:
            figure = compare_distance.draw(side.comparison, site, gaps, far)
            how = compare_distance.how_to_read(side.comparison, site, gaps)
            card = cards.card_on(
                side, "distance", "Distance of the states", "How far apart are the states after each token?", figure,
                numbers, how=how,
            )  # fmt: skip
            clicks.append(cards.show_column(card, side))
        with columns[number if len(sides) > 1 else 1]:
            figure, how = compare_gaps.draw(side.comparison, site, gaps, wide), compare_gaps.how_to_read(gaps)
            card = cards.card_on(
                side, "gaps", "Unit by unit", "Which units make the difference?", figure, numbers, how=how
            )
            clicks.append(cards.show_column(card, side))
    for target in compare_path.targets(first):
        if target.site == site:
            figure, how = compare_path.draw(first, target), compare_path.how_to_read(first, target)
            numbers = partial(compare_path.numbers, first, target)
            card = cards.card_on(
                sides[0], "path", "The two paths", "Where do the two paths part, and do they meet again?", figure,
                numbers, how=how,
            )  # fmt: skip
            clicks.append(cards.show_column(card, sides[0]))
    return clicks
