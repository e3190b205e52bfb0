"""Scoring again: every family on small made data, what a recipe does not say, and intervals."""

import gzip
from types import SimpleNamespace
from unittest.mock import ANY

import numpy as np
import pandas as pd
import pytest

from pretrained import evaluate
from pretrained.data.intervals import block_interval
from pretrained.registry import every_recipe, task_of
from pretrained.tasks import TASKS

DNA = "CCAGCTGCATCACAGGAGGCCAGCGAGCAGGTCTGTTCCAAGGGCCTTCGAGCCAGTCTG"
SENTENCES = "label\ttext\n1\ta good film\n0\ta bad film\n"
PAIRS = "en\tzh\tids\nI do not know.\t我不知道。\t1\nWhere is the library?\t图书馆在哪里？\t2\n"
COMMANDS = (
    "intent\ttokens\tbio\n"
    "GetWeather\twill it rain in boston\tO O O O B-city\n"
    "PlayMusic\tplay a song by madonna\tO O B-music_item O B-artist\n"
)
JUNCTIONS = f"class\tname\tsequence\nEI\tone\t{DNA}\nN\ttwo\t{DNA[::-1]}\n"
MONTHS = pd.date_range("1958-03-01", "2020-04-01", freq="MS")
CARBON = pd.DataFrame({"Date": MONTHS, "CO2": 315 + np.arange(len(MONTHS)) / 8 + np.sin(np.arange(len(MONTHS)) * 0.52)})

MADE = {
    "sst2-gru": {f"sst2/{split}.tsv": SENTENCES for split in ("dev", "test")},
    "en-zh-attention": {f"tatoeba_en_zh/{split}.tsv.gz": PAIRS for split in ("dev", "test")},
    "shakespeare-gru": {"char_shakespeare/input.txt.gz": "ROMEO:\nBut soft, what light is this?\n\n" * 40},
    "commands-bilstm": {f"snips/{split}.tsv": COMMANDS for split in ("dev", "test")},
    "splice-bigru": {f"dna_splice/{split}.tsv": JUNCTIONS for split in ("dev", "test")},
    "co2-gru": {"co2_mauna_loa/co2-concentration.csv": CARBON.to_csv(index=False)},
}
"""Contents of the data files that scoring reads, by the model that is scored."""


UNREAD = (
    "sst2/train.tsv", "sst2/trees_train.txt.gz", "uci_sentences/train.tsv", "tatoeba_en_zh/train.tsv.gz",
    "snips/train.tsv.gz", "dna_splice/train.tsv",
)  # fmt: skip
"""Files that are checked, although scoring does not read them."""


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A folder of made files, each taken for the one that the task names."""
    anything = SimpleNamespace(sha256=lambda content: SimpleNamespace(hexdigest=lambda: ANY))
    monkeypatch.setattr("pretrained.data.checksums.hashlib", anything)
    for name, content in [*((name, "") for name in UNREAD), *(file for made in MADE.values() for file in made.items())]:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(gzip.compress(content.encode()) if path.suffix == ".gz" else content.encode())
    return tmp_path


def run(monkeypatch, key, data):
    """Exit status of the command."""
    monkeypatch.setattr("sys.argv", ["evaluate", key, "--data", str(data)])
    return evaluate.main()


def test_every_family_is_scored_on_made_data():
    assert {task_of(every_recipe()[key]).kind for key in MADE} == {task.kind for task in TASKS}


@pytest.mark.parametrize("key", MADE)
def test_a_recipe_holds_all_that_is_measured(key, data, monkeypatch, capsys):
    assert run(monkeypatch, key, data) == 1
    printed = capsys.readouterr().out
    assert "FAILS" in printed
    assert "does not say" not in printed
    assert "interval: " in printed


def test_what_a_recipe_does_not_say_is_printed_and_not_compared(data, monkeypatch, capsys):
    monkeypatch.delitem(every_recipe()["co2-gru"].scores, "test_rmse_interval")  # type: ignore[arg-type]  # it is a dict
    assert run(monkeypatch, "co2-gru", data) == 1
    assert "; the recipe does not say" in capsys.readouterr().out


@pytest.mark.parametrize("key", every_recipe())
def test_every_recipe_says_how_sure_its_test_score_is(key):
    scores = every_recipe()[key].scores
    listed = {name: value for name, value in scores.items() if isinstance(value, list)}
    intervals = {name: value for name, value in listed.items() if name.startswith("test_")}
    assert intervals
    for name, (low, high) in intervals.items():
        score = name.removesuffix("_interval")
        names = [score] if score in scores else ["test_accuracy", "test_exact"]
        assert any(low <= scores.get(one, -1.0) <= high for one in names), name


def test_slots_and_intent_are_right_together_no_more_often_than_each():
    found = [recipe.scores for recipe in every_recipe().values() if "test_f1" in recipe.scores]
    assert len(found) == 2
    assert all(s[f"{part}_whole_accuracy"] < s[f"{part}_class_accuracy"] for s in found for part in ("dev", "test"))


def test_the_interval_of_a_mean_is_the_normal_one_where_neighbours_have_nothing_in_common():
    values = np.random.default_rng(1).normal(size=10_000)
    low, high = block_interval(values)
    assert (high - low) / 2 == pytest.approx(1.96 / 100, rel=0.1)
    assert low < values.mean() < high


def test_the_interval_of_a_mean_is_wider_where_neighbours_are_alike():
    values = np.random.default_rng(1).normal(size=400)
    alone, alike = block_interval(values), block_interval(values.repeat(25))
    assert np.ptp(alike) == pytest.approx(np.ptp(alone), rel=0.25)


def test_values_that_are_not_known_do_not_count():
    values = np.random.default_rng(1).normal(size=(400, 2))
    values[:, 1] = np.nan
    assert block_interval(values) == block_interval(values[:, 0])
