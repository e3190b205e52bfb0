"""Where the sequences come from: a file or pasted lines, read once and kept for the visitor until others come."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core_models.language import mark, say
from pretrained.uploads.letters.texts import text_columns
from pretrained.uploads.limits import MOST_ROWS
from pretrained.uploads.name import quoted
from pretrained.uploads.route import Upload, Way
from viz import inputs, params
from viz.batch.source import PASTED
from viz.files import held
from viz.files.control import Control, Link, Told, show_told
from viz.files.held import COLUMN, SOURCE, Source
from viz.files.open_file import opened
from viz.kinds import kind_of_task
from viz.models import every_recipe, task_of
from viz.params import Param

COVERED = (*inputs.READING, "translate")
"""The groups of models that many sequences can be given to."""

MOST_PASTED = 200_000
"""Characters that can be pasted."""

ORIGINS = {"file": mark("a file"), "lines": mark("pasted lines")}
ORIGIN, LINES = Param("from", ORIGINS), Param("batch-lines", public=False)


def take_source() -> Source | None:
    """The sequences that were given last, and the control that takes others."""
    if params.choose(say("Read"), ORIGIN, pills=True) == "file":
        FILES.ask()
    else:
        st.text_area(
            say("One sequence per line; press Ctrl+Enter or click elsewhere when done"),
            key=LINES, max_chars=MOST_PASTED, height=160, on_change=_take_lines,
        )  # fmt: skip
        FILES.show_refusal()
    told = FILES.told()
    if told and told.sentences:
        show_told(told)
    return SOURCE.get()


def _place(name: str, way: Way) -> Told:
    """Keep texts, or a series, to be read here; hold sound for Explore, and show the way there."""
    content, before = way.content, inputs.chosen_model()
    if not isinstance(content, Upload):
        held.keep(name, content)
        inputs.change_model(way.model)
        return Told(() if way.model == before else (opened(name, way, before),), way.model)
    task, title = task_of(every_recipe()[way.model]), say(every_recipe()[way.model].title)
    text = kind_of_task(task).hold(task, content)
    if task.kind == "forecast":
        inputs.open_with(way.model, text)
        return Told((*way.notices, opened(name, way, before)), way.model, text)
    inputs.leave_text()
    link = Link("app_pages/explore.py", say("Open it on Explore"), ":material/search:",
                {inputs.MODEL: way.model, inputs.TEXT: text})  # fmt: skip
    sentence = say(
        "{name} {what}, which “{title}” reads on Explore, one at a time.", name=quoted(name), what=way.what, title=title
    )
    return Told((*way.notices, sentence), before, link=link)


def _take_lines() -> None:
    text = params.held(LINES) or ""
    if text.strip():
        FILES.read(PASTED, text.encode())


def pick_column(task: Any, taken: Source) -> str:
    """The column that holds the sequences; nothing to choose where there is one.

    Where a translation may stand beside its source, sources come first, whichever is longer.
    """
    names = text_columns(taken.table.frame)
    if task.kind == "translation":
        names.sort(key=list(taken.table.frame).index)
    if len(names) == 1:
        return names[0]
    return params.choose(say("Column with the sequences"), COLUMN, {name: name for name in names}, default=names[0])


FILES = Control(
    "batch-file", mark("A file with one sequence per row, at most {most:,} rows, or a series"), _place, whole=False,
    most=MOST_ROWS, groups=COVERED,
)  # fmt: skip
"""The control on the Batch page."""
