"""``python -m pretrained.data.text.alphabet TASK FOLDER``: write down every character that a task's training text has.

A character is known if it occurs at least five times in a language of thousands of characters, else if it occurs at
all. They are sorted by code point, so that the file is the same wherever it is made.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from pretrained.kinds.next_token import CharacterTask
from pretrained.shipped import record

MANY, RARE = 1000, 5


def known_characters(texts: list[str]) -> str:
    """The characters of ``texts`` that a task knows, in order of code point."""
    counts = Counter(character for text in texts for character in text + "\n")
    smallest = RARE if len(counts) > MANY else 1
    return "".join(sorted(c for c, count in counts.items() if count >= smallest or c == "\n"))


def main() -> None:
    """Command line."""
    from pretrained.tasks import TASKS

    task = next(task for task in TASKS if task.key == sys.argv[1])
    if isinstance(task, CharacterTask):
        known = known_characters(task.documents(Path(sys.argv[2]), "train"))
        task.alphabet.write_text(json.dumps(known, ensure_ascii=False) + "\n", encoding="utf-8")
        record(task.alphabet)


if __name__ == "__main__":
    main()
