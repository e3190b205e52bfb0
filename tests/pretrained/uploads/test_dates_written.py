"""Dates written by a convention that people use, read back: equal, or refused or asked about in one sentence."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pretrained.task import InputError
from pretrained.uploads.dates.column import Order, read_dates
from pretrained.uploads.dates.words import MONTH, NAMES
from pretrained.uploads.series.columns import columns_of
from pretrained.uploads.series.questions import questions_of
from pretrained.uploads.series.times import AND, NO_DATE
from pretrained.uploads.series.values import Choice, values_by_time
from pretrained.uploads.tables.table import read_table
from tests.pretrained.uploads.test_numbers_written import column

LANGUAGES = {"German": 1, "French": 2, "Spanish": 3, "Italian": 4, "Portuguese": 5, "Dutch": 6}


DAYS = pd.date_range("2019-11-03", periods=500, freq="D")


HOURS = pd.date_range("2023-10-27", periods=500, freq="h")


MONTHS = pd.date_range("2008-01-01", periods=120, freq="MS")


WEEKS = pd.date_range("2018-12-31", periods=120, freq="7D")


QUARTERS = pd.date_range("1999-01-01", periods=60, freq="QS")


def spreadsheet_days(time: pd.Timestamp) -> float:
    return (time.to_pydatetime() - datetime(1899, 12, 30)) / timedelta(days=1)


def named(time: pd.Timestamp, language: int) -> str:
    return NAMES.strip().splitlines()[time.month - 1].split()[language]


WRITTEN: dict[str, tuple[pd.DatetimeIndex, Callable[[pd.Timestamp], object]]] = {
    **{f"days as {form}": (DAYS, lambda time, form=form: time.strftime(form)) for form in (
        "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%y",
        "%d.%m.%y", "%y-%m-%d", "%d%m%Y", "%d %b %Y", "%b %d, %Y", "%A, %d %B %Y", "%d-%b-%y", "%d-%b-%Y", "%Y-%b-%d",
        "%-d/%-m/%Y", "%d. %m. %Y", "%Y年%-m月%-d日", "%a %d.%m.%Y")},
    **{f"hours as {form}": (HOURS, lambda time, form=form: time.strftime(form)) for form in (
        "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.000", "%Y%m%d%H", "%Y%m%d%H%M", "%Y%m%d%H%M%S",
        "%Y%m%dT%H%M%SZ", "%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%m/%d/%y %I %p",
        "%d.%m.%Y %H.%M", "%Y-%m-%d %H", "%d %B %Y %H:%M", "%d.%m.%Y, %H:%M Uhr", "%Y-%m-%d %H:%M:%SZ",
        "%d/%b/%Y:%H:%M:%S +0000")},
    **{f"months as {form}": (MONTHS, lambda time, form=form: time.strftime(form)) for form in (
        "%Y-%m", "%Y/%m", "%m/%Y", "%m.%Y", "%Y%m", "%b-%y", "%b %Y", "%B %Y", "%YM%m", "%d/%m/%Y", "%m/%d/%Y",
        "%d-%m-%Y", "%Y-%m-%d", "%b'%y", "%y-%b")},
    **{f"days in {language}": (DAYS, lambda time, at=at: f"{time.day}. {named(time, at)} {time.year}")
       for language, at in LANGUAGES.items()},
    **{f"months in {language}": (MONTHS, lambda time, at=at: f"{named(time, at)[:4]}. {time.year}")
       for language, at in {"French": 2, "Spanish": 3, "Italian": 4}.items() if at == 0},
    "seconds since 1970": (HOURS, lambda time: str(int(time.timestamp()))),
    "milliseconds since 1970": (HOURS, lambda time: str(int(time.timestamp()) * 1000)),
    "seconds with a fraction": (HOURS, lambda time: f"{time.timestamp():.1f}"),
    "days of a spreadsheet": (DAYS, lambda time: str((time - pd.Timestamp("1899-12-30")).days)),
    "hours of a spreadsheet": (HOURS, lambda time: f"{spreadsheet_days(time):.9f}"),
    "weeks": (WEEKS, lambda time: time.strftime("%G-W%V")),
    "weeks in German": (WEEKS, lambda time: time.strftime("KW %V/%G")),
    "quarters": (QUARTERS, lambda time: f"{time.year}-Q{time.quarter}"),
    "quarters first": (QUARTERS, lambda time: f"Q{time.quarter} {time.year}"),
    "quarters in German": (QUARTERS, lambda time: f"{time.quarter}. Quartal {time.year}"),
    "years": (pd.date_range("1850-01-01", periods=100, freq="YS"), lambda time: str(time.year)),
    "midnight as 24:00": (HOURS, lambda time: time.strftime("%Y-%m-%d %H:%M") if time.hour
                          else (time - pd.Timedelta(days=1)).strftime("%Y-%m-%d 24:00")),
}  # fmt: skip


@pytest.mark.parametrize("how", WRITTEN)
def test_dates_are_read_back_as_they_were_written(how):
    times, form = WRITTEN[how]
    content = "when,y\n" + "".join(f'"{form(time)}",{n % 7}\n' for n, time in enumerate(times))
    table = read_table("a.csv", content.encode())
    columns = columns_of("a.csv", table.frame)
    assert columns.dates[0] == "when"
    assert columns.numbers == ("y",)
    found, _ = values_by_time("a.csv", table.frame, Choice("when", "y"))
    assert found.index.tolist() == times.tolist()
    assert found.tolist() == [n % 7 for n in range(len(times))]


@pytest.mark.parametrize("name", ["tag", "Datum", "fecha", "ds", "MESS_DATUM", "timestamp", "day"])
@pytest.mark.parametrize("how", ["days as %Y%m%d", "days of a spreadsheet", "seconds since 1970"])
def test_a_column_named_or_shaped_like_dates_is_no_value(name, how):
    times, form = WRITTEN[how]
    content = f"{name},y\n" + "".join(f"{form(time)},{n % 7}\n" for n, time in enumerate(times))
    for frame in (read_table("a.csv", content.encode()).frame, pd.read_csv(io.StringIO(content))):
        columns = columns_of("a.csv", frame)
        assert columns.numbers == ("y",)
        assert columns.dates[0] == name


@given(st.lists(st.integers(20_000, 80_000), min_size=25, max_size=60), st.booleans())
def test_numbers_in_the_range_of_spreadsheet_days_are_values_where_they_do_not_run_evenly(numbers, first):
    assume(len(set(np.diff(numbers))) > 5)
    frame = pd.DataFrame(
        {"price": numbers, "n": range(len(numbers))} if first else {"n": range(len(numbers)), "price": numbers}
    )
    assert "price" in columns_of("a", frame).numbers


@pytest.mark.parametrize("places", [1, 2, 3, 4])
@pytest.mark.parametrize("scale", [1.0, 10.0, 2000.0, 20000.0])
def test_decimals_are_never_dates(places, scale):
    cells = column([f"{scale * (1 + 0.013 * n):.{places}f}" for n in range(60)])
    assert read_dates(cells).times.isna().mean() > 0.2 or scale == 20000.0
    assert columns_of("a", pd.DataFrame({"y": cells})).numbers == ("y",)


@pytest.mark.parametrize("large", [1e15, 1e19, -1e300, float("inf")])
@pytest.mark.parametrize("name", ["date", "hour", "mjd", "year", "month"])
def test_numbers_too_large_for_dates_are_none(name, large):
    whole = np.arange(60) % 28 + 1.0
    frame = pd.DataFrame({"year": whole * 0 + 2020, "month": whole % 12 + 1, "day": whole} | {name: whole, "y": whole})
    frame.loc[7, name] = large
    columns = columns_of("a", frame)
    for day in columns.dates:
        with contextlib.suppress(InputError):
            times = values_by_time("a", frame, Choice(day, columns.numbers[0]))[0].index
            assert day == NO_DATE or len(times) < len(frame)


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y"])
def test_dates_that_can_be_read_both_ways_are_asked_about(form):
    cells = column([pd.Timestamp(2020, 2, 1, hour).strftime(f"{form} %H:%M") for hour in range(24)])
    frame = pd.DataFrame({"when": cells, "y": np.arange(24.0)})
    (question,) = questions_of(frame, Choice("when", "y"))
    assert question.about == "order"
    assert {"1 February 2020", "2 January 2020"} == {words for _, words in question.answers}
    for order, day in (("day", 1), ("month", 2)):
        found, _ = values_by_time("a", frame, Choice("when", "y", order=order))  # type: ignore[arg-type]  # wrong on purpose
        assert f"{found.index[0]:%-d}" in (str(day), str(3 - day))


@pytest.mark.parametrize("clock", ["%H:%M", "%H:%M:%S", "%I:%M %p", "%H%M"])
@pytest.mark.parametrize("day", ["%d/%m/%Y", "%Y-%m-%d", "%Y%m%d"])
def test_date_and_time_of_day_in_two_columns_are_one(clock, day):
    rows = "".join(f"{t.strftime(day)};{t.strftime(clock)};{n % 7},5;;\r\n" for n, t in enumerate(HOURS))
    table = read_table("a.csv", f"Date;Time;Load;;\r\n{rows}".encode())
    assert list(table.frame) == ["Date", "Time", "Load"]
    columns = columns_of("a.csv", table.frame)
    assert columns.dates[0] == f"Date{AND}Time"
    found, notices = values_by_time("a.csv", table.frame, Choice(columns.dates[0], "Load"))
    assert found.index.tolist() == HOURS.tolist()
    assert "The time of day is read from “Time”." in notices


def test_hours_from_one_to_twenty_four_in_a_column_of_their_own_are_those_of_the_day():
    ends = pd.date_range("2023-10-27 01:00", periods=240, freq="h")
    days = [f"{end - pd.Timedelta(hours=1):%d.%m.%Y}" for end in ends]
    frame = pd.DataFrame({"Datum": days, "Stunde": np.arange(240) % 24 + 1, "y": np.arange(240.0)})
    columns = columns_of("a", frame)
    assert columns.dates[0] == f"Datum{AND}Stunde"
    assert values_by_time("a", frame, Choice(columns.dates[0], "y"))[0].index.tolist() == ends.tolist()


def test_offsets_are_brought_to_utc_and_said():
    local = HOURS.tz_localize("UTC").tz_convert("Europe/Vienna")
    frame = pd.DataFrame({"t": [time.isoformat() for time in local], "y": np.arange(500.0)})
    found, notices = values_by_time("a", frame, Choice("t", "y"))
    assert found.index.tolist() == HOURS.tolist()
    assert any("shown in UTC" in notice and "summer time" in notice for notice in notices)


def test_every_month_of_every_language_is_one_of_twelve():
    assert set(MONTH.values()) == set(range(1, 13))
    assert all(len(line.split()) == 9 for line in NAMES.strip().splitlines())


@given(st.integers(0, 11), st.integers(4, 24), st.sampled_from([1, 2, 3, 6]), st.sampled_from("/-"), st.booleans())
def test_days_in_a_row_and_firsts_of_months_are_asked_about_where_dates_can_be_both(
    month, count, apart, sign, day_first
):
    times = pd.date_range(f"2019-{month + 1:02d}-01", periods=count, freq=f"{apart}MS")
    form = f"%d{sign}%m{sign}%Y" if day_first else f"%m{sign}%d{sign}%Y"
    cells = pd.Series(pd.array(times.strftime(form).tolist(), dtype="str"))
    found = read_dates(cells)
    if not found.open:
        assert found.times.tolist() == times.tolist()
    orders: tuple[Order, ...] = ("day", "month")
    assert times.tolist() in [read_dates(cells, order).times.tolist() for order in orders]
    assert not found.open or count * apart <= 12


HALVES = {
    "Spanish": (("a. m.", "p. m."), "{clock} {half}"),
    "with hard blanks": (("a.\xa0m.", "p.\xa0m."), "{clock}\xa0{half}"),
    "Chinese": (("上午", "下午"), "{half} {clock}"), "Chinese, close": (("上午", "下午"), "{half}{clock}"),
    "Japanese": (("午前", "午後"), "{half}{clock}"), "Korean": (("오전", "오후"), "{half} {clock}"),
    "Greek": (("π.μ.", "μ.μ."), "{clock} {half}"),
}  # fmt: skip


@pytest.mark.parametrize("language", HALVES)
@pytest.mark.parametrize("day", ["%Y-%m-%d", "%d/%m/%Y"])
def test_the_halves_of_the_day_are_read_in_other_languages(language, day):
    halves, form = HALVES[language]
    times = pd.date_range("2022-10-13", periods=100, freq="h")
    cells = [
        f"{time:{day}} {form.format(clock=f'{time:%I:%M}', half=halves[time.hour >= 12])}" for time in times
    ]  # fmt: skip
    assert read_dates(pd.Series(cells, dtype="str")).times.tolist() == times.tolist()


@pytest.mark.parametrize(("era", "before"), [("令和", 2018), ("平成", 1988), ("民國", 1911)])
def test_years_of_an_era_are_those_of_the_calendar(era, before):
    times = pd.date_range("2019-05-01", periods=90, freq="D")
    cells = [f"{era}{str(time.year - before).replace('1', '元') if time.year - before == 1 else time.year - before}年"
             f"{time.month}月{time.day}日" for time in times]  # fmt: skip
    assert read_dates(pd.Series(cells, dtype="str")).times.tolist() == times.tolist()
