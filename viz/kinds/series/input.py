"""Which series is read, and up to which step: an example of the task, or a file of the person's own."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core_models.language import say
from pretrained.kinds.forecast import MARK, UPLOAD, Series, SeriesTask
from pretrained.task import InputError
from pretrained.uploads.apart import apart
from pretrained.uploads.limits import FEW_CELLS
from pretrained.uploads.route import Upload
from pretrained.uploads.series.columns import Columns, columns_of
from pretrained.uploads.series.own_series import read_own
from pretrained.uploads.series.questions import Question, questions_of
from pretrained.uploads.series.times import NO_DATE, said
from pretrained.uploads.series.values import Choice
from viz import params
from viz.figures.parts.token_axis import with_article
from viz.inputs import BOX, CHANGED, TEXT, chosen_model
from viz.kept import Kept
from viz.kinds.long.series import END
from viz.kinds.series.end import pick_end
from viz.markdown import escape
from viz.params import Param
from viz.params.stand_ins import draw_name

DATE, VALUE, ROWS, DRAWER = (Param(key, public=False) for key in ("date", "value", "rows", "own-series"))
ANSWERS = {about: Param(f"series {about}", public=False) for about in ("point", "order", "marks")}
"""Where the answers to what the cells leave open are held."""


@dataclass(frozen=True, eq=False)
class Held:
    """A table that the person opened; kept while the session lasts, the newest one alone.

    Attributes:
        file: its name.
        name: a random name that stands for it in the address.
        frame: what it holds, which depends on the file's ending and encoding as well as on its bytes.
        lines: the line of the file that each row begins at.
        notices: sentences to show beside it.
        offered: columns that can be read, by the key of the channel that is wanted.
        asked: what its cells leave open, by how it is read.
        read: the series that was made of it last, by task, with how it was read.
        name: what stands for it, drawn at random.
    """

    file: str
    frame: pd.DataFrame
    lines: NDArray[np.int32]
    notices: tuple[str, ...]
    offered: dict[str, Columns] = field(default_factory=dict)
    asked: dict[Choice, tuple[Question, ...]] = field(default_factory=dict)
    read: dict[str, tuple[Choice, Series]] = field(default_factory=dict)
    name: str = field(default_factory=lambda: draw_name(UPLOAD))


HELD, CHOSEN, SHOWN = Kept[Held]("series held"), Kept[Choice]("series chosen"), Kept[tuple[Series, int]]("series shown")
"""The file that was opened, how it is read, and the series and last step on the screen."""

READ_OWN, ASKED = Kept[bool]("read own series"), Kept[tuple[str, str]]("asked series")
"""Whether that series is the person's own, and what a link to a file asked for: the task, and the last step."""


def take_series(task: SeriesTask) -> tuple[str, int, Series | None]:
    """Name of the series, the step that is read last, and the series itself where it is the person's own."""
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        series, own = pick_series(task)
    with right:
        last = pick_end(task, series)
    SHOWN.put((series, last))
    say_how_it_is_read(task, series, own=own)
    return series.name, last, series if own else None


def pick_series(task: SeriesTask) -> tuple[Series, bool]:
    """The series that is chosen, and whether it is the person's own."""
    own = _own(task)
    names = {example.text: say(example.title) for example in task.examples}
    if own:
        names |= {own.name: say("Your own: {title}, {column}", title=own.title, column=own.column)}
        changed = CHANGED.take() == chosen_model()
        if changed and READ_OWN.get():  # as it was read when a forecaster was last on the screen
            params.give(TEXT, own.name)
            params.let_stand(TEXT, own.name)
    else:
        _answer_link(task)
    BOX.put("names")
    name = params.choose(say("Series"), TEXT, names, default=own.name if own else task.examples[0].text)
    content = own if own and own.name == name else None
    READ_OWN.put(content is not None)
    return task.open(name, content), content is not None


def say_how_it_is_read(task: SeriesTask, series: Series, *, own: bool) -> None:
    """Why an example is worth looking at; of the person's own file how it is read, and what its cells leave open."""
    with st.container(horizontal=True, vertical_alignment="center"):
        _ask_how_it_is_read(task)
        why = next((say(example.why) for example in task.examples if example.text == series.name), "")
        if why:
            st.caption(why)
    if own:
        _ask_what_is_open(task)


def shown_series(task: SeriesTask) -> tuple[Series, int]:
    """The series on the screen and the step that is read last."""
    found = SHOWN.get()
    if found is None:
        series = task.open(task.examples[0].text)
        return series, series.last
    return found


def _answer_link(task: SeriesTask) -> None:
    asked = params.asked(TEXT) or ""
    if asked.startswith(UPLOAD):
        ASKED.put((task.key, (params.asked(END) or "").rpartition(MARK)[2]))
        st.info(
            say("The link points to a file on somebody's computer: open it again, or look at this example."),
            icon=":material/link_off:",
        )


