"""What the README says is so: its scores are the recipes', its example runs, its files exist."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pretrained.analysis.seeds import seed_table
from pretrained.faithfulness.summary import describe_backgrounds
from pretrained.recipe import Recipe
from pretrained.registry import recipes, task_of
from pretrained.tasks.digits import LONGEST, TRAINED
from pretrained.uploads.recognise import READABLE
from viz.figures.scores.seeds import judge

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_form_of_file_that_is_read_stands_in_the_readme():
    assert READABLE in " ".join(README.split())


@pytest.mark.parametrize("key", recipes("sentiment"))
def test_every_models_score_stands_in_the_readme(key):
    recipe = recipes("sentiment")[key]
    low, high = recipe.scores["test_interval"]
    score = f"{recipe.scores['test_accuracy']:.1%} [{low:.1%}, {high:.1%}]"
    seeds = ", ".join(f"{accuracy:.1%}" for _, accuracy in sorted(recipe.seeds.items()))
    assert f"| {recipe.title} | `{key}` | {score} | {seeds} | {recipe.scores['parameters']:,} |" in README


def test_the_verdict_on_attention_is_that_of_the_numbers():
    found = re.search(r"<!-- verdict -->\n(.*?)\n<!-- /verdict -->", README, flags=re.DOTALL)
    sentiment = [recipe for recipe in recipes("sentiment").values() if recipe.task == "sentiment"]
    assert found is not None
    assert found[1].replace("\n", " ") == judge(seed_table(sentiment)).sentence


def claim(scores: Mapping[str, Any]) -> str:
    if "test_bleu" in scores:
        return f"{scores['test_bleu']:.1f} BLEU"
    if "test_word_error_rate" in scores:
        return f"{scores['test_word_error_rate']:.1f}% of words wrong"
    if "test_exact_within_trained_lengths" in scores:
        within = f"{scores['test_exact_within_trained_lengths']:.1%} exact up to {TRAINED} digits"
        return f"{within}, {scores['test_exact']:.1%} up to {LONGEST}"
    return f"{scores['test_exact']:.1%} exact"


@pytest.mark.parametrize("key", recipes("translate"))
def test_every_written_score_stands_in_the_readme(key):
    recipe = recipes("translate")[key]
    assert f"| {recipe.title} | `{key}` | {claim(recipe.scores)} | {recipe.scores['parameters']:,} |" in README


@pytest.mark.parametrize("key", recipes("write"))
def test_every_score_of_reading_stands_in_the_readme(key):
    recipe = recipes("write")[key]
    scores = recipe.scores
    assert f"| {recipe.title} | `{key}` | {scores['test_nats']:.3f} | {scores['parameters']:,} |" in README


def labelled_claim(scores: Mapping[str, Any]) -> str:
    if "test_f1" in scores:
        return f"F1 {scores['test_f1']:.1%}, {scores['test_class_accuracy']:.1%} of whole sequences right"
    return f"{scores['test_accuracy']:.1%} of labels right"


@pytest.mark.parametrize("key", recipes("label"))
def test_every_score_of_labelling_stands_in_the_readme(key):
    recipe = recipes("label")[key]
    parameters = recipe.scores["parameters"]
    assert f"| {recipe.title} | `{key}` | {labelled_claim(recipe.scores)} | {parameters:,} |" in README


@pytest.mark.parametrize("key", recipes("recognise"))
def test_every_score_of_recognising_stands_in_the_readme(key):
    recipe = recipes("recognise")[key]
    scores = recipe.scores
    claimed = f"{scores['test_accuracy']:.1%} of {scores['test_count']:,}"
    assert f"| {recipe.title} | `{key}` | {claimed} | {scores['parameters']:,} |" in README


def forecast_row(recipe: Recipe) -> str:
    scores, measure = recipe.scores, task_of(recipe).measure  # type: ignore[union-attr]
    names = (measure, "persistence", "seasonal_moved", "ridge")
    errors = " | ".join(f"{scores[f'test_{name}']:.4g}" for name in names)
    return f"| {recipe.title} | `{recipe.key}` | {errors} | {scores['parameters']:,} |"


@pytest.mark.parametrize("key", recipes("forecast"))
def test_every_score_of_forecasting_stands_in_the_readme(key):
    assert forecast_row(recipes("forecast")[key]) in README


def test_the_python_example_runs(capsys):
    for example in re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL):
        exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - our own README
    assert "update_gate" in capsys.readouterr().out


def test_every_link_inside_the_project_leads_to_a_file():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (ROOT / target).exists(), target


def test_the_test_command_is_the_one_that_ci_runs():
    command = 'python3 -m venv .venv && .venv/bin/pip install -e ".[test]" && .venv/bin/python -m pytest'
    assert command in README
    assert command in (ROOT / ".ci/run").read_text(encoding="utf-8")


def test_what_attention_is_worth_is_what_was_measured():
    found = re.search(r"<!-- attention -->\n(.*?)\n<!-- /attention -->", README, flags=re.DOTALL)
    assert found is not None
    assert " ".join(found[1].split()) == describe_backgrounds()


SOURCES = [path for part in ("viz", "pretrained", "core_models") for path in sorted((ROOT / part).rglob("*.*"))]


def test_a_percentage_is_written_alike_everywhere():
    for path in [ROOT / "README.md", *(path for path in SOURCES if path.suffix in (".py", ".toml"))]:
        found = re.search(r"^.*[\d}*]\s%(?=[\s.,;:)\]\"]|$).*$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert found is None, f"{path}: expected no blank before a percent sign, got {found[0].strip()}"
