"""The short form: a few sessions for some seconds, and the server is killed in the middle."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from pretrained.registry import GROUPS, recipes
from tests.benchmarks.running import dice
from tests.conftest import free_port
from tests.soak.crowd import soak
from tests.soak.walk import addresses
from tests.support.loops import run_alone
from viz.pages import PAGES


def test_a_killed_server_is_found_again_and_shows_what_the_address_says(tmp_path: Path):
    soaked = run_alone(soak(1, 0.5, 0.1, free_port(), tmp_path / "server.log", parts=2))
    assert soaked.found.wrong == []
    assert soaked.tracebacks == 0
    assert soaked.found.connected_anew >= 1
    assert len(soaked.found.pages) >= 2


def test_walks_lead_to_every_page_and_model():
    walked = list(islice(addresses(dice(0)), 3000))
    assert {address.page for address in walked} == {page.url_path for page in PAGES}
    assert all(any(f"model={key}" in each.query for each in walked) for group in GROUPS for key in recipes(group))
