"""The endless stream: an LSTM with and without its forget gate."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core_models.language import say
from pretrained.memory.architectures import STREAM_CELLS
from pretrained.memory.published import PUBLISHED, REPRODUCED
from pretrained.memory.results import read_results
from pretrained.memory.summary import conclude_learned, conclude_norm, conclude_right, describe_streams
from viz.cards import Card, Origin, save_table, show
from viz.figures.memory.reber import draw_bars, draw_learning, draw_norm
from viz.memory.named import named


def show_streams() -> None:
    """Continual embedded Reber strings."""
    found = read_results("reber")
    rows, settings = found["rows"], found["settings"]
    st.header(say("Why forget? An endless stream"), divider="gray")
    st.markdown(
        say(
            "A memory that is never cleared fills up. Here strings of an artificial grammar (embedded "
            "Reber strings) follow each other without a gap, and the state is never reset. Each string "
            "has a **T** or **P** near its start that comes again just before its end, as in "
            "`BTBPVVETE`: remember it, use it, forget it. The LSTM of 1997 could not forget, its cell "
            "state being a running sum; the forget gate came in 2000 (Gers, Schmidhuber & Cummins, "
            "*Learning to Forget*)."
        )
    )
    reported = [point for point in PUBLISHED if point.task == "reber"]
    panels = (
        ("right", say("Is the second-last symbol right?"), say("Share of test strings."), draw_bars(rows, reported),
         conclude_right(rows)),
        ("learned", say("How soon is it learned?"), say("Share right, while it is trained."), draw_learning(rows),
         conclude_learned(rows)),
        ("norm", say("How large does the cell state grow?"), say("Its norm along the test streams."),
         draw_norm(rows, settings["test_steps"] // settings["windows"]), conclude_norm(rows)),
    )  # fmt: skip
    for column, (key, title, question, figure, found_out) in zip(st.columns(3), panels, strict=True):
        with column:
            show(Card(
                key=f"reber-{key}", title=title, question=question, figure=figure, group="reber",
                numbers=lambda: _tabulate(rows), origin=Origin("memory"), found=found_out,
            ))  # fmt: skip
    st.caption(
        say(
            "A point or a line is one training run with its own random start. Left: after training, on "
            "fresh streams; the stars are {reproduced}. Right: mean over {streams} test streams that "
            "start from zero.",
            reproduced=say("as reported in {source}", source=REPRODUCED),
            streams=settings["test_streams"],
        )
    )
    st.markdown(say("**What was measured.**") + "\n".join(f"- {line}" for line in describe_streams(rows)))
    st.markdown(
        say(
            "Without a forget gate the cell state has no bound, and the runs above show what that does "
            "to learning. Such an LSTM is not helpless: it can cancel an old memory by writing its "
            "opposite. How often that is found depends on the learning rate and the amount of training, "
            "which others chose differently."
        )
    )
    with st.expander(say("Sizes, settings and every run"), icon=":material/table:"):
        _show_runs(rows, settings)


def _show_runs(rows: list[dict[str, Any]], settings: dict[str, Any]) -> None:
    sizes = {
        row["cell"]: say(
            "{hidden} units, {parameters:,} parameters that learn", hidden=row["hidden"], parameters=row["parameters"]
        )
        for row in rows
    }
    st.markdown(
        "; ".join(f"{say(STREAM_CELLS[cell])}: {size}" for cell, size in sizes.items())
        + say(
            ". {optimizer}, learning rate falling to a tenth, gradient norm clipped at {clip:g}; "
            "{streams} streams side by side, {chunks:,} chunks of {chunk} symbols, the state carried "
            "over. Tested on {streams_2} streams of {steps:,} symbols. In the table, “outer” is the "
            "share of second-last symbols right, “legal” that of steps at which every symbol that may "
            "come ranks above every other.",
            optimizer=settings["optimizer"],
            clip=settings["clip"],
            streams=settings["streams"],
            chunks=settings["chunks"],
            chunk=settings["chunk"],
            streams_2=settings["test_streams"],
            steps=settings["test_steps"],
        )
    )
    table = _tabulate(rows)
    st.dataframe(named(table.filter(regex="^(?!.*_by_)")), hide_index=True)
    save_table("memory-reber", "memory-reber", lambda: table, say("Every run"))


def _tabulate(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Every run with all that was measured of it."""
    plain = [{key: value for key, value in row.items() if key != "task"} for row in rows]
    return pd.DataFrame([row | {"cell": STREAM_CELLS[row["cell"]]} for row in plain])
