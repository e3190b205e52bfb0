"""What one takes away: files that hold the numbers, and a script that computes them again in a process of its own."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save
from torch import nn

from core_models.edits.edit import HoldGate
from core_models.edits.run import run
from core_models.kept_input import encoded_of, read_input, write_input
from core_models.trace import Site
from pretrained.registry import load
from viz.figures import VIEWS
from viz.figures.parts.export import to_npz
from viz.outside.bundle import OTHER, Bundle, all_numbers
from viz.own_model.model import Parts, build
from viz.own_model.reading import Numbers, Words
from viz.placing import card_of
from viz.view import Options, Target

ROOT = Path(__file__).parents[2]
HEATMAP = next(view for view in VIEWS if view.key == "heatmap")
INPUTS = {
    "sst2-gru": 'a film that isn’t "bad"',
    "co2-gru": "recent",
    "dates-attention": "3 August 1998",
    "shakespeare-gru": "To be,\nor not",
}


def traced(key: str):
    model = load(key)
    return model, model.trace(model.complete(model.encode(INPUTS[key])))


def kept_of(model, trace, target: Target, view=HEATMAP) -> tuple[Bundle, bytes]:
    card = card_of(view, trace, target, Options())
    kept = Bundle([trace], [model], card.again)
    return kept, kept.pack(card.figure, card.numbers(), card.title)


SHIPPED = {
    "sst2-gru": Target(Site("rnn"), "update_gate"),
    "co2-gru": Target(Site("rnn"), "hidden_state"),
    "dates-attention": Target(Site("encoder", 0, "backward"), "reset_gate"),
}
OWN, LARGE, WORDY, TWO = "own-x", "large", "wordy", "two"

SCRIPTS = """
import contextlib, os, pathlib, runpy, sys
import tests.conftest  # which forbids to reach another computer
for folder in sys.argv[1:]:
    os.chdir(folder)
    sys.argv[1:] = ["mine.safetensors"]
    with open("printed.txt", "w", encoding="utf-8") as printed, contextlib.redirect_stdout(printed):
        runpy.run_path("reproduce.py")
