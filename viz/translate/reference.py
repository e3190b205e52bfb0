"""A reference forced upon the network, beside what it writes when left alone."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core_models.language import say
from core_models.networks.translation import OUTPUT, Translation
from pretrained.families.translation.trained import TrainedTranslator
from pretrained.task import InputError
from viz import params
from viz.cards import Card, show
from viz.figures.translation import forcing
from viz.kinds.translation import spelled
from viz.linked_plot import linked_text
from viz.session import Selection
from viz.translate.answers import forced
from viz.translate.controls import REFERENCE
from viz.translate.state import Screen


def show_reference(on: Screen) -> Selection | None:
    """Teacher forcing against free running, with the first step at which they part."""
    st.caption(
        say(
            "In training, the network is shown a correct answer and asked for the next token at "
            "every step, whatever it "
            "would have written itself (teacher forcing). On its own it reads its own words, and a single different "
            "word can lead it elsewhere."
        )
    )
    params.take_up(REFERENCE)
    known = next((one.reference for one in on.model.task.examples if one.text == on.asked.source), "")
    typed = params.text(say("Reference: a correct answer"), REFERENCE, known, characters=on.model.task.characters)
    try:
        found = forced(on.asked.model, on.asked.source, typed)
    except InputError as error:
        st.info(str(error), icon=":material/edit:")
        return None
    copied = on.model.task.copied(on.asked.source)
    left, right = st.columns(2)
    with left:
        st.caption(say("Reference, written by teacher forcing"))
        _show(on.model, copied, found.reference, found.parting, "forced")
    with right:
        st.caption(say("What it writes on its own, greedily"))
        _show(on.model, copied, found.free, found.parting, "free")
    first, second = (one.trace.array(OUTPUT, "chosen_probability") for one in (found.reference, found.free))
    labels = [one.trace.tokens.labels for one in (found.reference, found.free)]
    show(Card(
        key="forcing", title=say("How probable each next token was"), origin=on.original.origin,
        question=say("Where does the reference diverge from what the network writes on its own?"),
        figure=forcing.draw(first, second, labels[0], labels[1], found.parting),
        numbers=lambda: forcing.numbers(first, second, labels[0], labels[1]),
        alt=say("Probability of every token, teacher-forced and free"), found=_verdict(found.reference, found.parting),
    ))  # fmt: skip
    return None


def _show(
    model: TrainedTranslator, copied: Mapping[str, str], translation: Translation, parting: int | None, key: str
) -> None:
    text, spans = spelled(model.task.target, translation.target, copied)
    marks = ["parting" if step == parting else "" for step in range(len(spans))]
    said = say("probability {chance:.1%}")
    notes = [said.format(chance=one.chosen.probability) for one in translation.steps]
    linked_text(text, spans, key=key, marks=marks, notes=notes, group=key)


def _verdict(reference: Translation, parting: int | None) -> str:
    nats = -reference.log_probability / len(reference.target)
    cost = say("The reference costs {nats:.3f} nats a token.", nats=nats)
    if parting is None:
        return f"{say('They are identical to the end.')} {cost}"
    if parting >= len(reference.target):
        said = say(
            "They diverge at step {n}, underlined in pink and dashed in the figure: there the reference has ended.",
            n=parting + 1,
        )
        return f"{said} {cost}"
    one = reference.steps[parting]
    said = say(
        "They diverge at step {n}, underlined in pink and dashed in the figure: the reference's token had rank {rank} "
        "with probability {chance:.2%}. From there on, each reads a different past.",
        n=parting + 1,
        rank=one.rank,
        chance=one.chosen.probability,
    )
    return f"{said} {cost}"
