"""What the server loads before and after it answers: large packages only when something of them is used."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from tests.conftest import ROOT
from tests.support.loops import run_alone
from viz.serving import start
from viz.serving.later import Later, put_off

FIRST_PAGE = """
import sys
import app
light = sorted({"torch", "viz.main", *SELDOM} & sys.modules.keys())
from viz.serving import start
start.load()
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("viz/main.py", default_timeout=120).run()
assert not page.exception and len(page.get("text_input")) == 1
print(light, sorted({*SELDOM} & sys.modules.keys()))
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_server_answers_before_networks_are_loaded_and_the_first_page_needs_no_tables() -> None:
    seldom = (*start.SELDOM, "scipy.stats", "xarray", "captum", "matplotlib", "Bio", "soundfile", "zarr")
    named = FIRST_PAGE.replace("import sys", f"import sys; SELDOM = {seldom!r}", 1)
    assert run(named.replace('"viz/main.py"', repr(str(ROOT / "viz/main.py")))).split("\n")[-2] == "[] []"


def test_no_module_loads_statistics_or_pictures_that_take_more_memory_than_the_pages() -> None:
    heavy = re.compile(r"^\s*(from|import) (scipy\.stats|captum|matplotlib|sklearn)\b", re.MULTILINE)
    files = [file for folder in ("core_models", "pretrained", "viz") for file in (ROOT / folder).rglob("*.py")]
    assert len(files) > 300
    assert [file.name for file in files if heavy.search(file.read_text(encoding="utf-8"))] == []


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    folder = tmp_path / "seldom_used"
    folder.mkdir()
    (folder / "__init__.py").write_text("value = 3\n", encoding="utf-8")
    (folder / "inside.py").write_text("other = 4\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder.name
    for name in (folder.name, f"{folder.name}.inside"):
        sys.modules.pop(name, None)


def named(package: str) -> tuple[ModuleType, ModuleType]:
    space: dict = {}
    exec(f"import {package} as whole, {package}.inside as part", space)  # noqa: S102 - as a file names it
    return space["whole"], space["part"]


def test_what_is_put_off_is_loaded_when_it_is_used_and_looks_missing_until_then(package: str) -> None:
    with put_off(package, f"{package}.inside"):
        whole, part = named(package)
        assert isinstance(whole, Later)
        assert isinstance(part, Later)
        assert not hasattr(whole, "__file__")
    assert package not in sys.modules
    assert (part.other, whole.value) == (4, 3)
    assert not isinstance(sys.modules[package], Later)
    assert whole.value is sys.modules[package].value


def test_what_is_used_while_it_is_put_off_is_loaded_at_once(package: str) -> None:
    with put_off(package, f"{package}.inside"):
        whole, part = named(package)
        assert (whole.value, part.other) == (3, 4)
    assert named(package)[0].value == 3
    with pytest.raises(AttributeError):
        _ = whole.nothing


def test_what_is_loaded_already_is_not_put_off(package: str) -> None:
    before = named(package)
    with put_off(package, f"{package}.inside"):
        assert named(package) == before


def test_a_page_waits_until_all_is_loaded_and_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded, seen = asyncio.Event(), []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def visit() -> list[str]:
        app = start.WaitForPages(inner)
        page = asyncio.create_task(app({"type": "websocket"}, receive, send))
        await app({"type": "http"}, receive, send)
        await asyncio.sleep(0)
        before = list(seen)
        loaded.set()
        await page
        return before

    monkeypatch.setattr(start, "_loaded", loaded)
    receive: Any = None
    send: Any = None
    assert run_alone(visit()) == ["http"]
    assert seen == ["http", "websocket"]
