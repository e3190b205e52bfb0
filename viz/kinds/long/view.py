"""What overviews of long sequences share: which part of the whole is shown finer, and what a click opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from core_models.language import say
from viz import params, session
from viz.figures.parts.stretches import Stretches
from viz.linked_plot import Click, Zoom
from viz.params import Param
from viz.params.whole_numbers import whole
from viz.remembered import kept

ZOOM = Param("zoom")
"""The part that is shown finer: its first and last step, counted from 1, as ``120-480``."""

KEPT, KEPT_FINER = 6, 3
"""Readings of long sequences that are kept for everybody, and finer ones of their parts: of a text by 320 units one
holds about 10 MB, so that all of them stay below 100 MB."""


@dataclass
class Shelf:
    """A place for one reading of a long sequence."""

    held: list[Any] = field(default_factory=list)


@kept(max_entries=KEPT, wordless=True)
def shelf_of(key: str, name: str) -> Shelf:
    """The place for what a model read of a long sequence."""
    return Shelf()


@kept(max_entries=KEPT_FINER, wordless=True)
def finer_shelf_of(key: str, name: str, part: range) -> Shelf:
    """The place for what it read more finely of a part."""
    return Shelf()


def read_once(shelf: Shelf, begin: Callable[[], tuple[Any, Iterator[float]]], said: str) -> Any:
    """What stands on the shelf; at first what is read now, with a progress bar.

    Args:
        shelf: the place for it.
        begin: gives the reading, and what reads it step by step and says which share is read.
        said: what the bar says.
    """
    if not shelf.held:
        bar = st.progress(0.0, said)
        reading, shares = begin()
        for share in shares:
            bar.progress(min(1.0, share), f"{said} {min(1.0, share):.0%}")
        bar.empty()
        shelf.held[:] = [reading]
    return shelf.held[0]


def zoomed_part(length: int) -> range | None:
    """The steps of the part that is shown finer, counted from 0; None where the whole is shown."""
    asked, _, until = (params.asked(ZOOM) or "").partition("-")
    first, last = whole(asked), whole(until)
    if first is None or last is None:
        return None
    part = range(max(0, first - 1), min(last, length))
    return part if 1 < len(part) < length else None


def forget_zoom() -> None:
    """Show the whole again, as for another sequence."""
    params.put(ZOOM, None)


def clicked_step(found: Click | Zoom | None) -> int | None:
    """The step that was clicked, counted from 0, if any; a zoom is kept, and the page drawn anew."""
    if isinstance(found, Zoom):
        _keep(found)
        st.rerun()
    return round(found.x) - 1 if found and isinstance(found.x, int | float) else None


def _keep(zoom: Zoom) -> None:
    if zoom.first is None:
        forget_zoom()
    else:
        params.put(ZOOM, f"{zoom.first}-{zoom.last}")


def offer_steps(begin: int, end: int, length: int, zoomed: range | None) -> int:
    """Buttons for those who cannot draw or click in a figure; returns how many parts to move by: -1, 0 or 1."""
    with st.container(horizontal=True):
        back = st.button(say("Part before"), icon=":material/chevron_left:", key="part-before", disabled=begin == 0)
        on = st.button(say("Next part"), icon=":material/chevron_right:", key="part-next", disabled=end >= length)
        around = range(max(0, begin - (end - begin)), min(length, end + (end - begin)))
        seen = zoomed == around or len(around) == length
        if st.button(say("Zoom to the open part"), icon=":material/zoom_in:", key="zoom-in", disabled=seen):
            _keep(Zoom(around.start + 1, around.stop))
            st.rerun()
        if st.button(say("Show the whole"), icon=":material/zoom_out_map:", key="zoom-out", disabled=zoomed is None):
            forget_zoom()
            st.rerun()
    return on - back


def say_zoom(stretches: Stretches) -> str:
    """How finely what is shown is divided, and how to see more, in two sentences."""
    length, noun, zoomed = stretches.length, stretches.noun, stretches.shown
    shown = say("{length:,} {noun}s", length=length, noun=say(noun))
    if zoomed is not None:
        first = f"{zoomed.start + 1:,}" if stretches.names is None else stretches.names(stretches.starts[:1])[0]
        shown = say("{part:,} of {all}, from {first} on", part=len(zoomed), all=shown, first=first)
    if stretches.width == 1:
        return say(
            "{shown}, one by one: every value is exact. “Show the whole” or a double click goes back.", shown=shown
        )
    more = say("Drag over a part to see it in more detail, down to single values.")
    if zoomed is not None:
        more = say(
            "Drag over a part to see it in more detail, down to single values; “Show the whole” or a double click "
            "goes back."
        )
    return say(
        "{shown}, in {n} stretches of {width}. The line is each stretch’s mean, the band reaches "
        "from its smallest to its largest value, so that nothing is left out. {more}",
        shown=shown,
        n=len(stretches.starts),
        width=stretches.width,
        more=more,
    )


def follow(zoomed: range | None, part: range, length: int) -> None:
    """Move what is zoomed to along, as wide as it is, where the part that is opened lies outside of it."""
    if zoomed is None or (part.start < zoomed.stop and zoomed.start < part.stop):
        return
    start = max(0, min((part.start + part.stop - len(zoomed)) // 2, length - len(zoomed)))
    _keep(Zoom(start + 1, start + len(zoomed)))


def open_at(parameter: Param, value: str) -> None:
    """Open another part: its place goes into the URL, and no number is selected."""
    params.put(parameter, value)
    session.select(None)
    st.rerun()
