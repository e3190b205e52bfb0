"""Widgets of the Generate page: which model writes, from which prompt, and how each character is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core_models.language import mark, say
from core_models.networks.sampling import Sampling
from core_models.trace import Site, Trace
from core_models.vocabulary import Kind, quantity
from pretrained.kinds.next_token import CharacterTask
from pretrained.task import Example
from viz import inputs, params
from viz.params import Param
from viz.session import SELECTED

TEMPERATURES = {f"{tenths / 10:g}": mark("0 (greedy)") if tenths == 0 else f"{tenths / 10:g}" for tenths in range(21)}
TOP_KS = {"0": mark("all"), **{str(k): str(k) for k in (100, 50, 20, 10, 5, 3, 2, 1)}}
TOP_PS = {f"{hundredths / 100:g}": mark("1 (all)") if hundredths == 100 else f"{hundredths / 100:g}"
          for hundredths in (100, 99, 98, 95, 90, 80, 70, 50, 30, 10)}  # fmt: skip
LENGTHS = {str(count): str(count) for count in (50, 100, 200, 300, 400, 600)}
PACES = {"fast": mark("fast"), "slow": mark("letter by letter")}
TEMPERATURE, TOP_K, TOP_P = Param("temperature", TEMPERATURES, "0.8"), Param("k", TOP_KS), Param("p", TOP_PS)
SEED, LENGTH, PACE = Param("seed"), Param("length", LENGTHS, "200"), Param("pace", PACES)
SHADE, UNIT = Param("shade"), Param("unit")
LARGEST_SEED = 999_999
LONGEST_PROMPT = 4000
"""Characters that the box takes."""


@dataclass(frozen=True)
class Order:
    """What a network is asked to write, in strings: the same order always has the same answer."""

    model: str
    prompt: str
    temperature: str
    top_k: str
    top_p: str
    seed: str
    length: str

    @property
    def how(self) -> Sampling:
        """How each character is chosen."""
        return Sampling(float(self.temperature), int(self.top_k), float(self.top_p), int(self.seed))


def prompts_of(task: Any) -> Sequence[Example]:
    """The beginnings that the gallery of a task offers; its examples where it writes nothing."""
    return task.prompts if isinstance(task, CharacterTask) else task.examples


def pick_writer() -> str:
    """Key of the chosen language model."""
    return inputs.pick_model(inputs.offered("write"), gallery=prompts_of, on_change=_leave)


def _leave() -> None:
    """Another model has other units."""
    params.forget(SELECTED, UNIT, SHADE)


def type_prompt(task: CharacterTask) -> str:
    """What is given, from the box or from the gallery; the address's when the page opens."""
    label = say("Prompt: the network continues from here; Ctrl+Enter or a click elsewhere starts it")
    return inputs.type_lines(label, task.prompts[0].text, LONGEST_PROMPT)


def pick_sampling(model: str, prompt: str) -> Order:
    """Temperature, top-k, top-p, seed and length."""
    first, second, third, fourth, fifth = st.columns([3, 3, 3, 2, 3])
    with first:
        temperature = params.slide(
            say("1 Temperature τ"),
            TEMPERATURE,
            help=say("Below 1 it sharpens the network’s probabilities, above 1 it flattens them."),
        )
    with second:
        top_k = params.slide(say("2 Top-k"), TOP_K, help=say("Only the k most probable characters are kept."))
    with third:
        top_p = params.slide(
            say("3 Top-p"),
            TOP_P,
            help=say(
                "Of what top-k leaves, the smallest set of most probable characters that reaches this share is kept."
            ),
        )
    with fourth:
        said = say("The same seed always gives the same text.")
        seed = str(params.number(say("Seed"), SEED, range(LARGEST_SEED + 1), 1, help=said))
    with fifth:
        length = params.slide(say("Characters"), LENGTH)
    return Order(model, prompt, temperature, top_k, top_p, seed, length)


def another_seed() -> None:
    """The next seed, as a button's callback."""
    params.give(SEED, (int(params.held(SEED) or 0) + 1) % (LARGEST_SEED + 1))


def pick_shade(trace: Trace, default: tuple[str, int]) -> tuple[Site, str, int]:
    """The unit whose value colours the text: its site, quantity and number."""
    options = {
        f"{site.key}.{row.key}": (site, row.key) for site, row in trace.find(Kind.STATE, Kind.GATE, Kind.CANDIDATE)
    }
    several = len(trace.sites(Kind.STATE)) > 1
    names = {
        address: quantity(key).label + (f", {site.label}" if several else "")
        for address, (site, key) in options.items()
    }
    chosen = params.choose(
        say("Colour by"), SHADE, names, default=default[0] if default[0] in names else next(iter(names))
    )
    site, key = options[chosen]
    name = say("unit {n}")
    units = {str(unit): name.format(n=unit) for unit in range(trace.array(site, key).shape[1])}
    fallback = str(default[1]) if str(default[1]) in units else "0"
    return site, key, int(params.choose(say("Unit"), UNIT, units, default=fallback))
