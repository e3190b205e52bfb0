"""Cards: every figure reaches a page in one, and what it gives as a file is safe to open."""

import re
import tomllib
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from core_models.trace import Tokens, Trace
from viz.cards import LONGEST_NAME, Origin
from viz.figures.parts.export import FORMULA, to_csv
from viz.markdown import JOINER, escape

VIZ = Path(__file__).parents[2] / "viz"
DRAWS = re.compile(r"\b(linked_plot|zoomed_plot|altair_chart|plotly_chart)\(")


def test_every_figure_on_every_page_reaches_it_in_a_card():
    drawing = {
        str(file.relative_to(VIZ))
        for file in VIZ.rglob("*.py")
        if "linked_plot" not in file.parts and DRAWS.search(file.read_text(encoding="utf-8"))
    }
    assert drawing == {"cards.py"}


@pytest.mark.parametrize("sign", list(r"\`*_{}[]()<>#+-.!|~$:&"))
def test_a_sign_of_markdown_or_latex_in_somebody_s_text_is_escaped(sign):
    assert escape(f"a{sign}b").replace(JOINER, "") == f"a\\{sign}b"


def test_figures_know_nothing_of_pages():
    for file in (VIZ / "figures").rglob("*.py"):
        assert "streamlit" not in file.read_text(encoding="utf-8"), file


@pytest.mark.parametrize("sign", FORMULA)
def test_a_text_that_a_spreadsheet_would_compute_begins_with_an_apostrophe(sign: str):
    text = f"{sign}1+1"
    table = pd.DataFrame({text: [0.5], "token": [text], "value": [-0.3]})
    read = pd.read_csv(StringIO(to_csv(table), newline=""))
    assert list(read) == [f"'{text}", "token", "value"]
    assert read["token"].tolist() == [f"'{text}"]
    assert read["value"].tolist() == [-0.3]


def test_numbers_among_texts_stay_numbers():
    table = pd.DataFrame({"mixed": ["=a", -0.25, None], "kind": pd.Categorical(["-a", "b", "b"])})
    assert to_csv(table) == "mixed,kind\r\n'=a,'-a\r\n-0.25,b\r\n,b\r\n"
    assert table["mixed"].tolist()[0] == "=a"


def test_texts_that_are_numbers_stay_as_they_are_written():
    cells = ["-3.50", "+1e5", "-1,234.5", "007", "-1+1", "+43 1 234", "=1"]
    assert to_csv(pd.DataFrame({"cell": cells})).split("\r\n")[1:-1] == [
        "-3.50", "+1e5", '"-1,234.5"', "007", "'-1+1", "'+43 1 234", "'=1",
    ]  # fmt: skip


def test_no_table_has_a_download_of_its_own_whose_cells_nobody_guards():
    settings = tomllib.loads((VIZ.parent / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert settings["client"]["disableDataExport"]


def test_a_file_is_named_after_model_figure_and_input():
    trace = Trace(Tokens(("a", "film")), {}, model="sst2-gru")
    assert Origin.of(trace).name("heatmap") == "sst2-gru-heatmap-a-to-film"
    assert Origin("sst2-gru", "A <b>superb</b> film / ../x").name("path") == "sst2-gru-path-a-b-superb-b-film-x"
    assert Origin().name("seeds") == "seeds"
    assert len(Origin("m", "long " * 99).name("k")) <= LONGEST_NAME + len("m-k-")
