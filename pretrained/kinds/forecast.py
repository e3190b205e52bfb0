"""Tasks of forecasting: a regular series with further channels beside it, read in windows up to some last step.

What a person reads is named by a text: the name of a series and the number of the last step that is read, such as
``smog@120``. The name is that of an example, whose values the project ships, or stands for a file that was uploaded;
then the series itself comes as content.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.encoded import Encoded
from core_models.language import mark, say, say_n
from core_models.trace import Tokens
from pretrained.data.calendar import Step, phases
from pretrained.shipped import read, read_json, understood
from pretrained.task import Example, Group, InputError, Kind, Medium, Named

MARK = "@"
MOST_STEPS, MOST_YEARS = 200_000, 300
"""Of a person's series."""

YEAR_SECONDS = 365.2425 * 86400.0

UPLOAD = "upload-"
"""Beginning of the names of uploaded series."""


@dataclass(frozen=True)
class Channel:
    """One column that is read.

    Attributes:
        key: name of the column.
        title: on screen.
        unit: of its values.
        log: whether the network reads ln(1 + value), where a few values are far larger than all others.
        also: other names that such a column often has.
    """

    key: str
    title: str
    unit: str = ""
    log: bool = False
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What such a column may be called."""
        return (self.key, self.title, *self.also)


@dataclass(frozen=True)
class SeriesExample(Example):
    """A stretch of the data set: from ``begin`` to ``end`` (times as text), opened where ``last`` is read last."""

    begin: str = ""
    end: str = ""
    last: str = ""


@dataclass(frozen=True, eq=False)
class Series:
    """A regular series as it is read.

    Attributes:
        name: an example's text, or a name that stands for an upload.
        title: on screen.
        frame: values in their own units by time, the first column the one that is forecast; NaN where it is missing.
        mean, sd: with which the first column is standardised.
        notices: what was done to it before it is read.
        last: the step that is read last when the series is opened, counted from 0.
        column: what the first column is called, with its unit, where it is not that of the task.
    """

    name: str
    title: str
    frame: pd.DataFrame
    mean: float
    sd: float
    notices: tuple[str, ...] = ()
    last: int = 0
    column: str = ""

    def __len__(self) -> int:
        """Number of steps."""
        return len(self.frame)

    @property
    def numbers(self) -> NDArray[np.float64]:
        """The column that is forecast, NaN where it is missing, ``[step]``."""
        return self.frame.iloc[:, 0].to_numpy(dtype=np.float64)

    @property
    def times(self) -> pd.DatetimeIndex:
        """When."""
        return pd.DatetimeIndex(self.frame.index)


@dataclass(frozen=True)
class SeriesTask:
    """Forecasting one series.

    Attributes:
        key, title: names in recipes and on screen.
        step: distance between values.
        channels: what is read, the series that is forecast first.
        cycles: places in the day, week or year that are read besides.
        window: steps that are read.
        horizon: steps that are forecast.
        scored: of these, the ones over which the headline is taken, counted from 1.
        measure: the headline: ``rmse``, ``mae`` or ``mse``; the centre of the forecast is trained for it.
        relative: whether scores are taken in standard deviations, as published ones are.
        season: steps after which the seasonal naive forecast repeats what was; its words are in ``season_name``.
        season_moved: whether it is closer when moved to the last value (see ``pretrained.families.forecast.naive``).
        splits: first time of dev, of test and after test.
        load: the whole data set from its folder, on the regular grid.
        files: data files and their checksums.
        references: figures that others report on the same test split, by name.
        examples: stretches worth looking at.
        example_frame: where the examples come from, if not from the task's own excerpt.
        credit: what the excerpt is, and its licence.
        unseen: what the test split consists of, in words.
        data: what its networks learn from; see ``pretrained.task.Task``.
    """

    key: str
    title: str
    step: Step
    channels: tuple[Channel, ...]
    cycles: tuple[str, ...]
    window: int
    horizon: int
    scored: tuple[int, ...]
    measure: str
    season: int
    season_name: str
    splits: tuple[str, str, str]
    load: Callable[[Path], pd.DataFrame]
    files: Mapping[str, str]
    examples: tuple[SeriesExample, ...]
    credit: str
    relative: bool = False
    season_moved: bool = False
    references: Mapping[str, float] = field(default_factory=dict)
    example_frame: Callable[[], pd.DataFrame] | None = None

    unseen: str = mark("windows")
    data: Mapping[str, str] = field(default_factory=dict)

    kind: Kind = "forecast"
    named: Named | None = None
    group: Group = "forecast"
    medium: Medium = "series"
    characters: int = 0

    @property
    def noun(self) -> str:
        """What one step is called on screen."""
        return self.step.name

    @property
    def seasonal_name(self) -> str:
        """What the seasonal naive forecast is called."""
        name = say(self.season_name)
        return say("{name}, moved to the last value", name=name) if self.season_moved else name

    @property
    def vocabulary(self) -> int:
        """Numbers in a step."""
        return self.width

    @property
    def trained(self) -> int:
        """Steps of a window."""
        return self.window

    @property
    def limit(self) -> int:
        """Most steps of a person's series that are read."""
        return min(MOST_STEPS, int(MOST_YEARS * YEAR_SECONDS / self.step.seconds))

    @property
    def file(self) -> Path:
        """Where what was measured of the training data, and the excerpt, stand, but for the ending."""
        return Path(__file__).parents[1] / "tasks" / self.kind / self.key.replace("-", "_")

    @cached_property
    def learned(self) -> dict[str, list[float]]:
        """What the training data were like; see ``pretrained.data.scales``."""
        return read_json(self.file.with_suffix(".scale.json"))

    @property
    def width(self) -> int:
        """Number of channels that the network reads."""
        return len(self.channels) + 2 * len(self.cycles)

    @property
    def unit(self) -> str:
        """Unit of the scores."""
        return mark("standard deviations") if self.relative else self.channels[0].unit

    @cached_property
    def excerpt(self) -> pd.DataFrame:
        """The values from which the examples are cut."""
        if self.example_frame is not None:
            return self.example_frame()
        path = self.file.with_suffix(".examples.csv")
        with understood(path):
            return pd.read_csv(BytesIO(read(path)), index_col=0, parse_dates=True)

    def open(self, name: str, content: Series | None = None) -> Series:
        """The series of a name.

        Raises:
            InputError: if there is none, as where it stands for a file on somebody else's computer.
        """
        if content is not None and content.name == name:
            return content
        for example in self.examples:
            if example.text == name:
                frame = self.excerpt.loc[example.begin : example.end].asfreq(self.step.rule)
                mean, sd = self.learned["mean"][0], self.learned["sd"][0]
                last = int(frame.index.searchsorted(pd.Timestamp(example.last)))
                return Series(name, example.title, frame, mean, sd, (), last)
        if name.startswith(UPLOAD):
            raise InputError(say("The link points to a file on somebody's computer: upload it, or choose an example."))
        raise InputError(say("There is no such series here: choose an example, or upload a file."))

    def encode(self, text: str, content: Series | None = None) -> Encoded:
        """The window up to one step as the network reads it.

        Args:
            text: name of the series and number of the last step, such as ``smog@120``; its own last step without.
            content: the series that the name stands for, where it was uploaded.

        Raises:
            InputError: if there is no such series, or the window would begin before it does.
        """
        name, _, number = text.partition(MARK)
        series = self.open(name, content)
        last = self.last_step(series, number)
        values, filled = self.cut(series, last)
        times = series.times[last - self.window + 1 : last + 1]
        known = tuple((~filled).tolist())
        notices = list(map(str, series.notices))
        if filled.any():
            notices.append(say_n(
                "{n} of the {window} values that are read is missing; it is filled by a straight line between its "
                "neighbours.",
                "{n} of the {window} values that are read are missing; they are filled by a straight line between "
                "their neighbours.", int(filled.sum()), window=self.window,
            ))  # fmt: skip
        return Encoded(Tokens(self.step.labels(times), known=known, noun=self.noun), tuple(notices), values)

    def last_step(self, series: Series, number: str = "") -> int:
        """The step that is read last, counted from 0: the asked one, if there is a window that ends there.

        Raises:
            InputError: if the series is shorter than a window.
        """
        if len(series) < self.window:
            raise InputError(
                say(
                    "The series has {n} values, one per {name}; this model reads {window} of them: "
                    "choose a longer one.",
                    n=len(series),
                    name=say(self.step.name),
                    window=self.window,
                )
            )
        asked = int(number) if number.isascii() and number.isdigit() and len(number) < 7 else series.last
        return min(max(asked, self.window - 1), len(series) - 1)

    def cut(self, series: Series, last: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Standardised values ``[step, channel]`` of the window that ends at ``last``, and which were missing.

        Nothing after the last step is looked at. Channels that the series lacks are read as their mean.
        """
        frame = series.frame.iloc[last - self.window + 1 : last + 1]
        missing = frame.iloc[:, 0].isna().to_numpy()
        if missing.all():
            raise InputError(say("There is no value in this window: move its end."))
        return self.standardise(fill(frame), series.mean, series.sd), missing

    def standardise(self, frame: pd.DataFrame, mean: float, sd: float) -> NDArray[np.float32]:
        """What the network reads of values in their own units, ``[step, channel]``.

        Args:
            frame: on the regular grid, without gaps in its first column.
            mean, sd: of the first column.
        """
        found = [(frame.iloc[:, 0].to_numpy(dtype=np.float64) - mean) / sd]
        for place, channel in enumerate(self.channels[1:], start=1):
            if channel.key not in frame:
                found.append(np.zeros(len(frame)))
                continue
            values = frame[channel.key].to_numpy(dtype=np.float64)
            values = np.log1p(values) if channel.log else values
            found.append(np.nan_to_num((values - self.learned["mean"][place]) / self.learned["sd"][place]))
        cycles = phases(pd.DatetimeIndex(frame.index), self.cycles)
        return np.column_stack([*found, cycles]).astype(np.float32)


def fill(frame: pd.DataFrame) -> pd.DataFrame:
    """The values with gaps filled: straight lines inside, the nearest value at the ends."""
    return frame.interpolate(limit_direction="both")
