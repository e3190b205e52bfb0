"""One control on Explore takes any file: it is opened where it fits, or refused without loss; the way back is kept."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from streamlit.runtime.scriptrunner import StopException
from streamlit.testing.v1 import AppTest

from pretrained.registry import every_recipe
from pretrained.tasks.classes.spoken_digits import RECORDINGS
from tests.pages.test_pages import choose_model
from tests.pretrained.uploads.test_files_table import REFUSED
from tests.support.pages import open_page, sentences, widget
from viz.files import control
from viz.files.held import SOURCE
from viz.files.open_file import CONTROL, DRAWER
from viz.inputs import MENU, READING, offered
from viz.markdown import escape

MINE = "a dull film of mine"
DNA = "TGGCGACTACGGCGCGGAGGCCCTGGAGAGGTGAGGACCCTCCTGTCCCTGCTCCAGTCC"
SOUND = (RECORDINGS / "5-lucas.flac").read_bytes()
OTHER_SOUND = (RECORDINGS / "1-george.flac").read_bytes()
SERIES = b"date,tide\n" + b"".join(b"2020-%02d-%02d,%d\n" % (n // 28 + 1, n % 28 + 1, n % 11) for n in range(100))

ONE_OF_EACH = ("sst2-gru", "shakespeare-gru", "pos-bilstm", "protein-bilstm", "splice-bigru", "spoken-digits-gru",
               "co2-gru")  # fmt: skip


def give(page: AppTest, name: str, content: bytes) -> AppTest:
    """The page after a file was given to the control."""
    page.session_state[MENU] = page.session_state[DRAWER] = True
    page.run()
    page.file_uploader(key=CONTROL.key).upload(name, content)
    return page.run()


@pytest.mark.parametrize("key", ONE_OF_EACH)
def test_every_kind_of_model_has_the_control_and_no_other(key):
    page = open_page(model=key)
    page.session_state[MENU] = page.session_state[DRAWER] = True
    page.run()
    assert not page.exception
    assert [box.key for box in page.file_uploader] == [CONTROL.key]
    assert page.file_uploader[0].allowed_type == []
    assert "At most 20 MB" in sentences(page)


OPENED = {
    "a sound": ("five.flac", SOUND, "spoken-digits-gru", "is FLAC sound"),
    "a series": ("heat.csv", SERIES.replace(b"tide", b"tmax"), "seattle-gru", "is a table with dates and numbers"),
    "DNA": ("gene.fa", f">gene\n{DNA}\n".encode(), "splice-bigru", "is FASTA with the letters ACGT"),
    "a protein": ("u.fasta", b">ubiquitin\nMQIFVKTLTGK\n", "protein-bilstm", "is FASTA with 9 different letters"),
}


@pytest.mark.parametrize(("name", "content", "key", "what"), OPENED.values(), ids=OPENED)
@pytest.mark.parametrize("before", ["sst2-gru", "shakespeare-gru"])
def test_a_file_for_another_model_brings_that_model_and_the_way_back_the_text(name, content, key, what, before):
    page = give(open_page(model=before, text=MINE), name, content)
    assert not page.exception
    assert not page.error
    assert widget(page, "selectbox", "model").value == key
    assert page.query_params["model"] == key
    assert f"“{name}” {what}: it is opened with “{every_recipe()[key].title}”." in sentences(page).replace("\\", "")
    assert page.segmented_control(key="tab").value == "cell"
    assert not page.file_uploader, "the drawer stands open in front of what was opened"
    choose_model(page, before)
    assert not page.exception
    assert page.query_params["text"] == MINE
    assert "it is opened with" not in sentences(page)


def test_the_way_back_leads_over_several_files():
    page = open_page(model="sst2-gru", text=MINE)
    for name, content, _, _ in OPENED.values():
        page = give(page, name, content)
    assert widget(page, "selectbox", "model").value == "protein-bilstm"
    choose_model(page, "splice-bigru")
    assert page.text_area(key="text").value == DNA
    choose_model(page, "sst2-gru")
    assert page.text_input(key="text").value == MINE
    choose_model(page, "spoken-digits-gru")
    assert page.metric[0].value == "5 (five)"
    assert not page.exception


def test_what_is_typed_after_the_way_back_is_not_undone_by_it():
    page = give(open_page(model="sst2-gru", text=MINE), "five.flac", SOUND)
    choose_model(page, "sst2-gru")
    page.text_input(key="text").set_value("another one").run()
    choose_model(page, "spoken-digits-gru")
    choose_model(page, "sst2-gru")
    assert page.text_input(key="text").value == "another one"


def go_back(page: AppTest, **query: str) -> AppTest:
    """The page after the browser's Back led to another address."""
    for name, value in query.items():
        page.query_params[name] = value
    return page.run()


