"""The parts of the Compare page, from top to bottom: each draws one or two sides and returns the columns clicked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core_models.language import say, together
from viz import controls
from viz.cards import show
from viz.compare import cards, choices
from viz.compare.ahead import ahead_of, title_of
from viz.compare.sides import Side
from viz.figures.compare import attention as compare_attention
from viz.figures.compare import classes as compare_classes
from viz.figures.compare import distance as compare_distance
from viz.figures.compare import forecasts as compare_forecasts
from viz.figures.compare import gaps as compare_gaps
from viz.figures.compare import heatmaps as compare_heatmaps
from viz.figures.compare import lines as compare_lines
from viz.figures.compare import path as compare_path
from viz.figures.compare import prediction as compare_prediction
from viz.figures.compare.answers import answered, classes_of
from viz.figures.compare.forecasts import Ahead
from viz.figures.compare.quantity import ShownQuantity, pick, quantities, units_table
from viz.figures.parts.token_axis import in_nouns
from viz.markdown import escape

Clicks = list[int | None]


def place_answers_and_quantity(sides: Sequence[Side], sentence: str) -> Clicks:
    """The answers and what went on inside: beside each other, or each beside its baseline."""
    heading = in_nouns(say("The answer, token by token, and what went on inside"), sides[0].comparison.noun)
    st.header(heading, divider="gray")
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
            clicks = _draw_answers(sides[0])
        with right:
            return [*clicks, draw(sides[0], found[0])]
    clicks = []
    for column, side in zip(st.columns(2), sides, strict=True):
        with column:
            clicks += _draw_answers(side)
    for column, side, shown in zip(st.columns(2), sides, found, strict=True):
        with column:
            clicks.append(draw(side, shown))
    return clicks


def _draw_answers(side: Side) -> Clicks:
    """What is answered step by step, what is forecast, and the classes of the whole: as far as there are any."""
    comparison, clicks = side.comparison, []
    if answered(comparison) is not None:
        card = cards.card_on(
            side, "answers", say("Answers"), say("What does each network answer after each token?"),
            compare_prediction.draw(comparison), partial(compare_prediction.table, comparison),
            how=compare_prediction.how_to_read(comparison),
        )  # fmt: skip
        clicks.append(cards.show_column(card, side))
    rows, _ = ahead_of(side)
    if rows:
        _show_forecasts(side, rows)
    if classes_of(comparison) is not None:
        card = cards.card_on(
            side, "classes", say("Class of the whole input"), say("How probable is each class to each network?"),
            compare_classes.draw(comparison), partial(compare_classes.table, comparison), group="class",
        )  # fmt: skip
        show(card)
    return clicks


def _show_forecasts(side: Side, rows: Sequence[Ahead]) -> None:
    noun = side.comparison.noun
    show(cards.card_on(
        side, "forecasts", say("Forecasts"), say("What does each network expect next?"),
        compare_forecasts.draw(rows, noun, title_of(side)), partial(compare_forecasts.tabulate, rows),
        how=say(
            "Left of the vertical line: the {noun}s read last. Right of it: each forecast with its interval, set to "
            "hold 80% on data older than the test; point at a step to see how much of the test it held. Open diamonds "
            "are the values that followed, where they are known.",
            noun=say(noun),
        ),
        group="ahead",
    ))  # fmt: skip


def describe(side: Side) -> str:
    """What the networks answer and where they diverge, in plain text."""
    rows, unit = ahead_of(side)
    said = [
        compare_prediction.describe(side.comparison),
        compare_classes.describe(side.comparison),
        compare_forecasts.describe(rows, side.comparison.noun, unit) if rows else "",
    ]
    return together(*said)


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
        side, form, heading, say("How does this quantity change from token to token?"), figure,
        partial(units_table, side.comparison, shown), how=how,
    )  # fmt: skip
    return cards.show_column(card, side)


def place_attention(sides: Sequence[Side], selected: int | None, reader: int | None) -> Clicks:
    """What one reader looks at in every trace that has attention.

    Args:
        sides: what is compared.
        selected: the column of the reader.
        reader: the column whose attention counts where none is selected; the last of each trace if None.
    """
    attending = [side for side in sides if compare_attention.attending(side.comparison)]
    if not attending:
        return []
    st.header(say("Attention"), divider="gray")
    clicks: Clicks = []
    for column, side in zip(st.columns(len(attending)), attending, strict=True):
        step = selected if side.ordered and selected is not None else reader
        figure, how = (
            compare_attention.draw(side.comparison, step),
            compare_attention.how_to_read(side.comparison, step),
        )
        numbers = partial(compare_attention.numbers, side.comparison, step)
        with column:
            card = cards.card_on(
                side,
                "attention",
                say("Where each network looks"),
                say("Which tokens get the attention?"),
                figure,
                numbers,
                how=how,
            )
            clicks.append(cards.show_column(card, side))
    return clicks


def place_states(sides: Sequence[Side]) -> Clicks:
    """How far two readings' states are apart: in all, unit by unit, and in the plane of other inputs."""
    first = sides[0].comparison
    st.header(say("Where the states diverge"), divider="gray")
    site = controls.pick_layer(first.traces[0])
    found = [compare_distance.measure(side.comparison, site) for side in sides]
    st.markdown(escape(in_nouns(compare_distance.describe(first, found[0]), first.noun)))
    far, wide = max(map(compare_distance.reach, found)), max(map(compare_gaps.reach, found))
    clicks: Clicks = []
    columns = st.columns(2)
    for number, (side, gaps) in enumerate(zip(sides, found, strict=True)):
        numbers = partial(compare_distance.numbers, side.comparison, gaps)
        with columns[number]:
            figure = compare_distance.draw(side.comparison, site, gaps, far)
            how = compare_distance.how_to_read(side.comparison, site, gaps)
            card = cards.card_on(
                side, "distance", say("Distance of the states"),
                say("How far apart are the states after each token?"), figure, numbers, how=how,
            )  # fmt: skip
            clicks.append(cards.show_column(card, side))
        with columns[number if len(sides) > 1 else 1]:
            figure, how = compare_gaps.draw(side.comparison, site, gaps, wide), compare_gaps.how_to_read(gaps)
            card = cards.card_on(
                side, "gaps", say("Unit by unit"), say("Which units make the difference?"), figure, numbers, how=how
            )
            clicks.append(cards.show_column(card, side))
    for target in compare_path.targets(first):
        if target.site == site:
            figure, how = compare_path.draw(first, target), compare_path.how_to_read(first, target)
            numbers = partial(compare_path.numbers, first, target)
            card = cards.card_on(
                sides[0], "path", say("The two paths"),
                say("Where do the two paths diverge, and do they meet again?"), figure, numbers, how=how,
            )  # fmt: skip
            clicks.append(cards.show_column(card, sides[0]))
    return clicks
