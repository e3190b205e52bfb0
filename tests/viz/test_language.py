"""Languages: the catalogues agree with the code, and whoever looks at a page reads one language and no other's."""

import ast
import re
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from string import Formatter
from threading import Barrier
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core_models import language
from core_models.language import (
    ENGLISH,
    carried,
    catalogue,
    catalogues,
    current,
    folder,
    languages,
    listed,
    say,
    say_n,
    speaking,
    together,
)
from core_models.language.filling import filled
from core_models.language.rooms import ROOMS, called, room_of, sources
from core_models.language.unsaid import unsaid
from pretrained.task import InputError
from pretrained.tasks.labels.commands import COMMANDS
from pretrained.uploads.name import quoted
from tests.support.pages import MAIN, open_page
from viz.kept import Latest
from viz.markdown import escape
from viz.remembered import kept

TRANSLATED = [key for key in languages() if key != ENGLISH]
TOY = """
msgid "{n} token"
msgid_plural "{n} tokens"
msgstr[0] "un {n}"
msgstr[1] "des {n}"

msgid "Close"
msgstr "Fermer"
"""


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A third language, which costs its catalogue and nothing else."""
    (tmp_path / "fr").mkdir()
    header = catalogues.HEADER.format(key="fr", plural="nplurals=2; plural=(n > 1);")
    (tmp_path / "fr" / "all.po").write_text(header + TOY, encoding="utf-8")
    monkeypatch.setattr(folder, "FOLDER", tmp_path)
    for cached in (folder.languages, folder.catalogue):
        cached.cache_clear()
    yield "fr"
    for cached in (folder.languages, folder.catalogue):
        cached.cache_clear()


@pytest.mark.parametrize("key", TRANSLATED)
def test_the_catalogues_hold_what_the_code_says_and_nothing_else(key: str):
    wanted = catalogues.wanted(key)
    for path, content in wanted.items():
        assert path.exists(), "run: python -m core_models.language"
        assert path.read_text(encoding="utf-8") == content, f"{path.name}: run python -m core_models.language"
    assert set(wanted) == set((catalogues.FOLDER / key).glob("*.po"))


@pytest.mark.parametrize("key", TRANSLATED)
def test_no_text_lacks_its_translation(key: str):
    assert catalogues.missing(key) == {}


@pytest.mark.parametrize("key", TRANSLATED)
def test_no_translation_is_fuzzy_loses_a_field_or_calls_a_thing_of_the_field_by_another_name(key: str):
    assert list(catalogues.faults(key)) == []


@pytest.mark.parametrize("room", ROOMS)
def test_what_is_said_is_given_its_fields_and_kept_with_its_language(room: str):
    """Streamlit's caches are used by viz/remembered.py alone, and no function that Python's remember says anything."""
    for path in (path for path in sources() if path.suffix == ".py" and room_of(path) == room):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and called(node.func) in ("say", "say_n") and node.keywords:
                assert lacking(node) == set(), f"{path}: {node.lineno}"
            elif isinstance(node, ast.FunctionDef) and node.decorator_list and path.name != "remembered.py":
                kept_by = {called(getattr(one, "func", one)) for one in node.decorator_list} & CACHES
                assert not kept_by & {"cache_resource", "cache_data"}, f"{path}: {node.name}"
                calls = (called(each.func) for each in ast.walk(node) if kept_by and isinstance(each, ast.Call))
                assert not {"say", "say_n"} & {*calls}, f"{path}: {node.name}"


def lacking(node: ast.Call) -> set[str]:
    """The fields that a text names and is not given; none where they cannot be read from the code."""
    given = {field.arg for field in node.keywords} | ({"n"} if called(node.func) == "say_n" else set())
    texts = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    if None in given:
        return set()
    return {field for text in texts for _, field, _, _ in Formatter().parse(text) if field is not None} - given


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_shows_no_sentence_that_is_not_said(room: str):
    paths = [path for path in sources() if path.suffix == ".py" and room_of(path) == room]
    left = [f"{path}:{line}: {text}" for path in paths for line, text in unsaid(path)]
    assert left == []


def test_a_lost_field_and_another_name_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / catalogues.TERMS).write_text("update gate: 更新门\n", encoding="utf-8")
    text = 'msgid "The update gate of {n} units"\nmsgstr "{m} 个单元的门"\n'
    (tmp_path / "zh" / "x.po").write_text(text, encoding="utf-8")
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    field, term = catalogues.faults("zh")
    assert "expected the fields ['n'], got ['m']" in field
    assert "expected “更新门” for “update gate”" in term


def test_fields_are_put_in_and_braces_of_latex_stay():
    assert say("{n:,} of {all}", n=1234, all="{x}") == "1,234 of {x}"
    assert say(r"\frac{1}{2}") == r"\frac{1}{2}"
    assert [say_n("{n} token", "{n} tokens", n) for n in (0, 1, 2)] == ["0 tokens", "1 token", "2 tokens"]


def refuse() -> str:
    """What a file is refused with, as it is kept until it is shown."""
    try:
        file = quoted("x.npz")
        raise InputError(say("{file} is a damaged archive and cannot be unpacked; save it again.", file=file))
    except InputError as error:
        return str(error)


def test_what_was_said_once_is_said_anew_in_the_language_of_whoever_looks():
    with speaking("zh"):
        kept_texts = [refuse(), say_n("{n} token", "{n} tokens", 2), deepcopy(refuse())]
        assert all(re.search("[\u4e00-\u9fff]", text) for text in kept_texts)
    for text in kept_texts:
        assert not re.search("[\u4e00-\u9fff]", escape(text)), text
        with speaking("zh"):
            assert str(text) == text
            assert say(text) == text
    with speaking("zh"):
        outer = say("The model “{model}” gave impossible values ({error}); choose another.", model="x",
                    error=InputError(say("Close")))  # fmt: skip
    assert str(outer) == "The model “x” gave impossible values (Close); choose another."


def test_a_field_is_set_apart_as_chinese_sets_latin_letters_and_digits_apart():
    fields = {"model": "GRU", "n": 3}
    assert filled("{model}的第{n}步", fields) == "GRU 的第 3 步"
    assert filled("{model} 的第 {n} 步", fields) == "GRU 的第 3 步"
    assert filled("把 {model} 固定", {"model": "更新门"}) == "把更新门固定"
    assert filled("“{model}”，{n:.1f}%", fields) == "“GRU”，3.0%"
    assert filled("每个{noun}，第 {n} 个{noun}", {"noun": "天", "n": 3}) == "每天，第 3 天"
    assert filled("{model!r} of {n}", fields) == "'GRU' of 3"


def test_a_label_that_is_english_is_explained_on_screen_and_stays_what_it_is_in_files():
    with speaking("zh"):
        assert COMMANDS.called("B-city") == "B-city（城市）"
        assert COMMANDS.called("PlayMusic") == "播放音乐"
        assert COMMANDS.name("PlayMusic") == "play music"
    assert COMMANDS.called("B-city") == "B-city"


def test_sentences_stand_one_after_the_other_as_a_language_sets_them():
    def told() -> str:
        return together(say("Close"), "", say("Search"))

    assert told() == "Close Search"
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    with speaking("zh"):
        assert told() == "关闭搜索"


def test_a_third_language_costs_its_catalogue_alone(toy: str):
    assert languages() == (ENGLISH, toy)
    with speaking(toy):
        assert say("Close") == "Fermer"
        assert say("A text without a translation") == "A text without a translation"
        assert [say_n("{n} token", "{n} tokens", n) for n in (0, 1, 2)] == ["un 0", "un 1", "des 2"]
    page = AppTest.from_file(MAIN, default_timeout=30)
    page.query_params["lang"] = toy
    assert any(button.label == "English" for button in page.run().button)
    del page.query_params["lang"]
    assert page.button(key="language-en").click().run().button(key=f"language-{toy}").label == "Français"


def test_a_thread_speaks_its_own_language_and_one_that_works_for_somebody_theirs():
    meet = Barrier(2)

    def heard(key: str) -> list[str]:
        with speaking(key):
            found = []
            for _ in range(20):
                meet.wait()
                found.append(current())
            return found

    with ThreadPoolExecutor(2) as threads:
        assert [set(one) for one in threads.map(heard, ("en", "zh"))] == [{"en"}, {"zh"}]
        with speaking("zh"):
            work = carried(current)
        assert threads.submit(work).result() == "zh"
    assert current() == ENGLISH


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button] + list(page.segmented_control(key="tab").options)


def test_two_visitors_in_turn_each_read_their_own_language():
    pages = {key: open_page(lang=key) for key in ("en", "zh")}
    for _ in range(2):
        assert "中文" in labels(pages["en"])
        assert "English" in labels(pages["zh"])
        assert not any(re.search("[\u4e00-\u9fff]", text) for text in labels(pages["en"]) if text != "中文")
        pages = {key: page.run() for key, page in pages.items()}


def test_the_switch_keeps_what_was_chosen_and_holds_on_the_next_page():
    page = open_page(model="sst2-lstm", text="a dull film", tab="gates")
    page.selectbox(key="order").set_value("similarity").run()
    page.button(key="language-zh").click().run()
    assert not page.exception
    assert page.query_params["lang"] == "zh"
    assert page.selectbox(key="model").value == "sst2-lstm"
    assert page.text_input(key="text").value == "a dull film"
    assert page.selectbox(key="order").value == "similarity"
    assert page.selectbox(key="order").label == "单元的顺序"
    page.switch_page("app_pages/glossary.py").run()
    assert page.button(key="language-en").label == "English"


def test_an_address_without_that_language_is_read_in_english():
    assert "中文" in labels(open_page(lang="<x>"))


def test_what_is_looked_up_is_found_in_the_language_that_asks():
    calls: list[str] = []

    @kept(max_entries=4)
    def told(name: str, _asked: Any = None) -> str:
        calls.append(name)
        return say("Close") + name

    found = []
    for key in ("en", "zh", "en", "zh"):
        with speaking(key):
            found.append(told("x", object()))
    assert found == ["Closex", "关闭x"] * 2
    assert calls == ["x", "x"]


CACHES = {"cache", "lru_cache", "cache_resource", "cache_data"}


def test_the_latest_thing_that_a_page_made_is_made_again_in_another_language(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("streamlit.session_state", {})
    latest, found = Latest[str]("latest of the test"), []
    for key in ("en", "zh"):
        with speaking(key):
            found += [latest.made("x", lambda: say("Close")) for _ in range(2)]
    assert found == ["Close", "Close", "关闭", "关闭"]


def test_outside_of_a_page_english_is_spoken():
    assert language.current() == ENGLISH
    assert catalogue("zh").tag == "zh"


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [(-0.297, ".3f", "−0.297"), (-0.001, ".2f", "0.00"), (0.001, "+.2f", "0.00"), (-3, "d", "−3"), (0, "", "0"),
     (-1e-7, ".0e", "−1e−07"), (-0.001, ".0%", "0%"), (1234.5, ",.1f", "1,234.5"), (True, "", "True")],
)  # fmt: skip
def test_a_number_in_a_sentence_has_a_true_minus_and_no_sign_where_nothing_is_left(value: Any, form: str, shown: str):
    sentence = f"from {{n:{form}}} on"
    assert say(sentence, n=value) == f"from {shown} on"
