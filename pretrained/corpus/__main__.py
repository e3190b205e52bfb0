"""Build and search a corpus of states on disk.

    python -m pretrained.corpus build MODEL FILE -o FOLDER      read a file of texts by a model; run again, it goes on
                                    --scheduler ADDRESS        by the workers of a Dask cluster, not by threads here
    python -m pretrained.corpus check FOLDER                    whether it is whole, and fits its model
    python -m pretrained.corpus nearest FOLDER TEXT             the states nearest to that after the text, as CSV

FILE is anything with one text a row, as on the Batch page. States of every layer are kept, unless quantities are named,
such as ``--quantity rnn-0-forward.update_gate``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from core_models.corpus.nearest import METRICS, nearest
from pretrained.corpus.reading import quantities, values_of
from pretrained.corpus.store import REFUSALS, Address, CorpusError, build, open_corpus
from pretrained.corpus.texts import Texts, passages
from pretrained.registry import load, parse_site
from pretrained.uploads.letters.texts import read_texts, text_columns
from pretrained.uploads.name import quoted


def texts_in(path: Path, task: Any, label: str = "") -> Texts:
    """The texts of a file, with the labels that a column holds; long ones in passages where characters are read.

    Raises:
        InputError: if it cannot be read.
        CorpusError: if it is not there, or has no such column.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{quoted(path.name)} cannot be opened: check the path.") from error
    frame = read_texts(path.name, content).frame
    columns = text_columns(frame)
    if not columns or (label and label not in frame):
        what = f"no column {quoted(label)}" if columns else "no column of texts"
        raise CorpusError(f"{quoted(path.name)} has {what}; it has {', '.join(map(str, frame.columns))}.")
    rows = frame[frame[columns[0]].notna()]
    labels = rows[label].astype("str") if label else pd.Series([""] * len(rows))
    found: list[tuple[str, str]] = []
    for text, own in zip(rows[columns[0]].astype("str"), labels, strict=True):
        long = task.kind == "next_token" and len(text) > task.limit
        found += [(part, own) for part in (passages(text, task.limit) if long else [text])]
    return Texts(path.name, tuple(text for text, _ in found), tuple(own for _, own in found) if label else ())


def _build(asked: argparse.Namespace) -> str:
    model = load(asked.model)
    known = {f"{site.key}.{key}": (site, key) for site, key in quantities(model)}
    if unknown := [name for name in asked.quantity if name not in known]:
        raise CorpusError(f"“{asked.model}” has no {unknown[0]}; it has {', '.join(known)}.")
    wanted: list[Address] = [known[name] for name in asked.quantity]
    texts = texts_in(asked.file, model.task, asked.label)
    with tqdm(total=len(texts.texts), desc=asked.model, unit=" texts", file=sys.stderr) as bar:

        def tell(done: int) -> None:
            bar.update(done - bar.n)

        build(model, texts, asked.output, wanted, tell, asked.scheduler)
    stored = open_corpus(asked.output, model)
    return f"{asked.output.name}: {len(stored.corpus.readings):,} texts, {len(stored.corpus):,} tokens"


def _check(asked: argparse.Namespace) -> str:
    stored = open_corpus(asked.folder)
    return f"{asked.folder.name} is whole: {len(stored.corpus):,} tokens, read by “{stored.about.model}”"


def _nearest(asked: argparse.Namespace) -> str:
    """The nearest states as CSV, read from disk part by part."""
    stored = open_corpus(asked.folder)
    name = asked.quantity or stored.about.quantities[-1]
    if name not in stored.about.quantities:
        held = ", ".join(stored.about.quantities)
        raise CorpusError(f"{asked.folder.name} holds {held}, not {name}: build it with --quantity {name}.")
    place, _, key = name.rpartition(".")
    model, site = load(stored.about.model), parse_site(place)
    query = values_of(model, model.encode(asked.text), site, [key])[key][-1]
    found = nearest((values for values, _ in stored.parts(site, key)), query, asked.count, asked.distance)
    places = [stored.corpus.place(token) for token in found.token.tolist()]
    table = pd.DataFrame({
        "distance": found.distance,
        "text": [stored.corpus.texts.texts[document] for document, _ in places],
        "token": [step + 1 for _, step in places],
        "spelt": [stored.corpus.readings[document].tokens.labels[step] for document, step in places],
    })  # fmt: skip
    return table.to_csv(index=False).rstrip("\n")


def main(given: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m pretrained.corpus", description="Build and search a corpus of states on disk."
    )
    commands = parser.add_subparsers(required=True)
    building = commands.add_parser("build", help="read a file of texts by a model")
    building.add_argument("model", help="key of the model")
    building.add_argument("file", type=Path, help="one text a row")
    building.add_argument("-o", "--output", type=Path, required=True, help="folder of the corpus")
    building.add_argument("--label", default="", help="column of the file with the label of each text")
    building.add_argument("--quantity", action="append", default=[], help="what is kept, instead of the states")
    building.add_argument("--scheduler", default="", help="address of a Dask scheduler whose workers read")
    building.set_defaults(does=_build)
    checking = commands.add_parser("check", help="whether a corpus is whole, and fits its model")
    checking.add_argument("folder", type=Path)
    checking.set_defaults(does=_check)
    searching = commands.add_parser("nearest", help="the states nearest to that after a text, as CSV")
    searching.add_argument("folder", type=Path)
    searching.add_argument("text", help="read by the model of the corpus")
    searching.add_argument("--quantity", default="", help="what is searched; the last that the corpus holds")
    searching.add_argument("--distance", choices=METRICS, default=METRICS[0])
    searching.add_argument("--count", type=int, default=50, help="how many")
    searching.set_defaults(does=_nearest)
    asked = parser.parse_args(given)
    try:
        sys.stdout.write(f"{asked.does(asked)}\n")
    except REFUSALS as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
