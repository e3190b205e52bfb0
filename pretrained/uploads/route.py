"""Where a file is opened: what it holds decides, then the model on screen, then the order of the models.

The model on screen keeps whatever it can read. Sound goes to a model that listens, numbers to one that forecasts, FASTA
to the one whose letters they are, texts to the first that reads texts. A way may still fail where the model reads the
content, as where a series is too short; only models of the same kind and, for series, of the same step are tried then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial
from math import log
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd

from core_models.language import mark, say
from pretrained.task import InputError
from pretrained.uploads.dates.words import is_called
from pretrained.uploads.letters.fasta import odd_letter
from pretrained.uploads.letters.plain_text import read_text
from pretrained.uploads.letters.texts import NAMES, read_texts, text_columns, word_columns
from pretrained.uploads.limits import FEW_BYTES
from pretrained.uploads.name import quoted, short
from pretrained.uploads.packed import unpacked
from pretrained.uploads.recognise import ARRAYS, AUDIO, ENDINGS, SEQUENCES, Form, by_content, recognise
from pretrained.uploads.series.columns import Columns, are_numbers_beside_dates, columns_of
from pretrained.uploads.series.likeness import Likeness, halves, is_like, is_unlike, likeness_of
from pretrained.uploads.series.times import AND, NO_DATE, times_of
from pretrained.uploads.series.values import Choice, read_values
from pretrained.uploads.tables.table import Table, read_columns, read_table

LOOKED_AT = 1000
"""Rows by which the distance of dates, and whether texts are labels, are judged."""

MOST_NAMED = 6
"""Letters of a FASTA file that are named one by one."""


class Takes(StrEnum):
    """What the models of a task read."""

    TEXT = "text"
    LETTERS = "letters"
    SERIES = "series"
    SOUND = "sound"


@dataclass(frozen=True)
class Learned:
    """The series that a forecaster learned.

    Attributes:
        names: that its column may have.
        title, unit: on screen.
        rule: pandas' name of its grid.
        season: steps after which it returns.
        likeness: what its values were like.
    """

    names: tuple[str, ...]
    title: str
    unit: str
    rule: str
    season: int
    likeness: Likeness


@dataclass(frozen=True)
class Offered:
    """What of a model decides whether it opens a file.

    Attributes:
        takes: what it reads.
        letters, doubtful: of its alphabet, those that are sure and those that stand for several; none for any text.
        whole: whether it reads a text character by character, and so a file as one text.
        seconds: between two steps of a series that it reads.
        series: that it forecasts.
        channels: that it reads.
        window: steps that it reads.
    """

    takes: Takes
    letters: str = ""
    doubtful: str = ""
    whole: bool = False
    seconds: float = 0.0
    series: Learned | None = None
    channels: int = 0
    window: int = 0

    @property
    def alphabet(self) -> str:
        """All letters."""
        return self.letters + self.doubtful


@dataclass(frozen=True, eq=False)
class Upload:
    """A file of numbers or sound, as a model takes it.

    Attributes:
        name: of the file.
        content: a table with a column of numbers, or the bytes of a sound.
    """

    name: str
    content: Any


@dataclass(frozen=True, eq=False)
class Way:
    """One way to open a file.

    Attributes:
        model: key of the model that reads it.
        what: the file is, as the end of a sentence that begins with its name.
        content: a table of texts, one or many, or else an ``Upload``.
        notices: sentences to show beside it.
        own: whether it is a series such as no model here has learned.
    """

    model: str
    what: str
    content: Table | Upload
    notices: tuple[str, ...] = ()
    own: bool = False


@dataclass(frozen=True)
class Models:
    """The models on offer by key, in order, and the key of the one on screen."""

    offered: Mapping[str, Offered]
    current: str

    def taking(self, wanted: Takes) -> list[str]:
        """Keys of the models that read this, the one on screen first."""
        keys = [key for key, model in self.offered.items() if model.takes is wanted]
        return sorted(keys, key=lambda key: key != self.current)

    def reading(self, texts: Iterable[str]) -> str:
        """Key of the model that reads these texts: the one on screen if it can, else the first."""
        model = self.offered.get(self.current)
        if model is not None and model.takes is Takes.LETTERS and fits(model, texts):
            return self.current
        return self.taking(Takes.TEXT)[0]


def is_quick(content: bytes) -> bool:
    """Whether ``ways_to_open`` takes less time than another process: for sound, and little that does not unpack."""
    form = by_content(content) if content else None
    return form in AUDIO or (form is None and len(content) <= FEW_BYTES)


def ways_to_open(
    name: str, content: bytes, models: Models, encoding: str | None = None, *, whole: bool = True
) -> list[Way]:
    """Every way in which a file can be opened, the best first.

    Args:
        name: of the file.
        content: its bytes.
        models: that could open it.
        encoding: in which it is written, if not in UTF-8.
        whole: whether a model of characters reads a plain text as one; else every line is a text.

    Raises:
        EncodingError: if it is text but not UTF-8; it names the encoding that was found.
        InputError: if it cannot be read; the sentence says what is wrong where, and what to do.
    """
    name, content = unpacked(name, content)
    recognised = recognise(name, content)
    form, upload = recognised.form, Upload(name, content)
    if form in AUDIO:
        return [
            Way(key, say("is {form}", form=say(form)), upload, recognised.notices) for key in models.taking(Takes.SOUND)
        ]
    if form in ARRAYS:
        table = read_columns(name, content)
        return _series(say("is {form}", form=say(form)), name, table, _columns(name, table), models)
    if form in SEQUENCES:
        return _fasta(name, content, models, encoding, whole, form)
    if form is Form.TEXT:
        return _plain(name, content, models, encoding, whole)
    return _table(name, read_table(name, content, encoding), models)


def _table(name: str, table: Table, models: Models) -> list[Way]:
    """A table of texts or of numbers; where it is both and has dates, the model on screen decides.

    Raises:
        InputError: if it holds neither.
    """
    numbers = _columns(name, table)
    texts = _texts_in(table.frame, numbers)
    if numbers is None and (not texts or are_numbers_beside_dates(table.frame)):
        columns_of(name, table.frame)  # says why there are no numbers
    dated = numbers is not None and numbers.dates[0] != NO_DATE
    forecasting = dated and models.offered[models.current].takes is Takes.SERIES
    if numbers is None or (_tells(table.frame, texts, numbers) and not forecasting):
        return [_as_texts(say("is a table with texts"), table, models)]
    return _series(_said(numbers), name, table, numbers, models)


def _plain(name: str, content: bytes, models: Models, encoding: str | None, whole: bool) -> list[Way]:
    """Plain text: one text for a model of characters, else a text a line; where all are numbers, a series."""
    if whole and models.offered[models.current].whole:
        return [Way(models.current, say("is text"), _one(read_text(name, content, encoding)))]
    try:
        table = read_table(name, content, encoding)
    except InputError:
        table = None  # not of columns; what is wrong with it as text is said below
    numbers = _columns(name, table) if table else None
    texts = _texts_in(table.frame, numbers) if table and numbers else []
    dated = numbers is not None and numbers.dates[0] != NO_DATE
    if (
        table
        and numbers
        and len(table.frame) > 1
        and not (texts and (not dated or _tells(table.frame, texts, numbers)))
    ):
        return _series(_said(numbers), name, table, numbers, models)
    return [_as_texts(say("is text"), read_texts(name, content, encoding), models)]


def _fasta(name: str, content: bytes, models: Models, encoding: str | None, whole: bool, form: Form) -> list[Way]:
    """Letters for the model whose alphabet they are, the narrowest if there are several."""
    table = read_texts(name, content, encoding)
    letters = sorted(set("".join(table.frame["sequence"]).upper()))
    keys = [key for key in models.taking(Takes.LETTERS) if fits(models.offered[key], table.frame["sequence"])]
    keys.sort(key=lambda key: (key != models.current, len(models.offered[key].alphabet)))
    if keys:
        few = len(letters) <= MOST_NAMED
        shown = (
            say("the letters {letters}", letters="".join(letters))
            if few
            else say("{n} different letters", n=len(letters))
        )
        return [Way(keys[0], say("is {form} with {letters}", form=say(form), letters=shown), table)]
    if ENDINGS.get(PurePath(name).suffix.lower()) not in SEQUENCES:
        return _plain(name, content, models, encoding, whole)  # a quotation in an e-mail begins likewise
    known = set().union(*(models.offered[key].alphabet for key in models.taking(Takes.LETTERS)))
    for row, each in enumerate(table.frame["sequence"], start=1):
        if odd := odd_letter(each.upper(), known, mark("base and no amino acid")):
            raise InputError(say("{file}, sequence {row}: {odd}: leave it out.", file=quoted(name), row=row, odd=odd))
    raise InputError(
        say("{file} holds no letters of DNA or of a protein: put them below the line that names them.",
            file=quoted(name))
    )  # fmt: skip


def fits(model: Offered, texts: Iterable[str]) -> bool:
    """Whether texts consist of the letters that a model reads, without blanks, and not mainly of the doubtful ones."""
    joined = "".join(str(text).strip() for text in texts).upper()
    sure = sum(joined.count(letter) for letter in model.letters)
    return bool(joined) and set(joined) <= set(model.alphabet) and 2 * sure >= len(joined)


def _columns(name: str, table: Table) -> Columns | None:
    """Columns of dates and numbers; None where there are no numbers."""
    try:
        return columns_of(name, table.frame)
    except InputError:
        return None


def _texts_in(frame: pd.DataFrame, numbers: Columns | None) -> list[str]:
    """Columns of texts that are neither dates nor numbers."""
    dates = [part for date in numbers.dates for part in date.split(AND)] if numbers else []
    return [name for name in word_columns(frame) if name not in (*dates, *(numbers.numbers if numbers else ()))]


def _tells(frame: pd.DataFrame, texts: list[str], numbers: Columns) -> bool:
    """Whether texts are what a table is about; beside dates and numbers, few that recur are labels of its rows."""
    if numbers.dates[0] == NO_DATE:
        return bool(texts)
    head = {name: frame[name].head(LOOKED_AT).dropna() for name in texts}
    return any(name.lower() in NAMES or 2 * cells.nunique() > len(cells) for name, cells in head.items())


def _said(numbers: Columns) -> str:
    return say("is a table with numbers") if numbers.dates[0] == NO_DATE else say("is a table with dates and numbers")


def _as_texts(what: str, table: Table, models: Models) -> Way:
    return Way(models.reading(table.frame[text_columns(table.frame)[0]].dropna()), what, table)


def _one(text: str) -> Table:
    return Table(pd.DataFrame({"text": pd.array([text], dtype="str")}), (), np.ones(1, np.int32))


def _series(what: str, name: str, table: Table, columns: Columns | None, models: Models) -> list[Way]:
    """The models of one step that forecast: that of the model on screen if it suits the dates, else the nearest.

    One that learned such a series comes first, by the name of a column and by its values; where none did, it is a
    series of the person's own.
    """
    upload, keys = Upload(name, table), models.taking(Takes.SERIES)
    between, span = _distances(table, columns)
    every = [series.names for key in keys if (series := models.offered[key].series)]
    values = cache(partial(_values, table.frame.head(JUDGED), columns.dates[0] if columns else NO_DATE))
    judged = {key: _judge(models.offered[key], values, columns, every) for key in keys}
    learned = {key: fits for key, (fits, _) in judged.items()}
    current = models.offered[models.current]
    enough = between <= COARSER * current.seconds and span >= current.window * current.seconds
    if current.takes is Takes.SERIES and (enough or not between):
        wanted = current.seconds
    elif between:
        wanted = min((models.offered[key].seconds for key in keys), key=lambda seconds: abs(log(seconds / between)))
    else:
        wanted = models.offered[next((key for key in keys if learned[key]), keys[0])].seconds
    near = [key for key in keys if models.offered[key].seconds == wanted]
    near.sort(key=lambda key: (key != models.current, not learned[key], models.offered[key].channels))
    otherwise = tuple(sentence for key in near if not learned[key] for sentence in judged[key][1])[:1]
    return [Way(key, what, upload, judged[key][1] if learned[key] else otherwise, own=not learned[key]) for key in near]


JUDGED = 20_000
"""Rows by which values are judged."""


def _values(frame: pd.DataFrame, date: str, column: str) -> pd.Series | None:
    """What stands in a column, by the dates if there are any; None where it cannot be read."""
    try:
        return read_values("", frame, Choice(date, column))[0]
    except InputError:
        return None


def _judge(
    model: Offered, values_of: Callable[[str], pd.Series | None], columns: Columns | None, every: list[tuple[str, ...]]
) -> tuple[bool, tuple[str, ...]]:
    """Whether a model learned such a series, and a sentence where the name of the column says otherwise.

    Args:
        model: that may have learned it.
        values_of: the values by the name of their column.
        columns: that are offered.
        every: the names of what all models learned; a column named as one is not taken for another.
    """
    series = model.series
    if series is None or columns is None:
        return False, ()
    named = next((column for column in columns.numbers if is_called(column, series.names)), "")
    column = named or columns.numbers[0]
    values = values_of(column)
    if values is None:
        return bool(named), ()
    try:
        grid = values if columns.dates[0] == NO_DATE else _on_grid(values, model.seconds, series.rule)
    except pd.errors.OutOfBoundsDatetime:
        return bool(named), ()
    own = likeness_of(grid.tail(JUDGED), series.season)
    if own is None or is_like(own, series.likeness) == bool(named):
        return bool(named), ()
    there = say("half of them lie between {own}, there between {learned}",
                own=halves(own.quantiles), learned=halves(series.likeness.quantiles))  # fmt: skip
    known, unit = f"“{short(column)}”", f" {say(series.unit)}" if series.unit else ""
    if not named and any(is_called(column, names) for names in every):
        return False, ()
    if not named:
        return True, (say("{column} is not named so, but its values could be {title}, which the model learned: "
                          "{there}{unit}.",
                          column=known, title=say(series.title), there=there, unit=unit),)  # fmt: skip
    if is_unlike(own, series.likeness, float((values < 0).mean())):
        return False, (say("{column} is named as {title}, but its values are not like those that the model learned: "
                          "{there}{unit}.",
                           column=known, title=say(series.title), there=there, unit=unit),)  # fmt: skip
    return True, ()


def _on_grid(values: pd.Series, seconds: float, rule: str) -> pd.Series:
    """The mean of every step, over the last ``JUDGED`` of them: dates may lie thousands of years apart."""
    times = values.index.to_numpy()
    last: Any = values[times >= times[-1] - np.timedelta64(int(JUDGED * seconds), "s")]
    return last.resample(rule).mean()


COARSER = 1.5
"""How much farther apart than a model's steps dates may stand for it to keep a series on the screen."""


def _distances(table: Table, columns: Columns | None) -> tuple[float, float]:
    """Seconds between neighbouring dates, as a median, and from the first to the last; 0 where there are no dates."""
    if columns is None or columns.dates[0] == NO_DATE:
        return 0.0, 0.0
    ends = pd.concat([table.frame.head(LOOKED_AT), table.frame.iloc[LOOKED_AT:].tail(LOOKED_AT)])
    times, _ = times_of(ends, columns.dates[0])
    known = np.unique(times.dropna().to_numpy().astype("datetime64[ms]")).astype(float) / 1000.0
    return (float(np.median(np.diff(known))), float(known[-1] - known[0])) if len(known) > 1 else (0.0, 0.0)
