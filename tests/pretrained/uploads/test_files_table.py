"""Tables that people upload: what is read, and the sentence that each thing which cannot be read is refused with."""

import contextlib
import csv
import io
import tomllib

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pretrained.task import InputError
from pretrained.uploads import limits
from pretrained.uploads.letters.encoding import ENCODINGS, EncodingError
from pretrained.uploads.tables.table import Table, read_table
from tests.conftest import ROOT


def parquet(table: pa.Table) -> bytes:
    written = io.BytesIO()
    pq.write_table(table, written)
    return written.getvalue()


FILMS = pd.DataFrame({"text": ["good, really", "bad"], "label": [1, 0]})

READ = {
    "commas": ("a.csv", b'text,label\n"good, really",1\nbad,0\n'),
    "semicolons": ("a.csv", b"text;label\ngood, really;1\nbad;0\n"),
    "tabs": ("a.tsv", b"text\tlabel\ngood, really\t1\nbad\t0\n"),
    "bars": ("a.csv", b"text|label\ngood, really|1\nbad|0\n"),
    "line ends of Windows": ("a.csv", b'text,label\r\n"good, really",1\r\nbad,0\r\n'),
    "line ends of old Macs": ("a.csv", b'text,label\r"good, really",1\rbad,0\r'),
    "a byte order mark": ("a.csv", b'\xef\xbb\xbftext,label\n"good, really",1\nbad,0\n'),
    "blank lines": ("a.csv", b'\n\ntext,label\n\n"good, really",1\n\nbad,0\n\n'),
    "JSON Lines": ("a.jsonl", b'{"text": "good, really", "label": 1}\n\n{"label": 0, "text": "bad"}\n'),
    "Parquet": ("a.parquet", parquet(pa.Table.from_pandas(FILMS))),
    "Parquet under a wrong name": ("a.csv", parquet(pa.Table.from_pandas(FILMS))),
}


@pytest.mark.parametrize(("name", "content"), READ.values(), ids=READ)
def test_a_table_is_read_as_it_was_written(name, content):
    found = read_table(name, content).frame
    assert found.astype(str).to_dict("list") == FILMS.astype(str).to_dict("list")
    assert found["label"].dtype == ("str" if name.endswith(("csv", "tsv")) and content[:1] != b"P" else "Int64")


def test_many_short_rows_of_an_old_mac_are_not_taken_for_one_of_many_columns():
    assert len(read_table("a.csv", b"a,b\r" + b"1,2\r" * 2_000).frame) == 2_000


def test_lines_are_those_of_the_file():
    table = read_table("a.csv", b'\ntext,n\n"two\nlines",1\n\nlast,2\n')
    assert table.frame["text"].tolist() == ["two\nlines", "last"]
    assert table.lines.tolist() == [3, 6]


def test_a_table_whose_only_column_has_no_delimiter_is_read_line_by_line():
    table = read_table("a.csv", b'text\nHello, world\nhe said "yes"\n')
    assert table.frame["text"].tolist() == ["Hello, world", 'he said "yes"']


def test_quotation_marks_inside_cells_are_text_and_said():
    table = read_table("a.tsv", b'text\tn\n"Great" film\t1\n')
    assert table.frame["text"].tolist() == ['"Great" film']
    assert "Quotation marks" in table.notices[0]


def test_a_first_line_of_numbers_is_data_and_said():
    table = read_table("a.csv", b"1,2\n3,4\n")
    assert table.frame["column 1"].tolist() == ["1", "3"]
    assert "read as data" in table.notices[0]


def test_columns_without_a_name_or_with_the_same_one_are_named_apart():
    table = read_table("a.csv", b"a,a,,a (2)\nw,x,y,z\n")
    assert table.frame.columns.tolist() == ["a", "a (2)", "column 3", "a (2) (2)"]
    assert "same name" in table.notices[0]


def test_a_name_that_promises_something_else_is_said():
    name, content = READ["Parquet under a wrong name"]
    assert read_table(name, content).notices == ("“a.csv” is named .csv, but it is Parquet; it is read as that.",)


def repeated(word: str, count: int) -> pa.Table:
    """A column that is small in the file and large in memory."""
    return pa.table({"text": pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([word]))})


WIDE = ",".join(map(str, range(1_000_000))).encode()

