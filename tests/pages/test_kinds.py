"""Every kind of output is shown whatever is read, also that of a task that brings no picture of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, get_args

import numpy as np
import pytest
import torch

from core_models.encoded import Encoded
from core_models.networks.architecture import Architecture
from core_models.networks.sequence import SequenceNetwork
from core_models.trace import Tokens
from pretrained import registry
from pretrained.families.classes.trained import TrainedClassifier
from pretrained.kinds.classes import ClassTask
from pretrained.recipe import Recipe
from pretrained.registry import every_recipe, recipes, sound_recipes
from pretrained.task import KINDS as EVERY_KIND
from pretrained.task import Example, Medium
from pretrained.tasks import TASKS
from pretrained.tasks.classes.splice_junctions import SPLICE_JUNCTIONS
from tests.support.pages import open_page, sentences
from viz import session
from viz.kinds import KINDS, kind_of_task

TYPED = ("text", "letters")


def test_every_kind_of_output_has_a_way_to_take_its_input():
    assert set(KINDS) == set(EVERY_KIND)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.key)
def test_every_task_has_a_picture(task):
    assert kind_of_task(task).headline.startswith("Watch a trained network")


def encoded(medium: Medium, text: str) -> Encoded:
    """Words or letters with their ids, or seven steps of three numbers."""
    if medium not in TYPED:
        values = np.random.default_rng(len(text)).normal(size=(7, 3)).astype(np.float32)
        return Encoded(Tokens.numbered(7), values=values)
    words = text.split() if medium == "text" else list(text)
    starts = np.cumsum([0, *(len(word) + (medium == "text") for word in words)]).tolist()
    spans = tuple((start, start + len(word)) for start, word in zip(starts, words, strict=False))
    ids = tuple(2 + len(word) % 7 for word in words)
    return Encoded(Tokens(tuple(words), text, spans, (), "token", ids))


def a_task(medium: Medium, count: int) -> ClassTask:
    """A task of so many classes that has no picture of its own."""
    text = "five words that say something"
    return dataclasses.replace(
        SPLICE_JUNCTIONS,
        key="toy",
        group="recognise",
        medium=medium,
        classes=tuple(f"class {number}" for number in range(count)),
        names={},
        encoder=lambda text, content: encoded(medium, text),
        examples=(Example("First", text if medium == "text" else "ACGTTC", "It is the first.", "class 1"),),
        characters=400 if medium in TYPED else 0,
    )


def a_model(task: ClassTask, recipe: Recipe) -> TrainedClassifier:
    torch.manual_seed(3)
    typed = task.medium in TYPED
    architecture = Architecture(
        "gru", hidden=6, embedding=5 if typed else 0, anchor="last" if task.medium == "series" else "none"
    )
    network = SequenceNetwork(architecture, (9,) if typed else 3, {"answer": len(task.classes)}).eval()
    return TrainedClassifier(recipe, task, network.requires_grad_(False))


@pytest.fixture
def shipped(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClassTask]:
    """A task that is shipped with one model, as the parameter says: its medium and the number of its classes."""
    task = a_task(*request.param)
    found, refused = registry._read()
    recipe = dataclasses.replace(found["splice-bigru"], key="toy", task="toy", title="Toy", architecture={})
    monkeypatch.setattr(registry, "_read", lambda: ({**found, "toy": recipe}, refused))
    monkeypatch.setattr(registry, "TASKS", (*TASKS, task))
    monkeypatch.setattr(session, "load", lambda key: a_model(task, recipe))
    cached: tuple[Any, ...] = (every_recipe, recipes, sound_recipes)
    for each in cached:
        each.cache_clear()
    session.model.clear()
    session.traced.clear()
    yield task
    monkeypatch.undo()
    for each in cached:
        each.cache_clear()
    session.model.clear()
    session.traced.clear()


EVERY = [(medium, count) for medium in get_args(Medium) for count in (2, 18)]


@pytest.mark.parametrize("shipped", EVERY, indirect=True, ids=lambda case: f"{case[0]} of {case[1]} classes")
def test_a_task_of_classes_that_brings_no_picture_is_shown_whatever_is_read(shipped: ClassTask):
    page = open_page(model="toy")
    said = sentences(page)
    assert not page.exception
    assert not page.error
    assert page.selectbox(key="model").value == "toy"
    assert page.title[0].value == "Watch a trained network recognise what it reads"
    assert page.metric[0].value in shipped.classes
    assert ("no answer after a part" if shipped.medium == "series" else "**The answer so far") in said
    assert page.segmented_control(key="tab").value == "cell"
    assert "Known answer: class 1" in said
    assert "**Every class" in sentences(page.segmented_control(key="tab").set_value("answer").run())
    assert not page.exception
    page.session_state["menu"] = page.session_state["card"] = True
    assert not page.run().exception
