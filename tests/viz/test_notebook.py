"""Figures by name, a notebook's outputs and a whole page: offline, one copy of Plotly, and text stays text."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import gatescope as gs
from viz.figures.parts.token_axis import numbered
from viz.figures.plotly_js import PLANE, script
from viz.outside import notebook
from viz.outside.command import GIVEN, main
from viz.outside.equations import to_html as equation
from viz.outside.report import page as report

HOSTILE = ["</script><script>alert(1)</script>", "<b>x</b>", "$a$ %{y}", "&amp;", "\u202eabc"]
NOTEBOOKS = Path(gs.__file__).parent / "viz" / "notebooks"
X = torch.randn(5, 3, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def trace():
    return gs.trace(nn.GRU(3, 4, bidirectional=True), X, tokens=HOSTILE, name="<i>mine</i>")


def test_a_figure_is_had_by_its_name(trace):
    drawn = gs.figure(trace, "heatmap", "update_gate")
    assert isinstance(drawn, go.Figure)
    assert np.allclose(drawn.data[0].z, trace.array(gs.Site("rnn"), "update_gate").T)  # type: ignore[union-attr]  # it is there
    with pytest.raises(ValueError, match="a view out of prediction, heatmap"):
        gs.figure(trace, "heat")
    with pytest.raises(ValueError, match=r"update_gate at rnn-0-forward.*got 'forget_gate'"):
        gs.figure(trace, "heatmap", "forget_gate")


def test_a_page_opens_without_a_network_and_keeps_text_as_text(trace, tmp_path):
    path = gs.to_html(trace, tmp_path / "report.html")
    page = path.read_text(encoding="utf-8")
    ours = page.replace(script(PLANE).decode(), "")
    assert len(page) - len(ours) > 1_000_000
    assert "alert(1)</script>" not in ours
    assert "<b>x</b>" not in ours
    assert "<i>mine</i>" not in ours
    assert "http" not in ours.replace("http-equiv", "")
    assert "z = 1 keeps the past" in ours
    assert "h<sub>t</sub> = (1 - z<sub>t</sub>) ⊙ n<sub>t</sub> + z<sub>t</sub> ⊙ h<sub>t-1</sub>" in ours
    assert ours.count("text/csv") == 8


def test_a_page_is_as_wide_as_its_window_and_only_its_tables_scroll(trace):
    written = report(trace)
    assert '<meta name="viewport" content="width=device-width">' in written
    assert written.count('<div class="gs-table"><table>') == written.count("<table>") == 1


def test_a_step_without_a_name_is_called_by_its_number_alone():
    assert [numbered("step", 2, label) for label in ("3", "not", "4")] == ["step 3", "step 3 “not”", "step 3 “4”"]


def test_a_notebook_holds_one_copy_of_plotly(trace, monkeypatch):
    monkeypatch.setattr(notebook._Sent, "done", False)
    first, second = trace._repr_html_(), gs.ledger(trace)._repr_html_()
    assert len(first) > 1_000_000 > len(second)
    third = gs.attribute(lambda rows: rows.sum((1, 2)), X)._repr_html_()
    assert "integrated gradients" in third
    assert len(third) < 1_000_000
    assert len(gs.show(trace, plotly=True).html) > 1_000_000


def test_whatever_is_traced_or_seen_shows_itself():
    model = nn.Sequential(nn.LSTM(3, 4))
    with gs.watch(model, edits={"0": [gs.HoldGate(gs.Site("rnn"), "forget_gate", 1.0)]}) as log:
        model(X)
    assert "gs-figure" in log["0"]._repr_html_()  # type: ignore[attr-defined]  # what the library adds
    assert "gs-figure" in gs.run(model[0], X)._repr_html_()
    assert all("gs-figure" in one._repr_html_() for one in gs.trace(model[0], X[:, None]))
    assert "gs-figure" in gs.show(model[0], X).html


def test_a_whole_model_is_seen_and_shown_in_one_line():
    model = nn.Sequential(nn.Embedding(9, 3), nn.LSTM(3, 4, batch_first=True))
    batch = torch.tensor([[1, 2, 3], [4, 5, 6]])
    log = gs.watch(model, batch, tokens=[["a", "<b>", "c"], ["d", "e", "f"]])
    assert log["1"].tokens.labels == ("a", "<b>", "c")
    for page in (log._repr_html_(), gs.show(model, batch, tokens=[["a", "<b>", "c"], ["d", "e", "f"]]).html):
        assert page.count('class="gs-figure"') == 5
        assert "<b>b" not in page
    assert len(repr(gs.show(model, batch))) < 100


def test_equations_are_written_without_latex():
    assert equation(r"f_t = \sigma(W_{if} x_t) \odot c_{t-1}") == (
        "f<sub>t</sub> = σ(W<sub>if</sub> x<sub>t</sub>) ⊙ c<sub>t-1</sub>"
    )


def test_the_front_door_leads_to_all_that_it_names():
    assert all(hasattr(gs, name) for name in gs.__all__)


@pytest.mark.parametrize("name", ["engineers", "students"])
def test_every_notebook_runs_from_top_to_bottom_without_streamlit(name, tmp_path):
    held = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in held["cells"] if cell["cell_type"] == "code"]
    assert not any(cell.get("outputs") for cell in held["cells"])
    last = "import sys; assert not {'streamlit', 'captum'} & {each.split('.')[0] for each in sys.modules}"
    code = "\n".join([*cells, last])
    (tmp_path / "cells.py").write_text(code, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(NOTEBOOKS.parents[1])}
    found = subprocess.run(
        [sys.executable, "-W", "error", "cells.py"], cwd=tmp_path, capture_output=True, text=True, env=environment
    )
    assert found.returncode == 0, found.stderr


def test_a_shipped_model_is_loaded_by_its_key_and_shows_its_numbers():
    model = gs.load("sst2-gru")
    trace = model.trace(model.encode("a superb film"))
    table = gs.numbers(trace, "heatmap", "update_gate")
    assert table["update_gate"].tolist() == trace.array(gs.Site("rnn"), "update_gate").ravel().tolist()


def test_a_shipped_model_is_run_with_its_gates_held():
    held = gs.run(gs.load("sst2-gru"), "a superb film", edits=[gs.HoldGate(gs.Site("rnn"), "update_gate", 1.0)])
    assert not held.array(gs.Site("rnn"), "hidden_state").any()


def test_the_command_opens_the_app_with_a_file_that_is_there(tmp_path, capsys, monkeypatch):
    started = []
    monkeypatch.setattr("streamlit.web.cli.main", lambda *given, **kwargs: started.append(given))
    monkeypatch.delenv(GIVEN, raising=False)
    assert main(["open", str(tmp_path / "none.onnx")]) == 1
    assert "there is no such file" in capsys.readouterr().err
    (tmp_path / "m.onnx").write_bytes(b"")
    monkeypatch.setenv(GIVEN, "")
    assert main(["open", str(tmp_path / "m.onnx")]) == 0
    assert os.environ[GIVEN] == str(tmp_path / "m.onnx")
    assert len(started) == 1


def test_the_command_writes_a_page_about_a_model_in_a_file(tmp_path, capsys):
    save_file(nn.ModuleDict({"rnn": nn.GRU(3, 4)}).state_dict(), tmp_path / "m.safetensors")
    np.savetxt(tmp_path / "x.csv", X.numpy(), delimiter=",", header="a,b,c", comments="")
    asked = ["trace", str(tmp_path / "m.safetensors"), str(tmp_path / "x.csv"), "-o", str(tmp_path / "r.html")]
    assert main(asked) == 0
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "m.safetensors: rnn" in page
    assert "<p dir='auto'>5 steps</p>" in page
    assert "candidate from the step alone" in page
    (tmp_path / "x.csv").write_text("1,2\n3,4\n", encoding="utf-8")
    assert main(asked) == 1
    assert "reads 3 numbers a step" in capsys.readouterr().err
    (tmp_path / "x.csv").unlink()
    assert main(asked) == 1
    assert "x.csv: No such file" in capsys.readouterr().err
    (tmp_path / "x.csv").write_text("1,2,3", encoding="utf-8")
    assert main([*asked, "--module", "other"]) == 1
    assert "expected --module with one of rnn, got other" in capsys.readouterr().err
