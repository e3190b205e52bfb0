"""Translators on the Compare page: what each wrote, where they part, and how probable each finds each text."""

import pytest
from streamlit.testing.v1 import AppTest

from core_models.networks.translation import parting_step
from pretrained.task import Given
from tests.support.pages import open_page, sentences
from viz.compare.baselines import BASELINES
from viz.compare.written import scores_of, writers_beside, writers_of

KEYS = ["dates-attention", "dates-lstm-scaled-dot"]


def open_compare(**query: str) -> AppTest:
    return open_page("compare", **query)


def test_two_translators_of_a_task_are_compared_by_what_they_write():
    page = open_compare(models=",".join(KEYS), text="3 August 1998")
    assert not page.exception
    assert not page.error
    assert "write the same" in sentences(page)
    assert len(page.table[0].value) == len(KEYS)


def test_two_sources_of_one_translator_part_where_their_targets_do():
    page = open_compare(model=KEYS[0], mode="inputs", text="3 August 1998", second="3 May 1998")
    assert not page.exception
    assert "part at token 7" in sentences(page)


def test_every_text_is_scored_by_everyone_and_its_own_is_what_was_written():
    writers = writers_of(KEYS, [Given("3 August 98"), Given("3 May 1998")], KEYS)
    table = scores_of(writers).to_numpy()
    for number, one in enumerate(writers):
        chances = one.model.write(one.encoded, one.ids)
        assert table[number, number] == pytest.approx(chances.log_probability / len(one.ids), abs=1e-6)
    assert table[0, 0] > table[0, 1]
    assert parting_step(writers[0].ids, writers[1].ids) is not None


@pytest.mark.parametrize("baseline", [key for key in BASELINES if key != "none"])
@pytest.mark.parametrize("mode", ["models", "inputs"])
def test_a_translator_is_held_against_every_baseline(mode, baseline):
    page = open_compare(model="sounds-attention", mode=mode, baseline=baseline)
    assert not page.exception
    assert not page.error
    if baseline == "seed":
        assert "No other seed is shipped" in sentences(page)
    else:
        assert len(page.table[0].value) == (2 if mode == "models" else 4)
        assert baseline in sentences(page)


def test_a_baseline_writes_for_itself():
    key, given = "digits-attention", Given("reverse 2718")
    (plain,) = writers_of([key], [given], ["own"])
    (fresh,), (mixed,) = (writers_beside([key], [given], ["own"], one, 1)[0] for one in ("untrained", "shuffled"))
    assert len({plain.ids, fresh.ids, mixed.ids}) == 3
    assert mixed.encoded.tokens.labels[-1] == plain.encoded.tokens.labels[-1]
    assert sorted(mixed.encoded.tokens.labels) == sorted(plain.encoded.tokens.labels)
    assert fresh.likes(plain.ids) < plain.likes(plain.ids)
