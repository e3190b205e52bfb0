"""The page that opens a file of a person's own model, and the command that opens it with one."""

import hashlib
import io
import json
import zipfile
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save, save_file
from streamlit.testing.v1 import AppTest
from torch import nn

from core_models.own.files.load import open_model
from core_models.target import Target
from core_models.trace import Site
from pretrained.uploads.apart import READERS
from tests.core_models.own.test_exports import EXPORTS
from tests.pages.given.test_own_model import KEYS, PAGES, WORDS
from tests.support.pages import MAIN, open_page, sentences
from viz import models
from viz.outside.command import GIVEN
from viz.own_model.model import Parts, build
from viz.own_model.opened import OPENED, REFUSED, Opened, describe, open_file, open_files
from viz.own_model.proof import PROOF
from viz.own_model.reading import Numbers, as_text, read_numbers


def opened(tensors: dict[str, torch.Tensor], name: str = "m.safetensors") -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=60).run()
    page.session_state[OPENED.name] = Opened(name, open_model(save(tensors), name))
    return page.switch_page("app_pages/own_model.py").run()


def test_a_file_of_weights_becomes_a_model_in_one_click():
    model = nn.ModuleDict({"enc": nn.GRU(3, 4, 2), "out": nn.Linear(4, 2)})
    page = opened(model.state_dict())
    assert not page.exception
    assert "z = 1 keeps the past" in sentences(page)
    assert str(page.text_area[0].value).count("\n") == 11
    assert page.selectbox(key="own-readout").value == "out.weight"
    page = page.segmented_control(key="own-gives").set_value("classes").run()
    page = page.text_input(key="own-names").set_value("no, yes, maybe").run()
    assert "You gave 3 names, and there are 2 outputs" in sentences(page)
    page = page.text_input(key="own-names").set_value("no, <b>yes</b>").run()
    page = page.button(key="own-open").click().run()
    assert not page.exception
    (made,) = page.session_state[models.HELD.name].values()
    assert made.task.classes == ("no", "<b>yes</b>")
    assert made.recipe.scores["parameters"] == sum(values.numel() for values in model["enc"].parameters())


def test_a_text_needs_the_words_behind_its_numbers():
    page = opened(nn.ModuleDict({"emb": nn.Embedding(5, 3), "rnn": nn.LSTM(3, 4)}).state_dict())
    assert "write the ids of the words instead" in sentences(page)
    assert page.text_area(key="own-text").value == "0 1 2 3 4"
    page.session_state["own vocabulary"] = WORDS[:4]
    assert "has 4 words and the embedding 5 rows" in sentences(page.run())
    page.session_state["own vocabulary"] = WORDS
    page = page.run()
    page = page.text_area[0].set_value("Good film!").run()
    page = page.button(key="own-open").click().run()
    assert not page.exception
    (made,) = page.session_state[models.HELD.name].values()
    assert made.encode("Good film!").ids == (2, 4, 1)


def test_what_was_chosen_is_there_again_when_a_person_comes_back():
    page = opened(nn.ModuleDict({"rnn": nn.GRU(3, 4), "out": nn.Linear(4, 2)}).state_dict())
    page = page.text_input(key="own-names").set_value("left, right").run()
    page = page.text_area(key="own-numbers").set_value("1,2,3").run()
    page = page.switch_page(PAGES[0]).run().switch_page("app_pages/own_model.py").run()
    assert page.text_input(key="own-names").value == "left, right"
    assert page.text_area(key="own-numbers").value == "1,2,3"


def test_the_weights_of_a_shipped_model_can_be_opened_as_if_they_were_ones_own():
    page = open_page().switch_page("app_pages/own_model.py").run()
    page = page.button(key="own-example").click().run()
    assert page.selectbox(key="own-readout").value == "heads.forecast.readout.weight"
    page = page.button(key="own-open").click().run()
    assert not page.exception
    (made,) = page.session_state[models.HELD.name].values()
    assert made.task.classes[-1] == "output 12"


def test_the_output_of_the_original_is_held_against_the_network():
    module = nn.GRU(3, 4)
    page = opened(module.state_dict())
    page.session_state["own-proof"] = True
    read = torch.from_numpy(read_numbers(str(page.text_area[0].value)))
    states = module(read)[0].detach().numpy()
    for output, words in ((states, "It does: states after every step differ by"), (states[1:], "expected"),
                          (states + 0.5, "differ by up to 0.5, at step")):  # fmt: skip
        page.session_state[PROOF.name] = output
        page = page.run()
        assert not page.exception
        assert words in (page.success[0].value if page.success else sentences(page))


