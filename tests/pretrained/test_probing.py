"""Probes of the shipped models: what is asked of each kind, what was found, and the files that hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core_models.explain.probing.probes import fit_probe
from pretrained.errors import ModelError
from pretrained.kinds.classes import Sample
from pretrained.kinds.labels import Labelled
from pretrained.probing import results
from pretrained.probing.asked import RAREST, ProbeInput, ProbeInputs, Statement, around, chosen, earlier, labels_around
from pretrained.probing.inputs import ASKERS, inputs_of
from pretrained.probing.measure import _drawn, probe_all
from pretrained.probing.results import MEASURES, Probed, Probes, read_probes, save
from pretrained.probing.sentiment import STATEMENTS, make_sentences
from pretrained.registry import every_recipe, load, task_of

NOWHERE = Path("no data are needed")
DRAW = np.random.default_rng(3)


def task(key: str) -> Any:
    return task_of(every_recipe()[key])


def letters(count: int) -> list[Sample]:
    names = task("splice-bigru").classes
    return [Sample("".join(DRAW.choice(list("ACGT"), 60)), names[at % len(names)]) for at in range(count)]


def tones(count: int) -> list[Sample]:
    names = task("spoken-digits-gru").classes
    return [Sample(DRAW.normal(size=(30, 40)).astype(np.float32), names[at % len(names)]) for at in range(count)]


def hours() -> pd.DataFrame:
    asked = task("seattle-gru")
    times = pd.date_range(pd.Timestamp(asked.splits[0]) - pd.Timedelta(days=900), asked.splits[2], freq=asked.step.rule)
    waves = np.sin(np.arange(len(times)) / 9.0) + DRAW.normal(size=len(times))
    return pd.DataFrame({channel.key: 10.0 + np.tanh(waves) for channel in asked.channels}, index=times)


TAGGED = [Labelled(("the", "old", "dog", "barks", "."), ("DET", "ADJ", "NOUN", "VERB", "PUNCT")),
          Labelled(("dogs", "bark", "at", "us"), ("NOUN", "VERB", "ADP", "PRON")),
          Labelled(("a", "dog", "and", "a", "cat"), ("DET", "NOUN", "CCONJ", "DET", "NOUN"))] * 9  # fmt: skip
MADE = {
    "labels": replace(task("pos-bilstm"), items=lambda folder, part: TAGGED),
    "letters": replace(task("splice-bigru"), samples=lambda folder, part: letters(12), convert=lambda text: np.array(
        ["ACGT".index(letter) + 2 for letter in text])),
    "sound": replace(task("spoken-digits-gru"), samples=lambda folder, part: tones(12), convert=lambda frames: frames),
    "characters": replace(
        task("shakespeare-gru"), documents=lambda folder, part: ["To be, or not to be: that\nIs the Question. " * 40]
    ),
    "pairs": task("digits-none"),
    "dates": task("dates-attention"),
    "series": replace(task("seattle-gru"), load=lambda folder: hours()),
    "sentences": task("sst2-gru"),
}  # fmt: skip


@pytest.fixture(scope="module")
def asked() -> Mapping[str, ProbeInputs]:
    return {kind: inputs_of(made, NOWHERE) for kind, made in MADE.items()}


@pytest.mark.parametrize("kind", MADE)
def test_every_step_of_every_kind_of_input_has_an_answer_and_a_type(asked, kind):
    found = asked[kind]
    assert len(found.statements) >= 3
    for item in (*found.learned, *found.unseen):
        assert len(item.types) == len(item.encoded)
        assert all(len(item.labels[key]) == len(item.encoded) for key in found.statements)
    for key in found.statements:
        for part in (found.learned, found.unseen):
            share = np.mean([label for item in part for label in item.labels[key] if label is not None])
            assert RAREST < share < 1.0 - RAREST


@pytest.mark.parametrize("kind", ["labels", "letters", "sound", "pairs"])
def test_what_is_asked_of_the_neighbours_is_what_is_true_of_them(asked, kind):
    for item in asked[kind].unseen:
        here, before, after = (list(item.labels[key]) for key in ("here", "before", "after"))
        assert before == [None, *here[:-1]]
        assert after == [*here[1:], None]


def test_what_is_said_of_a_tagger_s_token_is_its_label(asked):
    found = asked["labels"]
    assert found.statements["here"].name == "this token: “noun”"
    for item in found.learned:
        right = next(one for one in TAGGED if one.tokens == item.encoded.tokens.labels)
        assert list(item.labels["here"]) == [tag == "NOUN" for tag in right.tags]
        assert list(item.labels["two"]) == [None, None, *[tag == "NOUN" for tag in right.tags[:-2]]]


def test_numbers_are_asked_about_as_above_the_average_and_rising(asked):
    for item in asked["series"].unseen:
        values = np.asarray(item.encoded.values)[:, 0]
        assert list(item.labels["here"]) == (values > 0).tolist()
        assert list(item.labels["rising"])[1:] == (values[1:] > values[:-1]).tolist()


def test_the_start_sign_before_a_text_is_not_asked_about(asked):
    for item in asked["characters"].learned:
        assert item.labels["vowel"][0] is None
        assert list(item.labels["vowel"])[1:] == [sign in "aeiouAEIOU" for sign in item.encoded.tokens.labels[1:]]


def test_nothing_is_asked_that_is_nearly_always_true():
    item = ProbeInput(
        MADE["sentences"].encode("a b c"), ["a", "b", "c"], {"all": [True] * 3, "some": [True, False, None]}
    )
    said = {key: Statement(key, key) for key in item.labels}
    assert list(chosen(said, [item], [item]).statements) == ["some"]


def test_small_alphabets_stand_in_stretches_of_four():
    item = ProbeInput(MADE["sentences"].encode("a b c d e"), list("abcde"), {})
    assert list(chosen({}, [item], []).learned[0].types) == ["a", "a b", "a b c", "a b c d", "b c d e"]


def test_neighbours_of_an_empty_or_short_input_have_no_answers():
    assert earlier([], 2) == []
    assert earlier([True], 2) == [None]
    assert labels_around([True])["after"] == [None]
    assert list(around("base", "“A”", "is “A”")) == ["here", "before", "after"]


def test_the_control_task_gives_a_type_one_label_and_types_different_ones(asked):
    found = asked["sentences"].learned
    words = np.array([word for item in found for word in item.types])
    drawn = _drawn(found, "praise")
    by_word = {word: set(drawn[words == word].tolist()) for word in set(words)}
    assert all(len(labels) == 1 for labels in by_word.values())
    assert 0.2 < np.mean([labels == {True} for labels in by_word.values()]) < 0.8
    assert (drawn != _drawn(found, "negated")).any()


def test_probes_of_a_shipped_model_are_compared_with_their_controls_and_are_those_that_ship(asked):
    model = load("sst2-gru")
    found, shipped = probe_all(model, asked["sentences"]), read_probes(model.recipe)
    praise = found.by_statement["praise"]
    assert praise.accuracy > 0.95 > praise.untrained > praise.alone  # it was trained to tell praise from blame
    assert praise.selectivity > 0.15
    assert found.by_statement["thing"].alone > 0.99  # the word itself says that, and no state is needed
    assert shipped is not None
    for key, one in found.by_statement.items():
        for measure in MEASURES:
            assert getattr(shipped.by_statement[key], measure) == pytest.approx(getattr(one, measure), abs=0.01)


PROBED = [file.stem for file in sorted(results.FOLDER.iterdir())]


@pytest.mark.parametrize("key", PROBED)
def test_what_probes_found_is_of_a_model_s_present_weights(key):
    recipe = every_recipe()[key]
    found = read_probes(recipe)
    assert found is not None
    both = 2 if recipe.architecture.get("bidirectional") and recipe.task not in PAIRED else 1
    for one in found.by_statement.values():
        assert one.probe.weights.shape == (recipe.architecture["hidden"] * both,)
        assert one.count > 200
        assert all(0.0 <= getattr(one, measure) <= 1.0 for measure in MEASURES)


PAIRED = {made.task for made in every_recipe().values() if task_of(made).group == "translate"}
"""Tasks whose recipes count the units of both directions together."""


def test_what_ships_of_probes_is_small_and_of_every_kind():
    assert {task(key).kind for key in PROBED} == set(ASKERS)
    assert sum(file.stat().st_size for file in results.FOLDER.iterdir()) < 8_000 * len(PROBED)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Probes, np.ndarray]:
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    states = DRAW.normal(2.0, 3.0, size=(60, 5))
    probe = fit_probe(states, states[:, 1] > 2.0)
    one = Probed(Statement("so", "it is so"), 0.91234, 0.5, 0.6, 0.7, 0.55, 60, probe)
    found = Probes(30, {"so": one})
    save(every_recipe()["sst2-gru"], found)
    return found, states


def test_what_was_found_is_read_again_as_it_was_written(kept):
    found, states = kept
    again = read_probes(every_recipe()["sst2-gru"])
    assert again is not None
    assert again.learned == 30
    one, other = found.by_statement["so"], again.by_statement["so"]
    assert other.said == one.said
    assert (other.accuracy, other.control, other.count) == (0.9123, 0.5, 60)
    assert np.abs(one.probe.probability(states) - other.probe.probability(states)).max() < 1e-5


def test_probes_of_other_weights_or_of_no_model_are_none(kept):
    recipe = every_recipe()["sst2-gru"]
    assert read_probes(replace(recipe, weights={**recipe.weights, "sha256": "0"})) is None
    assert read_probes(every_recipe()["sst2-rnn"]) is None


def test_a_damaged_file_of_probes_is_named(kept):
    path = results.FOLDER / "sst2-gru.safetensors"
    path.write_bytes(path.read_bytes()[:-40])
    results._read.cache_clear()
    with pytest.raises(ModelError, match=r"sst2-gru\.safetensors"):
        read_probes(every_recipe()["sst2-gru"])


def test_labels_say_what_has_been_read() -> None:
    wanted = {"not", "but"}
    item = next(s for s in make_sentences(400, seed=2) if wanted <= set(s.text.split()) and s.text.count("but") == 1)
    words = item.text.split()
    turn = words.index("but")
    assert [bool(value) for value in item.labels["contrast"]] == [step >= turn for step in range(len(words))]
    assert [bool(value) for value in item.labels["late"]] == [step > 5 for step in range(len(words))]
    assert not item.labels["negated"][turn]
    assert item.labels["negated"][words.index("not")]
    assert item.labels["praise"][0] is None


def test_made_sentences_are_known_words_and_depend_on_the_seed_alone() -> None:
    made = make_sentences(100, seed=3)
    assert [item.text for item in made] == [item.text for item in make_sentences(100, seed=3)]
    for item in made:
        tokens = MADE["sentences"].encode(item.text).tokens
        assert all(tokens.known)
        assert len(tokens) == len(item.text.split())
        assert all(len(item.labels[key]) == len(tokens) for key in STATEMENTS)