def test_after_the_browser_s_back_the_newest_text_and_sound_are_kept():
    page = give(open_page(model="sst2-gru", text=MINE), "five.flac", SOUND)
    page = go_back(page, model="sst2-gru", text=MINE)
    page.text_input(key="text").set_value("another one").run()
    choose_model(page, "spoken-digits-gru")
    choose_model(page, "sst2-gru")
    assert page.text_input(key="text").value == "another one"
    for name, content in (("five.flac", SOUND), ("tides.csv", SERIES), ("one.flac", OTHER_SOUND)):
        page = give(page, name, content)
    page = go_back(page, model="sst2-gru", text=MINE)
    choose_model(page, "spoken-digits-gru")
    assert page.metric


def test_a_file_that_the_model_on_screen_cannot_read_goes_to_the_next_that_can():
    months = pd.DataFrame({"month": pd.date_range("1990-01-01", periods=60, freq="MS"), "sales": np.arange(60) % 13})
    page = give(open_page(model="beijing-gru"), "sales.csv", months.to_csv(index=False).encode())
    assert widget(page, "selectbox", "model").value == "co2-gru"
    page = give(page, "films.csv", b"text,stars\na good film.,5\na bad one!,1\n")
    assert widget(page, "selectbox", "model").value == "co2-gru"
    assert "it holds 2 sequences" in sentences(page)


@pytest.mark.parametrize("key", ["spoken-digits-gru", "co2-gru"])
def test_a_text_brings_a_model_that_reads_texts(key):
    page = give(open_page(model=key), "one.txt", b"a warm film.\n")
    assert not page.exception
    assert widget(page, "selectbox", "model").value == next(iter(offered(*READING)))
    assert page.text_input(key="text").value == "a warm film."


def test_a_file_of_one_sequence_goes_into_the_box():
    page = give(open_page(model="sst2-gru"), "one.txt", b"a good film\n")
    assert page.text_input(key="text").value == "a good film"
    assert "“one.txt” is text; it is open below." in sentences(page).replace("\\", "")
    page = give(open_page(model="protein-bilstm"), "one.fasta", b">ubiquitin\nMQIFVKT\nLTGK\n")
    assert page.text_area(key="text").value == "MQIFVKTLTGK"
    page = give(open_page(model="shakespeare-lstm"), "play.txt", b"ROMEO:\nO, speak again.\n")
    assert page.text_area(key="text").value == "ROMEO:\nO, speak again.\n"


def test_of_a_text_longer_than_is_read_nothing_is_lost_and_it_is_said():
    page = give(open_page(model="sst2-gru"), "long.txt", b"good " * 900)
    assert page.text_input(key="text").value == "good " * 900
    assert escape("Only the first 4,000 characters are read; the rest was left out.") in sentences(page)
    assert "it is open below" in sentences(page)


def test_the_page_of_explanations_has_the_control_too():
    page = open_page(model="sst2-gru").switch_page("app_pages/explain.py").run()
    page = give(page, "five.flac", SOUND)
    assert not page.exception
    assert widget(page, "selectbox", "model").value == "spoken-digits-gru"
    assert page.query_params["text"].startswith("upload-")
    assert "it is opened with" in sentences(page)


@pytest.mark.parametrize(
    ("name", "content", "reader"),
    [("many.txt", b"a good film\na bad film\n", "sst2-gru"), ("two.fa", b">a\nACGT\n>b\nGGTA\n", "splice-bigru")],
)
def test_a_file_of_several_sequences_is_kept_for_the_batch_page(name, content, reader):
    page = give(open_page(model="sst2-gru", text=MINE), name, content)
    assert page.text_input(key="text").value == MINE
    assert "it holds 2 sequences" in sentences(page)
    way = next(link.proto for link in page.get("page_link") if "Batch page" in link.proto.label)
    assert way.query_string == f"model={reader}"
    assert len(page.session_state[SOURCE.name].table.frame) == 2


LOST = {what: REFUSED[what] for what in ("nothing", "too few cells", "a NUL byte", "a picture", "a pickle",
                                         "text named Parquet", "damaged Parquet", "no JSON")} | {
    "damaged sound": ("a.wav", b"RIFF....WAVE", "no sound file that can be read"),
    "a damaged array": ("a.npy", b"\x93NUMPY\x01\x00", "its header cannot be read"),
    "a short series": ("a.csv", SERIES[:100], "choose a longer series"),
    "short DNA": ("a.fa", b">a\nACGTACGT\n", "8 letters"),
    "letters of nothing": ("a.fa", b">a\nAC-GT\n", "is a gap, as alignments have them"),
    "an empty cell": ("a.jsonl", b'{"text": " "}\n', "nothing to read"),
}  # fmt: skip


