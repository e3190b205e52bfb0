"""What is trained, and what is different in the second network: every choice stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from core_models.attention import SCORES
from core_models.cells import CELLS
from core_models.explain.memory.timescale import keeping_gate
from core_models.language import mark, say
from pretrained.lab.problems import PROBLEMS
from pretrained.lab.settings import BIASES, CLIPS, NONE, OPTIMIZERS, RATES, SEEDS, SIZES, STEPS, Settings
from pretrained.task import InputError
from viz import params
from viz.markdown import escape
from viz.params import Param

USUAL = Settings()
OPTIMIZER_NAMES = {"adam": "Adam", "rmsprop": "RMSprop", "sgd": mark("SGD with momentum")}

PROBLEM = Param("problem", {key: problem.title for key, problem in PROBLEMS.items()}, USUAL.problem)
CELL = Param("cell", {key: cell.convention.name for key, cell in CELLS.items()}, USUAL.cell)
ATTENTION = Param("attention", {NONE: mark("none")} | {key: key.replace("_", " ") for key in SCORES}, NONE)
HIDDEN, LENGTH = Param("hidden"), Param("span")
SEED, STEP_COUNT = Param("lab-seed", folded=True), Param("lab-steps", folded=True)
OPTIMIZER = Param("optimizer", {key: OPTIMIZER_NAMES[key] for key in OPTIMIZERS}, USUAL.optimizer, folded=True)
RATE = Param("rate", {rate: rate for rate in RATES}, USUAL.rate, folded=True)
CLIP = Param(
    "clip", {clip: mark("none") if clip == "0" else f"‖∇‖ ≤ {clip}" for clip in CLIPS}, USUAL.clip, folded=True
)
BIAS = Param("bias", {bias: bias.replace("-", "−") for bias in BIASES}, USUAL.bias, folded=True)

NOTHING = "nothing"
SIZE_STEPS = {str(size): str(size) for size in (8, 16, 32, 64, 128)}
LENGTH_STEPS = {str(length): str(length) for length in (4, 8, 12, 20, 40, 80)}
SEED_STEPS = {str(seed): str(seed) for seed in range(1, 10)}
CHANGES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "bias": (mark("bias"), BIAS.options),
    "cell": (mark("cell"), CELL.options),
    "attention": (mark("attention"), ATTENTION.options),
    "clip": (mark("clipping"), CLIP.options),
    "rate": (mark("learning rate"), RATE.options),
    "optimizer": (mark("optimiser"), OPTIMIZER.options),
    "hidden": (mark("units"), SIZE_STEPS),
    "length": (mark("sequence length"), LENGTH_STEPS),
    "seed": (mark("seed"), SEED_STEPS),
}
"""What can differ in the second network: by the name of a setting its name on screen and the values offered."""

VARY = Param("vary", {NOTHING: mark("none")} | {key: name for key, (name, _) in CHANGES.items()})
TO = Param("to")


def pick_settings() -> Settings:
    """The choices of the first network; raises ``InputError`` where they do not fit each other."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        problem = params.choose(say("Problem"), PROBLEM, width=190, on_change=partial(params.forget, LENGTH))
        cell = params.choose(say("Cell"), CELL, width=250)
        attention = params.choose(say("Attention"), ATTENTION, width=140)
        with st.container(width=120):
            hidden = params.number(say("Units"), HIDDEN, SIZES, USUAL.hidden)
        with st.container(width=150):
            length = params.number(say("Sequence length"), LENGTH, PROBLEMS[problem].lengths, PROBLEMS[problem].usual)
        with st.popover(say("How it learns"), icon=":material/tune:"):
            optimizer = params.choose(say("Optimiser"), OPTIMIZER)
            rate = params.choose(say("Learning rate"), RATE)
            clip = params.choose(say("Gradient clipping"), CLIP)
            bias = USUAL.bias
            if keeping_gate(CELLS[cell].convention):
                bias = params.choose(say("Added to the bias of the gate that keeps the past"), BIAS)
            steps = params.number(say("Steps"), STEP_COUNT, STEPS, USUAL.steps)
            seed = params.number(say("Seed"), SEED, SEEDS, USUAL.seed)
    st.caption(escape(say(PROBLEMS[problem].question)))
    return Settings(problem, length, cell, attention, hidden, seed, optimizer, rate, clip, bias, steps)


def pick_change(settings: Settings) -> Settings | None:
    """The settings of the second network, the same but for one thing; None where one learns alone.

    Raises:
        InputError: where there is no such network.
    """
    vary = params.choose(say("A second network, with another …"), VARY, width=230)
    if vary == NOTHING:
        return None
    name, values = CHANGES[vary]
    now = str(getattr(settings, vary))
    offered = {value: say(said) for value, said in values.items() if value != now}
    value = params.choose(
        say("Its {setting}", setting=say(name)), TO, offered, default=next(reversed(offered)), width=220
    )
    if vary == "bias" and not settings.gated:
        raise InputError(say(
            "This cell has no gate that keeps the past, so that no bias of one can be changed: choose another thing "
            "to be different, or another cell."
        ))  # fmt: skip
    changed: dict[str, Any] = {vary: int(value) if isinstance(getattr(settings, vary), int) else value}
    return replace(settings, **changed)


def names_of(settings: Settings, other: Settings | None) -> tuple[str, ...]:
    """What each network is called: by what is different in it."""
    if other is None:
        return (say(CELL.options[settings.cell]),)
    vary = next(key for key in CHANGES if getattr(settings, key) != getattr(other, key))
    name, values = CHANGES[vary]
    found = []
    for each in (settings, other):
        value = str(getattr(each, vary))
        said = say(values.get(value, value))
        found.append(said if vary == "cell" else say("{setting}: {value}", setting=say(name), value=said))
    return tuple(found)