REFUSED = {
    "nothing": ("a.csv", b"", "“a.csv” is empty (0 bytes): upload"),
    "blanks": ("a.csv", b" \n\n \n", "“a.csv” holds nothing but blanks"),
    "200 MB": ("a.csv", bytes(200_000_000), "“a.csv” has 200 MB, and 20 MB is the most"),
    "a million columns": ("a.csv", WIDE, "line 1: 1,000,000 columns, and 1,000 is the most"),
    "100,000 equal names": ("a.csv", b"x," * 99_999 + b"x", "line 1: 100,000 columns"),
    "100,000 equal names below a line end": ("a.csv", b'"a\n"' + b",x" * 99_999 + b"\n", "100,000 columns, and 1,000"),
    "a long line": ("a.csv", b"text\n" + b"x" * 1_000_001, "line 2: 1,000,001 bytes, and 1,000,000 is the most"),
    "many lines": ("a.csv", b"\n" * 2_000_001 + b"x", "more than 2,000,000 lines"),
    "many rows": ("a.csv", b"a\n" + b"1\n" * 200_001, "more than 200,000 rows"),
    "many cells": ("a.csv", b",".join([b"x"] * 1000) + (b"\n" + b"," * 999) * 2_001, "more than 2,000,000 cells"),
    "names only": ("a.csv", b"text,label\n", "names of columns and no row below them"),
    "too few cells": ("a.csv", b"a,b\n1,2\n\n3\n", "line 4: expected 2 cells as in the first line, got 1"),
    "too many cells": ("a.csv", b"a,b\n1,2\n3,4,5\n", "line 3: expected 2 cells as in the first line, got 3"),
    "an open quotation mark": ("a.csv", b'a,b\n1,2\n"3,4,5\n', "line 3: a quotation mark opens a cell"),
    "a NUL byte": ("a.csv", b"a,b\n1,2\n3,\0\n", "line 3: there is a NUL byte"),
    "a picture": ("a.csv", b"\x89PNG\r\n\x1a\n....", "“a.csv” is named .csv but is a PNG picture"),
    "a damaged workbook": ("a.xlsx", b"PK\x03\x04....", "a damaged ZIP archive"),
    "a pickle": ("a.csv", b"\x80\x04K\x01.", "a Python pickle (it could run code)"),
    "sound": ("a.wav", b"RIFF....WAVE", "“a.wav” is WAV sound, not a table"),
    "text named Parquet": ("a.parquet", b"text\nfine\n", "named .parquet, but it is not Parquet"),
    "damaged Parquet": ("a.parquet", READ["Parquet"][1][:200], "damaged Parquet"),
    "Parquet that unpacks": ("a.parquet", parquet(repeated("x" * 100_000, 100_000)), "holds 10,000 MB unpacked"),
    "lists alone in Parquet": ("a.parquet", parquet(pa.table({"x": [[1]]})), "column “x”: it holds list<"),
    "equal names in Parquet": ("a.parquet", parquet(pa.table([[1], [2]], ["x", "x"])), "two columns of the same name"),
    "no rows in Parquet": ("a.parquet", parquet(pa.table({"x": pa.array([], pa.int64())})), "holds no rows"),
    "many rows in Parquet": ("a.parquet", parquet(pa.table({"x": np.zeros(200_001)})), "has 200,001 rows"),
    "no JSON": ("a.jsonl", b'{"text": "a"}\n{"text": b}\n', "line 2: not JSON"),
    "half a character in JSON": ("a.jsonl", b'{"text": "\\ud83d"}\n', "line 1: a half of a character"),
    "deep JSON": ("a.jsonl", b"[" * 200_000, "line 1: not JSON"),
    "a list": ("a.jsonl", b"[1, 2]\n", "line 1: expected an object such as"),
    "lists alone in JSON": ("a.jsonl", b'{"text": ["a"]}\n', "line 1: “text” holds a list"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_refused_with_a_sentence(name, content, sentence):
    with pytest.raises(InputError) as refused:
        read_table(name, content)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_server_takes_no_larger_files_than_are_read():
    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert settings["server"]["maxUploadSize"] == limits.MOST_MODEL_MEGABYTES


WRITTEN = {
    "cp1252": "Größe, café – “crème brûlée”", "cp1250": "Příliš žluťoučký kůň", "cp1251": "Привет, мир, как дела",
    "koi8_r": "Привет, мир", "gb18030": "今天天气很好，我们去公园", "shift_jis": "日本語のテキストです",
    "euc_kr": "안녕하세요 반갑습니다", "utf-16": "good film", "utf-16-le": "good film", "utf-16-be": "good film",
}  # fmt: skip


@pytest.mark.parametrize(("encoding", "text"), WRITTEN.items())
def test_another_encoding_is_named_and_read_when_asked(encoding, text):
    content = f"text\n{text}\n".encode(encoding)
    with pytest.raises(EncodingError) as refused:
        read_table("a.csv", content)
    assert refused.value.detected == encoding
    assert refused.value.label == ENCODINGS[encoding]
    assert ENCODINGS[encoding] in str(refused.value)
    assert read_table("a.csv", content, encoding).frame["text"].tolist() == [text]


def test_a_wrong_encoding_is_refused_too():
    with pytest.raises(InputError, match=r"is not Shift JIS \(Japanese\) either"):
        read_table("a.csv", b"text\n\xff\xff\n", "shift_jis")


letters = st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n")
cells = st.text(letters, max_size=12).map(lambda cell: f"{cell}~")  # so that none reads as a number


@given(st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=8), st.sampled_from(",;\t|"))
def test_any_table_that_csv_writes_is_read_back(rows, delimiter):
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([["first", "second"], *rows])
    table = read_table("a.csv", written.getvalue().encode())
    assert table.frame.astype(str).to_numpy().tolist() == rows
    assert len(table.lines) == len(rows)


@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.tsv", "a.jsonl", "a.parquet", "a.txt", "a"]))
def test_no_bytes_bring_more_than_a_sentence(content, name):
    table: Table | None = None
    with contextlib.suppress(InputError):
        table = read_table(name, content)
    assert table is None or len(table.frame) == len(table.lines)
