"""How many people there may be: one too many gets a sentence, and whoever was let in stays."""

import pytest

from tests.support.pages import open_page, sentences
from viz.kinds.series import tuning as series_tuning
from viz.serving import admission


def test_one_visitor_too_many_gets_a_sentence_and_nothing_else(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(admission, "visitors", lambda: admission.MOST_VISITORS + 1)
    page = open_page()
    assert not page.exception
    assert "as many as this server is set to take: come back in a few minutes" in sentences(page)
    assert not page.metric


def test_whoever_was_let_in_stays(monkeypatch: pytest.MonkeyPatch):
    page = open_page(model="sst2-gru")
    monkeypatch.setattr(admission, "visitors", lambda: admission.MOST_VISITORS + 1)
    page.run()
    assert page.metric


def test_no_more_copies_learn_at_the_same_time_than_the_host_allows(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(series_tuning, "MOST_TRAININGS", 0)
    assert "copies of other visitors are learning" in series_tuning.too_many_learn()
    monkeypatch.setattr(series_tuning, "MOST_TRAININGS", 1)
    assert series_tuning.too_many_learn() == ""