def hold(task: SeriesTask, upload: Upload) -> str:
    """Keep a table as the person's series, read by the likeliest columns; returns the name that stands for it.

    Raises:
        InputError: if no series can be made of it.
    """
    table = upload.content
    held = Held(upload.name, table.frame, table.lines, table.notices)
    columns = _columns(task, held)
    choice = Choice(columns.dates[0], columns.numbers[0])
    series = _read(task, held, choice)
    HELD.put(held)
    CHOSEN.put(choice)
    for name in (DATE, VALUE, ROWS, *ANSWERS.values()):
        params.drop(name)
    asked, end = ASKED.take() or ("", "")
    if asked == task.key and end:
        params.put(END, f"{series.name}{MARK}{end}")
    return series.name


def _ask_how_it_is_read(task: SeriesTask) -> None:
    """The drawer with the columns of the person's own file, and how its rows are read; none without a file."""
    held = HELD.get()
    if held is None:
        return
    with st.popover(
        say("How the file is read"), icon=":material/table_chart:", key=DRAWER, on_change="rerun"
    ) as drawer:
        if not drawer.open:
            return
        _pick_columns(task, held)
        st.caption(
            say(
                "It is brought to one value {step}, standardised by its own mean and standard "
                "deviation, and read {window} values at a time.",
                step=with_article(task.step.name),
                window=task.window,
            )
        )


def _ask_what_is_open(task: SeriesTask) -> None:
    """What the cells of the person's own file leave open: the readings side by side, the one that holds first."""
    held = HELD.get()
    questions = _questions(held, _chosen(task, held)) if held else ()
    with st.container(horizontal=True):
        for question in questions:
            names = dict(question.answers)
            params.choose(
                escape(question.words), ANSWERS[question.about], names, default=question.answers[0][0], pills=True
            )


def _questions(held: Held, choice: Choice) -> tuple[Question, ...]:
    bare = Choice(choice.date, choice.value)
    if bare not in held.asked:
        ask = questions_of if held.frame.size <= FEW_CELLS else apart(questions_of, held.file)
        held.asked[bare] = ask(held.frame, bare)
    return held.asked[bare]


def _pick_columns(task: SeriesTask, held: Held) -> None:
    columns, chosen = _columns(task, held), _chosen(task, held)
    dates = {
        column: {NO_DATE: say("none: rows are one step apart")}.get(column, said(column)) for column in columns.dates
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            say("Column of dates"), list(dates), format_func=dates.__getitem__, key=DATE,
            index=columns.dates.index(chosen.date),
        )  # fmt: skip
        st.selectbox(say("Column of values"), columns.numbers, key=VALUE, index=columns.numbers.index(chosen.value))
        st.checkbox(
            say("Read every row as one {name}", name=say(task.step.name)), key=ROWS, value=chosen.as_rows,
            help=say("Where the rows stand at another distance than the model learned, whatever their dates say."),
        )  # fmt: skip


def _own(task: SeriesTask) -> Series | None:
    """The person's series as it is chosen now; a sentence stands on the screen where it cannot be read."""
    held = HELD.get()
    if held is None:
        return None
    try:
        return _read(task, held, _chosen(task, held))
    except InputError as error:
        st.warning(escape(str(error)), icon=":material/edit:")
        return None


def _chosen(task: SeriesTask, held: Held) -> Choice:
    """How the file is read: as the drawer says, and as it said last where it is closed and its widgets are gone."""
    columns, kept = _columns(task, held), CHOSEN.get()
    date, value, rows = map(params.held, (DATE, VALUE, ROWS))
    if kept:
        date = kept.date if date is None else date
        value = kept.value if value is None else value
        rows = kept.as_rows if rows is None else rows
    choice = Choice(
        date if date in columns.dates else columns.dates[0],
        value if value in columns.numbers else columns.numbers[0],
        bool(rows),
    )
    for question in _questions(held, choice):
        choice = _answered(choice, question, params.held(ANSWERS[question.about]), kept)
    return CHOSEN.put(choice)


def _answered(choice: Choice, question: Question, answer: str | None, kept: Choice | None) -> Choice:
    """The choice with an answer in it: what its widget holds, or what was held last where it is not on the screen."""
    given = answer if answer in dict(question.answers) else None
    if question.about == "marks":
        marks = kept.marks if kept and given is None else given != "no"
        return replace(choice, marks=marks)
    before = getattr(kept, question.about) if kept else ""
    named: dict[str, Any] = {question.about: given or before}
    return replace(choice, **named)


def _columns(task: SeriesTask, held: Held) -> Columns:
    channel = task.channels[0]
    if channel.key not in held.offered:
        read = columns_of if held.frame.size <= FEW_CELLS else apart(columns_of, held.file)
        held.offered[channel.key] = read(held.file, held.frame, channel.names)
    return held.offered[channel.key]


def name_of(task: SeriesTask, held: Held, choice: Choice) -> str:
    """The name that stands for this file and choice, and for nothing else."""
    how = "\n".join((held.name, task.key, *map(str, astuple(choice))))
    return UPLOAD + hashlib.sha256(how.encode()).hexdigest()[:16]


def _read(task: SeriesTask, held: Held, choice: Choice) -> Series:
    kept = held.read.get(task.key)
    if kept is None or kept[0] != choice:
        series = read_own(task, name_of(task, held, choice), held.file, held.frame, choice, held.lines)
        kept = choice, replace(series, notices=(*held.notices, *series.notices))
        held.read[task.key] = kept
    return kept[1]
