"""A model as it was while it learned: its weights after a few steps of training, and the loss of every step.

    course = course_of("stories-gru-attention")    the steps and losses, None where none were kept
    load_at("stories-gru-attention", 120)          the model after 120 steps, a ``Trained`` of its family

Which steps are kept: none, and then evenly on a logarithmic scale up to the last, which is the model itself. As in the
shipped weights, they are the running average of the weights, rounded in the same way. A recipe asks for them by
``checkpoints`` in its ``[training]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save
from torch import Tensor, tensor

from pretrained import shipped
from pretrained.recipe import FOLDER
from pretrained.registry import assembled, load
from pretrained.storage import pack

LOSSES = "losses"
FIRST = 10
"""The first step that is kept after the beginning."""


@dataclass(frozen=True, eq=False)
class Course:
    """What is kept of a training run.

    Attributes:
        steps: after how many steps of training weights were kept.
        losses: training loss of every step, in nats.
    """

    steps: tuple[int, ...]
    losses: NDArray[np.float32]


def kept_steps(total: int, count: int) -> tuple[int, ...]:
    """The steps whose weights are kept of a run of ``total`` steps: ``count`` of them, the beginning among them."""
    found = np.geomspace(min(FIRST, total), total, max(count - 1, 1)).round().astype(int)
    return (0, *dict.fromkeys(found.tolist())) if count else ()


def path_of(key: str) -> Path:
    """The file of a model's checkpoints."""
    return FOLDER / "checkpoints" / f"{key}.safetensors"


def write(key: str, kept: Mapping[int, Mapping[str, Tensor]], losses: list[float]) -> None:
    """Write what a run has kept: the state of a network by step, and the loss of every step."""
    tensors = {f"{step}.{name}": value for step, state in kept.items() for name, value in pack(state).items()}
    path = path_of(key)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(save(tensors | {LOSSES: tensor(losses).half()}))
    shipped.record(path)


@cache
def _read(key: str) -> dict[str, Tensor] | None:
    path = path_of(key)
    if not shipped.is_listed(path):
        return None
    with shipped.understood(path, SafetensorError):
        return load_tensors(shipped.read(path))


def course_of(key: str) -> Course | None:
    """What is kept of the training of a model; None if nothing is.

    Raises:
        ModelError: if its file is missing or damaged.
    """
    tensors = _read(key)
    if tensors is None:
        return None
    steps = sorted({int(name.partition(".")[0]) for name in tensors if name != LOSSES})
    return Course(tuple(steps), tensors[LOSSES].float().numpy())


def load_at(key: str, step: int) -> Any:
    """The model named ``key`` as it was after some steps of training, by the name ``key@step``.

    It has no background states.

    Raises:
        KeyError: if the weights of that step were not kept.
        ModelError: as ``pretrained.registry.load``, and if the file of the checkpoints is missing or damaged.
    """
    model, tensors = load(key), _read(key) or {}
    prefix = f"{step}."
    state = {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
    if not state:
        raise KeyError(f"checkpoints: expected a step that was kept, got {step}")
    with shipped.understood(path_of(key), RuntimeError):
        network = assembled(model.recipe, model.task, state, model.device)
    return replace(model, recipe=replace(model.recipe, key=f"{key}@{step}"), network=network, reference={})
