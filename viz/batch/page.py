"""What the Batch page shows: what is read, by which model, how far it is, and the answers as a table."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core_models.language import mark, say, say_n, together
from pretrained.trained import Trained
from pretrained.uploads.limits import MOST_MEGABYTES, MOST_ROWS, MOST_UNPACKED_MEGABYTES
from pretrained.uploads.name import quoted
from viz import inputs, session
from viz.batch import answers, forecasts, given
from viz.batch.job import MOST_RESULT_MEGABYTES, Job
from viz.batch.source import PASTED, in_one, texts_of
from viz.batch.table import show_table
from viz.files.held import READER, Source
from viz.kept import Kept
from viz.markdown import escape
from viz.run import answered, heading_row

TICK_SECONDS = 0.5

ABOUT = mark(
    "Every row is read by the same network as on Explore, with the same numbers. Search and sort the answers, open any "
    "of them with everything that happened inside, or save them beside the other columns of the file."
)

JOB = Kept[Job](READER.name)
"""The run that reads the table that was given last."""


def open_page() -> None:
    """Everything below the heading."""
    with heading_row(say("Let a trained network read a whole file")):
        key = inputs.pick_model(answers.offered(inputs.offered(*given.COVERED)))
    st.caption(say(ABOUT))
    with answered():
        model = session.model(key)
        if model.task.kind == "forecast":
            forecasts.show(model)
            return
    left, right = st.columns([3, 1], vertical_alignment="top")
    with left:
        taken = given.take_source()
        if taken:
            taken = replace(taken, table=in_one(model.task, taken.table))
    with right:
        _show_start(model, taken)
    job = JOB.get()
    if job is None:
        st.caption(_bounds(key))
        return
    busy = job.busy
    st.fragment(_show_progress, run_every=TICK_SECONDS if busy else None)(job, busy)
    if not busy:
        show_table(job)
    st.caption(_bounds(key))


def _bounds(key: str) -> str:
    most = MOST_MEGABYTES + MOST_UNPACKED_MEGABYTES + MOST_RESULT_MEGABYTES
    bounds = say(
        "A file and its answers take at most {most} MB of the server's memory ({sent} "
        "MB as uploaded, {unpacked} MB unpacked, {answers} MB of "
        "answers). Nobody else sees them, and they are released when another file is opened or "
        "this page is closed. Runs of several people take turns.",
        most=most,
        sent=MOST_MEGABYTES,
        unpacked=MOST_UNPACKED_MEGABYTES,
        answers=MOST_RESULT_MEGABYTES,
    )
    command = f"`python -m viz.batch {key} FILE -o answers.parquet`"
    return together(bounds, say("More than {most:,} rows are read in your own terminal: {command}.", most=MOST_ROWS,
                                command=command))  # fmt: skip


def _show_start(model: Trained, taken: Source | None) -> None:
    """What would be read, and the button that begins."""
    if taken is None:
        st.caption(say("Choose a file, or paste lines; then every sequence is read by this model."))
        return
    column = given.pick_column(model.task, taken)
    name = say(PASTED) if taken.name == PASTED else quoted(taken.name)
    count = len(taken.table.frame)
    st.caption(say_n("{name}: {n:,} row.", "{name}: {n:,} rows.", count, name=escape(name)))
    for notice in taken.table.notices:
        st.caption(escape(notice))
    label = (
        say_n("Read {n:,} row", "Read {n:,} rows", count)
        if taken.name == PASTED
        else say_n("Read {n:,} row of {name}", "Read {n:,} rows of {name}", count, name=escape(quoted(taken.name)))
    )
    st.button(
        label,
        type="primary",
        icon=":material/play_arrow:",
        on_click=_begin,
        args=(model, taken, column),
        key="run",
        width="stretch",
    )


def _begin(model: Trained, taken: Source, column: str) -> None:
    """Start anew; the answers before are let go."""
    if before := JOB.take():
        before.cancel()
        del before
    job = Job(model, taken.name, *texts_of(taken.table, column))
    job.start()
    JOB.put(job)


def _show_progress(job: Job, was_busy: bool) -> None:
    """One tick: how far it is, at which rate, and the button that ends it; the whole page where it has just ended."""
    if was_busy and not job.busy:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.done / max(job.total, 1), text=_progress(job))
        if was_busy:
            st.button(say("Cancel"), icon=":material/stop_circle:", on_click=job.cancel, key="cancel")
    if job.stopped:
        said = (
            say("{why}; the {n:,} rows that were read are kept.", why=job.stopped, n=job.done)
            if job.done
            else say("{why}.", why=job.stopped)
        )
        st.info(escape(said), icon=":material/stop_circle:")


def _progress(job: Job) -> str:
    model = say(job.model.recipe.title)
    read = say("{model}: {n:,} of {all:,} rows", model=model, n=job.done, all=job.total)
    if job.done == 0:
        return say("{read}; starting", read=read)
    if not job.busy:
        return say("{read} in {seconds:,.1f} s, {rate:,.0f} per second", read=read, seconds=job.seconds, rate=job.rate)
    left = (job.total - job.done) / job.rate
    return say("{read}, {rate:,.0f} per second, about {left} left", read=read, rate=job.rate, left=_said(left))


def _said(seconds: float) -> str:
    return say("{n:,.0f} s", n=seconds) if seconds < 90 else say("{n:,.0f} min", n=seconds / 60)
