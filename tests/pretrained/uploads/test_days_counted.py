"""Days counted in their year, and years with decimals, are read as dates; decimals that only look like them are not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from pretrained.uploads.dates.column import is_date, read_dates
from pretrained.uploads.series.columns import columns_of
from pretrained.uploads.series.values import Choice, values_by_time
from pretrained.uploads.tables.table import read_table

DAYS = pd.date_range("2020-12-20", periods=40)
VALUES = [round(11 + 8 * float(np.sin(at / 9)) - at % 5, 1) for at in range(len(DAYS))]


def cells(written: Callable[[pd.Timestamp], str], days: pd.DatetimeIndex = DAYS) -> pd.Series:
    return pd.Series(pd.array([written(day) for day in days], dtype="str"))


def years_with_decimals(day: pd.Timestamp) -> str:
    return f"{day.year + (day.day_of_year - 1) / (366 if day.is_leap_year else 365):.5f}"


@pytest.mark.parametrize("form", ["%Y-%j", "%Y/%j", "%Y%j", "%Y %j"])
def test_days_counted_in_their_year_are_dates(form: str):
    written = cells(lambda day: day.strftime(form))
    assert is_date(written, "date")
    assert read_dates(written).times.tolist() == DAYS.tolist()


def test_the_last_day_of_a_year_depends_on_the_year():
    found = read_dates(pd.Series(pd.array(["2020-366", "2021-366", "2021-000"], dtype="str"))).times
    assert found.isna().tolist() == [False, True, True]


def test_seven_digits_are_a_day_of_a_year_or_a_date_without_its_zero_whichever_runs_evenly():
    months = pd.date_range("2012-01-02", periods=20, freq="MS") + pd.Timedelta(days=1)
    found = read_dates(cells(lambda day: str(int(f"{day:%d%m%Y}")), months)).times
    assert found.tolist() == months.tolist()


def test_a_count_of_seven_digits_is_no_date_without_a_name():
    assert not is_date(pd.Series(pd.array([str(2_021_000 + at) for at in range(1, 90)], dtype="str")), "invoice")


@pytest.mark.parametrize("name", ["DOY", "day_of_year", "Julian"])
def test_a_year_and_the_number_of_a_day_beside_each_other_are_a_date(name: str):
    rows = zip(DAYS, VALUES, strict=True)
    text = f"YEAR,{name},T2M\n" + "".join(f"{day:%Y},{day.day_of_year},{value}\n" for day, value in rows)
    table = read_table("a.csv", text.encode())
    columns = columns_of("a.csv", table.frame)
    assert columns.numbers == ("T2M",)
    found, _ = values_by_time("a.csv", table.frame, Choice(columns.dates[0], "T2M"))
    assert found.index.tolist() == DAYS.tolist()
    assert found.tolist() == VALUES


def test_years_with_decimals_are_dates_and_that_is_said():
    found = read_dates(cells(years_with_decimals))
    assert found.times.tolist() == DAYS.tolist()
    assert any("years with decimals" in notice for notice in found.notices)


@pytest.mark.parametrize("values", [
    [1987.2, 1991.5, 1990.1, 2003.7, 1989.9] * 8,
    [1800.5, 1801.5, 1900.5, 1901.5, 2100.5],
    [1013.2 + at for at in range(40)],
])  # fmt: skip
def test_decimals_that_do_not_run_as_years_do_are_values(values: list[float]):
    assert not is_date(pd.Series(pd.array([str(value) for value in values], dtype="str")), "height")
