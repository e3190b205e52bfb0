"""Texts that ship to be searched, corpora on disk, and words in them."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from distributed import LocalCluster

from core_models.corpus.luck import common_to
from core_models.corpus.places import Pattern, find_places, stretch, units_on
from core_models.corpus.units import best_scores, describe
from core_models.trace import Site
from pretrained.corpus import readers, reading, store
from pretrained.corpus.__main__ import main
from pretrained.corpus.reading import read, values
from pretrained.corpus.shipping import SHIPPED
from pretrained.corpus.store import CorpusError, build, open_corpus
from pretrained.corpus.texts import Texts, file_of, passages, shipped
from pretrained.corpus.tracks import tracks
from pretrained.corpus.words import find_words
from pretrained.registry import every_recipe, load, other_seed, task_of
from pretrained.tables import DOCUMENT
from pretrained.task import InputError
from pretrained.training.untrained import at_random

FORWARD = Site("rnn")
TEXTS = Texts("three films", ("The film is good.", "", "not bad at all", "a “b” c"), ("pos", "neg", "pos", "neg"))


@pytest.fixture(scope="module")
def model():
    return load("sst2-gru")


@pytest.mark.parametrize("task", SHIPPED)
def test_texts_that_ship_are_read_whole_by_a_model_of_their_task(task):
    texts = shipped(task)
    assert texts is not None
    assert texts.source
    assert texts.licence
    key = next(key for key, recipe in every_recipe().items() if task_of(recipe).key == task)
    corpus = read(load(key), texts)
    assert corpus.left_out == 0
    assert len(corpus) > 5_000
    tags = corpus.tags()
    assert tags is None or len(tags) == len(corpus)


def test_a_corpus_holds_the_numbers_that_explore_shows(model):
    corpus = read(model, TEXTS)
    found = values(model, corpus, FORWARD, "hidden_state")
    trace = model.trace(model.encode("not bad at all"))
    assert corpus.left_out == 1
    held = found[corpus.bounds[1] : corpus.bounds[2]]
    np.testing.assert_allclose(held, trace.array(FORWARD, "hidden_state"), rtol=0.0, atol=5e-6)
    assert corpus.place(int(corpus.bounds[1]) + 2) == (1, 2)
    assert corpus.texts.labels == ("pos", "pos", "neg")


SHAPES = ("sst2-lstm", "sst2-bilstm-2", "sst2-gru-reset-before", "sst2-gru-attention-inside", "pos-bilstm")


@pytest.mark.parametrize("key", SHAPES)
def test_documents_read_side_by_side_have_the_states_that_each_has_alone(key):
    one = load(key)
    corpus = read(one, Texts("many", tuple("the film is good and " * n for n in range(1, 90))))
    for layer in one.network.layers[-1]:
        found = values(one, corpus, layer.site, "hidden_state")
        for at in (0, 40, 88):
            alone = reading.values_of(one, corpus.readings[at], layer.site, ["hidden_state"])["hidden_state"]
            held = found[corpus.bounds[at] : corpus.bounds[at + 1]]
            np.testing.assert_allclose(held, alone, rtol=0.0, atol=5e-6)


def test_texts_that_hold_nothing_are_refused(model):
    with pytest.raises(InputError, match="nothing in these texts"):
        read(model, Texts("empty", ("", " ")))


def test_passages_lose_nothing_and_are_no_longer_than_asked():
    text = "one\ntwo three\n" * 9 + "x" * 130
    found = list(passages(text, 50))
    assert "".join(found) == text
    assert max(map(len, found)) <= 50


def test_what_is_built_is_what_is_read_and_stopping_changes_nothing(model, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "PART", 4)
    whole, begun = tmp_path / "whole", tmp_path / "begun"
    build(model, TEXTS, whole)

    def stop(done: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(model, TEXTS, begun, told=stop)
    with pytest.raises(CorpusError, match="half-built"):
        open_corpus(begun)
    build(model, TEXTS, begun)
    one, other = open_corpus(whole, model), open_corpus(begun, model)
    expected = values(model, one.corpus, FORWARD, "hidden_state")
    np.testing.assert_allclose(one.array(FORWARD, "hidden_state")[:], expected, rtol=0.0, atol=5e-6)
    files = [{p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in (whole, begun)]
    assert files[0] == files[1]
    pattern = Pattern((3,), 0.0)
    stored = find_places(other.parts(FORWARD, "hidden_state"), pattern)
    assert stored.start.tolist() == find_places([(expected, one.corpus.bounds)], pattern).start.tolist()


def test_a_folder_that_does_not_fit_is_refused_with_a_sentence(model, tmp_path):
    folder = tmp_path / "films"
    build(model, TEXTS, folder)
    with pytest.raises(CorpusError, match="read by “sst2-gru”, not by “sst2-lstm”"):
        open_corpus(folder, load("sst2-lstm"))
    with pytest.raises(CorpusError, match="another corpus"):
        build(load("sst2-lstm"), TEXTS, folder)
    with pytest.raises(CorpusError, match="update_gate: build it with"):
        open_corpus(folder, model).array(FORWARD, "update_gate")
    about = json.loads((folder / "about.json").read_text())
    (folder / "about.json").write_text(json.dumps(about | {"read": "0"}))
    with pytest.raises(CorpusError, match="another tokenizer"):
        open_corpus(folder, model)
    (folder / "about.json").write_text(json.dumps(about | {"weights": "0"}))
    with pytest.raises(CorpusError, match="other weights"):
        open_corpus(folder, model)
    (folder / "about.json").write_text(json.dumps(about))
    (folder / "states/rnn-0-forward.hidden_state/c/0/0").unlink()
    with pytest.raises(CorpusError, match="damaged"):
        open_corpus(folder, model)
    (folder / "about.json").write_text("{")
    with pytest.raises(CorpusError, match="damaged"):
        open_corpus(folder, model)
    with pytest.raises(CorpusError, match="no corpus"):
        open_corpus(tmp_path, model)


def test_a_part_that_is_damaged_is_told_where_it_is_searched(model, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(store, "CHUNK", 4)
    folder = tmp_path / "films"
    build(model, TEXTS, folder)
    (folder / "states/rnn-0-forward.hidden_state/c/1/0").write_bytes(b"no chunk")
    assert main(["nearest", str(folder), "not bad"]) == 1
    assert "films is damaged" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "\n\n", "text\n", "text\n\n \n"])
def test_a_file_without_a_text_is_answered_with_a_sentence(content, tmp_path, capsys):
    file = tmp_path / "films.csv"
    file.write_text(content)
    assert main(["build", "sst2-gru", str(file), "-o", str(tmp_path / "films")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_one_sentence_is_a_corpus(tmp_path, capsys):
    file = tmp_path / "films.csv"
    file.write_text("text\nGood.\n")
    assert main(["build", "sst2-gru", str(file), "-o", str(tmp_path / "films")]) == 0
    assert main(["nearest", str(tmp_path / "films"), "Good."]) == 0
    assert "0.0,Good." in capsys.readouterr().out


def test_the_command_builds_checks_and_refuses(tmp_path, capsys):
    file, folder = tmp_path / "films.csv", tmp_path / "films"
    file.write_text("text,stars\nThe film is good.,5\nnot bad at all,4\n")
    assert main(["build", "sst2-gru", str(file), "-o", str(folder), "--label", "stars"]) == 0
    assert main(["check", str(folder)]) == 0
    assert "films is whole: 9 tokens" in capsys.readouterr().out
    assert main(["nearest", str(folder), "not bad", "--count", "3"]) == 0
    first = capsys.readouterr().out.splitlines()[1]
    assert first == "0.0,not bad at all,2,bad"
    for wrong in (
        ["nearest", str(folder), "not bad", "--quantity", "rnn-0-forward.update_gate"],
        ["nearest", str(folder), " "],
        ["build", "none-such", str(file), "-o", str(folder)],
        ["build", "sst2-gru", str(tmp_path / "absent.csv"), "-o", str(folder)],
        ["build", "sst2-gru", str(file), "-o", str(folder), "--label", "gold"],
        ["build", "sst2-gru", str(file), "-o", str(folder), "--quantity", "rnn-0-forward.forget_gate"],
        ["check", str(tmp_path / "absent")],
    ):
        assert main(wrong) == 1
        assert capsys.readouterr().err.count("\n") >= 1


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_cluster_that_loses_a_worker_builds_the_same_bytes_as_threads(model, tmp_path, monkeypatch):
    texts = Texts("many", tuple(f"The film is number {at}." for at in range(40)))
    monkeypatch.setattr(store, "TOGETHER", 2)
    build(model, texts, tmp_path / "threads")
    settings: dict[str, Any] = {"n_workers": 2, "threads_per_worker": 1, "protocol": "tcp", "dashboard_address": None}
    cluster: Any = LocalCluster(**settings)
    with cluster:
        first = cluster.workers[0].pid

        def lose_one(done: int) -> None:
            if done == 4:
                os.kill(first, signal.SIGKILL)

        build(model, texts, tmp_path / "cluster", told=lose_one, scheduler=cluster.scheduler_address)
    assert bytes_of(tmp_path / "cluster") == bytes_of(tmp_path / "threads")
    assert len(open_corpus(tmp_path / "cluster", model).corpus.readings) == 40


def test_a_scheduler_that_is_not_there_is_answered_with_a_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(readers, "WAIT_SECONDS", 0.2)
    file = tmp_path / "films.csv"
    file.write_text("text\nThe film is good.\n")
    wanted = ["build", "sst2-gru", str(file), "-o", str(tmp_path / "films"), "--scheduler"]
    for address in ("tcp://127.0.0.1:1", "nonsense://x", "no port"):
        assert main([*wanted, address]) == 1
        assert "No Dask scheduler answers" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main([*wanted, "tcp://127.0.0.1:1"]) == 1
    assert "gatescope[cluster]" in capsys.readouterr().err


def test_words_are_found_as_words_and_expressions_by_a_linear_engine(model):
    corpus = read(model, TEXTS)
    assert len(find_words(corpus, "BAD")) == 1
    assert len(find_words(corpus, "ba")) == 0
    found = find_words(corpus, "(is|not) \\w+", expression=True)
    assert [corpus.place(start) for start in found.start.tolist()] == [(0, 2), (1, 0)]
    assert (found.stop - found.start).tolist() == [2, 2]
    assert len(find_words(corpus, "(a*)*$|(x+x+)+y", expression=True)) >= 0


@pytest.mark.parametrize("wanted", ["(", "(a)\\1", "a{1000}{1000}", " ", "x" * 400])
def test_an_expression_that_cannot_be_used_gets_a_sentence(model, wanted):
    with pytest.raises(InputError):
        find_words(read(model, TEXTS), wanted, expression=True)


def test_properties_of_characters_begin_anew_with_every_text():
    model = load("c-code-lstm")
    corpus = read(model, Texts("two", ('a "b', "c d")))
    listed = {track.name: track.values for track in tracks(corpus, characters=True, letters=False)}
    assert listed["inside double quotes"].tolist() == [0, 0, 0, 1, 1, 0, 0, 0, 0]
    assert len(listed["position in the line"]) == len(corpus)


def test_every_quantity_of_a_model_can_be_read(model):
    corpus = read(model, TEXTS)
    found = reading.quantities(model)
    assert {key for _, key in found} == {"reset_gate", "update_gate", "candidate", "hidden_state"}
    for site, key in found:
        assert values(model, corpus, site, key).shape == (len(corpus), 96)


CODE = """static int f(lua_State *L) {
  if (foo(a, b[i])) {
    luaL_error(L, "wrong number of arguments");
    /* the end of it */
    return 0;
  }
"""


@pytest.fixture(scope="module")
def code():
    model = load("c-code-lstm")
    texts = shipped("c_code")
    assert texts is not None
    corpus = read(model, texts, most=8_000)
    return model, corpus, values(model, corpus, FORWARD, "cell_state"), tracks(corpus, characters=True, letters=False)


@pytest.mark.parametrize(("unit", "threshold", "at", "what"), [
    (237, 1.0, CODE.index("end"), "inside /* */"),
    (109, 0.5, CODE.index("a, b"), "inside ( )"),
])  # fmt: skip
def test_one_example_of_c_code_leads_to_comments_and_to_brackets_more_than_luck_does(code, unit, threshold, at, what):
    model, corpus, found, listed = code
    example = model.trace(model.encode(CODE)).array(FORWARD, "cell_state")
    first, last = stretch(example[:, unit] >= threshold, at + 1)
    units = units_on(example, (first, last + 1), threshold)
    assert units == (unit,)
    places = find_places([(found, corpus.bounds)], Pattern(units, threshold, length=last + 1 - first))[:50]
    (common,) = common_to(places.middle, {each.name: each.values > 0 for each in listed if each.name == what})
    assert common.share > 0.8
    assert common.share > 1.5 * common.luck
    assert common.lift > 3


def test_units_of_c_code_are_described_and_those_of_a_network_at_random_are_not(code):
    model, corpus, found, listed = code
    best = best_scores(values(at_random(model), corpus, FORWARD, "cell_state"), listed)
    told = describe(found[:, 237].copy(), listed, best)
    assert told is not None
    assert (told.name, told.holds) == ("inside /* */", True)
    other = values(at_random(model, 5), corpus, FORWARD, "cell_state")
    assert not any(each and each.holds for each in (describe(row.copy(), listed, best) for row in other.T[::16]))


def test_a_unit_of_the_shakespeare_model_is_described_as_counting_the_position_in_the_line():
    model, texts = load("shakespeare-gru"), shipped("shakespeare")
    assert texts is not None
    corpus = read(model, texts, most=8_000)
    listed = tracks(corpus, characters=True, letters=False)
    luck = best_scores(values(at_random(model), corpus, FORWARD, "hidden_state"), listed)
    found = describe(values(model, corpus, FORWARD, "hidden_state")[:, 228].copy(), listed, luck)
    assert found is not None
    assert (found.name, found.holds) == ("position in the line", True)


def test_a_unit_of_sentiment_is_described_by_negations():
    texts = shipped("sentiment")
    assert texts is not None
    reader = load("sst2-gru-attention")
    corpus = read(reader, texts, most=8_000)
    listed = tracks(corpus, characters=False, letters=False)
    luck = best_scores(values(at_random(reader), corpus, FORWARD, "hidden_state"), listed)
    found = describe(values(reader, corpus, FORWARD, "hidden_state")[:, 62].copy(), listed, luck)
    assert found is not None
    assert (found.name, found.holds) == ("a negation word", True)


def test_the_other_seed_of_a_model_differs_by_its_seed_alone(model):
    assert other_seed(model.recipe.key) == "sst2-gru-seed-2"
    assert other_seed("sst2-rnn") is None


@pytest.mark.parametrize("task", SHIPPED)
def test_texts_that_ship_are_named_with_source_and_licence_and_are_small(task):
    texts = shipped(task)
    assert texts is not None
    (row,) = (line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if f"| `{task}.json` |" in line)
    assert texts.source[texts.source.index("https://") :] in row
    assert sum(file_of(key).stat().st_size for key in SHIPPED) < 1_500_000
