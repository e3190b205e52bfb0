"""What the documents say is so: the tables are the recipes', the examples run, commands, files and names exist."""

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pretrained import tables
from pretrained.registry import every_recipe
from pretrained.uploads.recognise import READABLE
from viz.kinds.tagger import headline

ROOT = Path(__file__).parents[1]
DOCUMENTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in (
    "README.md", "core_models/README.md", "pretrained/README.md", ".github/CONTRIBUTING.md",
)}  # fmt: skip
README = DOCUMENTS["README.md"]
CODE = [path for part in ("viz", "pretrained", "core_models") for path in sorted((ROOT / part).rglob("*.py"))]


def test_the_readme_can_be_read_in_one_go():
    assert len(README.splitlines()) <= 150


def test_the_test_command_is_the_one_that_ci_runs():
    (last,) = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()[-1:]
    assert last.endswith(".venv/bin/python -m pytest")
    assert f"```sh\n{last}\n```" in README


def test_one_command_installs_and_opens_the_app():
    install = "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/streamlit run app.py"
    assert f"```sh\n{install}\n```" in README
    assert (ROOT / "app.py").is_file()


def test_the_readme_names_the_oldest_python_that_the_project_takes():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"Python {project['requires-python'].removeprefix('>=')} or newer" in README


def test_every_form_of_file_that_is_read_stands_in_the_readme():
    assert READABLE in " ".join(README.split())


def test_there_are_as_many_models_as_the_readme_says():
    named = re.search(r"There are more than (\d+) trained models", README)
    assert named
    assert len(every_recipe()) > int(named[1])


def test_the_tables_are_current():
    text = DOCUMENTS["pretrained/README.md"]
    assert tables.filled(text) == text, "run python -m pretrained.tables"


@pytest.mark.parametrize("key", every_recipe())
def test_every_model_stands_in_one_table(key):
    assert DOCUMENTS["pretrained/README.md"].count(f"| `{key}` |") == 1


def test_a_document_without_a_block_is_refused():
    with pytest.raises(ValueError, match="expected <!-- sentiment --> … <!-- /sentiment --> once"):
        tables.filled("no block")


@pytest.mark.parametrize("key", [key for key, r in every_recipe().items() if "test_persistence" in r.scores])
def test_a_forecaster_stands_beside_the_strongest_of_the_simple_forecasts(key):
    scores = every_recipe()[key].scores
    (row,) = (line for line in DOCUMENTS["pretrained/README.md"].splitlines() if f"| `{key}` |" in line)
    for season in ("seasonal", "seasonal_moved"):
        assert float(row.split("|")[5]) <= scores[f"test_{season}"] * 1.001


@pytest.mark.parametrize("key", [key for key, recipe in every_recipe().items() if "test_f1" in recipe.scores])
def test_table_and_card_tell_the_intent_from_slots_and_intent(key):
    recipe = every_recipe()[key]
    _, f1, intent, both = tables.labelled(recipe.scores)
    (row,) = (line for line in DOCUMENTS["pretrained/README.md"].splitlines() if f"| `{key}` |" in line)
    assert f"| {f1} | {intent} | {both} |" in row
    reader: Any = SimpleNamespace(recipe=recipe, task=SimpleNamespace(headline="f1"))
    card = headline(reader)
    assert f"slots with F1 {f1}" in card
    assert f"intent right in {intent} of them, and both slots and intent in {both}." in card


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_python_examples_run(name, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"```python\n(.*?)```", DOCUMENTS[name], flags=re.DOTALL)
    for example in examples:
        exec(compile(example, name, "exec"), {})  # noqa: S102 - our own documents
        assert capsys.readouterr().out


def test_the_readme_shows_the_gates_of_ones_own_network_in_five_lines():
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len([line for line in example.splitlines() if line]) == 5


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_inside_the_project_leads_to_a_file(name):
    for target in re.findall(r"\]\(([^)#]+)\)", DOCUMENTS[name]):
        assert target.startswith("http") or ((ROOT / name).parent / target).exists(), target


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_module_that_a_command_starts_exists(name):
    for module in re.findall(r"python -m ((?:pretrained|tests)[\w.]*)", DOCUMENTS[name]):
        assert find_spec(module) is not None, module


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_model_that_a_document_opens_or_measures_exists(name):
    for key in re.findall(r"\?model=([\w-]+)|pretrained\.(?:train|evaluate) ([\w-]+)", DOCUMENTS[name]):
        assert "".join(key) in every_recipe()


def test_every_place_that_a_walk_names_exists():
    folders = re.findall(r"`((?:core_models|pretrained|viz)/[\w/]*)/(?:<\w+>/)?<\w+>\.\w+`", README)
    constants = re.findall(r"(?:line|or) in `([A-Z_]+)`", README)
    assert (len(folders), len(constants)) == (11, 8)
    for folder in folders:
        assert (ROOT / folder).is_dir(), folder
    code = "\n".join(path.read_text(encoding="utf-8") for path in CODE)
    for constant in constants:
        assert re.search(rf"^{constant}\b.*=", code, flags=re.MULTILINE), constant


def test_a_percentage_is_written_alike_everywhere():
    recipes = sorted((ROOT / "pretrained/recipes").glob("*.toml"))
    for path in [*(ROOT / name for name in DOCUMENTS), *CODE, *recipes]:
        found = re.search(
            r"^.*[\d}*]\s%(?! \d)(?=[\s.,;:)\]\"]|$).*$", path.read_text(encoding="utf-8"), flags=re.MULTILINE
        )
        assert found is None, f"{path}: expected no blank before a percent sign, got {found[0].strip()}"