def test_a_pickle_is_refused_with_the_lines_that_make_a_file():
    kept: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(REFUSED), "put", lambda self, value: kept.update({self.name: value}))
        patch.setattr(type(REFUSED), "take", lambda self: None)
        open_file("model.pt", b"")
        assert "save_file(" in kept[REFUSED.name].code
        open_file("model.onnx", b"\x00")
        assert "cannot be read as one" in kept[REFUSED.name].sentence
        open_file("model.safetensors", b"\x00" * 50_000_001)
        assert "50 MB is the most" in kept[REFUSED.name].sentence
        open_file("model.keras", b"PK\x03\x04")
        assert "expected a Keras file" in kept[REFUSED.name].sentence
        assert OPENED.name not in kept


def test_a_model_in_several_files_is_opened_when_all_are_given(monkeypatch):
    kept: dict[str, Any] = {}
    for place in (OPENED, REFUSED):
        monkeypatch.setattr(type(place), "put", lambda self, value: kept.update({self.name: value}))
        monkeypatch.setattr(type(place), "take", lambda self: kept.pop(self.name, None))
    with zipfile.ZipFile(EXPORTS) as exports:
        onnx, data = exports.read("dynamo-bigru.onnx"), exports.read("gru_bi.dynamo-ext.onnx.data")
    assert not open_files({"m.onnx": onnx})
    assert "give both files together" in kept[REFUSED.name].sentence
    assert open_files({"m.onnx": onnx, "gru_bi.dynamo-ext.onnx.data": data})
    assert kept[OPENED.name].content == b""
    assert kept[OPENED.name].checksum == hashlib.sha256(onnx + data).hexdigest()
    lower, upper = ({f"rnn.{key}": value for key, value in nn.GRU(3, 4, 2).state_dict().items() if place in key}
                    for place in ("l0", "l1"))  # fmt: skip
    index = {"weight_map": dict.fromkeys(lower, "1.safetensors") | dict.fromkeys(upper, "2.safetensors")}
    shards = {"m.safetensors.index.json": json.dumps(index).encode(), "1.safetensors": save(lower)}
    assert not open_files(shards)
    assert "2.safetensors" in kept[REFUSED.name].sentence
    assert open_files({"m.onnx": onnx, **shards, "2.safetensors": save(upper)})
    assert kept[OPENED.name].modules["rnn"].num_layers == 2
    assert open_files({**shards, "2.safetensors": save(upper), "3.safetensors": save(nn.LSTM(3, 4).state_dict())})
    assert kept[OPENED.name].name == "3.safetensors"
    assert open_files({"gru_bi.dynamo-ext.onnx.data": data, "m.onnx": onnx})


def test_the_file_that_was_given_last_is_the_one_that_is_spoken_of(monkeypatch):
    kept: dict[str, Any] = {}
    monkeypatch.setattr(type(REFUSED), "put", lambda self, value: kept.update({self.name: value}))
    monkeypatch.setattr(type(REFUSED), "take", lambda self: None)
    assert not open_files({"model.pt": b"", "paper.pdf": b"%PDF-1.7"})
    assert "paper.pdf" in kept[REFUSED.name].sentence
    assert not open_files({"paper.pdf": b"%PDF-1.7", "model.pt": b""})
    assert "model.pt" in kept[REFUSED.name].sentence


def test_the_page_takes_a_model_and_the_files_beside_it():
    page = AppTest.from_file(MAIN, default_timeout=60).run().switch_page("app_pages/own_model.py").run()
    with zipfile.ZipFile(EXPORTS) as exports:
        held = {name: exports.read(name) for name in exports.namelist()}
    onnx, data = "dynamo-bigru.onnx", "gru_bi.dynamo-ext.onnx.data"
    assert page.file_uploader(key="own-file").accept_multiple_files
    for names, words in (
        ([onnx], "give both files together"), ([onnx, data], "Recurrent layers in “dynamo\\-bigru\\.onnx”"),
        (["rounded.onnx"], "stored in 8 bits"), (["learnt-lstm.onnx"], "begins from a state that it has learnt"),
        (["elman-both.onnx"], "Recurrent layers in “elman\\-both"), (["learnt-rnn.onnx"], "begins from a state that"),
    ):  # fmt: skip
        given = [(name, held[name], "application/octet-stream") for name in names]
        page = page.file_uploader(key="own-file").set_value(given).run()
        assert not page.exception
        assert words in sentences(page)
    page = page.file_uploader(key="own-file").set_value([("learnt-lstm.onnx", held["learnt-lstm.onnx"], "")]).run()
    page = page.button(key="own-open").click().run()
    assert not page.exception
    assert not page.error


