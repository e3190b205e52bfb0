"""Tables in other clothes: columns set apart by blanks, JSON as programs give it, days counted in their year."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import cycle, product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pretrained.task import InputError
from pretrained.uploads.dates.column import is_date, read_dates
from pretrained.uploads.route import Models, ways_to_open
from pretrained.uploads.series.columns import columns_of
from pretrained.uploads.series.values import Choice, values_by_time
from pretrained.uploads.tables.spaced import cells_apart
from pretrained.uploads.tables.table import Table, read_table
from tests.pretrained.uploads.test_files_damaged import MODELS

DAYS = pd.date_range("2023-01-01", periods=60)
VALUES = [round(11 + 8 * float(np.sin(at / 9)) - at % 5, 1) for at in range(60)]
ROWS = list(zip(DAYS, VALUES, strict=True))


def series(table: Table) -> pd.Series:
    """The likeliest values by time."""
    columns = columns_of("a", table.frame)
    found, _ = values_by_time("a", table.frame, Choice(columns.dates[0], columns.numbers[0], marks=False))
    return found


def check(table: Table, values: Sequence[float] = VALUES, times: pd.DatetimeIndex | None = DAYS) -> None:
    """What is read first is these values at these times, or, for None, without any."""
    found = series(table)
    np.testing.assert_allclose(found.to_numpy(), values)
    assert times is None or list(pd.DatetimeIndex(found.index)) == list(times[: len(values)])


SPACED: dict[str, Callable[[], str]] = {
    "numbers below names": lambda: "date tmax\n" + "".join(f"{day:%Y-%m-%d} {value}\n" for day, value in ROWS),
    "right-aligned": lambda: "DATE          TMAX\n" + "".join(f"{day:%Y-%m-%d} {value:8.1f}\n" for day, value in ROWS),
    "names with blanks": lambda: (
        "Date        Max Temp  Min Temp\n"
        + "".join(f"{day:%d/%m/%Y}  {value:8.1f}  {value - 5:8.1f}\n" for day, value in ROWS)
    ),
    "cells that are empty": lambda: (
        "DATE          TMAX   TMIN\n"
        + "".join(
            f"{day:%Y-%m-%d} {value:7.1f} {f'{value - 5:.1f}' if day.day % 7 else '':>6}\n" for day, value in ROWS
        )
    ),
    "decimal commas": lambda: (
        "Datum       Wert\n" + "".join(f"{day:%d.%m.%Y}  {str(value).replace('.', ',')}\n" for day, value in ROWS)
    ),
    "a name before them": lambda: (
        "STATION    DATE        TMAX\n" + "".join(f"Graz Nord  {day:%Y-%m-%d}  {value:5.1f}\n" for day, value in ROWS)
    ),
    "remarks above": lambda: (
        "# from somewhere\n# date tmax\n" + "".join(f"{day:%Y-%m-%d}   {value}\n" for day, value in ROWS)
    ),
    "the time of day apart": lambda: "".join(f"{day:%Y-%m-%d 00:00} {value}\n" for day, value in ROWS),
    "tabs and blanks": lambda: "date \t tmax\n" + "".join(f"{day:%Y-%m-%d} \t {value}\n" for day, value in ROWS),
}


@pytest.mark.parametrize("ending", ["txt", "csv", "dat"])
@pytest.mark.parametrize("text", SPACED.values(), ids=SPACED)
def test_columns_apart_by_blanks_are_those_of_the_same_table_with_commas(text, ending):
    check(read_table(f"a.{ending}", text().encode()))


def test_months_with_years_as_decimals_beside_them_are_read_by_year_and_month():
    rows = [(1990 + at // 12, at % 12 + 1, 1990 + (at + 0.5) / 12, 338 + at * 0.12) for at in range(60)]
    text = "# year month decimal average\n" + "".join(f"{a:4d} {b:3d} {c:10.4f} {d:8.2f}\n" for a, b, c, d in rows)
    found = series(read_table("co2.txt", text.encode()))
    np.testing.assert_allclose(found.to_numpy(), [round(row[3], 2) for row in rows])
    assert list(pd.DatetimeIndex(found.index)) == list(pd.date_range("1990-01-01", periods=60, freq="MS"))


PROSE = ("I saw 3 films.  They were good.\nThe best of 2012 was fine.\nA bad film.  No.\nIt is 5 o'clock.\nYes 3 4 5\n",
         "one two\nthree four\nfive six\nseven eight\nnine ten\n", "1 000\n1 001\n2 500\n3 750\n4 100\n",
         "2021-01-01 12:00\n2021-01-02 12:00\n2021-01-03 12:00\n2021-01-04 12:00\n", "a\n\nb\n\nc\n")  # fmt: skip


@pytest.mark.parametrize("text", PROSE)
def test_words_and_single_values_with_blanks_are_no_table_of_several_columns(text):
    assert cells_apart(text) is None
    assert read_table("a.txt", text.encode()).frame.shape[1] == 1


def test_an_odd_line_among_blanks_is_named():
    text = "".join(f"{day:%Y-%m-%d} {value}\n" for day, value in ROWS) + "2024-01-01 1 2\n"
    with pytest.raises(InputError, match="line 61: expected 2 cells as in the first line, got 3"):
        read_table("a.txt", text.encode())


FORMS = ("%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d", "%Y-%j", "%d %b %Y")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("values", [[12, 10, 10, 12, 9], [0.0, 0.25, 0.25, 0.25, 0.25], [16.59, 7.0, 8.59, 21.1, 9.3]])
def test_values_that_could_be_hours_are_values_beside_dates(values, form):
    rows = "".join(f"{day.strftime(form)}  {value}\n" for day, value in zip(DAYS, values, strict=False))
    check(read_table("a.txt", f"date  level\n{rows}".encode()), values)
    check(read_table("a.csv", f"date,level\n{rows.replace('  ', ',')}".encode()), values)


TIMED = ("hour load", "time spent", "year total", "days of month", "Zeit je Tag")
RANGES = ((0, 5), (0, 24), (1000, 2400), (40000, 45000), (30000, 88000))


@pytest.mark.parametrize(("named", "step"), [*zip(product(TIMED, RANGES), cycle(("D", "h", "MS")))])
def test_numbers_whose_name_has_a_word_of_time_are_values_beside_dates(named, step):
    name, (low, high) = named
    values = np.random.default_rng(high).integers(low, high, 60).tolist()
    times = pd.date_range("2023-01-30", periods=60, freq=step)
    rows = "".join(f"{time:%Y-%m-%d %H:%M},{value}\n" for time, value in zip(times, values, strict=True))
    check(read_table("a.csv", f"date,{name}\n{rows}".encode()), values, times)
    check(read_table("a.csv", f"{name}\n{chr(10).join(map(str, values))}\n".encode()), values, None)


@pytest.mark.parametrize("clock", ["%H:%M", "%H%M", "%H"])
def test_beside_a_time_of_day_numbers_whose_name_has_a_word_of_time_are_values(clock):
    times, values = pd.date_range("2023-01-30", periods=60, freq="h"), [at * 7 % 24 for at in range(60)]
    rows = "".join(
        f"{time:%Y-%m-%d},{time.strftime(clock)},{value}\n" for time, value in zip(times, values, strict=True)
    )
    check(read_table("a.csv", f"date,time,hour load\n{rows}".encode()), values, times)


@pytest.mark.parametrize("name", ["", "level"])
def test_whole_numbers_that_reach_below_a_thousand_are_no_years(name):
    values = np.random.default_rng(0).integers(900, 2400, 60).tolist()
    rows = "".join(f"{day:%d %b %Y},{value}\n" for day, value in zip(DAYS, values, strict=True))
    check(read_table("a.csv", (f"when,{name}\n" * bool(name) + rows).encode()), values)


@pytest.mark.parametrize("dated", [True, False])
def test_a_column_of_one_number_is_not_the_first_choice_of_values(dated):
    rows = "".join(f"4711,{f'{day:%Y-%m-%d}' if dated else 'x'},{value}\n" for day, value in ROWS)
    check(read_table("a.csv", f"station,when,level\n{rows}".encode()), VALUES, DAYS if dated else None)


def test_thousands_set_apart_by_blanks_are_one_cell():
    rows = "".join(f"{day:%Y%m%d},1 {at:03},kWh\n" for at, day in enumerate(DAYS))
    check(read_table("a.csv", f",load,unit\n{rows}".encode()), [1000.0 + at for at in range(60)])


def test_months_in_words_below_a_remark_are_one_column():
    months = enumerate(pd.date_range("2010-01", periods=9, freq="MS"))
    rows = "".join(f"4711,{month:%b %Y},{n}\n" for n, month in months)
    assert list(read_table("a.csv", f"# by hand\nstation,month,y\n{rows}".encode()).frame) == ["station", "month", "y"]


def test_dates_in_words_are_one_column():
    assert cells_apart("3 May 2001\n4 May 2001\n5 May 2001\n6 May 2001\n7 May 2001\n") is None


numbers = st.lists(st.floats(-999, 999).map(lambda value: round(value, 2)), min_size=5, max_size=20)


@settings(max_examples=30)
@given(numbers, st.integers(1, 3), st.sampled_from(FORMS))
def test_whatever_is_written_between_blanks_is_read_back(values, blanks, form):
    apart = " " * (blanks + ("%b" in form))
    text = f"date{apart}level\n" + "".join(
        f"{day.strftime(form)}{apart}{value}\n" for day, value in zip(DAYS, values, strict=False)
    )
    check(read_table("a.txt", text.encode()), values)


TIMES = [f"{day:%Y-%m-%d}" for day in DAYS]
OBJECTS = [{"date": time, "tmax": value} for time, value in zip(TIMES, VALUES, strict=True)]
FRAME = pd.DataFrame({"date": TIMES, "tmax": VALUES})
JSON: dict[str, Any] = {
    "objects": OBJECTS,
    "rows below names": [["date", "tmax"], *map(list, zip(TIMES, VALUES, strict=True))],
    "rows": list(map(list, zip(TIMES, VALUES, strict=True))),
    "lists of one length": {"time": TIMES, "value": VALUES, "unit": "°C", "tags": ["a", "b"]},
    "names beside rows": json.loads(str(FRAME.to_json(orient="split"))),
    "columns by row": json.loads(str(FRAME.to_json())),
    "rows with a schema": json.loads(str(FRAME.to_json(orient="table"))),
    "values by date": dict(zip(TIMES, VALUES, strict=True)),
    "columns by date": {"tmax": dict(zip(TIMES, VALUES, strict=True))},
    "objects by date, newest first": {
        "Meta Data": {"1. Symbol": "X"},
        "Time Series": {time: {"4. close": str(value)} for time, value in list(zip(TIMES, VALUES, strict=True))[::-1]},
    },
    "a weather service": {
        "latitude": 52.5, "hourly_units": {"time": "iso8601"}, "daily": {"time": TIMES[:2], "snow": [1, 2]},
        "hourly": {"time": TIMES, "temperature_2m": VALUES},
    },
    "objects in objects": {
        "list": [{"dt": int(day.timestamp()), "main": {"temp": value}, "weather": [{"id": 1}]} for day, value in ROWS]
    },
    "a page and its objects": [{"page": 1, "pages": 1}, OBJECTS],
}  # fmt: skip


@pytest.mark.parametrize("name", ["a.json", "a"])
@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("document", JSON.values(), ids=JSON)
def test_a_table_in_json_is_found_wherever_it_stands(document, indent, name):
    if isinstance(document, dict) and len(document) == len(TIMES) and name == "a":
        name = "a.json"
    check(read_table(name, json.dumps(document, indent=indent).encode()))


def test_of_several_tables_the_longest_is_read_and_that_is_said():
    table = read_table("a.json", json.dumps(JSON["a weather service"]).encode())
    assert table.notices == ("Of this file “hourly” is read.",)


@pytest.mark.parametrize(
    ("document", "texts"),
    [(["a good film", "a bad one"], ["a good film", "a bad one"]),
     ([{"text": "good", "ids": [1, 2, 3]}, {"text": "bad", "ids": [4]}], ["good", "bad"]),
     ({"text": "good", "tokens": ["g", "o", "od"]}, ["good"]),
     ({"meta": {"n": 2}, "rows": [{"text": "good"}, {"text": "bad"}]}, ["good", "bad"])],
)  # fmt: skip
def test_texts_in_json_are_read_as_texts(document, texts):
    assert read_table("a.json", json.dumps(document).encode()).frame["text"].tolist() == texts


def test_numbers_alone_and_values_that_are_missing_are_a_column():
    table = read_table("a.json", b"[1.5, NaN, null, 3]")
    np.testing.assert_array_equal(table.frame["value"], [1.5, np.nan, np.nan, 3])
    assert table.notices == ("NaN or Infinity is read as missing; JSON itself writes null for nothing.",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("[", "line 1: not JSON"), ('[{"a": 1},\n {"a": }]', "line 2: not JSON"), ("[" * 100_000, "too deep"),
     ("[]", "holds no table"), ("hello", "line 1: not JSON"), ('[{"text": "\\ud800"}]', "half of a character"),
     ('[{"a": [1]}, {"a": [2]}]', "“a” holds a list or an object")],
)  # fmt: skip
def test_json_without_a_table_is_refused_in_one_sentence(text, sentence):
    with pytest.raises(InputError, match=sentence):
        read_table("a.json", text.encode())


def cells(form: str, days: pd.DatetimeIndex) -> pd.Series:
    return pd.Series(pd.array(days.strftime(form).tolist(), dtype="str"))


@pytest.mark.parametrize("form", ["%Y-%j", "%Y/%j", "%Y%j", "%Y-%jT%H:%M"])
def test_days_counted_in_their_year_are_dates_over_its_end(form):
    days = pd.date_range("2020-12-20", periods=40)
    written = cells(form, days)
    assert is_date(written, "date")
    assert read_dates(written).times.tolist() == days.tolist()


def test_the_last_day_of_a_year_depends_on_the_year():
    found = read_dates(pd.Series(pd.array(["2020-366", "2021-366", "2021-000"], dtype="str"))).times
    assert found.isna().tolist() == [False, True, True]


def test_seven_digits_are_a_day_of_a_year_or_a_date_without_its_zero_whichever_runs_evenly():
    months = pd.date_range("2012-01-02", periods=20, freq="MS") + pd.Timedelta(days=1)
    first = pd.Series(pd.array([str(int(f"{day:%d%m%Y}")) for day in months], dtype="str"))
    assert read_dates(first).times.tolist() == months.tolist()


def test_numbers_of_seven_digits_that_count_are_no_dates_without_a_name():
    counts = pd.Series(pd.array([str(2_021_000 + at) for at in range(1, 90)], dtype="str"))
    assert not is_date(counts, "invoice")


def test_a_year_and_the_number_of_a_day_beside_each_other_are_a_date():
    text = "YEAR,DOY,T2M\n" + "".join(f"{day:%Y},{day.day_of_year},{value}\n" for day, value in ROWS)
    check(read_table("a.csv", text.encode()))


HOURS = pd.date_range("2024-01-13 05:00", periods=30, freq="h")
STRETCHES = {
    "ctime": "%a %b %d %H:%M:%S %Y",
    "an interval of ISO 8601": "%Y-%m-%dT%H:%M/2024-02-01T00:00",
    "from and to": "%d.%m.%Y %H:%M - 01.02.2024 00:00",
    "a time until": "%d.%m.%Y %H:%M–23:59",
    "of a web server": "%d/%b/%Y:%H:%M:%S +0000",
    "at": "%B %d, %Y at %I:%M %p",
}


@pytest.mark.parametrize("form", STRETCHES.values(), ids=STRETCHES)
def test_times_in_another_order_and_stretches_of_time_are_dates(form):
    found = read_dates(cells(form, HOURS))
    assert found.times.tolist() == HOURS.tolist()
    assert any("each row stands at its beginning" in notice for notice in found.notices) == (
        form in list(STRETCHES.values())[1:4]
    )


@pytest.mark.parametrize(("zone", "ahead"), [("CET", 1), ("CEST", 2), ("EST", -5), ("UTC", 0), ("pst", -8)])
def test_names_of_zones_are_distances_from_utc(zone, ahead):
    found = read_dates(cells(f"%Y-%m-%d %H:%M:%S {zone}", HOURS))
    assert found.times.tolist() == (HOURS - pd.Timedelta(hours=ahead)).tolist()
    assert any("UTC" in notice for notice in found.notices) == (ahead != 0)


def test_a_year_with_its_word_and_a_number_with_the_apostrophe_of_spreadsheets_are_read():
    text = "дата;v\n" + "".join(f"{day.day} января {day.year} г.;'{value}\n" for day, value in ROWS[:31])
    check(read_table("a.csv", text.encode()), VALUES[:31])


@pytest.mark.parametrize("content", [b"<!DOCTYPE html><p>1", b"<html><table>", b'<?xml version="1.0"?><a/>'])
def test_pages_and_xml_are_named_with_the_way_to_a_table(content):
    with pytest.raises(InputError, match=r"save its table as CSV|as CSV or text"):
        read_table("a.xls", content)


@pytest.mark.parametrize("content", [b'""', b'"""\n', b'\n"\n"\n', b'","'])
def test_quotation_marks_around_nothing_hold_no_table_or_a_sentence(content):
    with pytest.raises(InputError):
        read_table("a.csv", content)


