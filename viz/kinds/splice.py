"""DNA: sixty letters as sequence logos of attention and of what each letter was worth, and a search in longer ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core_models.explain.attribution.substitution import class_logits, substitute
from core_models.language import mark, say
from core_models.networks.sequence import ATTENTION
from core_models.trace import Site, Trace
from core_models.vocabulary import Kind
from pretrained.data.text.tokenizer import UNKNOWN_ID
from pretrained.families.classes.trained import TrainedClassifier
from pretrained.task import Given, InputError
from pretrained.tasks.classes.splice_junctions import IDS, JUNCTION, LENGTH, convert, letters_of, places, window
from pretrained.trained import Trained
from viz import inputs, params
from viz.cards import Card, Origin, show, show_and_pick
from viz.figures.sequences import logo
from viz.kept import Kept
from viz.kinds.classes import as_reader, show_classes, show_scores, show_verdict
from viz.kinds.kind import SequenceKind
from viz.params import Param
from viz.placing import Pick
from viz.remembered import kept
from viz.view import Options, Target

PLACE, CLASS = Param("place"), Param("class", default="answer")
"""The place in a long sequence, and the class that letters speak for."""

ASKED = Kept[int]("place asked for")
"""The place that was clicked."""

TARGET = Target(ATTENTION, "attention_weights")


def take_input(task: Any) -> Given:
    """Sixty letters, or more and the place in them that the question is about."""
    label = say("Paste DNA, letters or FASTA; Ctrl+Enter or a click elsewhere lets the network read it")
    text = inputs.type_lines(label, task.examples[0].text, task.characters)
    try:
        letters = letters_of(text)
    except InputError:
        return Given(text)  # the page says what is wrong with it
    if len(letters) <= LENGTH:
        return Given(text)
    return Given(window(letters, _pick_place(letters)))


def hold(task: Any, text: str) -> str:
    """A sequence from a file, if it has letters enough and not too many.

    Raises:
        InputError: if not.
    """
    if len(letters_of(text)) < LENGTH:
        task.encode(text)
    return text


def _pick_place(letters: str) -> int:
    """Letters before the place in question; the one that was clicked, asked for in the URL, or the middle."""
    clicked = ASKED.take()
    if clicked is not None:
        params.take_up(PLACE)
        params.give(PLACE, clicked)
    label = say("Letters before the position in question ({n:,} in all)", n=len(letters))
    return params.number(label, PLACE, places(letters), len(letters) // 2)


def show_answer(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    """What every letter was worth, with the answer beside it; above them the whole of a longer sequence."""
    reader = as_reader(model)
    _show_scan(reader)
    left, right = st.columns([3, 1])
    with right:
        show_verdict(reader, trace)
    sites = sites_of(reader, trace, reader.answer(trace)[0])
    with left:
        click = show_and_pick(Card(
            key="worth", title=say("What each letter contributed to the answer"), origin=Origin.of(trace), asks=False,
            figure=logo.draw_worth(sites, options.step), numbers=lambda: logo.tabulate(sites),
            question=say("A sequence logo of what each letter was worth to the answer."),
            how_to_read=say(
        "Each letter is as high as its contribution to “{class_name}”: by how much the log-odds fall "


                "if this letter is hidden from the network; below the line, the letter counts "
                "against it.", class_name=sites.class_name),
        ))  # fmt: skip
    return [(TARGET, click)] if click else []


def show_more(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    """The logos of attention and worth, the effect of every other letter, and every class."""
    reader = as_reader(model)
    left, right = st.columns([3, 1])
    with right:
        offered = {"answer": say("the predicted answer")} | {
            name: reader.task.called(name) for name in reader.task.classes
        }
        chosen = params.choose(say("Contribution of letters to"), CLASS, offered)
        show_classes(reader, trace)
    sites = sites_of(reader, trace, reader.answer(trace)[0] if chosen == "answer" else chosen)
    with left:
        click = show_and_pick(Card(
            key="logo", title=say("What the network looks at, and what matters"), origin=Origin.of(trace),
            figure=logo.draw(sites, options.step), numbers=lambda: logo.tabulate(sites),
            question=say("Attention to every letter, and what each letter contributed."),
            how_to_read=say(
        "On top, each letter is as high as the attention that it gets from the first letter after "
        "the junction, where the answer is read. In the middle, as high as its contribution to "
        "“{class_name}”: by how much the log-odds fall if this letter is hidden from the network; "
        "below the line, the letter counts against it. At the bottom, the effect of every other "
        "letter there: blue for, orange against.", class_name=sites.class_name),
            alt=say(
        "Sequence logos of attention and of each letter's contribution, and the effect of every "
        "replacement"),
        ))  # fmt: skip
    return [(TARGET, click)] if click else []


def sites_of(reader: TrainedClassifier, trace: Trace, label: str) -> logo.Sites:
    """The letters of a trace with what the network made of each."""
    place, index = _place(reader), reader.task.classes.index(label)
    changes = _changes(reader.recipe.key, trace.tokens.text, reader)[..., index]
    return logo.Sites(
        letters=trace.tokens.text,
        junction=JUNCTION,
        attention=trace.array(ATTENTION, "attention_weights")[:, place].mean(axis=0),
        worth=-changes[:, 0],
        changes=changes[:, 1:],
        query=place,
        class_name=reader.task.called(label),
    )


@kept(max_entries=32, wordless=True)
def _changes(key: str, letters: str, _reader: TrainedClassifier) -> NDArray[np.float64]:
    """Change of every class's log-odds, ``[step, letter, class]``; the first letter is the unknown one."""
    return substitute(_reader.network, convert(letters).tolist(), [UNKNOWN_ID, *(IDS[base] for base in logo.BASES)])


