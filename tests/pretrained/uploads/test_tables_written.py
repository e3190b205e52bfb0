"""Tables as people write them, read back: what stands around them, in arrays, JSON, workbooks and packed files."""

from __future__ import annotations

import gzip
import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pretrained.task import InputError
from pretrained.uploads import packed
from pretrained.uploads.packed import unpacked
from pretrained.uploads.series.columns import columns_of
from pretrained.uploads.series.values import Choice, values_by_time
from pretrained.uploads.tables.table import read_columns, read_table
from tests.pretrained.uploads.test_dates_written import HOURS, spreadsheet_days

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
