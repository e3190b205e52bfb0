"""A person's own series: columns recognised, brought to the model's step, every oddity said or refused."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from core_models.networks.architecture import Architecture
from core_models.networks.sequence import SequenceNetwork
from pretrained.data.calendar import DAY, HOUR, MONTH, Step
from pretrained.families.forecast import tuning as tuning_of
from pretrained.families.forecast.tuning import begin_tuning
from pretrained.kinds.forecast import Series, SeriesTask
from pretrained.task import InputError
from pretrained.tasks import TASKS
from pretrained.uploads.dates import cells as date_cells
from pretrained.uploads.dates.column import parse
from pretrained.uploads.series.columns import columns_of
from pretrained.uploads.series.own_series import read_own
from pretrained.uploads.series.times import JOINED, NO_DATE
from pretrained.uploads.series.values import Choice
from pretrained.uploads.tables.table import read_table

TASK = {task.key: task for task in TASKS if isinstance(task, SeriesTask)}
OIL, MONTHLY, DAILY = TASK["ett-oil-temperature"], TASK["co2"], TASK["seattle-temperature"]
NAME = "upload-test"

DRAW = np.random.default_rng(0)
COUNT = 400
VALUES = 17.0 + 8.0 * np.sin(np.arange(COUNT) / 12 * np.pi) + DRAW.normal(0.0, 1.0, COUNT)
HOURS = pd.date_range("2020-01-01", periods=COUNT, freq="h")


def read(task: SeriesTask, frame: pd.DataFrame, *, as_rows: bool = False) -> Series:
    """Through a file, as a person would give it."""
    table = read_table("file.csv", frame.to_csv(index=False).encode())
    columns = columns_of("file.csv", table.frame)
    choice = Choice(columns.dates[0], columns.numbers[0], as_rows)
    return read_own(task, NAME, "file.csv", table.frame, choice)


def said(series: Series) -> str:
    return " ".join(series.notices)


def hourly() -> pd.DataFrame:
    return pd.DataFrame({"date": HOURS, "y": VALUES})


def test_a_regular_series_is_read_as_it_is():
    series = read(OIL, hourly())
    np.testing.assert_allclose(series.numbers, VALUES)
    assert list(series.times) == list(HOURS)
    assert series.mean == pytest.approx(VALUES[:320].mean())
    assert series.sd == pytest.approx(VALUES[:320].std())
    assert series.last == COUNT - 1 - OIL.horizon
    assert not series.notices
    reading = OIL.encode(f"{NAME}@300", series)
    assert reading.tokens.labels[-1] == "13 Jan 12:00"
    values, _ = OIL.cut(series, 300)
    np.testing.assert_allclose(values[:, 0], (VALUES[133:301] - series.mean) / series.sd, rtol=1e-5)


def test_finer_rows_are_averaged_and_that_is_said():
    times = pd.date_range("2020-01-01", periods=6 * COUNT, freq="10min")
    series = read(OIL, pd.DataFrame({"time": times, "y": np.repeat(VALUES, 6) + np.tile([-1, 1], 3 * COUNT)}))
    np.testing.assert_allclose(series.numbers, VALUES)
    assert "The rows stand 10 minutes apart; the mean of every hour is read." in said(series)


def test_coarser_rows_are_read_as_steps_and_that_is_said():
    series = read(OIL, pd.DataFrame({"day": pd.date_range("2020-01-01", periods=COUNT, freq="D"), "y": VALUES}))
    np.testing.assert_allclose(series.numbers, VALUES)
    assert "The rows stand one day apart and are read as if it were one hour" in said(series)


def test_rows_can_be_taken_as_steps_whatever_their_dates_say():
    times = pd.date_range("2020-01-01", periods=COUNT, freq="10min")
    series = read(OIL, pd.DataFrame({"time": times, "y": VALUES}), as_rows=True)
    np.testing.assert_allclose(series.numbers, VALUES)
    assert "read as if it were one hour" in said(series)


def test_what_is_missing_endless_twice_or_out_of_order_is_said():
    frame = hourly()
    frame.loc[5:30, "y"] = np.nan
    frame.loc[50, "y"] = np.inf
    frame = pd.concat([frame.sample(frac=1.0, random_state=1), frame.iloc[:3]])
    series = read(OIL, frame)
    for sentence in (
        "1 infinite value counted as missing",
        "The rows were not in the order of their dates",
        "3 rows with a date that came before: the mean of such rows is read",
        "27 hours of 400 are missing, in 2 gaps, the longest of 26 hours",
    ):
        assert sentence in said(series)
    np.testing.assert_allclose(series.numbers[60:], VALUES[60:])
    assert np.isnan(series.numbers).sum() == 27


def test_cells_that_are_no_number_or_no_date_are_left_out_and_counted():
    frame = hourly().astype(str)
    frame.loc[3, "y"], frame.loc[7, "date"] = "broken", "yesterday"
    series = read(OIL, frame)
    assert "1 cell of “y” that is no number counted as missing: “broken” (row 4)." in said(series)
    assert "1 row without a date that can be read left out: “yesterday” (row 8)." in said(series)


def test_parts_of_a_date_in_columns_of_their_own_are_joined():
    parts = {"year": HOURS.year, "month": HOURS.month, "day": HOURS.day, "hour": HOURS.hour}
    frame = pd.DataFrame({"No": range(COUNT), **parts, "y": VALUES})
    assert columns_of("f", frame).dates[0] == JOINED
    assert columns_of("f", frame).numbers[0] == "y"
    assert list(read(OIL, frame).times) == list(HOURS)


def test_without_dates_rows_are_steps():
    series = read(OIL, pd.DataFrame({"y": VALUES}))
    np.testing.assert_allclose(series.numbers, VALUES)
    assert "There is no column of dates" in said(series)
    assert columns_of("f", pd.DataFrame({"y": VALUES})).dates == (NO_DATE,)


def test_a_long_series_is_cut_to_its_end():
    count = OIL.limit + 500
    times: Any = pd.date_range("2020-01-01", periods=count, freq="h")
    frame = pd.DataFrame({"date": times, "y": np.resize(VALUES, count)})
    series = read_own(OIL, NAME, "file.csv", frame, Choice("date", "y"))
    assert len(series) == OIL.limit
    assert series.times[-1] == times[-1]
    assert f"Only the last {OIL.limit:,} hours are read" in said(series)


def test_parquet_is_read_like_csv():
    buffer = io.BytesIO()
    hourly().to_parquet(buffer)
    table = read_table("file.parquet", buffer.getvalue())
    series = read_own(OIL, NAME, "file.parquet", table.frame, Choice("date", "y"))
    np.testing.assert_allclose(series.numbers, VALUES)


MONTHS = pd.date_range("2000-01-01", periods=80, freq="MS")

REFUSED = {
    "has no column of numbers": pd.DataFrame({"a": ["x", "y"], "b": ["u", "v"]}),
    "gives 10 months, from 2000-01-01 to 2000-10-01; this model reads 36": pd.DataFrame(
        {"d": MONTHS[:10], "y": VALUES[:10]}
    ),
    "are the same: there is nothing to forecast": pd.DataFrame({"d": MONTHS, "y": np.full(80, 5.0)}),
    "are too large to be read": pd.DataFrame({"d": MONTHS, "y": np.arange(80) * 1e300}),
    "more than 100,000 standard deviations": pd.DataFrame({"d": MONTHS, "y": [*VALUES[:79], 1e12]}),
    "has a value for": pd.DataFrame(
        {"d": [*MONTHS[:30], *pd.date_range("2020-01-01", periods=30, freq="MS")], "y": VALUES[:60]}
    ),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_cannot_be_read_is_refused_in_one_sentence(sentence):
    with pytest.raises(InputError, match=sentence):
        read(MONTHLY, REFUSED[sentence])


@pytest.mark.parametrize(
    ("cells", "first", "second"),
    [
        (["01.02.2020", "02.02.2020", "03.02.2020"], "2020-02-01", "2020-02-02"),
        (["01/02/2020", "02/02/2020", "03/02/2020"], "2020-02-01", "2020-02-02"),
        (["01/30/2020", "01/31/2020", "02/01/2020"], "2020-01-30", "2020-01-31"),
        (["2020-03-01", "2020-03-02", "2020-03-03"], "2020-03-01", "2020-03-02"),
        (["2020-03", "2020-04", "2020-05"], "2020-03-01", "2020-04-01"),
        (["2020-01-01T00:00:00+02:00", "2020-01-01T01:00:00+02:00", ""], "2019-12-31 22:00", "2019-12-31 23:00"),
        ([1577836800, 1577840400, 1577844000], "2020-01-01", "2020-01-01 01:00"),
        ([1577836800000, 1577840400000, 1577844000000], "2020-01-01", "2020-01-01 01:00"),
        ([1999, 2000, 2001], "1999-01-01", "2000-01-01"),
    ],
)
def test_dates_are_read_as_their_writer_meant_them(cells, first, second):
    times, _ = parse(pd.Series(cells))
    assert list(times[:2]) == [pd.Timestamp(first), pd.Timestamp(second)]


def test_a_series_unlike_the_one_that_was_learned_is_read_with_a_notice():
    frame = hourly()
    frame["y"] = 1000.0 + 3.0 * frame["y"]
    frame.loc[350, "y"] = 5000.0
    notices = said(read(OIL, frame))
    assert "the model learned oil temperature with" in notices
    assert "farther than anything in training" in notices
    daily = said(read(DAILY, pd.DataFrame({"d": pd.date_range("2020", periods=COUNT), "y": VALUES})))
    assert "The model also learned from lowest temperature" in daily


def small(task: SeriesTask) -> SequenceNetwork:
    torch.manual_seed(1)
    made = SequenceNetwork(Architecture("gru", 6, anchor="last"), task.width, {"forecast": task.horizon})
    return made.eval().requires_grad_(False)


def test_training_further_changes_the_copy_alone_and_makes_it_better(monkeypatch):
    monkeypatch.setattr(tuning_of, "STEPS", 100)
    network = small(MONTHLY)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    frame = pd.DataFrame({"d": pd.date_range("1980-01-01", periods=200, freq="MS"), "y": VALUES[:200]})
    tuning = begin_tuning(network, MONTHLY, read(MONTHLY, frame))
    assert tuning.curve[0][:2] == (0, tuning.before)
    while not tuning.done:
        tuning.advance(50)
    assert tuning.step == 100
    assert tuning.after < tuning.before
    for name, value in network.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0.0, atol=0.0)
    assert not all(parameter.requires_grad for parameter in network.parameters())
    changed = tuning.tuned().state_dict()
    assert any((changed[name] != before[name]).any() for name in before)


def test_the_held_out_end_is_never_learned_from():
    series = read(OIL, hourly())
    tuning = begin_tuning(small(OIL), OIL, series)
    border = round(0.8 * len(series))
    assert tuning.learned.max() + OIL.horizon < border
    assert tuning.held_out.min() + 1 >= border


def test_a_series_that_is_too_short_to_learn_from_is_answered_with_how_long_it_has_to_be():
    frame = pd.DataFrame({"d": MONTHS[:50], "y": VALUES[:50]})
    with pytest.raises(InputError, match="to learn from it, the model needs about 80"):
        begin_tuning(small(MONTHLY), MONTHLY, read(MONTHLY, frame))


def test_errors_before_and_of_the_last_value_are_those_found_by_hand():
    series = read(OIL, hourly())
    tuning = begin_tuning(small(OIL), OIL, series)
    misses = [
        abs(series.numbers[end + ahead] - series.numbers[end])
        for end in tuning.held_out
        for ahead in range(1, OIL.horizon + 1)
        if end + ahead < len(series)
    ]
    assert tuning.simple()["last value"] == pytest.approx(np.mean(misses))


@pytest.mark.parametrize(
    ("step", "label"), [(HOUR, "7 Jun 03:00"), (DAY, "7 Jun 2015"), (MONTH, "Jun 2015")], ids=["hour", "day", "month"]
)
def test_a_time_on_an_axis_cannot_be_read_as_another(step: Step, label: str) -> None:
    assert step.labels(pd.DatetimeIndex(["2015-06-07 03:00"])) == (label,)


def test_dates_in_several_formats_are_read_and_a_few_that_fit_none():
    days = pd.date_range("1950-01-01", periods=400, freq="D")
    formats = ("%Y-%m-%d", "%d %B %Y", "%b %d %Y %H:%M")
    cells = [day.strftime(formats[place % 3]) for place, day in enumerate(days)] + ["March 2021", "no date"]
    times, _ = parse(pd.Series(cells))
    assert list(times[:400]) == list(days)
    assert [str(time) for time in times[400:]] == ["2021-03-01 00:00:00", "NaT"]


@pytest.mark.parametrize("cell", ["1" * 131_000, "1." * 65_000, "2020-01-" + "1" * 131_000, "x" * 131_000])
def test_a_cell_of_a_hundred_thousand_signs_is_no_date_and_never_tried(cell, monkeypatch):
    tried: list[str] = []
    monkeypatch.setattr(date_cells, "_dated", tried.append)
    assert parse(pd.Series([cell, cell]))[0].isna().all()
    assert not tried


def test_of_a_wide_table_columns_named_as_dates_are_tried_first():
    frame = pd.DataFrame({f"c{place}": ["a", "b"] for place in range(900)} | {"date": ["2020-01-01", "2020-01-02"]})
    frame["y"] = [1.0, 2.0]
    assert columns_of("f", frame).dates == ("date", NO_DATE)
