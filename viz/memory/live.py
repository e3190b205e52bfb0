"""A person's own symbol and lag, read by the trained recall networks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core_models.language import say
from pretrained.memory import live, recall
from pretrained.memory.architectures import CELLS
from pretrained.memory.results import read_results
from pretrained.memory.summary import describe_other_lags
from viz import params
from viz.cards import Card, Origin, show
from viz.figures.memory.live import draw_answers, draw_gates
from viz.params import Param

MEMORY = Origin("memory")
LONGEST, DEFAULT_LAG, DRAWS = 400, 200, 9
SYMBOL, LAG = Param("symbol", {letter: letter for letter in live.LETTERS}, "D"), Param("lag")
DRAW = Param("draw", {str(number): str(number) for number in range(1, DRAWS + 1)})


def show_live() -> None:
    """All architectures read the same sequence now; the page shows what each would answer at every moment."""
    st.header(say("Ask them yourself"), divider="gray")
    st.markdown(
        say(
            "These five networks were trained on lag {lag}. Choose a symbol and a lag: all read the same "
            "sequence, and after every step each is asked what the symbol was, without disturbing what "
            "it reads next.",
            lag=live.LAG,
        )
    )
    symbol, lag, draw = _pick()
    if lag > live.LAG:
        st.info(
            say(
                "These networks were trained on lag {lag} only; beyond the dashed line, at up to {lag_2}, "
                "they were never trained to answer.",
                lag=live.LAG,
                lag_2=lag,
            ),
            icon=":material/info:",
        )
    answers = {cell: live.ask(cell, symbol, lag, draw) for cell in CELLS}
    _show_figures(answers, symbol, lag)
    _show_other_lags()


def _show_other_lags() -> None:
    """The same networks on many sequences: remembered, or timed?"""
    found = read_results("other_lags")
    settings, rows = found["settings"], found["rows"]
    right = {row["cell"]: np.array(row["right"], dtype=np.float32) for row in rows}
    found_out = "\n".join(f"- {line}" for line in describe_other_lags(rows, settings["trained_on"]))
    show(Card(
        key="other-lags", title=say("Is the symbol remembered, or only the right moment to answer?"),
        origin=MEMORY, group="memory",
        question=say(


                    "How often is each network right when asked at other lags, on {sequences} "
                    "sequences?", sequences=settings['sequences']),
        how_to_read=say(
        "A network that holds the symbol is right at lags it was never trained on; one that is right "
        "only now and then has learned when to answer. Each was trained on one lag only, so nothing "
        "prevented this."),
        figure=draw_answers(right, trained=settings["trained_on"], floor=recall.TASK.floor,
                            title=say("share of sequences right")),
        numbers=lambda: _by_lag(share_right=right), alt=say("Share right by lag asked at"), found=found_out,
    ))  # fmt: skip


def _show_figures(answers: dict[str, live.Answers], symbol: int, lag: int) -> None:
    verdicts = say(", ").join(f"{say(CELLS[cell])} **{_verdict(answer, symbol)}**" for cell, answer in answers.items())
    right = {cell: answer.probability[:, symbol] for cell, answer in answers.items()}
    keep = {cell: answer.keep for cell, answer in answers.items() if answer.keep is not None}
    look = {cell: answer.look for cell, answer in answers.items() if answer.look is not None}
    left, other = st.columns(2)
    with left:
        show(Card(
            key="live", title=say("What would each network answer at this moment?"), origin=MEMORY, group="memory",
            question=say("How probable is the right symbol, were it asked for after each step?"),
            how_to_read=say(
        "The networks learned to answer at the trained lag only. Where an early answer is poor and a "
        "later one good, the memory was there all along, in a form that the readout could not use "
        "yet; a curve that oscillates belongs to a state that keeps rotating and is right whenever "
        "it points the right way."),
            figure=draw_answers(right, trained=live.LAG, floor=recall.TASK.floor),
            numbers=lambda: _by_lag(probability=right), alt=say("Probability of the right symbol by step"),
            found=say(


                        "Asked after {lag} distractors which symbol came first ({letters}): "
                        "{verdicts}.", lag=lag, letters=live.LETTERS[symbol], verdicts=verdicts),
        ))  # fmt: skip
    with other:
        show(Card(
            key="live-gates", title=say("What holds the memory in the meantime?"), origin=MEMORY, group="memory",
            question=say(
        "How far is the gate that keeps the past open, and how much attention goes to the first "
        "state?"),
            how_to_read=say(
        "A gate at 1 keeps the past unchanged; the mean hides that single units keep more. The "
        "attention network can copy what it found into every later state, and then need not look "
        "back at the first."),
            figure=draw_gates(keep, look, trained=live.LAG), numbers=lambda: _by_lag(gate=keep, attention=look),
            alt=say("Gates and attention by step"), found=_kept(keep, look),
        ))  # fmt: skip


def _kept(keep: Mapping[str, NDArray[np.float32]], look: Mapping[str, NDArray[np.float32]]) -> str:
    """What the gates keep of the past at a step, and the attention to the first state, on average over all steps."""
    said = [
        say("the gate of {cell} keeps **{mean:.1%}** of the past", cell=say(CELLS[cell]), mean=shares.mean())
        for cell, shares in keep.items()
    ]
    said += [
        say("{cell} gives **{mean:.1%}** of it to the first state", cell=say(CELLS[cell]), mean=shares.mean())
        for cell, shares in look.items()
    ]
    return say("At a step, on average, {said}.", said=say(", ").join(said))


def _by_lag(**measured: Mapping[str, NDArray[np.float32]]) -> pd.DataFrame:
    """One row for each network, measure and lag."""
    rows = [
        (CELLS[cell], measure, lag, float(value))
        for measure, curves in measured.items()
        for cell, values in curves.items()
        for lag, value in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=["cell", "measure", "lag", "value"])


def _pick() -> tuple[int, int, int]:
    """Symbol, lag and which distractors, all kept in the URL."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        symbol = live.LETTERS.index(params.choose(say("Symbol to remember"), SYMBOL, pills=True))
        label = say("Lag: distractors before the question")
        lag = params.number(label, LAG, range(1, LONGEST + 1), DEFAULT_LAG, slider=True)
        draw = int(params.choose(say("Distractors"), DRAW, {key: say("draw {n}", n=key) for key in DRAW.options}))
    return symbol, lag, draw


def _verdict(answer: live.Answers, symbol: int) -> str:
    last = answer.probability[-1]
    found = int(last.argmax())
    told = {"letter": live.LETTERS[found], "p": last[found]}
    return say("{letter} (p = {p:.3f})", **told) if found == symbol else say("{letter}, wrong (p = {p:.3f})", **told)