"""
"""Runs the script of every bundle, each in the folder that it was unpacked in."""


def of_ones_own(name: str):
    """An LSTM that comes with its bundle, one that is too large to, and one that reads words."""
    module = nn.LSTM(3, 4, 2).requires_grad_(False)
    content, words = save(nn.ModuleDict({"enc": module}).state_dict()), Words(("a", "b", "<unk>"))
    reads = words if name == WORDY else Numbers(3)
    vectors = torch.randn(3, 3) if name == WORDY else None
    parts = Parts(
        "../my 'best' $(model)\n.safetensors", "enc", module, reads, vectors, content=b"" if name == LARGE else content
    )
    model = build(parts, OWN, "a b b c" if name == WORDY else "0.1,0.2,0.3\n-1,2,0.5\n0,0,1")
    return (model, model.trace(model.encode(model.task.examples[0].text))), content


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory) -> dict[str, Path]:
    """Folders of bundles by name, with what their scripts print in a fresh process."""
    folders = {name: tmp_path_factory.mktemp(name) for name in (*SHIPPED, OWN, LARGE, WORDY, TWO)}
    bundles = {key: kept_of(*traced(key), target)[1] for key, target in SHIPPED.items()}
    for name in (OWN, LARGE, WORDY):
        made, content = of_ones_own(name)
        bundles[name] = kept_of(*made, Target(Site("rnn", 1), "forget_gate"))[1]
        (folders[name] / "mine.safetensors").write_bytes(content)
    model, trace = traced("shakespeare-gru")
    figure = HEATMAP.draw(trace, HEATMAP.targets(trace)[0], Options())
    bundles[TWO] = Bundle([trace, trace], [model, model]).pack(figure, pd.DataFrame({"value": [1.0]}), "two")
    for name, content in bundles.items():
        zipfile.ZipFile(io.BytesIO(content)).extractall(folders[name])
    subprocess.run(
        [sys.executable, "-c", SCRIPTS, *map(str, folders.values())], check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return folders


@pytest.mark.parametrize("name", [*SHIPPED, OWN, LARGE, WORDY])
def test_the_script_of_a_bundle_prints_the_numbers_of_its_figure(name, unpacked):
    printed, kept = (pd.read_csv(unpacked[name] / file) for file in ("printed.txt", "numbers.csv"))
    values = kept.select_dtypes("number").columns
    assert list(printed) == list(kept)
    assert len(values)
    np.testing.assert_allclose(printed[values], kept[values], atol=1e-6)


@pytest.mark.parametrize(("key", "target"), SHIPPED.items())
def test_a_bundle_says_what_made_it(key, target, unpacked):
    model, trace = traced(key)
    assert len((unpacked[key] / "reproduce.py").read_text(encoding="utf-8").splitlines()) <= 10
    told = json.loads((unpacked[key] / "settings.json").read_text(encoding="utf-8"))
    assert told["models"][0]["weights sha256"] == model.recipe.weights["sha256"]
    assert told["models"][0]["seed"] == model.recipe.training.seed
    with np.load(unpacked[key] / "numbers.npz") as held:
        np.testing.assert_array_equal(
            held[target.key], card_of(HEATMAP, trace, target, Options()).numbers()[target.key]
        )


def test_a_bundle_holds_the_model_or_says_which_file_it_wants(unpacked):
    scripts = {name: (unpacked[name] / "reproduce.py").read_text(encoding="utf-8") for name in (OWN, LARGE, WORDY)}
    assert "gs.load('model.safetensors')" in scripts[OWN]
    assert "gs.load(sys.argv[1])" in scripts[LARGE]
    assert [(unpacked[name] / "model.safetensors").exists() for name in scripts] == [True, False, True]
    assert all(len(script.splitlines()) <= 12 for script in scripts.values())


def test_a_figure_without_lines_of_its_own_gives_the_values_it_was_made_of(unpacked):
    assert (unpacked[TWO] / "printed.txt").read_text(encoding="utf-8").count("rnn-0-forward update_gate") == 2


def test_edited_numbers_are_not_passed_off_as_the_networks_own():
    model, trace = traced("sst2-gru")
    held = run(model.network, encoded_of(trace), [HoldGate(Site("rnn"), "update_gate", 1.0)], name="sst2-gru")
    own, edited = (kept_of(model, one, Target(Site("rnn"), "hidden_state"))[1] for one in (trace, held))
    scripts = [zipfile.ZipFile(io.BytesIO(one)).read("reproduce.py").decode() for one in (own, edited)]
    assert [script.startswith(OTHER) for script in scripts] == [False, True]


@pytest.mark.parametrize("key", INPUTS)
def test_an_input_is_read_again_as_it_was(key, tmp_path):
    model, trace = traced(key)
    (tmp_path / "input.npz").write_bytes(write_input(trace))
    again = model.trace(read_input(tmp_path / "input.npz"))
    assert again.tokens == trace.tokens
    assert again.sources == trace.sources
    assert all(np.array_equal(again.array(*at), trace.array(*at)) for at in trace)


def test_a_state_from_which_a_text_is_read_on_is_kept(tmp_path):
    for key, cells in (("shakespeare-gru", 1), ("c-code-lstm", 2)):
        model = load(key)
        encoded = model.encode("int a")
        rnn = model.network.rnn
        parts = tuple(torch.randn(rnn.num_layers, rnn.hidden_size) * 0.1 for _ in range(cells))
        object.__setattr__(encoded, "state", parts if cells == 2 else parts[0])
        trace = model.trace(encoded)
        (tmp_path / "input.npz").write_bytes(write_input(trace))
        again = model.trace(read_input(tmp_path / "input.npz"))
        assert all(np.array_equal(again.array(*at), trace.array(*at)) for at in trace)


def test_arrays_are_kept_without_pickles():
    table = pd.DataFrame({"token": ["a", None], "value": np.array([0.5, 1], dtype=np.float32), "step": [1, 2]})
    with np.load(io.BytesIO(to_npz(table)), allow_pickle=False) as held:
        assert held["token"].tolist() == ["a", ""]
        assert held["value"].dtype == np.float32
    _, trace = traced("sst2-gru")
    with np.load(io.BytesIO(all_numbers(trace)), allow_pickle=False) as held:
        assert np.array_equal(held["rnn-0-forward.update_gate"], trace.array(Site("rnn"), "update_gate"))
