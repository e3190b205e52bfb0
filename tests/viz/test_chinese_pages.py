"""Every page as somebody reads it who reads Chinese alone: no sentence on it is English."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from pretrained.corpus.texts import shipped
from pretrained.tasks import TASKS
from pretrained.tasks.labels.chinese_dialogue import CHINESE_DIALOGUE
from pretrained.tasks.labels.commands import COMMANDS
from viz import cards
from viz.explain.page import SECTIONS
from viz.explore.page import PARTS
from viz.pages import PAGES
from viz.params.frame import WORDS

MAIN = str(Path(__file__).parents[2] / "viz" / "main.py")
LESSONS = Path(MAIN).parent / "learn" / "lessons"
KINDS = ("sst2-lstm", "commands-bilstm", "dialogue-zh-bilstm", "protein-bilstm", "splice-bigru", "spoken-digits-gru",
         "beijing-attention", "shakespeare-gru", "poems-lstm")  # fmt: skip
"""A model of every kind that Explore shows."""

ADDRESSES: list[tuple[str, dict[str, str]]] = [
    *((page.file, {}) for page in PAGES if page.file != "generate"),  # what it writes is English, as it should be
    ("generate", {"model": "poems-lstm"}),
    *(("explore", {"model": key}) for key in KINDS),
    *(("explore", {"tab": tab}) for tab in PARTS),
    *(("explore", {"model": key, "tab": "answer"}) for key in KINDS[1:7]),
    *(("explain", {"section": section}) for section in SECTIONS),
    ("explain", {"model": "beijing-attention", "section": "attribution"}),
    ("explain", {"model": "sst2-gru-attention", "section": "attention", "test": "numbers"}),
    ("corpus", {"model": "sst2-gru", "find": "unit", "deeper": "quadrants"}),
    ("explore", {"tab": "gates", "at": "rnn-0-forward.reset_gate.1.1"}),
    ("compare", {"models": "beijing-gru,beijing-lstm"}), ("compare", {"mode": "inputs"}),
    ("translate", {"model": "en-zh-attention"}), ("translate", {"model": "facts-attention"}),
    ("corpus", {"find": "words", "words": "good"}), ("corpus", {"find": "states"}),
    ("learn", {"lesson": "reset-gate"}), ("learn", {"lesson": "no-such"}), ("learn", {"teach": "1"}),
    ("explore", {"model": "no-such"}), ("explore", {"text": "这部电影一点也不好看"}), ("memory", {"model": "co2-gru"}),
]  # fmt: skip

ENGLISH = re.compile(r"(?<![\w.-])[A-Za-z][a-z’']+(?:[,:;]? [A-Za-z’'][a-z’']*){2,}")
"""Three words in a row, in letters that Chinese has not."""

UNREAD = {"id", "key", "icon", "module", "plotly", "figure_name", "name", "group", "form_id", "element_id", "url_path",
          "page_script_hash", "url", "query_string", "element_hash", "component_name", "mathml", "latex", "font",
          "family", "hash", "lang", "className", "uirevision", "isolate_styles", "css_content", "js_content", "code",
          "dash", "shape", "path", "d", "user_key", "widget_id", "data_words", "spec_json", "language"}  # fmt: skip
"""Fields of what the browser is sent that nobody reads."""

NAMES = (
    "Recursive Deep Models", "torch.nn", "Kendall’s", "Long Short",  # works, libraries and measures of that name
    "Vanilla RNN", "Elman", "customer rating, area", "Layer Normalization", "Transformer Explainer",
)  # fmt: skip
"""What is called so in Chinese, too."""


def known() -> str:
    """What is data: texts of examples and of corpora, labels, and references to the literature."""
    slots = (label.replace("_", " ") for label in COMMANDS.glosses)
    found = {*WORDS, *slots, *(path.read_text(encoding="utf-8") for path in LESSONS.iterdir())}
    for task in TASKS:
        texts = shipped(task.key)
        found.update(example.text for example in task.examples)
        found.update(example.reference for example in task.examples)
        found.update(task.data.get(name, "") for name in ("citation", "source", "copy"))
        found.update((texts.citation, *texts.texts) if texts else ())
    return "\n".join(" ".join(text.split()) for text in sorted(found))


KNOWN = known()
CITED = re.compile(r"[A-Z][\w&.,’ -]*? (?:et al\.|\d{4}).*?(?=[。；）)]|$)")


MARKUP = re.compile(r"<style.*?</style>|<[^>]*>|`[^`]*`|\$[^$]*\$|:[\w-]+\[|:material/\w+:|https?://\S+|\\", re.DOTALL)
"""What stands in a text and is not read."""


def texts_in(value: Any) -> Iterator[str]:
    """Every text that a person may read in what the browser is sent."""
    if isinstance(value, Message):
        for field, content in value.ListFields():
            if field.name not in UNREAD:
                yield from texts_in(content)
    elif isinstance(value, bytes):
        if value[:1] in (b"{", b"["):
            yield from texts_in(json.loads(value))
    elif isinstance(value, str):
        if value[:2] in ('{"', '["'):
            try:
                yield from texts_in(json.loads(value))
                return
            except ValueError:
                pass
        yield value
    elif hasattr(value, "items"):
        for name, content in value.items():
            if name not in UNREAD:
                yield from texts_in(content)
    elif hasattr(value, "__iter__"):
        for content in value:
            yield from texts_in(content)


def english_in(text: str) -> str:
    """The first English sentence in a text that is no part of what is data; "" if there is none."""
    for name in NAMES:
        text = text.replace(name, "·")
    plain = MARKUP.sub("", text)
    found = (each[0] for each in ENGLISH.finditer(CITED.sub("·", plain)))
    return next((each for each in found if each not in KNOWN), "")


def elements(block: Any) -> Iterator[Any]:
    """Every element below a block."""
    for child in getattr(block, "children", {}).values():
        yield child
        yield from elements(child)


@pytest.fixture
def headings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The first lines of the CSV files that a page offers."""
    found: list[str] = []

    def save(key: str, name: str, content: Callable[[], str | bytes], kind: str, tip: str) -> None:
        if kind == "csv":
            found.append(str(content()).partition("\r\n")[0])

    def menu(key: str, how_to_read: str, files: Callable[[], None]) -> None:
        files()

    monkeypatch.setattr(cards, "save", save)
    monkeypatch.setattr(cards, "figure_menu", menu)
    monkeypatch.setattr(cards, "bundle_of", lambda card: None)
    return found


@pytest.mark.parametrize(("file", "query"), ADDRESSES, ids=lambda one: str(one))
def test_a_page_in_chinese_holds_no_english_sentence_and_saves_columns_with_english_names(
    headings: list[str], file: str, query: dict[str, str]
) -> None:
    page = AppTest.from_file(MAIN, default_timeout=120)
    page.query_params["lang"] = "zh"
    if file != "explore":
        page.run()
    for name, value in query.items():
        page.query_params[name] = value
    page = page.switch_page(f"app_pages/{file}.py").run() if file != "explore" else page.run()
    assert not page.exception
    left = {
        f"{type(element).__name__}: {found}": text[:160]
        for element in elements(page._tree)
        if (proto := getattr(element, "proto", None)) is not None
        for text in texts_in(proto)
        if (found := english_in(text))
    }
    assert left == {}
    tags = re.compile("|".join(map(re.escape, CHINESE_DIALOGUE.tags)))
    assert [line for line in headings if re.search("[\u4e00-\u9fff]", tags.sub("", line))] == []
