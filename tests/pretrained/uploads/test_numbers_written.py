"""Numbers written by a convention that people use, read back: equal, or refused or asked about in one sentence."""

from __future__ import annotations

import contextlib
import csv
import io
import warnings
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pretrained.task import InputError
from pretrained.uploads.series.columns import columns_of
from pretrained.uploads.series.questions import questions_of
from pretrained.uploads.series.times import NO_DATE
from pretrained.uploads.series.values import Choice, values_by_time
from pretrained.uploads.tables import numerals
from pretrained.uploads.tables.numerals import POINTS, marks_of, numeral, read_numbers
from pretrained.uploads.tables.table import read_table


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


@given(st.lists(st.integers(1001, 4999), min_size=3, max_size=30), st.sampled_from([",", ";", "\t", "|"]),
       st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%m.%Y"]))  # fmt: skip
def test_no_form_of_dates_decides_what_a_point_means_and_both_readings_are_asked(numbers, apart, form):
    days = pd.date_range("2021-12-20", periods=len(numbers), freq="D" if "d" in form else "MS").strftime(form)
    rows = "".join(f"{day}{apart}{grouped(str(n), '.')}\n" for day, n in zip(days, numbers, strict=True))
    table = read_table("a.csv", f"day{apart}use\n{rows}".encode())
    (question,) = [each for each in questions_of(table.frame, Choice("day", "use")) if each.about == "point"]
    european = form.startswith("%d.") and apart != ","
    assert [point for point, _ in question.answers] == ([",", "."] if european else [".", ","])
    found, notices = values_by_time("a.csv", table.frame, Choice("day", "use"))
    np.testing.assert_allclose(found, np.array(numbers) / (1 if european else 1000))
    assert any("can be" in notice for notice in notices)
    as_decimal, _ = values_by_time("a.csv", table.frame, Choice("day", "use", point="."))
    np.testing.assert_allclose(as_decimal, np.array(numbers) / 1000)
    as_thousands, _ = values_by_time("a.csv", table.frame, Choice("day", "use", point=","))
    np.testing.assert_allclose(as_thousands, numbers)


@given(st.lists(st.integers(1000, 99_999), min_size=20, max_size=60), st.integers(1, 9), st.booleans())
def test_a_few_small_numbers_never_decide_that_thousands_are_decimals(large, small, beside):
    numbers = [*large, small, -large[0]]
    rows = "".join(f"{grouped(str(abs(n)), '.') if n > 0 else '-' + grouped(str(-n), '.')};0,5\n" for n in numbers)
    rows = rows if beside else rows.replace(";0,5", "")
    frame = read_table("a.csv", f"{'use;other' if beside else 'use'}\n{rows}".encode()).frame
    asked = [question.about for question in questions_of(frame, Choice(NO_DATE, "use"))]
    assert asked.count("point") == (not beside)
    point = "" if beside else ","
    assert values_by_time("a.csv", frame, Choice(NO_DATE, "use", point=point))[0].tolist() == numbers


@pytest.mark.parametrize("mark", ["-999", "999", "-99"])
def test_a_mark_for_missing_is_no_evidence_of_thousands(mark):
    cells = [f"{1 + n / 37:.3f}" for n in range(40)] + [mark, mark]
    found = read_numbers(column(cells))
    assert found.open or found.numbers[0] == 1.0


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


@given(st.lists(st.floats(-9e9, 9e9), min_size=5, max_size=40), st.integers(1, 6), st.sampled_from(POINTS))
def test_a_power_of_ten_stands_behind_decimals_never_behind_thousands(numbers, places, point):
    cells = pd.Series([f"{value:.{places}e}".replace(".", point) for value in numbers], dtype="str")
    found = read_numbers(cells)
    assert found.open == ""
    np.testing.assert_allclose(found.numbers, [float(f"{value:.{places}e}") for value in numbers])


@pytest.mark.parametrize("sign", "￥＄￡￦")
def test_wide_signs_of_money_are_those_of_money(sign):
    assert read_numbers(pd.Series([f"{sign}1,234", f"{sign}987", f"{sign}12,345"] * 9, dtype="str")).numbers[2] == 12345
