"""A file for the model on the screen, or another: one sequence is shown at once; many go to the Batch page."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core_models.language import mark, say
from pretrained.uploads.letters.texts import text_columns
from pretrained.uploads.name import quoted
from pretrained.uploads.route import Upload, Way
from pretrained.uploads.tables.table import Table
from viz import inputs, params
from viz.files import held
from viz.files.control import Control, Link, Told, show_told
from viz.kinds import kind_of_task
from viz.models import every_recipe, task_of
from viz.params import Param

DRAWER = Param("open-file", public=False)


def offer_file() -> None:
    """The control that opens a file, drawn only where somebody asks for it."""
    with st.expander(say("Open a file"), icon=":material/upload_file:", key=DRAWER, on_change="rerun") as drawer:
        if drawer.open:
            CONTROL.ask()


def say_opened() -> None:
    """What is to be said of the file that was opened last."""
    told = CONTROL.told()
    if told:
        show_told(told)


def _open(name: str, way: Way) -> Told:
    """Show a file of one sequence, and close the menu; keep one of many for the Batch page."""
    content, before = way.content, inputs.chosen_model()
    if isinstance(content, Table) and len(content.frame) > 1:
        told = _many(name, way, content)
    else:
        task = task_of(every_recipe()[way.model])
        text = kind_of_task(task).hold(task, content if isinstance(content, Upload) else only_text(content))
        inputs.open_with(way.model, text)
        told = Told((*way.notices, opened(name, way, before)), way.model, text[: params.MOST_TYPED])
    params.give(DRAWER, False)
    params.give(inputs.MENU, False)
    return told


def opened(name: str, way: Way, before: str) -> str:
    """That a file is open, and why with another model than before; a series such as none has learned is one's own."""
    title = every_recipe()[way.model].title
    if way.own:
        return say(
            "{file} {what}, and no forecaster here has learned such values: it is opened as "
            "a series of your own. “{title}” reads the shape of its curve; let a copy of it "
            "learn from the series below, and gates and forecast are those of the copy.",
            file=quoted(name),
            what=way.what,
            title=title,
        )
    if way.model == before:
        return say("{file} {what}; it is open below.", file=quoted(name), what=way.what)
    return say("{file} {what}: it is opened with “{title}”.", file=quoted(name), what=way.what, title=title)


def _many(name: str, way: Way, table: Table) -> Told:
    held.keep(name, table)
    link = Link(
        "app_pages/batch.py", say("Read all of them on the Batch page"), ":material/table_rows:",
        {inputs.MODEL: way.model},
    )  # fmt: skip
    sentence = say(
        "{file} {what}; it holds {n:,} sequences, for “{title}” on the Batch page.",
        file=quoted(name),
        what=way.what,
        n=len(table.frame),
        title=say(every_recipe()[way.model].title),
    )
    hint = (
        (say("To read it as one text, choose a model that reads characters first."),)
        if way.what == say("is text")
        else ()
    )
    held_text = params.held(inputs.TEXT)
    return Told((*way.notices, sentence, *hint), inputs.chosen_model(), held_text, link)


def only_text(table: Table) -> str:
    """The one text of a table of one row; "" where its cell is empty."""
    cell = table.frame[text_columns(table.frame)[0]].iloc[0]
    return "" if pd.isna(cell) else str(cell)


CONTROL = Control(
    "opened file", mark("A file of any of these kinds, with one sequence or with many"), _open, whole=True
)
"""The control on Explore and on the page of explanations."""
