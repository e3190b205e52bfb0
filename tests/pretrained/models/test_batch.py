"""Many sequences at once: the numbers are those of a single reading, and a run can be cancelled, bounded and let go."""

import csv
import io
import threading
import time
import weakref
from collections.abc import Sequence
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from core_models.heads.classes import ANSWER
from core_models.heads.labels import TAGS
from core_models.heads.next_token import NEXT
from core_models.networks.translation import OUTPUT
from core_models.trace import Trace
from core_models.vocabulary import Kind
from pretrained.evidence import doubt
from pretrained.registry import load
from pretrained.task import InputError
from pretrained.trained import Trained
from pretrained.uploads.letters.texts import read_texts, text_columns
from tests.pretrained.uploads.test_files_table import parquet
from viz.batch import answers, job, many, results
from viz.batch.__main__ import main
from viz.batch.answers import SLICE
from viz.batch.given import COVERED
from viz.batch.job import Job
from viz.batch.results import Wanted
from viz.batch.source import texts_of
from viz.inputs import offered
from viz.models import task_of

OFFERED = [key for key, recipe in offered(*COVERED).items() if answers.covers(task_of(recipe))]
NEAR = 1e-5
WAIT_SECONDS = 120


@cache
def model_of(key: str) -> Trained:
    return load(key)


