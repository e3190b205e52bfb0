"""Where a step looks: the figures of the other pages, drawn by those pages' own functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core_models.language import say
from viz import controls, params
from viz.compare import page as compare
from viz.explain.page import SECTION, SECTIONS
from viz.explore.page import show_trace
from viz.memory.flow import Question, show_gradients, show_half_lives
from viz.memory.race import RACES, show_race
from viz.run import ModelRun
from viz.tabs import open_tab
from viz.translate.answers import Request, answer, translator
from viz.translate.controls import chosen_search
from viz.translate.page import show_translation


@dataclass(frozen=True)
class Look:
    """A view.

    Attributes:
        show: draws it, given what was read; None where it chooses that for itself.
        page: the script of the page that it belongs to.
        of_input: whether it shows one input read by one model; else it chooses for itself what it shows.
        fixed: the choices that a lesson makes for it, so that they are not shown.
    """

    show: Callable[[Any], None]
    page: str
    of_input: bool = True
    fixed: tuple[str, ...] = ("model", "tab")


def _section(asked: ModelRun) -> None:
    titles = {key: say(one.title) for key, one in SECTIONS.items()}
    SECTIONS[params.choose(say("What to explain"), SECTION, titles)].show(asked)


def _half_lives(asked: ModelRun) -> None:
    show_half_lives(Question(asked, controls.pick_layer(asked.trace)))


def _gradients(asked: ModelRun) -> None:
    show_gradients(Question(asked, controls.pick_layer(asked.trace)))


def _translation(asked: ModelRun) -> None:
    model = translator(asked.model.recipe.key)
    request = Request(model.recipe.key, asked.text, *chosen_search(model.task))
    show_translation(model, request, answer(request)[0])


LOOKS: Mapping[str, Look] = {
    "explore": Look(show_trace, "app_pages/explore.py"),
    "inside": Look(lambda asked: show_trace(asked, answers=False), "app_pages/explore.py"),
    "explain": Look(_section, "app_pages/explain.py", fixed=("model", "section")),
    "gradients": Look(_gradients, "app_pages/memory.py"),
    "half-lives": Look(_half_lives, "app_pages/memory.py"),
    "translate": Look(_translation, "app_pages/translate.py", fixed=("model", "show")),
    "race": Look(lambda _: show_race(open_tab(RACES)), "app_pages/memory.py", of_input=False),
    "compare": Look(
        lambda _: compare.open_page(), "app_pages/compare.py", of_input=False,
        fixed=("mode", "model", "models", "task", "second", "baseline"),
    ),
}  # fmt: skip
"""By their key in a lesson's file."""
