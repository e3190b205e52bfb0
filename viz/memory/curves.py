"""Delayed recall and adding: the task, what each architecture reached, and every run."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core_models.language import mark, say
from pretrained.memory import adding, live, recall
from pretrained.memory.architectures import CELLS
from pretrained.memory.published import PUBLISHED
from pretrained.memory.results import read_results
from pretrained.memory.summary import REACHED, conclude_effort, conclude_reach, describe_effort, describe_reach
from pretrained.memory.synthetic import Synthetic
from pretrained.memory.training import generator_of
from viz.cards import Card, Origin, save_table, show
from viz.figures.memory.curve import draw_accuracy, draw_effort
from viz.figures.memory.example import draw_adding, draw_recall
from viz.memory.named import named

EXAMPLE_LAG = 10
NOISE = "wxyz"
"""Letters of the four distractors on screen."""

HOW_TO_READ = mark(
    "Each point is one training run with its own random start (seed): a filled marker solved the "
    "task, an open one did not within its training steps. A line is the mean over seeds, its "
    "band their range. At each lag the architectures are drawn side by side, so that none hides "
    "another. Stars are results reported by others; point at one for its source."
)


def show_recall() -> None:
    """Delayed recall."""
    st.header(say("Delayed recall"), divider="gray")
    st.markdown(
        say(
            "The first symbol is one of eight. Meaningless distractors follow, as many as the lag says. "
            "Then the network is asked which symbol came first."
        )
    )
    x, target = recall.sample(EXAMPLE_LAG, 1, generator_of("example"))
    letters = live.LETTERS + NOISE + "?"
    labels = [letters[place] for place in x[:, 0].argmax(dim=1).tolist()]
    show(Card(
        key="recall-example", title=say("One sequence"), question=say("The first symbol is the answer."),
            group="recall",
        figure=draw_recall(labels, letters[int(target)]), numbers=lambda: pd.DataFrame({"symbol": labels}),
        alt=say("One sequence: {labels}", labels=' '.join(labels)), origin=Origin("memory"),
    ))  # fmt: skip
    _show_curves(recall.TASK)


def show_adding() -> None:
    """The adding problem."""
    st.header(say("The adding problem"), divider="gray")
    st.markdown(
        say(
            "The network reads numbers between 0 and 1, one at a time; two of them, one in each half, "
            "are marked. At the end it must give their sum. An answer counts as correct if it is off by "
            "less than {tolerance:g}; always answering 1 has a mean squared error of 1/6 = "
            "{floor_error:.4f}. The lag is the length.",
            tolerance=adding.TOLERANCE,
            floor_error=adding.FLOOR_ERROR,
        )
    )
    x, target = adding.sample(2 * EXAMPLE_LAG, 1, generator_of("example"))
    numbers, marks = x[:, 0, 0].numpy(), x[:, 0, 1].numpy() > 0
    show(Card(
        key="adding-example", title=say("One sequence"), question=say(
            "The sum of the two marked numbers is the answer."),
        figure=draw_adding(numbers, marks, float(target)), group="adding", origin=Origin("memory"),
        numbers=lambda: pd.DataFrame({"number": numbers, "marked": marks}),
        alt=say("One sequence with sum {target:.2f}", target=float(target)),
    ))  # fmt: skip
    _show_curves(adding.TASK)


def _show_curves(task: Synthetic) -> None:
    found = read_results(task.key)
    rows, points = found["rows"], [point for point in PUBLISHED if point.task == task.key]
    panels = (
        ("reach", say("How far back does each network remember?"), say("Share of correct answers at each lag."),
         draw_accuracy(rows, task.floor, points), conclude_reach(rows)),
        ("effort", say("How much training does it take?"),
            say("Training steps until a lag is solved."), draw_effort(rows),
         conclude_effort(rows)),
    )  # fmt: skip
    for column, (key, title, question, figure, conclusion) in zip(st.columns(2), panels, strict=True):
        with column:
            show(Card(
                key=f"{task.key}-{key}", title=title, question=question, how_to_read=say(HOW_TO_READ), figure=figure,
                numbers=lambda: _tabulate(rows), alt=f"{say(task.title)}: {title}",
                    group=task.key, origin=Origin("memory"),
                found=conclusion,
            ))  # fmt: skip
    st.markdown(
        say("A lag counts as learned if at least {reached:.0%} of the answers are correct.", reached=REACHED)
        + "\n\n"
        + "\n".join(f"- {line}" for line in describe_reach(rows))
    )
    st.markdown(describe_effort(rows))
    for point in points:
        st.caption(
            say(
                "{cell}, lag {lag}: {value:.2%}, {measure}, {source}.",
                cell=say(CELLS[point.cell]),
                lag=point.lag,
                value=point.value,
                measure=say(point.measure),
                source=point.reported,
            )
        )
    with st.expander(say("Sizes, settings and every run"), icon=":material/table:"):
        _show_runs(task.key, _tabulate(rows), found["settings"])


def _show_runs(task: str, table: pd.DataFrame, settings: dict[str, Any]) -> None:
    rates = say(" then, if not solved, ").join(f"{rate:g}" for rate in settings["learning_rates"])
    st.markdown(
        say(
            "Equal for all: {optimizer}, learning rate {rates}, falling to a tenth; gradient norm "
            "clipped at {clip:g}; {batch} fresh sequences a step, at most {steps:,} steps a learning "
            "rate; stopped when {solved_at:.1%} of {check_count} fresh sequences are right twice in a "
            "row; tested on {count:,} others. All begin by keeping the past: recurrent weights "
            "orthogonal, for the ReLU RNN the identity (Le, Jaitly & Hinton 2015); gates that keep for "
            "up to the lag (Tallec & Ollivier 2018). That is more than a vanilla RNN usually gets. The "
            "longest lag and the number of seeds are what was trained here, not a limit of the task.",
            optimizer=settings["optimizer"],
            rates=rates,
            clip=settings["clip"],
            batch=settings["batch"],
            steps=settings["steps"],
            solved_at=settings["solved_at"],
            check_count=settings["check_count"],
            count=settings["test_count"],
        )
    )
    sizes = table.groupby("cell", sort=False).agg(
        units=("hidden", "first"), parameters=("parameters", "first"), runs=("seed", "size"), seconds=("seconds", "sum")
    )
    st.dataframe(named(sizes))
    st.dataframe(named(table), hide_index=True)
    save_table(f"memory-{task}", f"memory-{task}", lambda: table, say("Every run"))


def _tabulate(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Every run with all that was measured of it."""
    table = pd.DataFrame(rows)
    return table.drop(columns="task").assign(cell=[CELLS[cell] for cell in table["cell"]])
