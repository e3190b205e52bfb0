"""One missing or damaged file takes what needs it out of order, in a sentence that names it, and nothing else."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pretrained import registry, shipped
from pretrained.analysis import unit_selectivity as follow
from pretrained.analysis.seeds import seed_table
from pretrained.faithfulness import results as backgrounds
from pretrained.faithfulness.summary import describe_backgrounds
from pretrained.kinds.translation import PairTask
from pretrained.memory import flip_flop, live
from pretrained.memory import results as race_results
from pretrained.probing import results as probes
from pretrained.subject import subject
from pretrained.tasks import TASKS
from pretrained.tasks.classes import sentiment
from pretrained.tasks.next_token import shakespeare
from tests.pages.test_generate import finish
from tests.pages.test_pages import choose_model
from tests.support.pages import open_page, sentences
from viz.explore.page import PARTS
from viz.inputs import offered
from viz.memory.race import RACES

ROOT, FOLDER = Path(__file__).parents[1], shipped.FOLDER
CACHES: tuple[Any, ...] = (
    registry._read, registry.every_recipe, registry.recipes, registry.sound_recipes, shipped._sums, follow.load,
    backgrounds._rows, probes._read, race_results.read_results, live.network_of, flip_flop.kept_network,
    sentiment.tokenizer, subject,
)  # fmt: skip
READ_ONCE = ("tokenizer", "known", "_ids", "_vocabulary", "learned", "excerpt")
"""What tasks and their sides keep of their files."""


@dataclass(frozen=True)
class Broken:
    """A file, the page that needs it with the query that opens it there, and another model for the same page."""

    file: str
    page: str = "explore"
    query: tuple[tuple[str, str], ...] = ()
    other: str = "splice-bigru"


FILES = {
    "weights of the first model": Broken("weights/sst2-gru-attention.safetensors", other="sst2-gru"),
    "weights of a translator": Broken(
        "weights/digits-dot.safetensors", "translate", (("model", "digits-dot"),), "digits-attention"
    ),
    "weights on Explain": Broken("weights/sst2-gru-attention.safetensors", "explain", other="sst2-gru"),
    "weights on Batch": Broken("weights/sst2-gru-attention.safetensors", "batch", other="sst2-gru"),
    "recipe of the first model": Broken("recipes/sst2-gru-attention.toml", other="sst2-gru"),
    "recipe of a writer": Broken("recipes/poems-lstm.toml", "generate", (("model", "poems-lstm"),), "c-code-lstm"),
    "tokenizer": Broken("tasks/classes/sentiment.tokenizer.json"),
    "subject": Broken("tasks/classes/sentiment.subject.safetensors"),
    "tokenizer on Compare": Broken("tasks/classes/sentiment.tokenizer.json", "compare", other=""),
    "tokenizer on Memory": Broken("tasks/classes/sentiment.tokenizer.json", "memory", (("tab", "own"),), other=""),
    "pieces of words": Broken(
        "tasks/translation/english_french.fr.json", "translate", (("model", "en-fr-attention"),), "digits-attention"
    ),
    "characters": Broken(
        "tasks/next_token/c_code.characters.json", "generate", (("model", "c-code-lstm"),), "poems-lstm"
    ),
    "vocabulary": Broken("tasks/labels/commands.vocabulary.json", query=(("model", "commands-bilstm"),)),
    "scale": Broken("tasks/forecast/ett_oil_temperature.scale.json", query=(("model", "ett-gru"),)),
    "example": Broken("tasks/forecast/co2.examples.csv", query=(("model", "co2-gru"),)),
    "recording": Broken("recordings/7-theo.flac", query=(("model", "spoken-digits-gru"),)),
    "followed": Broken(
        "followed/poems-lstm.json", "generate", (("model", "poems-lstm"), ("length", "50"), ("tab", "units")),
        "c-code-lstm",
    ),
    "faithfulness": Broken(
        "faithfulness/results/sentiment.json", "explain", (("section", "attention"),), "splice-bigru"
    ),
    "faithfulness on Explore": Broken(
        "faithfulness/results/sentiment.json", "explore", (("tab", "explain"), ("explain", "attention"))
    ),
    "probes": Broken(
        "probing/results/pos-bilstm.safetensors", "explain", (("model", "pos-bilstm"), ("section", "probes"))
    ),
    "race": Broken("memory/results/recall.json", "memory", (("tab", "recall"),), other=""),
    "network of the race": Broken("memory/weights/recall-gru.safetensors", "memory", (("tab", "live"),), other=""),
}  # fmt: skip
SENTENCES = tuple(key for key in PARTS if key != "answer")
TABS = {"explore": SENTENCES, "generate": ("choices", "units"), "memory": (*RACES, "own")}
"""The parts of each page that has some, by their key in the address, but for one that sentences do not have."""
DAMAGES: dict[str, Callable[[bytes], bytes] | None] = {
    "missing": None,
    "empty": lambda content: b"",
    "truncated": lambda content: content[: len(content) // 2],
    "one byte": lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:],
    "garbage": lambda content: b"\x80\x00 no such thing {",
}


WHOLLY = ("weights of the first model", "recipe of the first model", "example")
"""Files that are tried with every damage; each of the others is missing, or damaged in one way or another."""

CASES = [
    (kind, how)
    for number, kind in enumerate(FILES)
    for place, how in enumerate(DAMAGES)
    if kind in WHOLLY or place == number % len(DAMAGES)
]


def forget() -> None:
    """Let everything be read anew that is read once."""
    for cached in CACHES:
        cached.cache_clear()
    st.cache_resource.clear()
    st.cache_data.clear()
    for task in TASKS:
        for holder in (task, *((task.source, task.target) if isinstance(task, PairTask) else ())):
            for name in READ_ONCE:
                vars(holder).pop(name, None)


@pytest.fixture
def damage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """A function that breaks a shipped file for the rest of the test, as far as anybody reads it."""
    whole = Path.read_bytes

    def break_file(file: Path, how: Callable[[bytes], bytes] | None) -> None:
        def read_bytes(path: Path) -> bytes:
            if path != file:
                return whole(path)
            if how is None:
                raise FileNotFoundError(path)
            return how(whole(path))

        monkeypatch.setattr(Path, "read_bytes", read_bytes)
        forget()

    yield break_file
    monkeypatch.undo()
    forget()


def open_at(name: str, **query: str) -> AppTest:
    return finish(open_page(name, **query))


@pytest.mark.parametrize(("kind", "how"), CASES)
def test_a_broken_file_is_named_on_the_page_that_needs_it_and_another_model_opens(damage, kind, how):
    broken = FILES[kind]
    damage(FOLDER / broken.file, DAMAGES[how])
    page = open_at(broken.page, **dict(broken.query))
    assert not page.exception
    said = sentences(page).replace("\\", "")
    assert Path(broken.file).name in said
    assert "no model named" not in said
    if broken.other:
        finish(choose_model(page, broken.other))
        assert not page.exception
        assert page.selectbox(key="model").value == broken.other
        assert len(page.error) == (".toml" in broken.file)


@pytest.mark.parametrize("kind", [kind for kind, broken in FILES.items() if "tab" in dict(broken.query)])
def test_a_broken_file_takes_only_its_own_part_of_a_page_out_of_order(damage, kind):
    broken = FILES[kind]
    damage(FOLDER / broken.file, None)
    query = dict(broken.query)
    for tab in TABS[broken.page]:
        page = open_at(broken.page, **query | {"tab": tab})
        assert not page.exception
        assert page.segmented_control(key="tab").value == tab
        assert (Path(broken.file).name in sentences(page).replace("\\", "")) == (tab == query["tab"])


def test_every_other_page_stands_while_a_recipe_is_missing(damage):
    damage(FOLDER / "recipes/sst2-gru-attention.toml", None)
    for name in ("explore", "compare", "memory", "translate", "explain", "generate", "batch", "glossary"):
        page = open_at(name, tab="own")
        assert not page.exception
        assert len(page.error) == (name != "glossary")


def test_what_is_wrong_with_a_recipe_is_said_to_every_visitor_in_their_own_language(damage):
    damage(FOLDER / "recipes/sst2-gru.toml", DAMAGES["truncated"])
    assert "is out of order" in open_at("explore").error[0].value
    assert "有问题" in open_at("explore", lang="zh").error[0].value
    assert "is out of order" in open_at("explore", lang="en").error[0].value


def test_a_model_of_a_broken_recipe_is_named_where_an_address_compares_it(damage):
    damage(FOLDER / "recipes/sst2-gru.toml", DAMAGES["truncated"])
    page = open_at("compare", models="sst2-gru,sst2-lstm,sst2-rnn")
    assert "pretrained/recipes/sst2-gru.toml is damaged" in page.error[0].value.replace("\\", "")
    assert not page.warning
    assert page.multiselect(key="models").value == ["sst2-lstm", "sst2-rnn"]


def test_what_sums_up_all_models_leaves_out_one_whose_weights_are_broken(damage):
    before, told = seed_table(registry.sound_recipes("sentiment").values()), describe_backgrounds()
    damage(FOLDER / "weights/sst2-gru-attention-fused.safetensors", DAMAGES["one byte"])
    after = seed_table(registry.sound_recipes("sentiment").values())
    assert set(before["key"]) - set(after["key"]) == {"sst2-gru-attention-fused"}
    assert describe_backgrounds() != told
    page = open_at("memory", model="sst2-gru", tab="own")
    assert not page.exception
    assert not any("fused" in option for option in page.selectbox(key="beside").options)


def test_a_translator_whose_pieces_are_missing_stays_in_the_list(damage):
    whole = set(offered("translate"))
    damage(FOLDER / "tasks/translation/facts.en.json", None)
    assert set(offered("translate")) == whole


@pytest.mark.parametrize("how", DAMAGES)
def test_a_long_example_that_cannot_be_read_is_left_out_with_a_sentence(damage, how):
    assert shakespeare.unseen()[0]
    damage(shakespeare.UNSEEN, DAMAGES[how])
    examples, notices = shakespeare.unseen()
    assert not examples
    assert "pretrained/tasks/next_token/shakespeare.unseen.txt" in notices[0]


@pytest.mark.parametrize("how", DAMAGES)
def test_a_broken_list_of_checksums_breaks_nothing_more_than_the_file_whose_line_is_wrong(damage, how):
    damage(shipped.SUMS, DAMAGES[how])
    page = open_at("explore")
    assert not page.exception
    assert not page.error


def test_the_list_names_every_shipped_file_with_its_checksum(monkeypatch, tmp_path):
    monkeypatch.setattr(shipped, "SUMS", tmp_path / "sums.txt")
    shipped.main()
    made, listed = (tmp_path / "sums.txt").read_text(), (FOLDER / "SHA256SUMS.txt").read_text()
    shipped._sums.cache_clear()
    assert made == listed, "python -m pretrained.shipped makes the list anew"
    data = {path for path in FOLDER.rglob("*") if path.suffix not in (".py", ".pyc") and path.is_file()}
    others = {path for path in data if f"  pretrained/{path.relative_to(FOLDER).as_posix()}\n" not in listed}
    assert {path.relative_to(FOLDER).as_posix() for path in others if path.parent.name != "weights"} <= {
        "README.md", "SHA256SUMS.txt", "recordings/LICENCE.txt",
    }  # fmt: skip


def test_a_file_that_is_written_is_listed_anew(monkeypatch, tmp_path):
    monkeypatch.setattr(shipped, "FOLDER", tmp_path / "pretrained")
    monkeypatch.setattr(shipped, "SUMS", tmp_path / "pretrained" / "SHA256SUMS.txt")
    path = tmp_path / "pretrained" / "recipes" / "mine.toml"
    path.parent.mkdir(parents=True)
    shipped._sums.cache_clear()
    try:
        path.write_bytes(b"one")
        shipped.record(path)
        assert shipped.is_listed(path)
        path.write_bytes(b"two")
        with pytest.raises(registry.ModelError, match=r"pretrained/recipes/mine\.toml is damaged: it differs"):
            shipped.read(path)
        shipped.record(path)
        assert shipped.read(path) == b"two"
    finally:
        shipped._sums.cache_clear()


START = """
import asyncio, app
async def start():
    async with app.started(app.app):
        print("started")
asyncio.run(start())
"""


def test_the_server_starts_whatever_file_is_broken_and_its_log_names_each(tmp_path):
    for name in ("core_models", "viz", "app.py"):
        (tmp_path / name).symlink_to(ROOT / name)
    copy = tmp_path / "pretrained"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("runs"))
    one_each = {broken.file: broken for broken in FILES.values() if "sst2-gru-attention.safe" not in broken.file}
    for number, broken in enumerate(one_each.values()):
        how = list(DAMAGES.values())[number % len(DAMAGES)]
        path = copy / broken.file
        if how is None:
            path.unlink()
        else:
            path.write_bytes(how(path.read_bytes()))
    (copy / "tasks" / "next_token" / shakespeare.UNSEEN.name).unlink()
    done = subprocess.run([sys.executable, "-c", START], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "started" in done.stdout
    assert "Traceback" not in done.stderr
    assert [file for file in one_each if Path(file).name not in done.stderr] == []
