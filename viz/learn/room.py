"""A room on the page: the class predicts, the teacher sees how many have, shows the votes, and reveals the answer."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

import streamlit as st

from core_models.language import current, say
from viz import params
from viz.kept import Kept
from viz.learn import reading, steps
from viz.learn.lesson import Guess, Lesson, Prediction, Step, in_language
from viz.learn.place import ROOM, Place
from viz.learn.rooms import ROOMS, Room, RoomError
from viz.learn.share import code_of
from viz.learn.views import LOOKS
from viz.markdown import escape
from viz.params import LANG
from viz.run import answered

EVERY = 2.0
"""Seconds between two looks at the votes."""

BINS = 10
"""Into which predicted numbers are put."""

CHAIR = Kept[tuple[str, str]]("room that is led")
"""Code and key of the room that this session leads."""

VOTER, STAGE = Kept[str]("voter"), Kept[tuple[str, int, bool]]("stage of the room")
REFUSED = Kept[str]("refused vote")


def open_room(place: Place) -> None:
    """Open a room for a lesson and go there; call it from a callback."""
    try:
        room = ROOMS.open(place.link)
    except RoomError as error:
        REFUSED.put(str(error))
        return
    CHAIR.put((room.code, room.chair))
    params.open_at({str(ROOM): room.code, str(LANG): place.language})


def show(room: Room, lesson: Lesson) -> None:
    """The step that the room is at."""
    language, leads = current(), CHAIR.get() == (room.code, room.chair)
    place = Place(lesson, min(room.number, len(lesson.steps)), language, {str(ROOM): room.code})
    if STAGE.get() != (room.code, *room.stage):
        STAGE.put((room.code, *room.stage))
        params.open_at(place.query(answered=room.revealed))
    step = lesson.steps[place.number - 1]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{say('Room')} {room.code}** · {escape(in_language(lesson.title, language))}", width="stretch")
    if leads:
        _invite(room, language)
    with st.container(border=True, key="lesson-step"):
        st.caption(say("Step {n} of {all}", n=place.number, all=len(lesson.steps)))
        st.markdown(escape(in_language(step.read, language)))
        _vote(place, room, step, leads=leads)
        st.fragment(_live, run_every=EVERY)(room.code, room.stage, step, language)
        found = st.container()
        if leads:
            _lead(room, len(lesson.steps))
    if step.late and not room.revealed:
        st.caption(say("The figures appear with the answer: they would give it away."))
        return
    st.caption(f":material/arrow_downward: {say('Look below: {where}', where=escape(in_language(step.see, language)))}")
    with answered():
        look = LOOKS[step.look]
        shown = steps.take(step, own=False) if look.of_input else None
        if room.revealed:
            with found:
                own = room.here.get(_voter())
                steps.conclude(place, step, reading.of_lesson(step), own, list(room.here.values()))
        look.show(shown)


def _voter() -> str:
    return VOTER.get() or VOTER.put(secrets.token_hex(8))


def _invite(room: Room, language: str) -> None:
    """Where the class goes: the link, its code, and the way back for the teacher."""
    link = params.link_of(st.context.url or "/learn", {str(ROOM): room.code, str(LANG): language})
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("The class opens this address:"))
        st.code(link, language=None, width="content")
        with st.popover("QR", icon=":material/qr_code_2:"):
            image = code_of(link)
            if image:
                st.image(image, width=360, alt=link)
        st.button(
            say("Close the room"), on_click=_close, args=(room,), type="tertiary", icon=":material/close:", key="close"
        )


def _close(room: Room) -> None:
    ROOMS.close(room.code, room.chair)
    params.open_at({})


def _vote(place: Place, room: Room, step: Step, *, leads: bool) -> None:
    """What can be predicted, once; afterwards that it was taken."""
    label = escape(in_language(step.prediction.asks, place.language))
    if leads or room.revealed or _voter() in room.here:
        st.markdown(f"**{label}**")
        if not (leads or room.revealed):
            st.caption(say("Your prediction is taken. The answer comes when the teacher shows it."))
        return
    steps.ask(place, step)
    st.button(
        say("Send my prediction"),
        on_click=_send,
        args=(room, place),
        type="primary",
        disabled=not place.ready,
        key="lesson-send",
    )
    if refused := REFUSED.take():
        st.warning(escape(refused), icon=":material/block:")


def _send(room: Room, place: Place) -> None:
    try:
        ROOMS.vote(room.code, place.number, _voter(), params.held(place.widget))
    except RoomError as error:
        REFUSED.put(str(error))


def _live(code: str, stage: tuple[int, bool], step: Step, language: str) -> None:
    """How many have voted, and what, as far as it is shown; where the room went on, the page is drawn anew."""
    room = ROOMS.find(code)
    if room is None or room.stage != stage:
        st.rerun(scope="app")
    votes = list(room.here.values())
    st.caption(say("Predictions so far: {n}", n=len(votes)))
    if votes and (room.shown or room.revealed):
        for name, count in tally(step.prediction, votes, language, _last(step)).items():
            st.progress(count / len(votes), text=f"{escape(name)}: **{count}**")


def _last(step: Step) -> str:
    """The last token of the lesson's own input, where curves end; nothing where none are drawn."""
    return reading.of_lesson(step).tokens.labels[-1] if step.prediction.curve else ""


def tally(prediction: Prediction, votes: Sequence[Guess], language: str, last: str = "") -> Mapping[str, int]:
    """How many chose what; of numbers, how many lie in each tenth of the scale; of curves, how many end there.

    ``last`` is the token at which curves end.
    """
    if prediction.scale is None:
        names = [in_language(option.says, language) for option in prediction.options]
        return {name: votes.count(at) for at, name in enumerate(names)}
    low, width = prediction.scale.low, (prediction.scale.high - prediction.scale.low) / BINS
    ends = [vote[-1] if isinstance(vote, tuple) else vote for vote in votes]
    places = [min(BINS - 1, int((end - low) / width)) for end in ends]
    tenths = [f"{low + at * width:.2g} – {low + (at + 1) * width:.2g}".replace("-", "−") for at in range(BINS)]
    return {
        say("at “{last}” {range}", last=last, range=one) if last else one: places.count(at)
        for at, one in enumerate(tenths)
    }


def _lead(room: Room, count: int) -> None:
    """The teacher's buttons."""

    def lead(**to: bool | int) -> None:
        ROOMS.lead(room.code, room.chair, **to)

    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.button(say("Back"), on_click=lead, kwargs={"number": room.number - 1, "revealed": False, "shown": False},
                  disabled=room.number == 1, type="tertiary", key="room-back")  # fmt: skip
        st.button(say("Hide the votes") if room.shown else say("Show the votes"), on_click=lead,
                  kwargs={"shown": not room.shown}, key="room-votes", disabled=room.revealed)  # fmt: skip
        if not room.revealed:
            st.button(
                say("Reveal the answer"), on_click=lead, kwargs={"revealed": True}, type="primary", key="room-reveal"
            )
        else:
            st.button(say("Next step"), on_click=lead,
                      kwargs={"number": room.number + 1, "revealed": False, "shown": False},
                      disabled=room.number >= count, type="primary", key="room-next")  # fmt: skip
