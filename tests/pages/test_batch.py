"""The Batch page and the file beside Explore's box: read, refused without loss, cancelled, searched, opened."""

import io
import json
import time
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from streamlit.testing.v1 import AppTest

from pretrained.analysis.tagged import Tally, labels_in
from pretrained.registry import load
from tests.support import pages
from tests.support.pages import sentences as said
from tests.support.pages import widget
from viz.batch import firm, given, positions, results
from viz.batch.job import Job
from viz.batch.page import JOB
from viz.batch.table import _in_the_file, _tally
from viz.files.held import COLUMN, SOURCE

WAIT_SECONDS = 120
open_page = partial(pages.open_page, "batch")
RECORDINGS = Path(__file__).parents[2] / "pretrained" / "recordings"
SERIES = b"date,tide\n" + b"".join(b"2020-%02d-%02d,%d\n" % (n // 28 + 1, n % 28 + 1, n % 11) for n in range(100))
FILMS = b'text,stars\n"a good, warm film",5\n,3\n<b>bad</b> *film* :red[x],1\n'


def upload(page: AppTest, name: str, content: bytes) -> AppTest:
    page.file_uploader(key=given.FILES.key).upload(name, content)
    return page.run()


def read(page: AppTest) -> AppTest:
    """The page after the run that its button begins."""
    page.button(key="run").click().run()
    deadline = time.monotonic() + WAIT_SECONDS
    while page.session_state[JOB.name].busy:
        assert time.monotonic() < deadline, "the run never ended"
        time.sleep(0.02)
    return page.run()


def test_a_file_is_read_into_a_table():
    page = read(upload(open_page(), "films.csv", FILMS))
    assert not page.exception
    assert not page.error
    rows = page.dataframe[0].value
    assert sorted(rows["line"]) == [2, 3, 4]
    assert rows.set_index("line")["prediction"].to_dict()[2] == "positive"
    assert "nothing to read" in rows.set_index("line")["note"].to_dict()[3]
    assert "not read 1: the note says why" in said(page)


def test_the_table_is_searched_and_sorted():
    page = read(upload(open_page(), "films.csv", b"text\n" + b"".join(b"film %d is good\n" % n for n in range(450))))
    assert len(page.dataframe[0].value) == 200
    page.number_input(key="batch leaf").set_value(3).run()
    assert len(page.dataframe[0].value) == 50
    page.text_input(key="batch-search").set_value("FILM 44").run()
    assert sorted(page.dataframe[0].value["text"]) == [f"film {n} is good" for n in [44, *range(440, 450)]]
    page.selectbox(key="batch order").set_value("line").run()
    assert page.dataframe[0].value["line"].tolist() == sorted(page.dataframe[0].value["line"], reverse=True)
    page.text_input(key="batch-search").set_value("no such word").run()
    assert not page.exception
    assert "No row contains that" in said(page)


def test_a_column_has_one_name_in_the_table_the_files_the_order_and_the_words_below():
    page = read(upload(open_page(), "films.csv", FILMS))
    run = page.session_state[JOB.name]
    written = pa_csv.read_csv(io.BytesIO(results.to_csv(run.with_others(run.results())))).column_names
    settings = json.loads(page.dataframe[0].proto.columns)
    assert {name for name, said in settings.items() if said.get("label") in (None, name)} == set(settings)
    assert [*page.dataframe[0].value, "stars"] == written
    assert "p(positive)" in written
    assert {"line", *page.selectbox(key="batch order").options} <= {"line of the file", *written}
    assert "p\\(positive\\)**: probability of “positive”, whatever is predicted" in said(page)


def test_what_is_not_counted_or_shown_one_by_one_is_named():
    table = pa.table({"prediction": [f"class {n}" for n in range(9) for _ in range(9 - n)], "length": [3] * 45})
    assert _tally(table).endswith("3 other predictions 13.3% (6)")
    cells = {f"c{n}": "x" * 90 if n == 0 else "y" for n in range(9)}
    line = _in_the_file(cells)
    assert line.startswith(f"In the file: c0: {'x' * 76} …; c1: y;")
    assert line.endswith("c7: y; and 1 more column, which the files hold")


def test_lines_are_pasted_and_the_column_is_chosen():
    page = open_page()
    page.segmented_control(key=given.ORIGIN).set_value("lines").run()
    page.text_area(key=given.LINES).set_value("a good film\n\na bad film").run()
    page = read(page)
    assert page.dataframe[0].value["text"].tolist() != []
    assert page.session_state[JOB.name].total == 2


def test_another_column_can_be_chosen():
    page = upload(open_page(), "films.csv", b"text,title\ngood film,Alien\nbad film,Dune\n")
    assert page.selectbox(key=COLUMN).value == "text"
    page.selectbox(key=COLUMN).set_value("title").run()
    assert sorted(read(page).dataframe[0].value["text"]) == ["Alien", "Dune"]


@pytest.mark.parametrize("key", ["pos-bilstm", "commands-bilstm", "protein-bilstm", "shakespeare-lstm"])
def test_every_family_has_answers_of_its_own(key):
    model = load(key)
    text = "\n".join(example.text.replace("\n", " ") for example in model.task.examples[:3])
    page = read(upload(open_page(model=key), "a.txt", text.encode()))
    assert not page.exception
    assert len(page.dataframe[0].value) == 3
    assert None not in page.dataframe[0].value["length"].tolist()


def test_a_refused_file_says_why_and_leaves_what_was_there():
    page = read(upload(open_page(), "films.csv", FILMS))
    page = upload(page, "b<i>.csv", b"text,n\ngood\n")
    assert not page.exception
    assert "expected 2 cells as in the first line, got 1" in page.error[0].value.replace("\\", "")
    assert "<i>" not in page.error[0].value
    assert len(page.dataframe[0].value) == 3
    assert page.session_state[SOURCE.name].name == "films.csv"


def test_another_encoding_is_offered_and_taken():
    page = upload(open_page(), "films.csv", "text\ncrème brûlée, a good film\n".encode("cp1252"))
    assert "Windows-1252" in page.error[0].value.replace("\\", "")
    page.button(key="read-as").click().run()
    assert not page.error
    assert read(page).dataframe[0].value["text"].tolist() == ["crème brûlée, a good film"]


def test_a_new_file_lets_the_answers_go():
    page = read(upload(open_page(), "films.csv", FILMS))
    page = upload(page, "more.csv", b"text\ngood\n")
    assert JOB.name not in page.session_state
    assert not page.dataframe


def test_a_run_is_cancelled_and_keeps_what_is_done(monkeypatch):
    monkeypatch.setattr(Job, "start", Job.advance)
    page = upload(open_page(), "films.csv", b"text\n" + b"a good film\n" * 384)
    page.button(key="run").click().run()
    assert "128 of 384 rows" in page.get("progress")[0].proto.text
    page.button(key="cancel").click().run()
    assert not page.exception
    assert "Cancelled; the 128 rows that were read are kept" in said(page).replace("\\", "")
    assert len(page.dataframe[0].value) == 128


def test_the_answers_are_there_when_the_person_comes_back():
    page = read(upload(open_page(), "films.csv", FILMS))
    page.switch_page("app_pages/glossary.py").run()
    page.switch_page("app_pages/batch.py").run()
    assert len(page.dataframe[0].value) == 3


def test_a_sound_is_held_and_opened_on_explore_by_a_link():
    key, content = "spoken-digits-gru", (RECORDINGS / "5-lucas.flac").read_bytes()
    page = upload(read(upload(open_page(model="sst2-gru"), "films.csv", FILMS)), "five.wav", content)
    assert not page.exception
    assert "reads on Explore, one at a time" in said(page)
    assert page.session_state[SOURCE.name].name == "films.csv"
    assert len(page.dataframe[0].value) == 3
    link = page.get("page_link")[-1].proto
    assert f"model={key}" in link.query_string
    query = dict(part.split("=") for part in link.query_string.split("&"))
    page.switch_page("app_pages/explore.py")
    page.query_params.clear()
    for parameter, value in query.items():
        page.query_params[parameter] = value
    page.run()
    assert not page.exception
    assert widget(page, "selectbox", "model").value == key
    assert "5 (five)" in page.metric[0].value
    assert "somebody's computer" not in said(page)


def test_a_series_brings_its_model_and_every_window_is_held_against_what_came():
    page = upload(open_page(model="sst2-gru"), "tides.csv", SERIES)
    assert not page.exception
    assert page.selectbox(key="model").value == "seattle-gru"
    assert "tides.csv" in page.selectbox(key="text").options[-1].replace("\\", "")
    page = page.button(key="run-windows").click().run()
    assert not page.exception
    assert "**The mean absolute error is" in said(page)
    assert "“last value”" in said(page) or "season" in said(page)
    assert "80% is aimed at" in said(page)
    methods = next(table.value for table in page.dataframe if "method" in table.value)
    assert {"this model", "last value"} <= set(methods["method"])
    page = page.button(key="window-slices").click().run()
    assert not page.exception


def test_a_shipped_series_is_scored_by_hour_of_the_day():
    page = open_page(model="beijing-gru", text="smog").button(key="run-windows").click().run()
    assert not page.exception
    assert page.segmented_control(key="by").value == "hour"
    page = page.segmented_control(key="by").set_value("weekday").run()
    assert not page.exception
    assert "Error by day of the week" in said(page)


PAIRS = "text,french,kind\n" + "".join(
    f"{english},{french},{kind}\n"
    for english, french, kind in (
        ("The cat is sleeping on the bed.", "Le chat dort sur le lit.", "a"),
        ("She bought a red car.", "Elle a acheté une voiture rouge.", "a"),
        ("I do not understand.", "", "b"),
        ("Tom lives in Kathmandu.", "Quelque chose de tout autre", "b"),
    )
)


def test_what_is_written_is_scored_beside_references_the_worst_first():
    page = read(upload(open_page(model="en-fr-attention"), "pairs.csv", PAIRS.encode()))
    assert not page.exception
    assert page.selectbox(key=COLUMN).value == "text"
    assert page.selectbox(key="batch-references").value == "french"
    scores = next(table.value for table in page.dataframe if "score" in table.value)
    assert scores["score"].tolist() == ["BLEU", "chrF", "ROUGE-L", "the same, in %"]
    assert scores["value"].between(0, 100).all()
    worst = next(table.value for table in page.dataframe if "reference text" in table.value)
    assert worst["chrF"].is_monotonic_increasing
    assert worst["text"].iloc[0] == "Tom lives in Kathmandu."
    assert "1 row has no reference" in said(page)
    table = next(table.value for table in page.dataframe if "translation" in table.value)
    model = load("en-fr-attention")
    for row in table.to_dict("records"):
        assert row["translation"] == model.answer(model.encode(row["text"])).text
    page = page.text_input(key="batch holds").set_value("Tom").run()
    assert "With it: 1 row, chrF" in said(page)


def test_a_file_for_another_model_of_texts_brings_that_model():
    page = upload(open_page(model="sst2-gru"), "a.fa", b">one\nACGT\n>two\nGGTA\n")
    assert page.selectbox(key="model").value == "splice-bigru"
    assert "it is opened with “Splice junctions" in said(page)
    assert len(page.session_state[SOURCE.name].table.frame) == 2


def test_pasted_lines_are_refused_with_a_sentence_too():
    page = upload(open_page(), "films.csv", FILMS)
    page.segmented_control(key=given.ORIGIN).set_value("lines").run()
    page.text_area(key=given.LINES).set_value("%PDF-1.7").run()
    assert "is a PDF document" in page.error[0].value
    assert page.session_state[SOURCE.name].name == "films.csv"


LABELLED = b"text,label,shop\n" + b"".join(
    b"a good film %d,positive,a\na bad film %d,negative,b\nnot good at all %d,positive,b\n" % (n, n, n)
    for n in range(40)
)


def test_labels_beside_the_answers_give_accuracy_confusion_and_the_worst_groups():
    page = read(upload(open_page(model="sst2-gru"), "films.csv", LABELLED))
    assert not page.exception
    assert page.selectbox(key="batch labels").value == "label"
    assert "**Accuracy 66.7%**" in said(page)
    assert "over 120 rows" in said(page)
    page = page.button(key="batch slices").click().run()
    worst = next(frame.value for frame in page.dataframe if "verdict" in frame.value)
    assert "holds “not”" in worst["group of rows"][worst["verdict"] == "worse than the others"].tolist()
    page = page.text_input(key="batch holds").set_value("not|zyz").run()
    assert "With it: 40 rows" in said(page)
    page = page.text_input(key="batch holds").set_value("(").run()
    assert "no regular expression" in said(page)
    page = page.selectbox(key="batch list").set_value("1-0").run()
    assert set(page.dataframe[-1].value["text"].str[:3]) == {"not"}


def test_two_models_on_one_labelled_file_are_compared():
    page = read(upload(open_page(model="sst2-gru"), "films.csv", LABELLED))
    page = read(page.selectbox(key="model").select("sst2-rnn").run())
    assert "McNemar’s p" in said(page)
    assert not page.exception


def test_the_rows_that_turn_by_one_change_are_counted_and_listed():
    page = read(upload(open_page(), "labelled.csv", LABELLED))
    page.session_state[firm.DRAWER] = True
    page = page.run().button(key="firm").click().run()
    assert not page.exception
    tried = page.session_state[firm.FIRM.name]
    assert not tried.again.busy
    assert len(tried.rows) == min(len(tried.again.texts), firm.MOST_ROWS)
    turned = firm.tabulate(tried).to_dict("records")
    assert turned
    assert all(row["answer"] != row[firm.NEW] for row in turned)
    for row in turned[:5]:
        model = tried.job.model
        for text, answer in ((row["text"], row["answer"]), (row[firm.CHANGED], row[firm.NEW])):
            chances = model.predict([model.encode(text)])[0]
            assert model.task.classes[int(chances.argmax())] == answer
    assert "turn by one change" in said(page)


TAGGED = b"text,pos\n" + b"".join(
    [b"she reads a book,PRON VERB DET NOUN\n"] * 3 + [b"a dog,DET VERB\n", b"she sings,PRON\n", b"they run,\n"]
)


def test_labels_of_tokens_are_counted_and_what_does_not_fit_is_named():
    page = read(upload(open_page(model="pos-bilstm"), "tagged.csv", TAGGED))
    assert not page.exception
    assert page.selectbox(key="batch-tags").value == "pos"
    assert "**92.9% of tokens right**" in said(page)  # 13 of 14: one dog is none
    assert "1 row has another number of labels" in said(page)
    assert "1 row has no labels" in said(page)
    mistakes = next(table.value for table in page.dataframe if "taken for" in table.value)
    assert mistakes.to_numpy().tolist() == [["verb", "noun", 1]]


def test_stretches_are_right_as_a_whole():
    rows = b"text;slots\nplay jazz in paris;O B-genre O B-city\n"
    tally = Tally(("O", "B-genre", "B-city", "I-city"))
    tally.add(labels_in("O B-genre O B-city", tally.tags), ("O", "B-genre", "O", "O"))
    assert tally.spans == pytest.approx((1.0, 0.5, 2 / 3))
    assert labels_in("HHEC", ("H", "E", "C")) == ("H", "H", "E", "C")
    assert labels_in("noun|Verb", ("NOUN", "VERB")) == ("NOUN", "VERB")
    assert labels_in(None, ("A",)) == ()
    page = read(upload(open_page(model="commands-bilstm"), "slots.csv", rows))
    assert not page.exception


def test_a_column_that_holds_no_labels_of_tokens_is_answered_with_a_sentence():
    page = read(upload(open_page(model="pos-bilstm"), "tagged.csv", b"text,note\na dog,nothing of the kind\n"))
    assert page.selectbox(key="batch-tags").value == ""
    page = page.selectbox(key="batch-tags").set_value("note").run()
    assert not page.exception
    assert "one for each token" in said(page)


def test_the_surprise_of_a_language_model_is_told_by_position():
    lines = b"".join(b"To be, or not to be, that is number %d\n" % number for number in range(8))
    page = read(upload(open_page(model="shakespeare-gru"), "lines.txt", lines))
    page.session_state[positions.DRAWER] = True
    page = page.run()
    assert not page.exception
    table = page.session_state[positions.HELD._kept.name][1].table()
    model = load("shakespeare-gru")
    first = [-model.predict([model.encode(line)])[0][0] for line in lines.decode().splitlines()]
    assert table["mean"].iloc[0] == pytest.approx(sum(first) / len(first), abs=1e-4)
    assert (table["rows"] >= positions.LEAST).all()


def test_a_column_that_holds_no_labels_is_answered_with_a_sentence():
    page = read(upload(open_page(), "films.csv", FILMS))
    assert page.selectbox(key="batch labels").value == ""
    page = page.selectbox(key="batch labels").set_value("stars").run()
    assert not page.exception
    assert "choose another column" in said(page)


def test_a_column_of_free_text_is_no_column_of_labels_and_may_be_one_of_references():
    rows = "text,label\n" + "".join(f"The cat sleeps {at},whatever <i>{at}</i> came to mind\n" for at in range(12))
    page = read(upload(open_page(), "films.csv", rows.encode()))
    assert page.selectbox(key="batch labels").value == ""
    page = page.selectbox(key="batch labels").set_value("label").run()
    assert not page.exception
    assert "choose another column" in said(page)
    assert "<i>" not in said(page)


def test_a_hostile_expression_is_answered_at_once():
    page = read(upload(open_page(model="sst2-gru"), "films.csv", LABELLED))
    for hostile in ("(a*)*$|(x+x+)+y", "(a{1000}){1000}", "a{1,1000}{1,1000}", "(", "\\1"):
        page = page.text_input(key="batch holds").set_value(hostile).run()
        assert not page.exception
        assert "With it:" in said(page) or "expression" in said(page)