def texts_for(model: Trained) -> list[str]:
    """Sequences of many lengths: the task's examples, and the beginnings of each where they can be read."""
    texts = [example.text for example in model.task.examples]
    return [text for text in [*texts, *(text[: max(3, len(text) // 3)] for text in texts)] if readable(model, text)][
        :14
    ]


def readable(model: Trained, text: str) -> bool:
    try:
        return not doubt(model.task, model.task.encode(text).tokens)
    except InputError:
        return False


def expected(model: Trained, trace: Trace) -> dict[str, float]:
    """What a single reading says, by column."""
    if model.task.group == "sentiment":
        site, _ = trace.find(Kind.OUTPUT)[0]
        return {f"p({model.task.classes[1]})": float(trace.array(site, "probability")[-1])}
    if model.task.group == "write":
        surprise = -np.log(trace.array(NEXT, "chosen_probability")[1:])
        return {
            "surprise": surprise.mean(),
            "largest surprise": surprise.max(),
            "at character": int(surprise.argmax()) + 1,
        }
    if model.task.kind == "translation":
        chances = trace.array(OUTPUT, "chosen_probability")
        return {"confidence": float(np.exp(np.log(chances).mean())), "written": len(trace) - 1}
    if model.task.kind == "classes":
        return {"confidence": float(trace.array(ANSWER, "class_probability").max())}
    chance = trace.array(TAGS, "tag_probability")
    place = {tag: at for at, tag in enumerate(model.task.tags)}
    sure = chance[np.arange(len(chance)), [place[tag] for tag in model.labels(trace)]]  # type: ignore[attr-defined]  # a tagger has labels
    whole = trace.array(ANSWER, "class_probability").max() if model.task.classes else sure.mean()
    return {"confidence": float(whole), "least certain": float(sure.min())}


@pytest.mark.parametrize("key", OFFERED)
def test_every_model_reads_many_sequences_as_it_reads_one(key):
    model = model_of(key)
    texts = texts_for(model)[: 3 if model.task.kind == "translation" else None]
    found = answers.read_all(model, texts)
    for at, text in enumerate(texts):
        trace = model.trace(model.task.encode(text))
        wanted = expected(model, trace)
        assert {name: found[name][at] for name in wanted} == pytest.approx(wanted, abs=NEAR)
        assert found["length"][at] == len(trace.sources or trace.tokens)


def test_batches_hold_every_sequence_once_and_stay_below_their_bounds():
    lengths = {key: 1 + key * 37 % 256 for key in range(2000)}
    found = list(answers.batches(lengths))
    assert sorted(key for batch in found for key in batch) == list(lengths)
    for batch in found:
        assert len(batch) <= answers.AT_ONCE
        assert len(batch) * max(lengths[key] for key in batch) ** 2 <= answers.MOST_PAIRS


def run(texts: Sequence[str | None], key: str = "sst2-gru") -> Job:
    lines = pa.array(range(2, len(texts) + 2), pa.int32())
    return Job(model_of(key), "films.csv", pa.chunked_array([pa.array(texts, pa.string())]), lines)


def finish(running: Job) -> Job:
    """The run at its end; fails if that never comes."""
    deadline = time.monotonic() + WAIT_SECONDS
    while running.busy:
        assert time.monotonic() < deadline, "the run never ended"
        time.sleep(0.01)
    return running


TEXTS = ["a good film", None, "a very bad film", "=SUM(A1)", "  "]


@pytest.fixture(scope="module")
def table() -> pa.Table:
    running = run(TEXTS)
    running.start()
    return finish(running).results()


def test_a_line_that_cannot_be_read_stays_in_the_table_with_its_reason(table):
    rows = table.to_pylist()
    assert [row["line"] for row in rows] == [2, 3, 4, 5, 6]
    assert [row["text"] for row in rows] == TEXTS
    assert [row["prediction"] for row in rows[:3]] == ["positive", None, "negative"]
    assert [row["note"] is None for row in rows] == [True, False, True, True, False]
    assert "nothing to read" in rows[1]["note"]
    assert results.unread(table) == 2


def test_rows_are_searched_chosen_and_sorted(table):
    assert results.select(table, Wanted(search="FILM"))["line"].to_pylist() == [2, 4]
    assert results.select(table, Wanted(prediction="negative"))["prediction"].unique().to_pylist() == ["negative"]
    sure = results.select(table, Wanted(order="confidence", descending=True))["confidence"].to_pylist()
    assert sure[:3] == sorted(sure[:3], reverse=True)
    assert sure[3:] == [None, None]
    assert results.select(table, Wanted(order="line", descending=True))["line"].to_pylist() == [6, 5, 4, 3, 2]
    assert len(results.select(table, Wanted(search="(nothing)"))) == 0


def test_predictions_are_counted_the_most_frequent_first(table):
    counts = [count for _, count in results.predictions(table)]
    assert sum(counts) == 3
    assert counts == sorted(counts, reverse=True)


def test_csv_holds_no_formula_and_parquet_every_text_as_it_was(table):
    read = pa_csv.read_csv(io.BytesIO(results.to_csv(table)))
    assert read["text"].to_pylist() == ["a good film", "", "a very bad film", "'=SUM(A1)", "  "]
    assert read["confidence"].to_pylist()[0] == pytest.approx(table["confidence"].to_pylist()[0], abs=1e-6)
    assert pq.read_table(io.BytesIO(results.to_parquet(table))).equals(table)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_every_sign_that_begins_a_formula_is_defused(sign):
    written = results.to_csv(pa.table({"text": [f"{sign}1+1", f"1{sign}1"]})).decode()
    assert [row[0] for row in csv.reader(io.StringIO(written, newline=""))] == ["text", f"'{sign}1+1", f"1{sign}1"]


def test_a_cancelled_run_keeps_what_is_done():
    running = run(["a good film"] * 4 * SLICE)
    running.advance()
    running.cancel()
    running.advance()
    assert not running.busy
    assert running.stopped == "Cancelled"
    assert running.done == len(running.results()) == SLICE


def test_a_run_whose_answers_grow_too_large_stops_and_says_so(monkeypatch):
    monkeypatch.setattr(job, "MOST_RESULT_MEGABYTES", 0)
    running = run(["a good film"] * 2 * SLICE)
    running.advance()
    assert "the most that is kept for one visitor" in running.stopped
    assert len(running.results()) == SLICE


def test_a_run_is_not_begun_where_all_visitors_together_hold_too_much(monkeypatch):
    monkeypatch.setattr(job, "MOST_HELD_MEGABYTES", 0)
    running = run(["a good film"])
    running.start()
    assert running.stopped.startswith("Not started")
    assert len(running.results()) == 0


def test_a_slice_that_the_network_cannot_read_ends_the_run_with_its_lines(monkeypatch):
    def fail(*_):
        raise RuntimeError("damaged")

    monkeypatch.setattr(job, "read_all", fail)
    running = run(["a good film"] * 3)
    running.advance()
    assert running.stopped.startswith("Stopped between lines 2 and 4")


def test_a_run_that_nobody_holds_any_more_ends():
    running = run(["a good film"] * 200 * SLICE)
    running.start()
    held = weakref.ref(running)
    del running
    deadline = time.monotonic() + WAIT_SECONDS
    while held() is not None or any(thread.name == "batch" for thread in threading.enumerate()):
        assert time.monotonic() < deadline, "the run goes on"
        time.sleep(0.01)


def test_the_column_of_sequences_is_guessed():
    table = read_texts("a.csv", b"id,stars,who,Review\nx1,5,Ann,good\nx2,1,Bob,bad\n")
    assert text_columns(table.frame) == ["Review", "who", "id"]
    table = read_texts("a.csv", b"short,long\na,a longer one\nb,another long one\n")
    assert text_columns(table.frame)[0] == "long"
    assert text_columns(read_texts("a.csv", b"1,2\n3,4\n").frame) == ["column 1", "column 2"]


def test_an_empty_cell_is_no_text():
    table = read_texts("a.csv", b"text,n\ngood,1\n,2\n")
    texts, lines, others = texts_of(table, "text")
    assert texts.to_pylist() == ["good", None]
    assert lines.to_pylist() == [2, 3]
    assert others.to_pydict() == {"n": ["1", "2"]}


def test_the_other_columns_of_the_file_come_along_where_answers_are_saved():
    content = b"id,text,line,=1+1\na,a bad film,x,1\nb,a good film,y,2\n"
    running = Job(model_of("sst2-gru"), "a.csv", *texts_of(read_texts("a.csv", content), "text"))
    running.advance()
    rows = results.select(running.results(), Wanted(order="line", descending=True))
    saved = running.with_others(rows)
    assert saved["id"].to_pylist() == ["b", "a"]
    assert saved["line"].to_pylist() == [3, 2]
    assert saved["line (file)"].to_pylist() == ["y", "x"]
    assert b"'=1+1" in results.to_csv(saved)


CARRIED = {
    "CSV": (
        "a.csv",
        b"id,text,zip,n,big,=x\n1234567890123456789,a,01010,007,12345678901234567890123,-3.50\n,b,NA,null,1e5,=1+1\n",
    ),
    "JSON Lines": (
        "a.jsonl",
        b'{"id": 1234567890123456789, "text": "a", "zip": "01010", "n": "007", "big": 12345678901234567890123, '
        b'"=x": "-3.50"}\n'
        b'{"id": null, "text": "b", "zip": "NA", "n": "null", "big": "1e5", "=x": "=1+1"}\n',
    ),
    "Parquet": ("a.parquet", parquet(pa.table({
        "id": pa.array([1234567890123456789, None], pa.int64()), "text": ["a", "b"], "zip": ["01010", "NA"],
        "n": ["007", "null"], "big": ["12345678901234567890123", "1e5"], "=x": ["-3.50", "=1+1"],
    }))),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content"), CARRIED.values(), ids=CARRIED)
def test_columns_beside_the_texts_come_back_as_they_were_written(name, content):
    _, _, others = texts_of(read_texts(name, content), "text")
    assert list(csv.reader(io.StringIO(results.to_csv(others).decode(), newline=""))) == [
        ["id", "zip", "n", "big", "'=x"],
        ["1234567890123456789", "01010", "007", "12345678901234567890123", "-3.50"],
        ["", "NA", "null", "1e5", "'=1+1"],
    ]
    again = pq.read_table(io.BytesIO(results.to_parquet(others)))
    assert [str(cell) for cell in again["id"].to_pylist()] == ["1234567890123456789", "None"]
    assert again["big"].to_pylist() == ["12345678901234567890123", "1e5"]


TRIPPING = ["good, really", "two\nlines", 'said "never"', "=1+1", "@home", "NA", "null", "007", "1e5", "True", " "]


def test_rows_that_trip_a_table_are_texts_on_the_lines_where_they_stand():
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n").writerows([["n", "text"], *enumerate([*TRIPPING, ""])])
    texts, lines, _ = texts_of(read_texts("a.csv", written.getvalue().encode()), "text")
    assert texts.to_pylist() == [*TRIPPING, None]
    assert lines.to_pylist() == [2, 3, *range(5, 15)]


def test_a_file_of_many_proteins_becomes_a_table():
    table = read_texts("a.fasta", b">first one\nMQIF\nVKT\n>second\nMVLS\n")
    assert table.frame.to_numpy().tolist() == [["first one", "MQIFVKT"], ["second", "MVLS"]]
    assert text_columns(table.frame)[0] == "sequence"


ELSEWHERE = {
    "a.wav": (b"RIFF....WAVE", "is WAV sound, not texts"),
    "a.ogg": (b"OggS....", "is Ogg sound, not texts"),
    "a.npy": (b"\x93NUMPY\x01\x00", "is a NumPy array, not texts"),
}


@pytest.mark.parametrize(("name", "content", "sentence"), [(n, *rest) for n, rest in ELSEWHERE.items()])
def test_what_holds_no_texts_is_refused_by_what_it_is(name, content, sentence):
    with pytest.raises(InputError, match=sentence):
        read_texts(name, content)


FILMS = [f"film number {at} is {'good' if at % 3 else 'dull'}" for at in range(40)]


def test_a_file_of_any_size_gets_the_answers_of_the_page_in_a_terminal(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(many, "ROWS", 7)
    monkeypatch.setattr(many, "AHEAD", 2)
    table = pa.table({"length": list(range(40)), "review": [*FILMS[:39], None]})
    pa_csv.write_csv(table, tmp_path / "films.csv")
    pq.write_table(table, tmp_path / "films.parquet")
    (tmp_path / "films.txt").write_text("\n".join(FILMS[:39]) + "\n", encoding="utf-8")
    expected = answers.read_all(model_of("sst2-gru"), [*FILMS[:39], None])
    for name in ("films.csv", "films.parquet", "films.txt"):
        assert main(["sst2-gru", str(tmp_path / name), "-o", str(tmp_path / "out.parquet")]) == 0
        found = pq.read_table(tmp_path / "out.parquet")
        assert found["prediction"].to_pylist() == expected["prediction"][: len(found)]
        sure = [value for value in found["confidence"].to_pylist() if value is not None]
        assert sure == pytest.approx(expected["confidence"][: len(sure)], abs=NEAR)
    assert "out.parquet: 39 rows" in capsys.readouterr().out
    assert not (tmp_path / "out.parquet.part").exists()
    assert main(["sst2-gru", str(tmp_path / "films.csv"), "-o", str(tmp_path / "out.parquet")]) == 0
    found = pq.read_table(tmp_path / "out.parquet")
    assert found["length"].to_pylist() == list(range(40))
    assert found["length (model)"].to_pylist() == expected["length"]


@pytest.mark.parametrize(("name", "content", "more"), [
    ("absent.csv", None, []), ("empty.csv", b"", []), ("names.csv", b"text\n", []), ("broken.parquet", b"none", []),
    ("ragged.csv", b"text,n\ngood\n", []), ("latin.txt", b"caf\xe9\n", []),
    ("films.csv", b"text\ngood\n", ["--column", "x"]),
])  # fmt: skip
def test_a_file_that_cannot_be_read_in_a_terminal_is_told_in_a_sentence(name, content, more, tmp_path, capsys):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert main(["sst2-gru", str(tmp_path / name), "-o", str(tmp_path / "out.parquet"), *more]) == 1
    assert "Traceback" not in (said := capsys.readouterr().err)
    assert any(part in said for part in ("cannot be read", "holds no row", "There is no column"))
    assert not (tmp_path / "out.parquet").exists()


def test_a_model_that_reads_no_texts_is_refused_in_a_terminal_with_a_sentence(tmp_path, capsys):
    assert main(["seattle-gru", "films.csv", "-o", str(tmp_path / "out.parquet")]) == 1
    assert "reads no texts" in capsys.readouterr().err
