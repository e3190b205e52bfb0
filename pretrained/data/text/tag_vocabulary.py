"""``python -m pretrained.data.text.tag_vocabulary TASK FOLDER``: write down spellings and labels of a task's data."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from pretrained.kinds.labels import Labelled, TagTask
from pretrained.shipped import record

SMALLEST = 2
"""A spelling is known if it occurs at least this often."""


def vocabulary_of(task: TagTask, items: list[Labelled]) -> dict[str, object]:
    """Spellings of every column, the commonest first, and all labels and classes in alphabetical order."""
    columns = {}
    for column in task.columns:
        counts = Counter(column.spell(token) for item in items for token in item.tokens)
        kept = [spelling for spelling, count in counts.items() if count >= SMALLEST]
        columns[column.name] = sorted(kept, key=lambda spelling: (-counts[spelling], spelling))
    tags = sorted({tag for item in items for tag in item.tags if tag})
    return {"columns": columns, "tags": tags, "classes": sorted({item.label for item in items if item.label})}


def main() -> None:
    """Command line."""
    from pretrained.tasks import TASKS

    task: Any = next(task for task in TASKS if task.key == sys.argv[1])
    if isinstance(task, TagTask):
        found = vocabulary_of(task, task.items(Path(sys.argv[2]), "train"))
        task.vocabulary_file.write_text(json.dumps(found, ensure_ascii=False) + "\n", encoding="utf-8")
        record(task.vocabulary_file)


if __name__ == "__main__":
    main()