def test_a_model_that_has_learnt_its_first_state_is_shown_from_it():
    with zipfile.ZipFile(EXPORTS) as exports, np.load(io.BytesIO(exports.read("truth.npz"))) as truth:
        contents = open_model(exports.read("learnt-lstm.onnx"), "m.onnx")
        x, states = truth["learnt-lstm.onnx|x"], truth["learnt-lstm.onnx|states"]
    ((name, module),) = contents.modules.items()
    assert "a state that it has learnt" in describe(module, Opened("m.onnx", contents))
    model = build(Parts("m.onnx", name, module, Numbers(3)), KEYS["states"], as_text(x))
    encoded = model.encode(as_text(x))
    assert np.abs(model.trace(encoded).array(Site("rnn"), "hidden_state") - states).max() < 1e-6
    assert np.abs(model.predict([encoded])[0] - states).max() < 1e-6
    assert abs(model.outputs(encoded, model.trace(encoded)).value(Target("numbers", 1, 5)) - states[5, 1]) < 1e-6


def test_a_keras_file_is_read_in_a_process_apart(monkeypatch):
    asked: list[Any] = []
    monkeypatch.setattr(READERS, "ask", lambda *given: asked.append(given))
    kept: dict[str, Any] = {}
    monkeypatch.setattr(type(REFUSED), "put", lambda self, value: kept.update({self.name: value}))
    monkeypatch.setattr(type(REFUSED), "take", lambda self: None)
    open_file("model.keras", b"PK\x03\x04")
    assert len(asked) == 1
    assert "damaged" in kept[REFUSED.name].sentence


def test_the_translator_shows_lines_between_forms_that_can_be_equal():
    page = opened(nn.GRU(3, 4).state_dict())
    page.session_state["dialects"] = True
    page = page.run()
    assert not page.exception


def test_the_app_begins_with_the_file_of_a_model_that_it_was_given(tmp_path, monkeypatch):
    save_file(nn.GRU(3, 4).state_dict(), tmp_path / "m.safetensors")
    monkeypatch.setenv(GIVEN, str(tmp_path / "m.safetensors"))
    page = AppTest.from_file(MAIN, default_timeout=60).run()
    assert not page.exception
    assert "Recurrent layers in “m\\.safetensors”" in sentences(page)
    assert page.switch_page(PAGES[0]).run().title[0].value.startswith("Watch a trained network")


def test_the_app_begins_with_a_model_in_several_files(tmp_path, monkeypatch):
    state = nn.GRU(3, 4).state_dict()
    save_file(state, tmp_path / "1.safetensors")
    file = tmp_path / "m.safetensors.index.json"
    file.write_text(json.dumps({"weight_map": dict.fromkeys(state, "1.safetensors")}), encoding="utf-8")
    monkeypatch.setenv(GIVEN, str(file))
    page = AppTest.from_file(MAIN, default_timeout=60).run()
    assert not page.exception
    assert "Recurrent layers in “m\\.safetensors\\.index\\.json”" in sentences(page)


def test_an_address_that_names_what_to_show_goes_before_the_given_file(tmp_path, monkeypatch):
    save_file(nn.GRU(3, 4).state_dict(), tmp_path / "m.safetensors")
    monkeypatch.setenv(GIVEN, str(tmp_path / "m.safetensors"))
    page = AppTest.from_file(MAIN, default_timeout=60)
    page.query_params["model"] = "sst2-gru"
    assert page.run().selectbox(key="model").value == "sst2-gru"


def test_the_app_begins_with_the_data_that_it_was_given(tmp_path, monkeypatch):
    (tmp_path / "t.txt").write_text("a superb film", encoding="utf-8")
    monkeypatch.setenv(GIVEN, str(tmp_path / "t.txt"))
    page = AppTest.from_file(MAIN, default_timeout=60).run()
    assert not page.exception
    assert page.text_input(key="text").value == "a superb film"


def test_a_given_file_that_is_gone_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv(GIVEN, str(tmp_path / "none.onnx"))
    assert "cannot be read" in sentences(AppTest.from_file(MAIN, default_timeout=60).run())
