"""The server's figures: to whoever shows the operator's word, and to nobody else."""

from __future__ import annotations

from contextlib import suppress

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.conftest import AppServer
from tests.test_foundation import get
from viz.serving.operator import LATELY, PRIVATE, ForOperators, Reruns, figures, memory, word_of

LONG = "a word that is long"


def client(word: str) -> TestClient:
    routes = [Route("/operator", figures), Route("/_stcore/metrics", lambda _: PlainTextResponse("theirs"))]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(ForOperators, word=word)]))


def test_whoever_shows_the_word_sees_the_figures_of_the_server():
    answer = client(LONG).get("/operator", headers={"Authorization": f"Bearer {LONG}"})
    rows = dict(line.rsplit(" ", 1) for line in answer.text.splitlines()[:-1])
    assert answer.text.endswith("# EOF\n")
    assert int(rows["gatescope_memory_bytes"]) > 1e7
    assert {
        "gatescope_people",
        "gatescope_reruns_per_second",
        'gatescope_rerun_seconds{quantile="0.95"}',
    } <= rows.keys()
    assert all(float(value) >= 0 for value in rows.values())


@pytest.mark.parametrize("path", [*PRIVATE, "/operator/"])
@pytest.mark.parametrize(("word", "shown"), [
    ("", ""), ("", "Bearer "), (LONG, ""), (LONG, "Bearer "), (LONG, f"Bearer {LONG}x"), (LONG, LONG),
])  # fmt: skip
def test_to_everybody_else_there_is_nothing(path: str, word: str, shown: str):
    assert client(word).get(path, headers=[("Authorization", shown)]).status_code == 404


@pytest.mark.parametrize("path", PRIVATE)
def test_a_server_without_a_word_shows_its_figures_to_nobody(app_server: AppServer, path: str):
    with pytest.raises(OSError, match="404"):
        get(app_server.url + path)


def test_a_word_that_can_be_guessed_is_none_and_the_log_says_so(caplog: pytest.LogCaptureFixture):
    assert word_of({"GATESCOPE_OPERATOR": f" {LONG} "}) == LONG
    assert word_of({}) == ""
    assert caplog.text == ""
    assert word_of({"GATESCOPE_OPERATOR": "short"}) == ""
    assert "expected at least 16 characters, got 5" in caplog.text


def test_runs_are_timed_however_they_end_and_forgotten_after_a_minute():
    now = [0.0]
    reruns = Reruns(lambda: now[0])
    with suppress(KeyError), reruns.timed():
        now[0] = 2.0
        assert reruns.running == 1
        raise KeyError
    assert (reruns.lately(), reruns.count, reruns.running) == ([2.0], 1, 0)
    now[0] = 2.5 + LATELY
    assert (reruns.lately(), reruns.count) == ([], 1)


def test_memory_is_that_of_this_process():
    assert 1e7 < memory() < 1e11
