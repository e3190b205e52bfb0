"""A text longer than can be shown character by character: an overview of it all, and a part that is open below.

The whole is read once; the part that is open is read again from the state in which what stands before it left the
network, so that its numbers are those of the one long reading.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import streamlit as st

from core_models.trace import Site
from core_models.vocabulary import Kind, quantity
from pretrained.language_reader import LanguageReader
from pretrained.task import Given
from pretrained.text_survey import TextSurvey
from viz import cards, controls, session
from viz.figures import overview
from viz.figures.overview import SHOWN, Stretches
from viz.linked_plot import Click, linked_plot

FROM, QUANTITY, COLUMN = "from", "overview", "column"
"""Names of the part's beginning and of the overview's choices in the URL."""

OPEN = "open part of a long text"
"""Key of the session's own state: which text the screen shows, and from where."""

KEPT = 6
"""Overviews that are kept for everybody; one of 320 units holds about 10 MB."""


@dataclass(frozen=True)
class OpenPart:
    """What the screen shows of a long text."""

    key: str
    name: str
    begin: int


@dataclass
class Shelf:
    """A place for one overview."""

    survey: list[TextSurvey] = field(default_factory=list)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _shelf(key: str, name: str) -> Shelf:
    return Shelf()


def close() -> None:
    """The screen shows no long text."""
    st.session_state.pop(OPEN, None)


def give(reader: LanguageReader, text: str) -> Given:
    """The part of a long text that is open; the text is read once, with a progress bar."""
    name = f"long-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    survey = _read(reader, name, text)
    begin = _begin(len(survey), reader.task.limit)
    st.session_state[OPEN] = OpenPart(reader.recipe.key, name, begin)
    return Given(f"{name}@{begin}", survey.part(begin))


def _read(reader: LanguageReader, name: str, text: str) -> TextSurvey:
    shelf = _shelf(reader.recipe.key, name)
    if not shelf.survey:
        survey, said = reader.survey(text), f"Reading {len(text):,} characters …"
        bar = st.progress(0.0, said)
        for share in survey.read():
            bar.progress(min(1.0, share), f"{said} {share:.0%}")
        bar.empty()
        shelf.survey[:] = [survey]
    return shelf.survey[0]


def _begin(length: int, limit: int) -> int:
    asked = st.query_params.get(FROM, "0")
    begin = int(asked) if asked.isdecimal() and len(asked) < 12 else 0
    return max(0, min(begin, length - limit))


def show_overview(reader: LanguageReader) -> None:
    """The whole text at a glance, if the screen shows a part of a long one; a click opens another part."""
    shown: OpenPart | None = st.session_state.get(OPEN)
    if shown is None or shown.key != reader.recipe.key:
        return
    shelf = _shelf(shown.key, shown.name)
    if not shelf.survey:
        return
    survey, limit = shelf.survey[0], reader.task.limit
    last = max(0, len(survey) - limit)
    end = min(shown.begin + limit, len(survey))
    stretches = Stretches(survey.survey.starts, len(survey), shown.begin, end, "character")
    with st.container(border=True, key="card-overview"):
        _head(survey, stretches)
        st.caption(
            f"{len(survey) - 1:,} characters in {len(stretches.starts)} stretches of {survey.survey.width}. The line "
            "is each stretch’s mean, the band reaches from its smallest to its largest value: nothing is left out, and "
            f"a single surprising character stays visible. The framed part, {limit} characters from "
            f"{shown.begin + 1:,} on, is open below with every number exact; **click anywhere to open another part**. "
            "For a unit’s spikes choose the value farthest from its mean."
        )
        figure = overview.draw_line(survey.surprise, stretches, "surprise (nats)")
        clicked = linked_plot(figure, key="overview-line", alt="Surprise along the whole text", group="overview")
        clicked = _show_units(survey, stretches) or clicked
        moved = _step(shown.begin, limit, last)
    target = moved if clicked is None or not isinstance(clicked.x, int | float) else int(clicked.x) - limit // 2
    target = max(0, min(target, last))
    if target != shown.begin:
        st.query_params[FROM] = str(target)
        session.select(None)
        st.rerun()


def _head(survey: TextSurvey, stretches: Stretches) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**The whole text**", width="stretch")
        cards.save(
            "overview", "overview", lambda: overview.tabulate(survey.surprise, stretches).to_csv(index=False), "csv",
            "Surprise by stretch",
        )  # fmt: skip


def _show_units(survey: TextSurvey, stretches: Stretches) -> Click | None:
    """Every unit of one quantity, stretch by stretch."""
    ranges = survey.ranges
    drawn = (Kind.GATE, Kind.CANDIDATE, Kind.STATE)
    names = {f"{site.key}.{key}": _label(site, key) for site, key in ranges if quantity(key).kind in drawn}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = controls.choose("Units of", QUANTITY, names, default=list(names)[-1])
        column = controls.choose("Each column shows", COLUMN, SHOWN, default="mean")
    place, key = chosen.rsplit(".", 1)
    site = next(site for site, other in ranges if site.key == place and other == key)
    figure = overview.draw_units(ranges[site, key], quantity(key), stretches, column)
    return linked_plot(figure, key="overview-units", alt=f"{names[chosen]} of every unit, by stretch", group="overview")


def _label(site: Site, key: str) -> str:
    return quantity(key).label + (f", {site.label}" if site.layer else "")


def _step(begin: int, limit: int, last: int) -> int:
    """Buttons for those who cannot click into a figure: the part before, and the part behind."""
    with st.container(horizontal=True):
        if st.button("Part before", icon=":material/chevron_left:", key="part-before", disabled=begin == 0):
            return begin - limit
        if st.button("Next part", icon=":material/chevron_right:", key="part-next", disabled=begin >= last):
            return begin + limit
    return begin