def _show_scan(reader: TrainedClassifier) -> None:
    """The answer at every place of a longer sequence; a click chooses the place."""
    letters = letters_of(params.held(inputs.TEXT))
    if len(letters) <= LENGTH:
        return
    chance, at = _scanned(reader.recipe.key, letters, reader), int(params.held(PLACE))
    names = [reader.task.called(name) for name in reader.task.classes[:-1]]
    asked = list(places(letters))
    card = Card(
        key="scan",
        title=say("The same question at every position"),
        question=say("Click a curve to look at that position."),
        how_to_read=say(
            "The network was trained on single positions of genes: along a long sequence, some of its hits are false."
        ),
        figure=logo.draw_scan(asked, chance[:, :-1], names, at),
        numbers=lambda: pd.DataFrame({"place": asked} | dict(zip(map(str, names), chance.T, strict=False))),
        alt=say("Probability of each kind of junction along the sequence"),
        origin=Origin(reader.recipe.key, letters),
        group="scan",
    )
    click = show(card)
    if click and isinstance(click.x, int | float) and round(click.x) != at:
        ASKED.put(round(click.x))
        st.rerun()


@kept(max_entries=16, wordless=True)
def _scanned(key: str, letters: str, _reader: TrainedClassifier) -> NDArray[np.float64]:
    """Probability of every class at every place of a sequence, ``[place, class]``."""
    windows = np.lib.stride_tricks.sliding_window_view(convert(letters), LENGTH)
    logits = class_logits(_reader.network, windows)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _place(model: Trained) -> int:
    """The step whose attention counts."""
    return as_reader(model).network.architecture.place or 0


def address(trace: Trace) -> tuple[Site, str]:
    """The state at a letter."""
    site, row = trace.find(Kind.STATE)[0]
    return site, row.key


SPLICE = SequenceKind(
    headline=mark("Watch a trained network look for a splice junction"),
    about=mark(
        "In a gene, stretches that are translated (exons) alternate with others that are cut out "
        "(introns). From thirty letters on each side the network says whether an exon ends or begins "
        "in the middle. Below is everything that happened inside it, in exact numbers."
    ),
    take_input=take_input,
    show_answer=show_answer,
    show_more=show_more,
    show_scores=show_scores,
    address=address,
    spells=LENGTH,
    reader=_place,
    hold=hold,
)
"""How splice junctions are shown."""
