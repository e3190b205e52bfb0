"""Write the texts that ship to be searched, from the folder of the data.

    python -m pretrained.corpus.shipping --data FOLDER

Each file has at most ``MOST_TOKENS`` tokens of a test split, in its order, with source and licence. Texts whose tokens
are read otherwise than they are labelled are left out. Reviews come from another collection than the one that the
networks of sentiment learned from, whose licence is not stated.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pretrained.corpus.texts import file_of, passages
from pretrained.shipped import record
from pretrained.task import InputError
from pretrained.tasks import TASKS

MOST_TOKENS = 32_000

SHIPPED = (
    "sentiment", "shakespeare", "c_code", "poems", "parts-of-speech", "commands", "chinese-dialogue",
    "protein-structure", "splice-junctions",
)  # fmt: skip
"""Tasks whose texts may be passed on."""

MIT = (
    "MIT. Permission is hereby granted, free of charge, to any person obtaining a copy of this software and "
    "associated documentation files (the “Software”), to deal in the Software without restriction, including "
    "without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell "
    "copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the "
    "following conditions: The above copyright notice and this permission notice shall be included in all copies "
    "or substantial portions of the Software. The Software is provided “as is”, without warranty of any kind, "
    "express or implied, including but not limited to the warranties of merchantability, fitness for a particular"
    " purpose and noninfringement. In no event shall the authors or copyright holders be liable for any claim, "
    "damages or other liability, whether in an action of contract, tort or otherwise, arising from, out of or in "
    "connection with the Software or the use or other dealings in the Software. "
)

SAID: dict[str, dict[str, str]] = {
    "sentiment": {
        "name": "Reviews of films, shops and restaurants, labelled",
        "source": "Sentiment Labelled Sentences, UCI Machine Learning Repository, https://doi.org/10.24432/C57604",
        "licence": "CC BY 4.0; blanks collapsed and duplicates removed",
        "citation": "Kotzias, Denil, de Freitas, Smyth 2015, From Group to Individual Labels using Deep Features, KDD",
    },
    "c_code": {
        "name": "C source code of Lua and libuv, unseen files",
        "source": "https://github.com/lua/lua, https://github.com/libuv/libuv",
        "licence": MIT + "Copyright (C) 1994-2026 Lua.org, PUC-Rio. Copyright (c) 2015-present libuv project "
        "contributors; Copyright Joyent, Inc. and other Node contributors.",
        "citation": "lua.org; libuv.org",
    },
    "parts-of-speech": {
        "name": "English web text with its parts of speech",
        "source": "Universal Dependencies English EWT 2.16, test, "
        "https://github.com/UniversalDependencies/UD_English-EWT",
        "licence": "CC BY-SA 4.0; words and parts of speech alone were kept, joined by blanks",
        "citation": "Silveira et al. 2014, A Gold Standard Dependency Corpus for English, LREC",
    },
}
"""What is said of a task's texts, where it differs from what is said of its data."""

NAMES = {
    "shakespeare": "Shakespeare, the last tenth",
    "poems": "Tang poems, unseen",
    "commands": "Spoken commands, unseen",
    "chinese-dialogue": "Chinese dialogues, unseen",
    "protein-structure": "Proteins of TS115, with their structure",
    "splice-junctions": "DNA around splice junctions, unseen",
}

Row = tuple[str, str, tuple[str, ...]]
"""A text, its label, and the labels of its tokens."""


def rows_of(task: Any, folder: Path) -> Iterator[Row]:
    """Every text of a task that may ship."""
    if task.key == "sentiment":
        with (folder / "uci_sentences/train.tsv").open(encoding="utf-8") as file:
            rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            found = [(row["text"], ("negative", "positive")[int(row["label"])], ()) for row in rows]
        third = -(-len(found) // 3)  # the three sources by turns
        yield from (
            found[at + part * third] for at in range(third) for part in range(3) if at + part * third < len(found)
        )
    elif task.kind == "next_token":
        for text in task.documents(folder, "test"):
            yield from ((part, "", ()) for part in passages(text, task.limit))
    elif task.kind == "labels":
        joined = "" if task.letters or task.key == "chinese-dialogue" else " "
        for item in task.items(folder, "ts115" if task.key == "protein-structure" else "test"):
            yield joined.join(item.tokens), item.label, tuple(tag or "–" for tag in item.tags)
    else:
        yield from ((sample.content, task.name(sample.label), ()) for sample in task.samples(folder, "test"))


def chosen(task: Any, folder: Path) -> list[Row]:
    """The first texts that are read as they are labelled."""
    found, count = [], 0
    for text, label, tags in rows_of(task, folder):
        try:
            read = task.encode(text)
        except InputError:
            continue
        if not tags or len(read) == len(tags):
            found.append((text, label, tags))
            count += len(read)
        if count > MOST_TOKENS:
            break
    return found


def write(task: Any, folder: Path) -> Path:
    """Write the file of a task."""
    texts, labels, tags = zip(*chosen(task, folder), strict=True)
    said = {key: task.data[key] for key in ("source", "licence", "citation")} | {"name": NAMES.get(task.key, "")}
    held: dict[str, Any] = dict(sorted((said | SAID.get(task.key, {})).items())) | {"texts": texts}
    if any(labels):
        held["labels"] = labels
    if any(tags):
        held["tags"] = [" ".join(row) for row in tags]
    path = file_of(task.key)
    path.write_text(json.dumps(held, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    record(path)
    return path


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write the texts that ship to be searched.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the data")
    folder = parser.parse_args().data
    for task in TASKS:
        if task.key in SHIPPED:
            write(task, folder)


if __name__ == "__main__":
    main()
