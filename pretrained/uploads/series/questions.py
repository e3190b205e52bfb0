"""What the cells of the chosen columns leave open, as a person is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from core_models.language import say
from pretrained.uploads.dates.column import may_be_open, read_dates
from pretrained.uploads.name import short
from pretrained.uploads.series.cells import cells_of
from pretrained.uploads.series.times import AND, JOINED, NO_DATE, read_times
from pretrained.uploads.series.values import Choice, alone, marked, numbers_of
from pretrained.uploads.tables.numerals import marks_of


@dataclass(frozen=True)
class Question:
    """What the cells leave open: what of a ``Choice`` it is, in words, and the answers, the one that holds first."""

    about: Literal["point", "order", "marks"]
    words: str
    answers: tuple[tuple[str, str], ...]


def questions_of(frame: pd.DataFrame, choice: Choice) -> tuple[Question, ...]:
    """What the chosen columns leave open, as a person is asked; an answer that was given stands first."""
    asked: list[Question] = []
    found = numbers_of(frame, choice, "")
    if found.open:
        order = (found.point, "," if found.point == "." else ".")
        answers = tuple((point, alone(found.open, point)) for point in order)
        asked.append(
            Question("point", say("“{cell}” in “{column}” means", cell=found.open, column=short(choice.value)), answers)
        )
    marks = marks_of(numbers_of(frame, choice, choice.point).numbers)
    if marks:
        named = marked(marks)
        asked.append(Question("marks", say("{value} in “{column}”", value=named, column=short(choice.value)),
                              (("yes", say("means “not measured”")), ("no", say("is a value")))))  # fmt: skip
    if choice.date not in (NO_DATE, JOINED) and may_be_open(cells_of(frame, choice.date.partition(AND)[0])):
        dates = read_times(frame, choice.date, "")
        if dates.open:
            both = {order: read_dates(pd.Series([dates.open], dtype="str"), order).times.iloc[0]
                    for order in ("day", "month", "year")}  # fmt: skip
            named = {
                order: time.strftime(str.__str__(say("%-d %B %Y"))) for order, time in both.items() if not pd.isna(time)
            }
            order = sorted(named, key=lambda each: each != dates.order)
            asked.append(Question("order", say("“{cell}” in “{column}” means", cell=dates.open,
                                               column=short(choice.date.partition(AND)[0])),
                                  tuple((each, named[each]) for each in order)))  # fmt: skip
    return tuple(asked)
