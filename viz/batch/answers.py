"""What is kept of one sequence among many: the answer of each kind of model, computed in padded batches.

A batch goes through the network's own ``forward``, so that its numbers are those of a single reading (to 1e-5, tested).
Sequences are sorted by length first, so that little padding is computed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from core_models.encoded import Encoded
from core_models.language import mark, say
from pretrained.data.spans import spans_of
from pretrained.evidence import doubt, surprising
from pretrained.recipe import Recipe
from pretrained.registry import task_of
from pretrained.task import InputError, Kind
from pretrained.trained import Trained

AT_ONCE = 256
"""Most sequences in a batch."""

SLICE = 128
"""Sequences that are read before others have their turn; a run can be cancelled between two slices."""

MOST_PAIRS = 1 << 19
"""Most of (sequences × tokens × tokens) in a batch: attention of every token over every other is that large."""

NO_ANSWER = mark("no answer")
"""The prediction where a sequence is unlike what the model learned from."""

Values = dict[str, list[Any]]


@dataclass(frozen=True)
class Column:
    """One thing that is kept of every sequence: its name on screen and in files, what it means, how it is shown."""

    key: str
    about: str
    kind: Literal["name", "share", "nats", "count", "text"]

    @property
    def type(self) -> pa.DataType:
        """How it is stored."""
        return {"name": pa.string(), "text": pa.string(), "count": pa.int32()}.get(self.kind, pa.float32())


@dataclass(frozen=True)
class Summary:
    """What is kept of a sequence that models of one kind read.

    Attributes:
        columns: of a model; beside the text, its length, unknown tokens and notes, which every kind has.
        read: these columns for several readings of about the same length.
        first: column that the table is sorted by when it opens, the largest first.
        slice: sequences that are read before others have their turn.
    """

    columns: Callable[[Any], tuple[Column, ...]]
    read: Callable[[Any, Sequence[Encoded]], Values]
    first: str
    slice: int = SLICE


NAMES = (
    mark("translation"), mark("written"),
    mark("prediction"), mark("confidence"), mark("labels"), mark("surprise"), mark("length"), mark("unknown"),
    mark("note"), mark("line"), mark("text"),
)  # fmt: skip
CERTAIN, LARGEST, PLACE = mark("least certain"), mark("largest surprise"), mark("at character")
"""Names of columns: as they are in files, and said on screen."""

LENGTH = Column("length", mark("Tokens that were read."), "count")
UNKNOWN = Column("unknown", mark("Tokens that the model never saw."), "count")
NOTE = Column("note", mark("Why a line was not read or has no answer, or what was left out."), "text")


def _read_classes(model: Any, readings: Sequence[Encoded]) -> Values:
    chances = np.stack(model.predict(readings))
    names = [model.task.name(name) for name in model.task.classes]
    found: Values = {
        "prediction": [names[at] for at in chances.argmax(axis=1).tolist()],
        "confidence": chances.max(axis=1).tolist(),
    }
    return found | ({_high(model): chances[:, 1].tolist()} if len(names) == 2 else {})


def _high(model: Any) -> str:
    """Name of the column of the second of two classes."""
    return f"p({model.task.name(model.task.classes[1])})"


def _columns_of_classes(model: Any) -> tuple[Column, ...]:
    columns = (
        Column("prediction", say("The class that is most probable."), "name"),
        Column("confidence", say("Probability of the predicted class."), "share"),
    )
    if len(model.task.classes) > 2:
        return columns
    about = say("Probability of “{name}”, whatever is predicted.", name=model.task.called(model.task.classes[1]))
    return (*columns, Column(_high(model), about, "share"))


def _read_labels(model: Any, readings: Sequence[Encoded]) -> Values:
    found: Values = {"prediction": [], "confidence": [], CERTAIN: [], "labels": []}
    place = {tag: at for at, tag in enumerate(model.task.tags)}
    for reading, answer in zip(readings, model.predict(readings), strict=True):
        given = model.task.choose(answer.labels)
        sure = answer.labels[np.arange(len(given)), [place[tag] for tag in given]]
        whole, chances = Counter(given).most_common(1)[0][0], sure
        if answer.classes is not None:
            whole, chances = model.task.classes[int(answer.classes.argmax())], answer.classes.max()
        found["prediction"].append(model.task.name(whole))
        found["confidence"].append(float(chances.mean()))
        found[CERTAIN].append(float(sure.min()))
        found["labels"].append(_said(model.task, reading, given))
    return found


def _said(task: Any, reading: Encoded, given: Sequence[str]) -> str:
    """Marked stretches with their labels, where labels mark stretches; else every label."""
    if not task.chained:
        return ("" if all(len(tag) == 1 for tag in task.tags) else " ").join(given)
    text, spans = reading.tokens.text, reading.tokens.spans
    return "; ".join(
        f"{task.name(kind)}: {text[spans[start][0] : spans[stop - 1][1]]}"
        for start, stop, kind in sorted(spans_of(given))
    )


def _read_next_token(model: Any, readings: Sequence[Encoded]) -> Values:
    found: Values = {"surprise": [], LARGEST: [], PLACE: []}
    for chances in model.predict(readings):
        found["surprise"].append(float(-chances.mean()))
        found[LARGEST].append(float(-chances.min()))
        found[PLACE].append(int(chances.argmin()) + 1)
    return found


def _read_translation(model: Any, readings: Sequence[Encoded]) -> Values:
    found: Values = {"translation": [], "confidence": [], "written": []}
    for reading in readings:
        answer = model.answer(reading)
        best = answer.found.best
        found["translation"].append(answer.text)
        found["confidence"].append(exp(best.log_probability / max(len(best.ids), 1)))
        found["written"].append(len(best.ids) - best.ended)
    return found


SUMMARIES: Mapping[Kind, Summary] = {
    "classes": Summary(_columns_of_classes, _read_classes, "confidence"),
    "labels": Summary(
        lambda _: (
            Column("prediction", say("Label of the whole input, or else the most frequent predicted label."), "name"),
            Column("confidence", say("Probability of that label, or else their mean probability."), "share"),
            Column(CERTAIN, say("Probability of the predicted label at the least certain token."), "share"),
            Column("labels", say("Every token's label, or every marked stretch."), "text"),
        ),
        _read_labels,
        "confidence",
    ),
    "next_token": Summary(
        lambda _: (
            Column("surprise", say("Mean surprise in nats per character: 0 is certainty."), "nats"),
            Column(LARGEST, say("Surprise at the most surprising character, in nats."), "nats"),
            Column(PLACE, say("Place of the most surprising character, from 1."), "count"),
        ),
        _read_next_token,
        "surprise",
    ),
    "translation": Summary(
        lambda _: (
            Column("translation", say("What is written, searched for as on the page “Translate”."), "text"),
            Column("confidence", say("Probability of a written token, as the geometric mean of all."), "share"),
            Column("written", say("Tokens that are written."), "count"),
        ),
        _read_translation,
        "confidence",
        slice=8,
    ),
}  # fmt: skip
"""What is kept of a sequence, by what the models of its task give; what is not here is not offered."""


def covers(task: Any) -> bool:
    """Whether many sequences can be given to the models of a task, as texts."""
    return task.kind in SUMMARIES and task.characters > 0


def offered(recipes: Mapping[str, Recipe]) -> dict[str, Recipe]:
    """The models among ``recipes`` that many sequences, or every window of a series, can be given to."""
    tasks = {key: task_of(recipe) for key, recipe in recipes.items()}
    return {key: recipes[key] for key, task in tasks.items() if covers(task) or task.kind == "forecast"}


def summary_of(model: Trained) -> Summary:
    """What is kept of a sequence that ``model`` reads."""
    return SUMMARIES[model.task.kind]


def columns_of(model: Trained) -> tuple[Column, ...]:
    """Every column of the answers, in the order of the table."""
    return (*summary_of(model).columns(model), LENGTH, UNKNOWN, NOTE)


def read_all(model: Trained, texts: Sequence[str | None]) -> Values:
    """The answers for several texts by column; a text that cannot be read has a note and nothing else."""
    columns = columns_of(model)
    rows: list[dict[str, Any]] = [{} for _ in texts]
    readings: dict[int, Encoded] = {}
    for at, text in enumerate(texts):
        try:
            readings[at] = model.task.encode(text or "")
        except InputError as error:
            rows[at]["note"] = str(error)
    for batch in batches({at: len(reading.ids) for at, reading in readings.items()}):
        found = summary_of(model).read(model, [readings[at] for at in batch])
        for place, at in enumerate(batch):
            own = {key: values[place] for key, values in found.items()}
            why = _doubt(model, readings[at], own)
            if why and "prediction" in own:
                own = {"prediction": NO_ANSWER}
            rows[at] = own | _common(readings[at], why)
    return {column.key: [row.get(column.key) for row in rows] for column in columns}


def _doubt(model: Any, reading: Encoded, own: Mapping[str, Any]) -> str:
    """Why an answer is no evidence; "" where nothing speaks against it."""
    found = doubt(model.task, reading.tokens, reading.values)
    if found or "surprise" not in own:
        return found
    return surprising(model, own["surprise"], len(reading.tokens) - 1)


def _common(reading: Encoded, why: str) -> dict[str, Any]:
    return {
        "length": len(reading.tokens.labels),
        "unknown": reading.tokens.known.count(False),
        "note": " ".join(said for said in (*reading.notices, why) if said) or None,
    }


def batches(lengths: Mapping[int, int]) -> Iterator[list[int]]:
    """Keys of ``lengths``, the short ones first, in batches that stay below the limits above."""
    batch: list[int] = []
    for key in sorted(lengths, key=lambda key: lengths[key]):
        if batch and (len(batch) == AT_ONCE or (len(batch) + 1) * lengths[key] ** 2 > MOST_PAIRS):
            yield batch
            batch = []
        batch.append(key)
    if batch:
        yield batch
