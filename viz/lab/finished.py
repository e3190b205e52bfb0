"""A network of the lab as a model of its visitor's session, and as a file with its recipe."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import torch
from safetensors.torch import save

from core_models.language import say
from pretrained.lab.learning import HELD_OUT, Record, network_at
from pretrained.lab.learning import held_out as sequences
from pretrained.lab.settings import BATCH, Settings
from pretrained.recipe import Recipe, Training
from pretrained.task import Example
from pretrained.trained import Trained
from viz.own_model.model import OwnClassifier, OwnNumbers, OwnTask
from viz.own_model.reading import Numbers, Words, as_text

MOST_PROBES = 20
"""Held-out sequences that can be looked at."""


def probe(settings: Settings, number: int) -> str:
    """One of the held-out sequences as it is typed, counted from 1."""
    content = sequences(settings, MOST_PROBES).content[number - 1]
    task = settings.task
    return as_text(content.numpy()) if task.channels else "".join(task.words[index] for index in content.tolist())


def right_answers(settings: Settings, number: int) -> str:
    """What is right for it: a class, or at every step that is asked about a symbol or numbers."""
    batch, names = sequences(settings, MOST_PROBES), settings.task.outputs
    target, asked = batch.target[number - 1], batch.asked[number - 1]
    if settings.task.numeric:
        return say("{value:.3f} at the last step", value=float(target[asked][-1])) if len(names) == 1 else ""
    if target.ndim == 0:
        return names[int(target)]
    rows = [names[int(index)] if use else "·" for index, use in zip(target.tolist(), asked.tolist(), strict=True)]
    return ("" if max(map(len, names)) == 1 else " ").join(rows)


def as_model(settings: Settings, record: Record, name: str, number: int = 1) -> Trained:
    """The network at a recorded point as a model.

    Args:
        settings: what was trained.
        record: the point.
        name: key of the model in the session.
        number: of the sequence that it opens with.
    """
    task, network = settings.task, network_at(settings, record.weights)
    content = save_network(settings, record)
    shown = say("{cell}, {problem}, {n:,} steps", cell=network.convention.name, problem=say(task.title), n=record.step)
    own = OwnTask(
        f"lab-{task.key}", say(task.title), "numbers" if task.each_step else "classes",
        Numbers(task.channels) if task.channels else Words(task.words), task.outputs,
        (Example(say("A held-out sequence"), probe(settings, number), say("It was not learned from.")),),
        own_file=f"{file_name(settings, record)}.safetensors", own_module="rnn",
    )  # fmt: skip
    recipe = Recipe(
        key=name, title=shown, task=own.key, order=0, seeds={},
        training=Training(seed=settings.seed, epochs=0, batch=BATCH, learning_rate=float(settings.rate)),
        weights={"sha256": hashlib.sha256(content).hexdigest()}, architecture={"cell": settings.cell,
        "hidden": settings.hidden, "layers": 1, "bidirectional": False},
        summary=say("Trained in the lab for {n:,} steps; right in {share:.1%} of its answers to {all} held-out "
                    "sequences. It is stored nowhere, and gone when the page is closed.", n=record.step,
                    share=record.score, all=HELD_OUT),
        scores={"parameters": sum(values.numel() for values in network.parameters())},
    )  # fmt: skip
    made: Any = OwnNumbers if task.each_step else OwnClassifier
    return made(recipe, own, network)


def file_name(settings: Settings, record: Record) -> str:
    """Name of its file, without ending."""
    return f"{settings}-step{record.step}"


def save_network(settings: Settings, record: Record) -> bytes:
    """Its weights as safetensors, with the recipe in the file's metadata: settings, score, vocabulary, version."""
    recipe = {
        **settings.table(), "batch": BATCH, "trained_steps": record.step, "held_out_loss": record.loss,
        "held_out_score": record.score, "vocabulary": list(settings.task.words), "outputs": list(settings.task.outputs),
        "torch": torch.__version__,
    }  # fmt: skip
    weights = {name: values.contiguous() for name, values in record.weights.items()}
    return save(weights, {"gatescope_lab": json.dumps(recipe)})
