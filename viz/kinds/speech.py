"""Speech: a recording heard, seen and read on one time axis, with the answer after every moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core_models.heads.classes import ANSWER
from core_models.inputs.numbers import FRAMES
from core_models.language import mark, say
from core_models.networks.sequence import ATTENTION
from core_models.trace import Site, Trace
from core_models.vocabulary import Kind
from pretrained.data.log_mel import HOP, WINDOW, centres
from pretrained.families.classes.trained import TrainedClassifier
from pretrained.task import Given
from pretrained.tasks.classes.spoken_digits import recording_of
from pretrained.trained import Trained
from pretrained.uploads.audio import Recording, as_wav
from viz import controls, session
from viz.cards import Card, Origin
from viz.figures.parts.marks import Number
from viz.figures.parts.unit_rows import UnitRow, unit_rows
from viz.figures.sequences import speech
from viz.kinds.classes import as_reader, show_classes, show_scores, show_verdict
from viz.kinds.kind import SequenceKind
from viz.kinds.named import GIVEN, hold, take_named
from viz.placing import Pick, show_rows
from viz.remembered import kept
from viz.view import Options, Target

TARGET = Target(ANSWER, "running_probability")


def take_input(task: Any) -> Given:
    """A recording: an example, a file that was opened, or one made in the page."""
    return take_named(task, say("Say one digit, zero to nine, or open a file"))


def show_answer(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    """Wave and answer on one time axis, to be played; the digit beside it."""
    reader, given, recording = _heard(model)
    heard = heard_of(reader, trace, recording)
    left, right = st.columns([3, 1])
    with left:
        card = Card(
            key="speech", title=say("When the digit is clear"), origin=Origin(trace.model, given.text), asks=False,
            question=say("The sound wave, and the probability of every digit had the recording ended there."),
            how_to_read=say(
        "Press play: a line runs along. Below the wave, a row for each digit, brighter where it is "
        "more probable; a white dot is on the most probable one, which no longer changes after the "
        "dotted line."),
            figure=speech.draw(heard, _selected(trace), brief=True), numbers=lambda: speech.tabulate(heard),
            sound=as_wav(recording), alt=say("The recording as a wave, and the probability of every digit over time"),
        )  # fmt: skip
        found = show_rows(card, trace)
    with right:
        show_verdict(reader, trace, given.text)
        st.caption(
            say(
                "Its answer settles at {labels} of {seconds:.2f} s.",
                labels=trace.tokens.labels[heard.decided],
                seconds=recording.seconds,
            )
        )
    return found


def show_more(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    """From the wave down to the answer on one time axis, with all that lies between; and every digit."""
    reader, given, recording = _heard(model)
    site = controls.chosen_layer(trace)
    heard = heard_of(reader, trace, recording, _rows_at(trace, site))
    left, right = st.columns([3, 1])
    with left:
        card = Card(
            key="speech-all", title=say("What is heard, and what becomes of it"),
            origin=Origin(trace.model, given.text),
            question=say("From the sound wave to the answer, on one time axis."), how_to_read=how_to_read(trace, site),
            figure=speech.draw(heard, _selected(trace)), numbers=lambda: speech.tabulate(heard),
            alt=say(
        "The recording as wave and spectrogram, gates and states, attention, and the probability of "
        "every digit over time"),
        )  # fmt: skip
        found = show_rows(card, trace)
    with right:
        show_classes(reader, trace, given.text)
        if given.content is None:
            st.caption(say("The examples are from the Free Spoken Digit Dataset, CC BY-SA 4.0."))
    return found


def _heard(model: Trained) -> tuple[TrainedClassifier, Given, Recording]:
    """Who hears, what was given, and its sound."""
    given = GIVEN.get() or Given(model.task.examples[0].text)
    return as_reader(model), given, _recording(given.text, given.content)


def _selected(trace: Trace) -> Number | None:
    chosen, _ = session.selected(trace)
    return (Target(chosen.site, chosen.key), chosen.step, chosen.unit) if chosen else None


def how_to_read(trace: Trace, site: Site) -> str:
    """What the rows are; which layer the gates are of, where there are several."""
    layers = len(trace.sites(Kind.STATE)) > 1
    rows = say("the gates and states")
    if layers:
        rows = say("the gates and states of {layer} (another is chosen below)", layer=site.label)
    return say(
        "Press play above: the current frame lights up in all rows. From top to bottom, in the order "
        "of computing: the sound; its energy by frequency, which is all that the network reads; "
        "{rows}, one line for each unit; the attention that the last frame pays to "
        "each frame; and the answer had the recording ended there, a white dot on the most probable "
        "digit. After the dotted line that digit no longer changes. Energy is normalised so that "
        "loudness does not count: it is a logarithm, in standard deviations above or below its mean "
        "over all bands and frames of this recording.",
        rows=rows,
    )


def _rows_at(trace: Trace, site: Site) -> tuple[UnitRow, ...]:
    """Gates and states of a layer, in the order of units that is chosen for all figures of units."""
    state = [row.key for where, row in trace.find(Kind.STATE) if where == site][-1]
    return unit_rows(trace, site, controls.chosen_order(trace, Target(site, state)))


@kept(max_entries=4, scope="session")
def _recording(text: str, _content: bytes | None) -> Recording:
    return recording_of(text, _content)


def heard_of(
    reader: TrainedClassifier, trace: Trace, recording: Recording, units: Sequence[UnitRow] = ()
) -> speech.Heard:
    """A recording with what the network made of it; ``units`` are the rows of a layer that are shown."""
    weights = trace.array(ATTENTION, "attention_weights")
    return speech.Heard(
        samples=recording.samples,
        rate=recording.rate,
        window=WINDOW,
        hop=HOP,
        frames=trace.array(FRAMES, "frame"),
        centres=centres(),
        attention=weights[:, -1].mean(axis=0),
        probability=trace.array(ANSWER, "running_probability"),
        classes=reader.task.classes,
        times=trace.tokens.labels,
        answer=TARGET,
        attends=Target(ATTENTION, "attention_weights") if len(weights) == 1 else None,
        units=units,
    )


def address(trace: Trace) -> tuple[Site, str]:
    """The answer after a frame."""
    return ANSWER, "running_probability"


SPEECH = SequenceKind(
    headline=mark("Watch a trained network listen to a digit"),
    about=mark(
        "A small recurrent network hears eighty short frames a second and says which digit is "
        "spoken. Below is everything that happened inside it, in exact numbers; a token is one frame "
        "here, named by its time."
    ),
    take_input=take_input,
    show_answer=show_answer,
    show_more=show_more,
    show_scores=show_scores,
    address=address,
    hold=hold,
)
"""How spoken digits are shown."""
