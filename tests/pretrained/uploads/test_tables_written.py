"""Tables written by a convention that people use, read back: equal, or refused or asked about in one sentence."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pretrained.task import InputError
from pretrained.uploads import packed
from pretrained.uploads.dates.column import read_dates
from pretrained.uploads.dates.words import MONTH, NAMES
from pretrained.uploads.packed import unpacked
from pretrained.uploads.series.columns import columns_of
from pretrained.uploads.series.questions import questions_of
from pretrained.uploads.series.times import AND, NO_DATE
from pretrained.uploads.series.values import Choice, values_by_time
from pretrained.uploads.tables import numerals
from pretrained.uploads.tables.numerals import POINTS, marks_of, numeral, read_numbers
from pretrained.uploads.tables.table import read_columns, read_table


def column(cells: list[str]) -> pd.Series:
    return pd.Series(pd.array(cells, dtype="str"))


def grouped(digits: str, sign: str) -> str:
    """Digits in groups of three from the right."""
    head = len(digits) % 3 or 3
    return sign.join([digits[:head], *(digits[at : at + 3] for at in range(head, len(digits), 3))])


def write(value: float, point: str, group: str, places: int, minus: str) -> str:
    whole, _, rest = f"{abs(value):.{places}f}".partition(".")
    text = grouped(whole, group) + (point + rest if rest else "")
    if value >= 0:
        return text
    return f"({text})" if minus == "()" else f"{text}-" if minus == "behind" else f"{minus}{text}"


CONVENTIONS = [(".", ""), (".", ","), (".", "'"), (".", "’"), (".", " "), (".", "\u202f"), (".", "_"), (",", ""),
               (",", "."), (",", " "), (",", "\xa0"), (",", "\u2009"), (",", "'")]  # fmt: skip
MINUS = ["-", "−", "–", "﹣", "－", "()", "behind"]
AROUND = ["{}", "${}", "{} €", "CHF {}", "{}%", "{} °C", " {} "]
values = st.lists(st.floats(-9e6, 9e6).map(lambda value: round(value, 2) + 0.0), min_size=1, max_size=12)


@given(values, st.sampled_from(CONVENTIONS), st.sampled_from(MINUS), st.sampled_from(AROUND))
def test_numbers_of_two_decimals_are_read_in_every_convention(numbers, convention, minus, around):
    written = [around.format(write(number, convention[0], convention[1], 2, minus)) for number in numbers]
    found = read_numbers(column(written))
    np.testing.assert_allclose(found.numbers, numbers)
    assert not found.open
    assert not found.unread


@given(
    st.lists(st.integers(0, 9_999_999), min_size=1, max_size=60), st.sampled_from([group for _, group in CONVENTIONS])
)
def test_whole_numbers_with_thousands_apart_are_read_or_both_readings_are_asked_about(numbers, group):
    assume(group)
    found = read_numbers(column([grouped(str(number), group) for number in numbers]))
    if not found.open:
        small = [number for number in numbers if number < 1000]
        large = [number for number in numbers if 1000 <= number < 1_000_000]
        plain = group in ".," and small and large and not any(number >= 1_000_000 for number in numbers)
        assume(not plain or max(large) < 10 * min([number for number in small if number] or [0]))
        np.testing.assert_allclose(found.numbers, numbers)
    else:
        readings = [read_numbers(column([grouped(str(number), group) for number in numbers]), point).numbers
                    for point in POINTS]  # fmt: skip
        assert any(np.array_equal(each, numbers) for each in readings)


@given(
    st.lists(st.floats(0.001, 999).map(lambda value: round(value, 3)), min_size=2, max_size=40), st.sampled_from(".,")
)
def test_three_decimals_are_never_taken_for_thousands_where_one_is_below_one(numbers, point):
    written = [f"{number:.3f}".replace(".", point) for number in [*numbers, 0.25]]
    found = read_numbers(column(written))
    np.testing.assert_allclose(found.numbers, [*numbers, 0.25])


def test_thousands_of_a_column_that_crosses_them_are_told_by_its_other_cells():
    days = [f"{day:%d.%m.%Y}" for day in pd.date_range("2023-01-01", periods=400)]
    numbers = np.round(1000 + 400 * np.sin(np.arange(400) / 30)).astype(int)
    rows = "".join(f"{day};{grouped(str(n), '.')}\n" for day, n in zip(days, numbers, strict=True))
    table = read_table("a.csv", f"Datum;Verbrauch\n{rows}".encode())
    found, notices = values_by_time("a.csv", table.frame, Choice("Datum", "Verbrauch"))
    assert found.tolist() == numbers.tolist()
    assert any("Thousands are set apart" in notice for notice in notices)


def test_where_nothing_tells_both_readings_are_shown_and_the_answer_is_taken():
    table = read_table("a.csv", b"day;use\n2023-01-01;1.234\n2023-01-02;1.345\n2023-01-03;1.298\n")
    choice = Choice("day", "use")
    (question,) = questions_of(table.frame, choice)
    assert question.answers == ((".", "1.234"), (",", "1,234"))
    assert any("can be 1.234 or 1,234" in notice for notice in values_by_time("a.csv", table.frame, choice)[1])
    found, _ = values_by_time("a.csv", table.frame, Choice("day", "use", point=","))
    assert found.tolist() == [1234, 1345, 1298]


@pytest.mark.parametrize(
    ("beside", "value"), [("0.5", 1.234), ("0,5", 1234.0), ("12", 1.234)], ids=["points", "commas", "nothing"]
)
def test_a_column_that_leaves_it_open_is_read_as_the_one_beside_it(beside, value):
    table = read_table("a.csv", f"a;b\n{beside};1.234\n{beside};2.345\n{beside};3.456\n".encode())
    assert values_by_time("a.csv", table.frame, Choice(NO_DATE, "b"))[0].iloc[0] == value


@pytest.mark.parametrize("cell", ["1.2.3", "<0.5", "12..5", "3,5,1", "1.5*", "~7", "1,234.5.6", "5 (est.)"])
def test_a_cell_that_looks_like_a_number_is_named_by_its_line_and_never_missing(cell):
    content = "day;y\n" + "".join(f"2023-01-{day:02d};{cell if day == 17 else day * 1.5}\n" for day in range(1, 29))
    table = read_table("a.csv", content.encode())
    with pytest.raises(InputError) as refused:
        values_by_time("a.csv", table.frame, Choice("day", "y"), table.lines)
    assert f"“{cell}” (line 18)" in str(refused.value)


def test_a_column_that_no_convention_explains_is_refused_with_its_cells():
    table = read_table("a.csv", b"day;y\n2023-01-01;1.2.3\n2023-01-02;4.5.6.7\n2023-01-03;1,2,3\n")
    with pytest.raises(InputError, match=r"look like numbers, but no one way .* “1\.2\.3” \(row 1\)"):
        columns_of("a.csv", table.frame)


@pytest.mark.parametrize("mark", ["", "NA", "n/a", "-", "–", "NaN", "#N/A", "null", "..", "?"])
def test_what_says_that_nothing_was_measured_is_missing(mark):
    assert np.isnan(read_numbers(column([mark, "1.5"])).numbers).tolist() == [True, False]


@pytest.mark.parametrize("mark", [-999.0, -9999.0, 9999.0, -99.9, 99999.0])
def test_a_value_far_from_all_others_is_named_and_its_meaning_asked(mark):
    numbers: Any = np.round(10 + 5 * np.sin(np.arange(60.0)), 1)
    numbers[[7, 8, 30]] = mark
    assert marks_of(numbers) == {mark: 3}
    frame = pd.DataFrame({"y": numbers})
    found, notices = values_by_time("a", frame, Choice(NO_DATE, "y"))
    assert found.isna().sum() == 3
    assert "3 times" in notices[0]
    assert questions_of(frame, Choice(NO_DATE, "y"))[0].about == "marks"
    assert values_by_time("a", frame, Choice(NO_DATE, "y", marks=False))[0].isna().sum() == 0


@given(st.lists(st.floats(-1000, 1000), min_size=3, max_size=40))
def test_values_among_others_are_no_marks(numbers):
    inside = np.array([*numbers, -1000.0, 1000.0])
    assert not marks_of(inside)


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


BODY = [
    ["2023-01-01", "3.1", "-3.9"],
    ["2023-01-02", "4.6", "-2.4"],
    ["2023-01-03", "2.7", "-4.3"],
    ["2023-01-04", "1.7", "-5.3"],
]
TABLE = [["date", "tmax", "tmin"], *BODY]
AROUND_TABLE = {
    "nothing": ([], [], []),
    "sep=": (["sep={d}"], [], []),
    "remarks": (["# station 17, roof", "# made 2024-02-05"], [], []),
    "a title and a blank line": (["Weather on the roof", ""], [], []),
    "a title padded with cells": (["Weather{d}{d}"], [], []),
    "units": ([], ["-{d}degC{d}degC"], []),
    "units in brackets": ([], ["{d}[°C]{d}[°C]"], []),
    "all of it": (["sep={d}", "# a", "Weather"], ["-{d}degC{d}degC"], ["", "Source: the roof"]),
    "a source below": ([], [], ["Source: the roof"]),
}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("what", AROUND_TABLE)
def test_what_stands_around_a_table_is_left_out_and_said(what, delimiter, end):
    above, below, foot = ([line.format(d=delimiter) for line in lines] for lines in AROUND_TABLE[what])
    lines = [*above, delimiter.join(TABLE[0]), *below, *(delimiter.join(row) for row in BODY), *foot]
    table = read_table("a.csv", (end.join(lines) + end).encode())
    assert list(table.frame) == TABLE[0]
    assert table.frame.to_numpy().tolist() == BODY
    first = len(above) + len(below) + 2
    assert table.lines.tolist() == list(range(first, first + 4))
    assert bool(table.notices) == (what not in ("nothing", "sep="))


@pytest.mark.parametrize("first", [["abc"], ["x", "y", "z"]])
def test_words_above_numbers_in_a_single_column_are_data(first):
    cells = [*first, *map(str, range(40))]
    table = read_table("a.csv", ("code\n" + "\n".join(cells) + "\n").encode())
    assert table.frame["code"].tolist() == cells


def test_a_first_row_whose_date_is_broken_is_data():
    table = read_table("a.csv", b"date,y,z\nyesterday,1,2\n2020-01-02,2,3\n2020-01-03,4,5\n2020-01-04,4,5\n")
    assert table.frame["date"].iloc[0] == "yesterday"


def test_a_total_at_the_end_is_left_out_and_said():
    table = read_table("a.csv", ("\n".join(",".join(row) for row in TABLE) + "\nTotal,12.1,-15.9\n").encode())
    found, notices = values_by_time("a.csv", table.frame, Choice("date", "tmax"), table.lines)
    assert found.tolist() == [3.1, 4.6, 2.7, 1.7]
    assert any("“Total” (line 6)" in notice for notice in notices)


@pytest.mark.parametrize("header", ["date,2023", ",0", "country,2019,2020,2021", "0,1,2"])
def test_a_header_that_is_a_number_names_the_columns(header):
    width = header.count(",")
    first = "2023-01-0{}" if header.startswith(("date", ",")) else "{}.5" if header[0] == "0" else "land {}"
    rows = [[first.format(n), *(f"{n}.{place}5" for place in range(width))] for n in range(1, 5)]
    table = read_table("a.csv", "\n".join([header, *map(",".join, rows)]).encode())
    assert table.frame.to_numpy().tolist() == rows
    assert list(table.frame)[1:] == header.split(",")[1:]


def test_blank_lines_of_a_single_column_of_numbers_are_gaps():
    table = read_table("a.csv", b"tmax\n\n1.5\n\n\n2.5\n3.5\n\n")
    assert table.frame["tmax"].isna().tolist() == [False, True, True, False, False]
    assert table.lines.tolist() == [3, 4, 5, 6, 7]
    assert table.notices == ("2 blank lines are read as missing values.",)
    assert read_table("a.csv", b"text\n\nfine\n\ngood\n").frame["text"].tolist() == ["fine", "good"]


def test_blank_lines_of_several_columns_are_said():
    assert read_table("a.csv", b"a,b\n1,2\n\n3,4\n").notices == ("A blank line was left out.",)


@pytest.mark.parametrize("text", ["text\nHello, world\nGood, really\n", "tmax\n1,5\n2,5\n3,7\n"])
def test_commas_in_texts_and_decimals_make_no_columns(text):
    assert len(read_table("a.csv", text.encode()).frame.columns) == 1


numbers_of_arrays = st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), min_size=20, max_size=40)


def saved(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


@given(numbers_of_arrays, st.sampled_from(["<f8", ">f8", "<f4", ">f4"]), st.booleans())
def test_arrays_in_any_clothes_are_read_with_nan_as_gaps(numbers, kind, fortran):
    values = np.array([numbers, numbers[::-1]], dtype=kind).T
    found = read_columns("a.npy", saved(np.asfortranarray(values) if fortran else np.ascontiguousarray(values))).frame
    np.testing.assert_array_equal(found.to_numpy(), values.astype(float))


def test_channels_first_are_turned_and_said():
    table = read_columns("a.npy", saved(np.arange(600.0).reshape(2, 300)))
    assert table.frame.shape == (300, 2)
    assert "read as [channel, step]: 2 channels of 300 steps" in table.notices[0]


def test_records_and_archives_of_times_and_values_are_tables():
    times = HOURS.to_numpy()
    records = np.zeros(500, [("time", "M8[s]"), ("load", "f4"), ("site", "U5")])
    records["time"], records["load"], records["site"] = times, np.arange(500), "roof"
    archive = io.BytesIO()
    np.savez(archive, time=times.astype("M8[s]"), load=np.arange(500.0))
    for name, content in (("a.npy", saved(records)), ("a.npz", archive.getvalue())):
        frame = read_columns(name, content).frame
        columns = columns_of(name, frame)
        assert (columns.dates[0], columns.numbers) == ("time", ("load",))
        assert values_by_time(name, frame, Choice("time", "load"))[0].index.tolist() == HOURS.tolist()


KEYS_COME_AND_GO = b'{"text": "a", "n": 5}\n{"text": "b"}\n\n{"text": "c", "n": NaN, "place": "Graz", "l": [1]}\n'


def test_keys_that_come_and_go_are_missing_and_nested_ones_left_out_and_said():
    table = read_table("a.jsonl", KEYS_COME_AND_GO)
    assert table.frame["text"].tolist() == ["a", "b", "c"]
    assert table.frame["n"].isna().tolist() == [False, True, True]
    assert table.frame["place"].isna().tolist() == [True, True, False]
    assert table.lines.tolist() == [1, 2, 4]
    assert "left out: “l”" in table.notices[0]
    assert "line 4" in table.notices[1]
    assert "null" in table.notices[1]


def test_numbers_among_texts_are_texts_as_they_are_written():
    table = read_table("a.jsonl", b'{"text": "a"}\n{"text": 1984}\n{"text": 12345678901234567890123}\n{"text": null}\n')
    assert table.frame["text"].tolist()[:3] == ["a", "1984", "12345678901234567890123"]
    assert table.frame["text"].isna().tolist() == [False] * 3 + [True]


def xlsx(frame: pd.DataFrame) -> bytes:
    """A workbook of one sheet, written by hand."""

    def cell(value: object) -> str:
        if isinstance(value, pd.Timestamp):
            return f'<c s="1"><v>{spreadsheet_days(value)!r}</v></c>'
        if isinstance(value, int | float):
            return "<c/>" if value != value else f"<c><v>{value!r}</v></c>"
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'

    rows = [list(frame.columns), *frame.itertuples(index=False)]
    data = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    office = "http://schemas.openxmlformats.org"
    space, links = f'xmlns="{office}/spreadsheetml/2006/main"', f"{office}/officeDocument/2006/relationships"

    def related(**targets: str) -> str:
        found = "".join(
            f'<Relationship Id="{kind}" Type="{links}/{kind}" Target="{to}"/>' for kind, to in targets.items()
        )
        return f'<Relationships xmlns="{office}/package/2006/relationships">{found}</Relationships>'

    sheet = '<sheets><sheet name="One" sheetId="1" r:id="worksheet"/></sheets>'
    parts = {
        "_rels/.rels": related(officeDocument="xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook {space} xmlns:r="{links}">{sheet}</workbook>',
        "xl/_rels/workbook.xml.rels": related(worksheet="worksheets/one.xml", styles="styles.xml"),
        "xl/styles.xml": f'<styleSheet {space}><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>',
        "xl/worksheets/one.xml": f"<worksheet {space}><sheetData>{data}</sheetData></worksheet>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_a_workbook_is_read_with_its_dates_and_gaps():
    numbers = np.round(np.sin(np.arange(500.0)), 3)
    numbers[7] = np.nan
    table = read_table("a.xlsx", xlsx(pd.DataFrame({"when": HOURS, "load": numbers, "said": "fine"})))
    columns = columns_of("a.xlsx", table.frame)
    assert (columns.dates[0], columns.numbers) == ("when", ("load",))
    found, _ = values_by_time("a.xlsx", table.frame, Choice("when", "load"))
    assert found.index.tolist() == HOURS.tolist()
    np.testing.assert_array_equal(found, numbers)


def test_a_workbook_that_unpacks_too_far_is_refused():
    file = io.BytesIO(xlsx(pd.DataFrame({"a": [1]})))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/big.bin", bytes(70_000_000))
    with pytest.raises(InputError, match="unpacked, and 60 MB is the most"):
        read_table("a.xlsx", file.getvalue())


@given(st.binary(max_size=2000), st.integers(1, 3))
def test_what_gzip_packed_is_unpacked(content, parts):
    packed_ = b"".join(gzip.compress(content) for _ in range(parts))
    assert unpacked("a.csv.gz", packed_) == ("a.csv", content * parts)
    assert content.startswith(packed.GZIP) or unpacked("a.csv", content) == ("a.csv", content)


def test_gzip_that_unpacks_too_far_or_breaks_off_is_refused():
    with pytest.raises(InputError, match="unpacks to more than 20 MB"):
        unpacked("a.csv.gz", gzip.compress(bytes(30_000_000)))
    for content, why in ((gzip.compress(b"a,b\n1,2\n")[:-9], "breaks off"), (b"\x1f\x8b\x08nonsense", "damaged")):
        with pytest.raises(InputError, match=why):
            unpacked("a.csv.gz", content)


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(st.lists(st.lists(cells, min_size=2, max_size=3), min_size=1, max_size=8))
def test_no_cells_bring_more_than_a_sentence(rows):
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with contextlib.suppress(InputError):
            table = read_table("a.csv", written.getvalue().encode())
            columns = columns_of("a.csv", table.frame)
            for day in columns.dates:
                choice = Choice(day, columns.numbers[0])
                questions_of(table.frame, choice)
                values_by_time("a.csv", table.frame, choice, table.lines)


@given(st.text(max_size=20))
def test_any_cell_is_a_number_or_not(cell):
    found = numeral(cell)
    assert found is None or any(sign.isdecimal() for sign in cell)


PLAINLY = st.one_of(
    st.floats(-1e6, 1e6).map(lambda value: f"{value:.2f}"), st.floats(0, 9).map(lambda value: f"{value:.3f}"),
    st.integers(-9999, 9999).map(str), st.sampled_from(["", "007", "-0", "1.2345", "1.", "1e3"]),
)  # fmt: skip


@given(st.lists(PLAINLY, min_size=1, max_size=8), st.sampled_from(["", *POINTS]), st.sampled_from(["", *POINTS]))
def test_plain_numbers_are_read_at_once_as_they_are_read_one_by_one(written, point, hint):
    at_once = read_numbers(column(written), point, hint)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numerals, "_plain_numbers", lambda *_: None)
        one_by_one = read_numbers(column(written), point, hint)
    for field in fields(at_once):
        np.testing.assert_equal(getattr(at_once, field.name), getattr(one_by_one, field.name))
