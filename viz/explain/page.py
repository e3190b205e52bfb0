"""What the Explain page shows: a text, a model, and one section at a time: only what is looked at is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core_models.explain.dynamics.recurrence import steps_alone
from core_models.explain.memory.ledger import ledger_sites
from core_models.language import mark, say
from viz import params, run
from viz.explain.attractors import show_attractors
from viz.explain.attribution import show_attribution
from viz.explain.edits.text import limits
from viz.explain.faithfulness import show_faithfulness
from viz.explain.health import show_health
from viz.explain.ledger import show_ledger
from viz.explain.link import link_to_explain
from viz.explain.padding import can_be_padded, show_padding
from viz.explain.probes import can_be_probed, show_probes
from viz.explain.rewind import can_be_rewound, show_rewind
from viz.explain.turning import can_be_turned, show_turning
from viz.explain.what_ifs import show_what_ifs
from viz.explain.written import show_written
from viz.inputs import offered
from viz.params import Param
from viz.run import ModelRun

HEADING = (
    mark("Explanations that can be checked, on your own input"),
    mark("Every story that a heatmap suggests can be tested."),
)

SECTION, OFFERED = Param("section"), Param("explain")
"""The chosen section here, and on other pages."""


def _always(asked: ModelRun) -> bool:
    return True


def _has_ledger(asked: ModelRun) -> bool:
    return bool(ledger_sites(asked.trace))


def _attends(asked: ModelRun) -> bool:
    return limits(asked).attends


def _rests(asked: ModelRun) -> bool:
    return steps_alone(asked.model.network.rnn)


@dataclass(frozen=True)
class Section:
    """One part of the page.

    Attributes:
        title: its name on the switch.
        show: what draws it.
        suits: whether it has something to say of a model and its trace; if not, it is left out.
        apart: whether it shares choices with Explore's own views, so that it stands on the Explain page alone.
    """

    title: str
    show: Callable[[ModelRun], None]
    suits: Callable[[ModelRun], bool] = _always
    apart: bool = False


SECTIONS: dict[str, Section] = {
    "ledger": Section(mark("Who wrote this memory?"), show_ledger, _has_ledger, apart=True),
    "what-ifs": Section(mark("What if?"), show_what_ifs),
    "turning": Section(mark("What would turn the answer?"), show_turning, can_be_turned),
    "attribution": Section(mark("Which inputs made this output?"), show_attribution),
    "attention": Section(mark("Is attention an explanation?"), show_faithfulness, _attends),
    "health": Section(mark("Check-up"), show_health),
    "probes": Section(mark("Probes"), show_probes, can_be_probed),
    "padding": Section(mark("If padding leaks"), show_padding, can_be_padded),
    "rewind": Section(mark("Rewind"), show_rewind, can_be_rewound),
    "attractors": Section(mark("Fixed points"), show_attractors, _rests),
}
"""Sections by their key in the URL, in the order of the switch."""


def open_page() -> None:
    """Everything below the heading."""
    asked = run.open_page(offered(), HEADING)
    if asked.encoded.written is not None:
        show_written(asked)
    titles = {name: say(section.title) for name, section in SECTIONS.items() if section.suits(asked)}
    chosen = params.choose(say("What to explain"), SECTION, titles, default=next(iter(titles)), pills=True)
    SECTIONS[chosen].show(asked)


def offer(asked: ModelRun) -> None:
    """The sections on another page, one at a time."""
    titles = {name: say(one.title) for name, one in SECTIONS.items() if one.suits(asked) and not one.apart}
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    with left:
        chosen = params.choose(say("What to explain"), OFFERED, titles, default=next(iter(titles)), pills=True)
    with right:
        link_to_explain(asked)
    SECTIONS[chosen].show(asked)
