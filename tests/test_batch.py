"""Many sequences at once: the numbers are those of a single reading, and a run can be cancelled, bounded and let go."""

import gc
import io
import time
import weakref
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from core_models.models.language_model import NEXT
from core_models.models.tagger import ANSWER, TAGS
from core_models.trace import Trace
from pretrained.registry import load_reader
from pretrained.sequence_model import SequenceModel
from viz.batch import answers, job, results
from viz.batch.job import Job
from viz.batch.results import Wanted
from viz.batch.source import read_source, text_columns, texts_of
from viz.kinds import shown_recipes

OFFERED = list(answers.offered(shown_recipes()))
NEAR = 1e-5


@cache
def model_of(key: str) -> SequenceModel:
    return load_reader(key)


def texts_for(model: SequenceModel) -> list[str]:
    """Sequences of many lengths: the task's examples, and the beginnings of each."""
    texts = [example.text for example in model.task.examples]
    return [*texts, *(text[: max(3, len(text) // 3)] for text in texts)][:14]


def expected(model: SequenceModel, trace: Trace) -> dict[str, float]:
    """What a single reading says, by column."""
    if model.task.family.key == "classifier":
        site, _ = trace.find(answers_kind())[0]
        return {"probability": float(trace.array(site, "probability")[-1])}
    if model.task.family.key == "language_model":
        surprise = -np.log(trace.array(NEXT, "chosen_probability")[1:])
        return {"surprise": surprise.mean(), "most": surprise.max(), "where": surprise.argmax() + 1}
    chance = trace.array(TAGS, "tag_probability")
    place = {tag: at for at, tag in enumerate(model.task.tags)}
    sure = chance[np.arange(len(chance)), [place[tag] for tag in model.labels(trace)]]  # type: ignore[attr-defined]
    whole = trace.array(ANSWER, "class_probability").max() if model.task.classes else sure.mean()
    return {"confidence": float(whole), "least": float(sure.min())}


def answers_kind():
    from core_models.vocabulary import Kind

    return Kind.OUTPUT


@pytest.mark.parametrize("key", OFFERED)
def test_every_model_reads_many_sequences_as_it_reads_one(key):
    model = model_of(key)
    texts = texts_for(model)
    found = answers.read_all(model, texts)
    for at, text in enumerate(texts):
        row = {name: values[at] for name, values in found.items()}
        reading = model.task.read(text)
        trace = model.trace(reading)
        wanted = expected(model, trace)
        assert {name: row[name] for name in wanted} == pytest.approx(wanted, abs=NEAR)
        assert row["length"] == len(trace)
