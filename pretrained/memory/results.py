"""What the race measured: one file per task, written by ``python -m pretrained.memory.race`` and nothing else."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from core_models.language import say
from pretrained.errors import ModelError
from pretrained.shipped import read_json, record

RESULTS = Path(__file__).parent / "results"


class ResultsError(ModelError):
    """A results file that is missing or does not fit; the message says what to do."""


def results_path(task: str, folder: Path = RESULTS) -> Path:
    """The file that holds a task's results."""
    return folder / f"{task}.json"


@cache
def read_results(task: str) -> dict[str, Any]:
    """``settings`` and ``rows`` of a task, as written by the race.

    Raises:
        ResultsError: if there are none.
    """
    try:
        return read_json(results_path(task))
    except ModelError as error:
        raise _unreadable(task) from error


def write_results(path: Path, settings: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Write a results file as a whole, one row a line, so that an interrupted run leaves the last whole one."""
    lines = ",\n    ".join(json.dumps(row) for row in rows)
    text = f'{{\n  "settings": {json.dumps(settings)},\n  "rows": [\n    {lines}\n  ]\n}}\n'
    path.parent.mkdir(exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
    record(path)


def _unreadable(task: str) -> ResultsError:
    """That the results of a task cannot be read, and what to do."""
    return ResultsError(
        say(
            "The results of “{task}” cannot be read; put {file} back, or make it anew with "
            "python -m pretrained.memory.race --tasks {task}.",
            task=task,
            file=results_path(task).name,
        )
    )
