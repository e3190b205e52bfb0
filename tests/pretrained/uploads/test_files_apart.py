"""Reading in a process of its own: the same result, and one sentence where it takes too long, too much, or fails."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from core_models.language import speaking
from pretrained.task import InputError
from pretrained.tasks.classes.spoken_digits import RATE, RECORDINGS
from pretrained.uploads.apart import READERS, apart
from pretrained.uploads.audio import read_audio
from pretrained.uploads.letters.encoding import EncodingError
from pretrained.uploads.tables.table import read_table
from tests.conftest import ROOT

CSV = "day,größe,said\n".encode() + b"2020-01-01,1.5,fine\n2020-01-02,,\n"
SOUND = (RECORDINGS / "3-theo.flac").read_bytes()


def test_what_is_read_apart_is_what_is_read_here():
    apart_, here = apart(read_table, "a.csv")("a.csv", CSV), read_table("a.csv", CSV)
    assert apart_.frame.equals(here.frame)
    assert apart_.frame.dtypes.tolist() == here.frame.dtypes.tolist()
    assert apart_.lines.tolist() == here.lines.tolist()
    assert apart(read_audio, "a.flac")(SOUND, RATE).samples.tolist() == read_audio(SOUND, RATE).samples.tolist()


def test_a_refusal_comes_back_as_it_was():
    with pytest.raises(EncodingError, match="Windows-1252") as refused:
        apart(read_table, "a.csv")("a.csv", "text\ncrème brûlée\n".encode("cp1252"))
    assert refused.value.detected == "cp1252"
    with pytest.raises(InputError, match="expected 2 cells"):
        apart(read_table, "a.csv")("a.csv", b"a,b\n1,2\n3\n")


FAILING = {
    "too long": (apart(time.sleep, "a.csv", seconds=0.3), (60,), "“a.csv” takes longer than 0.3 seconds"),
    "an end of the process": (apart(os._exit, "a.csv"), (3,), "“a.csv” is damaged, or takes too much memory"),
    "an error that nobody foresaw": (apart(int, "a.csv"), ("x",), "“a.csv” is damaged and cannot be read"),
}


@pytest.mark.parametrize(("read", "given", "sentence"), FAILING.values(), ids=FAILING)
def test_a_reading_that_fails_is_refused_and_the_next_one_succeeds(read, given, sentence):
    with pytest.raises(InputError) as refused:
        read(*given)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)
    assert apart(read_table, "a.csv")("a.csv", b"a,b\n1,2\n").frame["b"].tolist() == ["2"]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux alone")
def test_a_reading_that_takes_too_much_memory_is_refused():
    with pytest.raises(InputError, match="too much memory"):
        apart(bytes, "a.csv")(4_000_000_000)


def test_where_no_process_can_be_started_it_is_said(monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise BlockingIOError

    READERS.end()
    monkeypatch.setattr(subprocess, "Popen", refuse)
    READERS.warm()
    with pytest.raises(InputError, match="There is no room to read"):
        apart(read_table, "a.csv")("a.csv", CSV)


def test_a_reading_that_nobody_waits_for_is_ended():
    class GoneError(Exception):
        pass

    def gone() -> None:
        raise GoneError

    with pytest.raises(GoneError):
        apart(time.sleep, "a.csv", still_wanted=gone)(600)


def test_what_a_library_prints_does_not_disturb_the_answer():
    assert apart(print, "a.csv")("hello") is None
    assert apart(os.getpid, "a.csv")() != os.getpid()


def test_a_process_is_kept_for_the_next_file():
    assert apart(os.getpid, "a.csv")() == apart(os.getpid, "b.csv")()
    READERS.warm()
    READERS.end()
    assert apart(os.getpid, "a.csv")() > 0


def test_what_reads_files_loads_neither_torch_nor_streamlit():
    modules = "pretrained.uploads.route, pretrained.uploads.audio"
    asked = f"import sys, {modules}; print({{'torch', 'streamlit'}} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


def test_a_file_that_is_read_elsewhere_is_refused_in_the_language_of_whoever_gave_it():
    for key, sentence in (
        ("zh", "“a.csv”中只有空白：请上传有内容的文件。"),
        ("en", "“a.csv” holds nothing but blanks: "),
    ):
        with speaking(key), pytest.raises(InputError) as refused:
            apart(read_table, "a.csv")("a.csv", b" ")
        with speaking(key):
            assert str(refused.value).startswith(sentence)
