"""What the Explain page shows: a text, a model, and one section at a time: only what is looked at is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from pretrained.registry import ModelError
from pretrained.task import InputError
from viz import controls, session
from viz.explain.asked import Asked
from viz.explain.attractors import show_attractors
from viz.explain.attribution import show_attribution
from viz.explain.faithfulness import show_faithfulness
from viz.explain.health import show_health
from viz.explain.ledger import show_ledger
from viz.explain.probes import show_probes
from viz.explain.what_ifs import show_what_ifs

SECTION = "section"
"""Name of the chosen section in the URL."""


@dataclass(frozen=True)
class Section:
    """One part of the page: its name on the switch and what draws it."""

    title: str
    show: Callable[[Asked], None]


SECTIONS: dict[str, Section] = {
    "ledger": Section("Who wrote this memory?", show_ledger),
    "what-ifs": Section("What if?", show_what_ifs),
    "attribution": Section("Which words made the answer?", show_attribution),
    "attention": Section("Is attention an explanation?", show_faithfulness),
    "health": Section("Check-up", show_health),
    "probes": Section("Probes", show_probes),
    "attractors": Section("Points of rest", show_attractors),
}
"""Sections by their key in the URL, in the order of the switch."""


def open_page() -> None:
    """Everything below the heading."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with right:
        key = controls.pick_model()
    try:
        model = session.model(key)
        with left:
            text = controls.type_text(model.task)
        controls.pick_example(model.task)
        reading, trace = session.traced(key, text)
    except InputError as error:
        st.info(str(error), icon=":material/edit:")
        return
    except ModelError as error:
        st.error(str(error), icon=":material/broken_image:")
        return
    for notice in reading.notices:
        st.info(notice, icon=":material/content_cut:")
    titles = {name: section.title for name, section in SECTIONS.items()}
    chosen = controls.choose("What to explain", SECTION, titles, default=next(iter(titles)), pills=True)
    SECTIONS[chosen].show(Asked(model, text, reading, trace))
