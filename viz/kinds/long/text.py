"""A text longer than can be shown character by character: an overview of it all, and a part that is open below.

The whole is read once; the part that is open is read again from the state in which what stands before it left the
network, so that its numbers are those of the one long reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import streamlit as st

from core_models.language import say
from core_models.survey import Survey
from core_models.trace import Site
from core_models.vocabulary import Kind, quantity
from pretrained.families.next_token.survey import TextSurvey
from pretrained.families.next_token.trained import TrainedLanguageModel
from pretrained.task import Given, StandIn
from viz import params
from viz.cards import Card, Origin, show_zoomed
from viz.figures.parts.stretches import Stretches
from viz.figures.sequences import overview
from viz.figures.sequences.overview import SHOWN, Line, UnitColumns
from viz.kept import Kept
from viz.kinds.long import view as long_view
from viz.kinds.long.view import clicked_step, finer_shelf_of, offer_steps, open_at, read_once, shelf_of, zoomed_part
from viz.params import Param, stand_ins
from viz.params.whole_numbers import nearest

FROM, QUANTITY, COLUMN = Param("from"), Param("overview"), Param("column", SHOWN, "mean")
"""The part's beginning, and the overview's choices."""


@dataclass(frozen=True)
class OpenPart:
    """What the screen shows of a long text."""

    key: str
    name: str
    begin: int

    @property
    def stand_in(self) -> StandIn:
        """The name of this part, by which its trace is cached."""
        return StandIn(f"{self.name}@{self.begin}")


OPEN = Kept[OpenPart]("open part of a long text")
"""Which text the screen shows, and from where."""


def close() -> None:
    """The screen shows no long text."""
    OPEN.take()


def give(reader: TrainedLanguageModel, text: str) -> Given:
    """The part of a long text that is open; the text is read once, with a progress bar."""
    name = stand_ins.name_of(text)
    survey = _read(reader, name, text)
    before = OPEN.get()
    if before and before.name != name:
        long_view.forget_zoom()
    begin = _begin(len(survey), reader.task.limit)
    shown = OPEN.put(OpenPart(reader.recipe.key, name, begin))
    return Given(shown.stand_in.name, survey.part(begin))


def _read(reader: TrainedLanguageModel, name: str, text: str) -> TextSurvey:
    def begin() -> tuple[TextSurvey, Iterator[float]]:
        survey = reader.survey(text)
        return survey, survey.read()

    return read_once(shelf_of(reader.recipe.key, name), begin, say("Reading {n:,} characters …", n=len(text)))


def _finer(shown: OpenPart, survey: TextSurvey, part: range) -> Survey:
    """The part that a person zoomed to, read again in stretches of its own from the state before it."""

    def begin() -> tuple[Survey, Iterator[float]]:
        finer = survey.survey.within(part.start, part.stop)
        return finer, survey.read_finer(finer)

    said = say("Reading {n:,} characters more finely …", n=len(part))
    return read_once(finer_shelf_of(shown.key, shown.name, part), begin, said)


def _begin(length: int, limit: int) -> int:
    return nearest(params.asked(FROM), range(length - limit + 1), 0)


def show_overview(reader: TrainedLanguageModel) -> None:
    """The whole text at a glance, if the screen shows a part of a long one; a click opens another part."""
    shown = OPEN.get()
    if shown is None or shown.key != reader.recipe.key:
        return
    held = shelf_of(shown.key, shown.name).held
    if not held:
        return
    survey: TextSurvey = held[0]
    length, limit, zoomed = len(survey), reader.task.limit, zoomed_part(len(survey))
    end = min(shown.begin + limit, length)
    drawn = survey.survey if zoomed is None else _finer(shown, survey, zoomed)
    first, stop = (0, length) if zoomed is None else (zoomed.start, zoomed.stop)
    stretches = Stretches(drawn.starts + first, length, shown.begin, end, "character", stop, zoomed)
    step = clicked_step(show_zoomed(_card(shown, survey, drawn, stretches, limit)))
    begin = shown.begin + limit * offer_steps(shown.begin, end, length, zoomed)
    target = max(0, min(begin if step is None else step - limit // 2, length - limit))
    if target != shown.begin:
        long_view.follow(zoomed, range(target, target + limit), length)
        open_at(FROM, str(target))


def _card(shown: OpenPart, survey: TextSurvey, drawn: Survey, stretches: Stretches, limit: int) -> Card:
    """Surprise, and every unit of one quantity, stretch by stretch; its choices stand above."""
    ranges = drawn.ranges
    kinds = (Kind.GATE, Kind.CANDIDATE, Kind.STATE)
    names = {f"{site.key}.{key}": _label(site, key) for site, key in ranges if quantity(key).kind in kinds}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = params.choose(say("Units of"), QUANTITY, names, default=list(names)[-1])
        column = params.choose(say("Each column shows"), COLUMN)
    place, key = chosen.rsplit(".", 1)
    site = next(site for site, other in ranges if site.key == place and other == key)
    columns = UnitColumns(ranges[site, key], quantity(key), stretches, column)
    figure = overview.draw([Line(survey.surprise, say("surprise (nats)"))], columns, stretches)
    return Card(
        key="whole-text",
        title=say("A part of the text") if stretches.shown else say("The whole text"),
        question=say(
            "The framed part, {limit} characters from {begin:,} on, is open below with every exact "
            "number; click anywhere to open another part.",
            limit=limit,
            begin=shown.begin + 1,
        ),
        how_to_read=say(
            "{zoom} A newline is read before the text and counted as the first character. For a unit’s "
            "spikes choose the value farthest from its mean.",
            zoom=long_view.say_zoom(stretches),
        ),
        figure=figure,
        numbers=lambda: overview.tabulate(survey.surprise, stretches),
        alt=say("Surprise, and {names} of every unit, along the whole text", names=names[chosen]),
        origin=Origin(shown.key, shown.name),
        group="overview",
    )


def _label(site: Site, key: str) -> str:
    return quantity(key).label + (f", {site.label}" if site.layer else "")
