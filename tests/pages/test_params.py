"""Every page of the list opens, offers the models it can show, and keeps what is locked or hidden by its address."""

import importlib
import pkgutil
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

import viz
from tests.support import pages
from viz.inputs import MENU, offered
from viz.menu.class_link import DRAWER, HIDDEN, LOCKED
from viz.pages import PAGES, Page
from viz.params import Param

SST = {"model": "sst2-gru", "text": "a dull film"}
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)


def open_page(page: Page, **query: str) -> AppTest:
    return pages.open_page(page.file, **query)


def named(file: str) -> Page:
    return next(page for page in PAGES if page.file == file)


@every_page
def test_a_page_opens_by_its_name_alone(page: Page):
    shown = open_page(page)
    assert not shown.exception
    assert not shown.error


@every_page
def test_a_page_offers_no_model_that_it_cannot_show(page: Page):
    shown = open_page(page)
    pickers = [box for box in shown.selectbox if box.key == "model"]
    assert len(pickers) <= 1
    for picker in pickers:
        assert len(picker.options) <= len(offered(*page.families))
        assert picker.value in offered(*page.families)


def test_a_page_without_an_address_takes_up_the_last_screen_that_it_can_show():
    shown = open_page(named("explore"), **SST, order="peak")
    for file, model in (("explain", "sst2-gru"), ("translate", ""), ("corpus", "sst2-gru")):
        shown.query_params.clear()
        shown = shown.switch_page(f"app_pages/{file}.py").run()
        picked = pages.widget(shown, "selectbox", "model").value
        assert picked == model if model else picked in offered("translate")
    assert shown.query_params["text"] in (SST["text"], [SST["text"]])


def test_what_is_locked_is_shown_and_cannot_be_changed():
    shown = open_page(named("explore"), **SST, tab="gates", lock="model,text")
    assert pages.widget(shown, "selectbox", "model").disabled
    assert shown.text_input(key="text").disabled
    assert not [pills for pills in shown.pills if pills.key == "example"]
    assert not shown.selectbox(key="order").disabled


def test_the_open_part_is_locked_on_its_own_page_alone():
    shown = open_page(named("explore"), **SST, tab="gates", lock="tab,order")
    assert shown.segmented_control(key="tab").disabled
    shown.query_params.clear()
    shown = shown.switch_page("app_pages/explain.py").run()
    assert shown.query_params["lock"] in ("order", ["order"])
    shown.query_params.clear()
    shown = shown.switch_page("app_pages/explore.py").run()
    assert shown.segmented_control(key="tab").disabled


def test_what_is_hidden_is_not_shown_and_keeps_what_the_address_gives():
    shown = open_page(named("explore"), **SST, tab="path", space="3", hide="model,space,layer,order")
    assert not [box for box in shown.selectbox if box.key in ("model", "order")]
    assert not [control for control in shown.get("button_group") if control.key == "space"]
    assert shown.metric[0].label == "GRU says"
    assert shown.query_params["space"] in ("3", ["3"])


def test_a_link_for_a_class_holds_the_picture_and_what_is_locked_or_hidden_in_it():
    shown = open_page(named("explore"), **SST, tab="gates")
    shown.session_state[MENU] = shown.session_state[DRAWER] = True
    shown.run()
    assert {"Model", "Type an English sentence", "Order of units"} <= set(shown.multiselect(key=LOCKED).options)
    shown.multiselect(key=LOCKED).set_value(["model", "text"]).run()
    shown.multiselect(key=HIDDEN).set_value(["order"]).run()
    assert not shown.exception
    query = dict(parse_qsl(urlsplit(shown.code[-1].value).query))
    assert query["lock"] == "model,text"
    assert query["hide"] == "order"
    linked = open_page(named("explore"), **query)
    assert linked.selectbox(key="model").disabled
    assert linked.text_input(key="text").value == SST["text"]
    linked.session_state[MENU] = True
    linked.run()
    assert not [box for box in linked.expander if "class" in box.label]


@pytest.mark.parametrize("asked", ["", ",", "model,", "$$ID-x", "<script>", "model;text", "🙂", "a" * 500])
def test_whatever_stands_in_lock_or_hide_is_answered_with_the_page(asked: str):
    for preset in ("lock", "hide"):
        shown = open_page(named("memory"), **SST, **{preset: asked})
        assert not shown.exception


def params_of_all_modules() -> list[tuple[str, Param]]:
    found = []
    for module in pkgutil.walk_packages(viz.__path__, "viz."):
        if not module.name.startswith("viz.app_pages."):
            members = vars(importlib.import_module(module.name)).values()
            found += [(module.name, member) for member in members if isinstance(member, Param)]
    return found


def test_a_name_in_the_address_can_be_written_there_and_a_default_is_an_option():
    found = params_of_all_modules()
    assert {"model", "text", "at", "order", "whatifs", "lag", "beside", "zoom"} <= {str(param) for _, param in found}
    for module, param in found:
        assert param.isascii(), module
        assert not param.public or param.replace("-", "").isalnum(), (module, param)
        assert not param.options or param.default in param.options, (module, param)


def test_the_session_is_touched_in_few_places():
    root = Path(viz.__file__).parent
    found = {
        path.name for path in root.rglob("*.py")
        if any(word in path.read_text(encoding="utf-8") for word in ("session_state", "st.query_params"))
    }  # fmt: skip
    assert found == {"address.py", "kept.py"}


@pytest.mark.parametrize(("model", "name"), [("spoken-digits-gru", "7-theo"), ("beijing-attention", "smog")])
@pytest.mark.parametrize("file", ["translate", "generate", "explore"])
def test_the_name_of_an_example_is_no_text_for_the_page_that_is_opened_next(model, name, file):
    shown = open_page(named("explore"), model=model, text=name)
    assert not shown.exception
    if file == "explore":
        shown.query_params.clear()
        shown.query_params["model"] = "sst2-gru"
        shown = shown.run()
    else:
        shown.query_params.clear()
        shown = shown.switch_page(f"app_pages/{file}.py").run()
    assert not shown.exception
    boxes = [*shown.text_input, *shown.text_area]
    assert name not in [box.value for box in boxes]
    assert next(box for box in boxes if box.key == "text").value.strip()