def test_dates_thousands_of_years_apart_are_read_at_once():
    text = "date,v\n9990-01-01,3\n" + "".join(f"{day:%Y-%m-%d},{value}\n" for day, value in ROWS)
    assert len(series(read_table("a.csv", text.encode()))) == len(ROWS) + 1


ROUND = {
    "a formula that keeps text": '="{:%Y-%m-%d %H:%M}"',
    "apostrophes": "'{:%Y-%m-%d %H:%M}'",
    "a weekday in brackets": "{:%Y-%m-%d (%a) %H:%M}",
    "a weekday behind": "{:%d %b %Y %H:%M (%a)}",
    "a place whose time it is": "{:%Y-%m-%d %H:%M} Europe/Berlin",
    "a place in America": "{:%Y-%m-%dT%H:%M} America/New_York",
}


@pytest.mark.parametrize("form", ROUND.values(), ids=ROUND)
def test_what_stands_around_a_date_leaves_it_as_it_is(form):
    assert read_dates(pd.Series([form.format(hour) for hour in HOURS])).times.tolist() == HOURS.tolist()


@pytest.mark.parametrize(("zone", "ahead"), [("UTC+02:00", 2), ("GMT+1", 1), ("UTC-5", -5), ("GMT -03:30", -3.5)])
def test_distances_from_utc_are_read_behind_its_name(zone, ahead):
    found = read_dates(pd.Series([f"{hour:%Y-%m-%d %H:%M} {zone}" for hour in HOURS]))
    assert found.times.tolist() == (HOURS - pd.Timedelta(hours=ahead)).tolist()


