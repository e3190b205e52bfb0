"""A person's own table as a series that a model can read: which columns, at what distance, with what missing.

Every decision that is made for the person stands in a sentence, and what cannot be read is refused in one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.language import mark, say, say_n
from pretrained.data.calendar import DAY, Step
from pretrained.kinds.forecast import Series, SeriesTask
from pretrained.task import InputError
from pretrained.uploads.apart import apart
from pretrained.uploads.limits import FEW_CELLS
from pretrained.uploads.name import short
from pretrained.uploads.series.outside import outside
from pretrained.uploads.series.times import NO_DATE
from pretrained.uploads.series.values import Choice, values_by_time

LEARNED = 0.8
"""Share of a series, from its beginning, whose mean and standard deviation standardise it."""

MOST_MISSING = 0.5
WEEK, SATURDAY = 7, 5
LARGEST, FARTHEST = 1e30, 100_000
"""Of a value, and of its distance from the mean in standard deviations."""


def read_own(
    task: SeriesTask, name: str, file: str, frame: pd.DataFrame, choice: Choice,
    lines: NDArray[np.int32] | None = None,
) -> Series:  # fmt: skip
    """The chosen columns as a series on the model's own grid.

    Args:
        task: for which it is read.
        name: of the series, which stands for this file and choice and for nothing else.
        file: name of the file.
        frame: the table.
        choice: what is read of it.
        lines: the line of the file that each row begins at.

    Raises:
        InputError: if no series can be made of it; the sentence says why and what to do.
    """
    small = frame.size <= FEW_CELLS
    values, notices = (values_by_time if small else apart(values_by_time, file))(file, frame, choice, lines)
    if choice.date == NO_DATE:
        notices.append(
            say(
                "There is no column of dates: the rows are taken to stand one {step} apart, from an hour and a day "
                "that are made up, so that rhythms of day, week and year cannot be told.",
                step=say(task.step.name),
            )
        )
        series = _as_rows(values, task.step)
    else:
        series, told = _regular(values, task, choice.as_rows)
        notices += told
    series, told = _last(series, task)
    notices += told
    if len(series) < task.window:
        raise InputError(
            say_n(
                "“{file}” gives {n:,} {step}, from {first:%Y-%m-%d} to {last:%Y-%m-%d}; this model reads {window}: "
                "choose a longer series, or a model with a shorter step.",
                "“{file}” gives {n:,} {step}s, from {first:%Y-%m-%d} to {last:%Y-%m-%d}; this model reads {window}: "
                "choose a longer series, or a model with a shorter step.",
                len(series),
                file=short(file),
                step=say(task.step.name),
                first=series.index[0],
                last=series.index[-1],
                window=task.window,
            )
        )
    notices += _gaps(series, file, task.step)
    mean, sd = _moments(series, file)
    own = (series - mean) / sd
    notices += outside(task, float(own.min()), float(own.max()), mean, sd)
    last = max(task.window - 1, len(series) - 1 - task.horizon)
    return Series(name, file, series.to_frame(task.channels[0].key), mean, sd, tuple(notices), last, choice.value)


def _regular(series: Any, task: SeriesTask, as_rows: bool) -> tuple[pd.Series, list[str]]:
    """The series on the grid of the task."""
    step = task.step
    if len(series) < 2:
        raise InputError(say("There is one row with a date: a series needs many."))
    between = float(np.median(np.diff(series.index.to_numpy()).astype("timedelta64[s]").astype(float)))
    coarser = between > 1.5 * step.seconds
    if as_rows or coarser:
        notice = say(
            "The rows stand {span} apart and are read as if it were one {step}, the only step that this model knows: "
            "its rhythms of day, week and year do not fit them.", span=_span(between), step=say(step.name),
        )  # fmt: skip
        times = pd.date_range(series.index[-1].floor("h"), periods=1, freq=step.rule)
        end = times[-1] if len(times) else series.index[-1]
        grid = pd.date_range(end=end, periods=len(series), freq=step.rule)
        return pd.Series(series.to_numpy(), index=grid), [notice]
    most = step.seconds * (task.limit + 2)
    too_long = (series.index[-1] - series.index[0]).total_seconds() > most
    cut = series[series.index >= series.index[-1] - timedelta(seconds=most)] if too_long else series
    left = (
        [say("Only the last {n:,} {step}s are read.", n=task.limit, step=say(step.name))]
        if len(cut) < len(series)
        else []
    )
    found = cut.resample(step.rule).mean()
    if step is DAY and len(cut) > WEEK and (pd.DatetimeIndex(cut.index).day_of_week < SATURDAY).all():
        left.append(
            say(
                "All dates are weekdays, so that every weekend counts as two missing days; tick “Read every row as one "
                "day” under “How the file is read” to leave weekends out."
            )
        )
    if between < 0.75 * step.seconds:
        left.append(
            say("The rows stand {span} apart; the mean of every {step} is read.", span=_span(between),
                step=say(step.name))
        )  # fmt: skip
    return found, left


def _as_rows(values: pd.Series, step: Step) -> pd.Series:
    return pd.Series(values.to_numpy(), index=pd.date_range("2001-01-01", periods=len(values), freq=step.rule))


def _last(series: pd.Series, task: SeriesTask) -> tuple[pd.Series, list[str]]:
    """The series without missing values at its ends, and not longer than is read."""
    known = np.flatnonzero(series.notna().to_numpy())
    if not known.size:
        raise InputError(say("The column holds no number: choose another one."))
    series = series.iloc[known[0] : known[-1] + 1]
    if len(series) <= task.limit:
        return series, []
    return series.iloc[-task.limit :], [
        say("Only the last {n:,} {step}s are read.", n=task.limit, step=say(task.step.name))
    ]


def _gaps(series: pd.Series, file: str, step: Step) -> list[str]:
    missing: Any = series.isna()
    if not missing.any():
        return []
    if missing.mean() > MOST_MISSING:
        raise InputError(
            say(
                "“{file}” has a value for {known:,} of {n:,} {step}s only: choose a model with a "
                "longer step, or a series with fewer gaps.",
                file=short(file),
                known=int((~missing).sum()),
                n=len(series),
                step=say(step.name),
            )
        )
    stretches = (missing != missing.shift()).cumsum()[missing]
    longest = int(stretches.value_counts().max())
    gaps = say_n("one gap", "{n:,} gaps", int(stretches.nunique()))
    return [
        say_n(
            "{n:,} {step} of {all:,} is missing; it is filled by a straight line before reading.",
            "{n:,} {step}s of {all:,} are missing, in {gaps}, the longest of {longest}; gaps are filled by a "
            "straight line before reading.", int(missing.sum()), step=say(step.name), all=len(series), gaps=gaps,
            longest=say_n("{n:,} {step}", "{n:,} {step}s", longest, step=say(step.name)),
        )
    ]  # fmt: skip


def _moments(series: pd.Series, file: str) -> tuple[float, float]:
    """Mean and standard deviation of the part by which the series is standardised."""
    learned = series.iloc[: max(2, round(LEARNED * len(series)))].dropna()
    if series.abs().max() > LARGEST:
        raise InputError(
            say("The values of “{file}” are too large to be read: give them in a larger unit.", file=short(file))
        )
    mean, sd = float(learned.mean()), float(learned.std(ddof=0))
    if not sd > 1e-9 * max(1e-20, abs(mean)):
        raise InputError(
            say(
                "All values of “{file}” (of its first {learned:.0%}, by which it is "
                "standardised) are the same: there is nothing to forecast.",
                file=short(file),
                learned=LEARNED,
            )
        )
    if (series - mean).abs().max() > FARTHEST * sd:
        raise InputError(
            say(
                "A value of “{file}” lies more than {most:,} standard deviations from the "
                "mean: correct it, or leave it out.",
                file=short(file),
                most=FARTHEST,
            )
        )
    return mean, sd


def _span(seconds: float) -> str:
    """A distance in words, such as ``10 minutes``."""
    for length, one, many in SPANS:
        if seconds >= 0.95 * length:
            number = seconds / length
            return say(one) if abs(number - 1) < 0.06 else say(many, number=number)
    return say("less than a second")


SPANS = (
    (31_556_952.0, mark("one year"), mark("{number:.3g} years")),
    (2_629_746.0, mark("one month"), mark("{number:.3g} months")),
    (86_400.0, mark("one day"), mark("{number:.3g} days")),
    (3_600.0, mark("one hour"), mark("{number:.3g} hours")),
    (60.0, mark("one minute"), mark("{number:.3g} minutes")),
    (1.0, mark("one second"), mark("{number:.3g} seconds")),
)
"""Seconds of a distance, and what one and several of it are called."""