@pytest.mark.parametrize("key", ["sst2-gru", "splice-bigru", "spoken-digits-gru", "seattle-gru"])
def test_a_refused_file_says_why_and_leaves_what_was_there(key):
    page = open_page(model=key)
    if key == "spoken-digits-gru":
        page = give(page, "five.flac", SOUND)
    if key == "seattle-gru":
        page = give(page, "tides.csv", SERIES)
    text, metric = page.query_params["text"], page.metric[0].value
    for what in LOST if key == "sst2-gru" else ("nothing", "damaged sound", "a short series", "short DNA"):
        name, content, sentence = LOST[what]
        page = give(page, name, content)
        assert not page.exception, what
        assert sentence in page.error[0].value.replace("\\", ""), what
        assert widget(page, "selectbox", "model").value == key, what
        assert page.query_params["text"] == text, what
        assert page.metric[0].value == metric, what
    page.file_uploader(key=CONTROL.key).set_value(None).run()
    assert not page.error


@pytest.mark.parametrize("key", ["sst2-gru-attention", "spoken-digits-gru", "co2-gru"])
def test_another_encoding_is_offered_and_taken(key):
    page = give(open_page(model=key), "one.txt", "crème".encode("cp1252"))
    assert widget(page, "selectbox", "model").value == key
    page.button(key="read-as").click().run()
    assert not page.exception
    assert page.text_input(key="text").value == "crème"


def test_a_file_taken_away_stays_open():
    page = give(open_page(model="sst2-gru"), "tides.csv", SERIES)
    text = page.query_params["text"]
    page.session_state[MENU] = page.session_state[DRAWER] = True
    page.run()
    page.file_uploader(key=CONTROL.key).set_value(None).run()
    assert page.query_params["text"] == text
    assert page.metric


def test_a_name_is_shown_as_it_is_and_no_more():
    page = give(open_page(model="sst2-gru"), "<b>*x*</b>.txt", b"good\n")
    assert "<b>*x*" not in sentences(page)
    assert r"\<b\>\*x\*" in sentences(page)


@pytest.mark.parametrize("file", ["memory", "batch", "explain"])
def test_the_name_of_a_sound_is_no_text_for_the_models_of_another_page(file):
    page = give(open_page(model="sst2-gru", text=MINE), "five.flac", SOUND)
    page.switch_page(f"app_pages/{file}.py").run()
    assert not page.exception
    page.switch_page("app_pages/explore.py").run()
    assert not page.exception
    sound = widget(page, "selectbox", "model").value == "spoken-digits-gru"
    assert page.query_params["text"].startswith("upload-") == sound


@pytest.mark.parametrize("key", ["seattle-gru", "spoken-digits-gru"])
@pytest.mark.parametrize("file", ["compare", "memory", "explain"])
def test_the_name_of_an_example_is_no_sentence_on_another_page(key, file):
    page = open_page(model=key)
    name = page.query_params["text"]
    page.switch_page(f"app_pages/{file}.py").run()
    assert not page.exception
    assert file == "explain" or name not in {box.value for box in page.text_input}


def test_json_is_opened_wherever_its_table_stands_and_refused_where_it_has_none():
    page = give(open_page(model="sst2-gru", text=MINE), "data.json", b'[{"text": "one"}, {"text": "two"}]')
    assert "it holds 2 sequences" in sentences(page)
    page = give(page, "data.json", b'{"a": [1, }')
    assert "not JSON" in page.error[0].value
    assert page.query_params["text"] == MINE


LONG = b"text\n" + b"a film that was read in a process of its own\n" * 100


def test_a_file_too_long_to_be_read_at_once_is_opened_all_the_same():
    page = give(open_page(model="sst2-gru", text=MINE), "films.csv", LONG)
    assert not page.exception
    assert "it holds 100 sequences" in sentences(page)


def test_a_reading_that_was_broken_off_is_said_and_what_was_there_stays(monkeypatch):
    def stop() -> None:
        raise StopException

    page = open_page(model="sst2-gru", text=MINE)
    monkeypatch.setattr(control, "_still_wanted", stop)
    page = give(page, "films.csv", LONG).run()
    assert not page.exception
    assert "“films.csv” was not read completely" in sentences(page).replace("\\", "")
    assert page.text_input(key="text").value == MINE
