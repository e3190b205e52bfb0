"""Candidates at every step, the beam as a tree, and greedy search beside it."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd
import streamlit as st

from core_models.edits.edit import Begin, Stack
from core_models.language import mark, say
from core_models.networks.decoding import Hypothesis
from core_models.networks.translation import OUTPUT
from core_models.networks.translator import END, UNKNOWN
from pretrained.families.translation.trained import TrainedTranslator
from viz.cards import Card, show, show_and_pick
from viz.explain.edits.stack import put_one
from viz.figures.parts.tables import in_table
from viz.figures.sequences import candidates
from viz.figures.translation import beam_tree
from viz.session import Selection
from viz.translate import controls
from viz.translate.answers import Request, answer, wrapped
from viz.translate.state import Screen, Shown, written_step

COLUMNS = (mark("translation"), mark("log-probability (nats)"), mark("tokens"), mark("score"))
"""Of a table of hypotheses."""

MOST_LISTED, MOST_SHOWN = 8, 6
"""Hypotheses in a table; candidates of a step."""


def show_search(on: Screen) -> Selection | None:
    """Candidates of the translation with its what-ifs, and what each search finds; a click on one continues from it."""
    st.caption(
        say(
            "At every step the network gives every token it knows a probability; a search decides which one is written."
        )
    )
    _candidates(on.model, on.changed, on.selection)
    with st.container(horizontal=True):
        controls.pick_search(on.model.task)
    _side_by_side(on.model, on.asked, on.changed, on.stack)
    return None


def show_tree(on: Screen) -> Selection | None:
    """Every beginning that the search tried; a click on one continues from it."""
    with st.container(horizontal=True):
        controls.pick_search(on.model.task)
    _tree(on.model, on.changed)
    return None


def show_candidates(model: TrainedTranslator, shown: Shown, step: int | None) -> tuple[int, int] | None:
    """The candidates of every step; returns step and id of the one that was clicked."""
    task, source, steps = model.task, shown.reading.tokens.text, shown.translation.steps
    probabilities = shown.trace.array(OUTPUT, "candidate_probability")[:, :MOST_SHOWN]
    tokens = [[task.label(source, one.token) for one in found.candidates[:MOST_SHOWN]] for found in steps]
    found = show_and_pick(Card(
        key="candidates", title=say("The most probable tokens at every step"), origin=shown.origin,
        question=say("Click another token to continue from there; the original stays on screen for comparison."),
        how_to_read=say(
            "One column for each step: the {n} most probable tokens, the best at the top. The "
            "framed one was written.", n=probabilities.shape[1]),
        figure=candidates.draw(probabilities, tokens, shown.targets, [found.rank for found in steps], step),
        numbers=lambda: candidates.numbers(probabilities, tokens, shown.targets),
        alt=say("The most probable next tokens at every step"),
    ))  # fmt: skip
    step_clicked, rank = found or (0, None)
    return None if rank is None else (step_clicked, steps[step_clicked].candidates[rank].token)


def continue_from(shown: Shown, step: int, token: int) -> None:
    """Write ``token`` at ``step`` behind what stands before it, and decode the rest anew."""
    if token == END or token < UNKNOWN:
        st.toast(say("That token ends the translation; choose another one to continue from."))
        return
    put_one(Begin((*shown.translation.target[:step], token)))
    st.rerun()


def _candidates(model: TrainedTranslator, shown: Shown, selection: Selection | None) -> None:
    clicked = show_candidates(model, shown, written_step(selection, shown.trace))
    if clicked:
        continue_from(shown, *clicked)


def _tree(model: TrainedTranslator, shown: Shown) -> None:
    found, source = shown.answer.found, shown.reading.tokens.text
    names = {token: model.task.label(source, token) for token in {node.token for node in found.nodes}}
    spelled = [names[node.token] for node in found.nodes]
    click = show(Card(
        key="beam", title=say("The search as a tree"), origin=shown.origin,
        question=say("Which beginnings did the search keep, and which did it drop?"),
        how_to_read=beam_tree.how_to_read(found.nodes),
        figure=beam_tree.draw(found.nodes, spelled, found.path(found.best.node)),
        numbers=lambda: pd.DataFrame(map(asdict, found.nodes)).assign(token=spelled),
        alt=say("Tree of the search: tokens kept, dropped and finished"),
    ))  # fmt: skip
    node = beam_tree.node_of(click.curve, click.customdata, len(found.nodes)) if click else None
    if node is not None:
        ids = tuple(found.nodes[index].token for index in found.path(node))
        if ids[-1] == END:
            ids = ids[:-1]
        if ids:
            put_one(Begin(ids))
        st.rerun()


def _side_by_side(model: TrainedTranslator, asked: Request, shown: Shown, stack: Stack) -> None:
    """Greedy search and the beam, each with all that it finished."""
    greedy = Request(asked.model, asked.source, "1", asked.penalty)
    _, alone = answer(wrapped(stack, greedy))
    if asked.how.width == 1:
        _table(model, shown.reading.tokens.text, shown.answer.found.hypotheses)
        st.caption(say("A beam of 1 is greedy search: the most probable token at every step. Widen it to compare."))
        return
    left, right = st.columns(2)
    with left:
        st.markdown(say("**Greedy:** the most probable token at every step"))
        _table(model, shown.reading.tokens.text, alone.found.hypotheses)
    with right:
        st.markdown(say("**Beam of {width}:** the best whole translations, by score", width=asked.width))
        _table(model, shown.reading.tokens.text, shown.answer.found.hypotheses)
    better = shown.answer.found.best.log_probability - alone.found.best.log_probability
    same = shown.answer.found.best.ids == alone.found.best.ids
    if same:
        st.caption(say("Both searches find the same translation."))
    else:
        st.caption(
            say("The beam's best is {gap:.3f} nats more probable than the greedy one, as a whole.", gap=better)
            if better > 0
            else say("The beam's best is {gap:.3f} nats less probable than the greedy one, as a whole.", gap=-better)
        )


def _table(model: TrainedTranslator, source: str, hypotheses: tuple[Hypothesis, ...]) -> None:
    rows = [
        (model.task.spell(source, one.ids), one.log_probability, len(one.ids), one.score)
        for one in hypotheses[:MOST_LISTED]
    ]
    table = pd.DataFrame(rows, columns=[say(name) for name in COLUMNS])
    st.dataframe(in_table(table), hide_index=True, width="stretch")
    if len(hypotheses) > MOST_LISTED:
        st.caption(
            say(
                "The {most} of highest score of {n} that were finished.",
                most=MOST_LISTED,
                n=len(hypotheses),
            )
        )
