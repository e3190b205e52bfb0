"""Six pictures that show in one look what networks with gates learn to do, each a click away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core_models.language import mark, say
from viz import params
from viz.inputs import MENU, MODEL, READING, TEXT, offered
from viz.models import GROUP
from viz.params import Param

TOUR = Param("tour")
"""The step of the tour of the first screen; see viz.explore.tour."""

SHADE, UNIT = Param("shade"), Param("unit")
"""What colours the text on the page that writes."""


@dataclass(frozen=True)
class Surprise:
    """A picture worth seeing.

    Attributes:
        title: what there is to see.
        icon: before the title.
        query: what its address holds.
        page: the script of its page.
    """

    title: str
    icon: str
    query: Mapping[Param, str]
    page: str = "app_pages/explore.py"


SURPRISES = (
    Surprise(mark("A unit that counts the position in the line"), "straighten",
             {MODEL: "shakespeare-gru", SHADE: "rnn-0-forward.hidden_state", UNIT: "228"}, "app_pages/generate.py"),
    Surprise(mark("The letters that make a gene's junction"), "genetics", {MODEL: "splice-bigru"}),
    Surprise(mark("A spoken digit, and when it is known"), "graphic_eq", {MODEL: "spoken-digits-gru"}),
    Surprise(mark("A forecast that says how unsure it is"), "show_chart", {MODEL: "beijing-attention"}),
    Surprise(mark("A Chinese poem, character by character"), "history_edu", {MODEL: "poems-lstm"}),
    Surprise(mark("Attention that reads a date"), "calendar_month", {MODEL: "dates-attention"},
             "app_pages/translate.py"),
)  # fmt: skip


def offer_tour() -> None:
    """The way to the tour of the first screen, on what is read here if that page can read it."""
    asked = {param: value for param in (MODEL, TEXT) if (value := params.asked(param))}
    here = offered(*READING, GROUP)
    query = asked if asked.get(MODEL) in here else {}
    params.link("app_pages/explore.py", say("A tour of the first screen, in five steps"), ":material/explore:",
                {**query, TOUR: "1"}, closes=MENU)  # fmt: skip


def offer_surprises() -> None:
    """A way to each of them."""
    for one in SURPRISES:
        params.link(one.page, say(one.title), f":material/{one.icon}:", one.query, closes=MENU)