COUNTS = {
    "JD": lambda day: day.to_julian_date(),
    "MJD": lambda day: day.to_julian_date() - 2_400_000.5,
    "Modified Julian Date": lambda day: day.to_julian_date() - 2_400_000.5,
    "datenum": lambda day: (day - pd.Timestamp("1970-01-01")).days + 719_529,
    "week": lambda day: f"{day.isocalendar().year}{day.isocalendar().week:02d}",
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts_of_days_and_weeks_are_dates(name: str):
    days = pd.date_range("2009-01-05", periods=60, freq="W-MON")
    text = f"{name},v\n" + "".join(f"{COUNTS[name](day)},{place % 7}\n" for place, day in enumerate(days))
    frame = read_table("a.csv", text.encode()).frame
    found = columns_of("a.csv", frame)
    assert (found.dates[0], found.numbers) == (name, ("v",))
    assert read_dates(pd.Series(frame[name])).times.tolist() == days.tolist()


@pytest.mark.parametrize("name", ["x", "elapsed_s", "sample", "", "Messung"])
@pytest.mark.parametrize("step", ["1", "10", "0.1", "uneven"])
def test_what_only_counts_rows_or_time_is_not_the_first_choice_of_values(name, step):
    counts = np.cumsum(np.arange(60) % 5 + 1) if step == "uneven" else np.round(np.arange(60) * float(step), 1)
    text = f"{name},load\n" + "".join(f"{count},{place * 37 % 11}\n" for place, count in enumerate(counts))
    assert columns_of("a.csv", read_table("a.csv", text.encode()).frame).numbers[0] == "load"


def test_months_behind_a_hyphen_and_a_letter_are_months():
    months = pd.date_range("2010-01-01", periods=30, freq="MS")
    assert read_dates(cells("%Y-M%m", months)).times.tolist() == months.tolist()


@pytest.mark.parametrize("names", [
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", "Januar Februar März April Mai Juni Juli August September "
    "Oktober November Dezember", "JAN. FEV. MAR. ABR. MAI. JUN. JUL. AGO. SET. OUT. NOV. DEZ.",
])  # fmt: skip
def test_years_with_their_months_side_by_side_are_read_one_after_the_other(names):
    values = [10.5 + month for month in range(120)]
    rows = [";".join(f"{value}" for value in values[12 * year : 12 * year + 12]) for year in range(10)]
    body = "".join(f"{2001 + year};{row};999\n" for year, row in enumerate(rows))
    table = read_table("a.csv", f"Year;{names.replace(' ', ';')};Mean\n{body}".encode())
    assert "twelve months side by side" in table.notices[-1]
    assert table.lines.tolist() == [2 + month // 12 for month in range(120)]
    found, _ = values_by_time("a.csv", table.frame, Choice("date", "value"), table.lines)
    assert found.tolist() == values
    assert [str(found.index[at])[:7] for at in (0, 11, 12, 119)] == ["2001-01", "2001-12", "2002-01", "2010-12"]


@pytest.mark.parametrize("header", [
    "Year;Jan;Feb;Mar;Apr;May;Jun;Jul;Aug;Sep;Oct;Nov", "Site;Jan;Feb;Mar;Apr;May;Jun;Jul;Aug;Sep;Oct;Nov;Dec",
    "Year;Dec;Nov;Oct;Sep;Aug;Jul;Jun;May;Apr;Mar;Feb;Jan",
])  # fmt: skip
def test_other_tables_with_months_in_their_header_stay_as_they_are(header):
    count = header.count(";")
    body = "".join(f"{2001 + row}{';1.5' * count}\n" for row in range(5))
    assert list(read_table("a.csv", f"{header}\n{body}".encode()).frame) == header.split(";")


WRITTEN: tuple[Callable[[float], str], ...] = (
    lambda value: f"{value} ± 0.3",
    lambda value: f"{value / 1000}×10^3",
    lambda value: f"{value} {'CR' if value > 5 else 'DR'}",
    lambda value: f"{value}k" if value > 5 else f"{value / 1000}M",
    lambda value: hex(int(value)),
    lambda value: f"{value} 1/2",
)
"""Numbers as no column of them is read."""


@pytest.mark.parametrize("write", WRITTEN)
def test_cells_beside_dates_that_look_like_numbers_are_no_texts_and_are_named(write):
    rows = "".join(f"2021-03-{day:02d};{write(day / 2 + 0.1)}\n" for day in range(1, 29))
    with pytest.raises(InputError, match="look like numbers"):
        ways_to_open("a.csv", f"date;value\n{rows}".encode(), Models(MODELS.offered, "sst2-gru"))


@pytest.mark.parametrize("header", ["yr;mo;value", "Jahr;Monat;Wert", "YEAR;MM;x"])
def test_a_year_and_a_month_beside_each_other_are_a_date_whatever_they_are_called(header):
    rows = "".join(f"{2001 + at // 12};{at % 12 + 1};{at + 0.5}\n" for at in range(60))
    frame = read_table("a.csv", f"{header}\n{rows}".encode()).frame
    columns = columns_of("a.csv", frame)
    found, _ = values_by_time("a.csv", frame, Choice(columns.dates[0], columns.numbers[0]))
    assert found.tolist() == [at + 0.5 for at in range(60)]
