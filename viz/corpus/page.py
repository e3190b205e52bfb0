"""What the Corpus page shows: an input, the corpus it is held against, and what is looked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from core_models.language import mark, say, say_n
from core_models.trace import Site, Trace
from core_models.vocabulary import Kind, quantity
from pretrained.registry import parse_site
from viz import params, run
from viz.corpus import pattern, states, unit, words
from viz.corpus.held import MOST_OWN, Held, held
from viz.files.held import SOURCE
from viz.inputs import READING, offered
from viz.markdown import escape
from viz.models import GROUP, task_of
from viz.params import Param
from viz.run import ModelRun, answered

CORPUS, QUANTITY = Param("corpus"), Param("quantity")
FIND = Param(
    "find",
    {
        "pattern": mark("This pattern"),
        "states": mark("States like this one"),
        "words": mark("Words"),
        "unit": mark("One unit"),
    },
)
SHIPPED, OWN = "shipped", "own"

HEADING = (
    mark("From one input to every place where the network does the same"),
    mark(
        "A corpus is searched for what a unit, a state or a word does here; what luck finds as well is said to be luck."
    ),
)


def open_page() -> None:
    """The whole page."""
    models = {
        key: recipe for key, recipe in offered(*READING, GROUP).items()
        if task_of(recipe).characters and task_of(recipe).medium != "numbers"
    }  # fmt: skip
    asked = run.open_page(models, HEADING)
    with answered():
        corpus = _pick_corpus(asked)
        st.caption(_about(corpus))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            find = params.choose(say("What are you looking for?"), FIND, pills=True)
            site, key = (None, "") if find == "words" else _pick_quantity(asked.trace)
        if site is None:
            words.show(asked, corpus)
        else:
            SHOWN[find](asked, corpus, site, key)


Shown = Callable[[ModelRun, Held, Site, str], None]
SHOWN: Mapping[str, Shown] = {"pattern": pattern.show, "states": states.show, "unit": unit.show}


def _pick_corpus(asked: ModelRun) -> Held:
    """The corpus that ships, or the file that the visitor opened; texts that do not ship are said to be missing."""
    source = SOURCE.get()
    if source is None:
        params.drop(CORPUS)
        return held(asked.model, None)
    options = {SHIPPED: say("the texts that ship"), OWN: say("your file {name}", name=source.name)}
    with st.container(width=360):
        own = params.choose(say("Corpus"), CORPUS, options, default=OWN) == OWN
    return held(asked.model, source if own else None)


def _about(corpus: Held) -> str:
    """What the corpus is, in a line."""
    texts, count = corpus.corpus.texts, len(corpus.corpus.readings)
    said = say_n("**Corpus: {name}**, {n:,} text, {tokens:,} tokens",
                 "**Corpus: {name}**, {n:,} texts, {tokens:,} tokens",
                 count, name=escape(say(texts.name)), tokens=len(corpus.corpus))  # fmt: skip
    if left_out := corpus.corpus.left_out:
        own = say("{corpus}; {n:,} texts are left out (beyond the first {most:,} tokens, or not readable)", corpus=said,
                  n=left_out, most=MOST_OWN)  # fmt: skip
        said = own if corpus.own else say("{corpus}; {n:,} texts are left out (not readable)", corpus=said, n=left_out)
    licence = texts.licence.partition(". ")[0]
    if texts.source:
        return say("{corpus}. {citation}. Licence: {licence}. To search your own texts, open a file.", corpus=said,
                   citation=escape(texts.citation), licence=escape(say(licence)))  # fmt: skip
    return say("{corpus}. Nobody else sees it, and it ends with this session.", corpus=said)


def _pick_quantity(trace: Trace) -> tuple[Site, str]:
    """The gate, candidate or state that is searched."""
    found = [(site, row) for site, row in trace.find(Kind.STATE, Kind.CANDIDATE, Kind.GATE) if site.module == "rnn"]
    several = len({site for site, _ in found}) > 1
    options = {
        f"{site.key}.{row.key}": row.label + (f", {site.label}" if several else "")
        for site, row in sorted(found, key=lambda each: each[1].kind is not Kind.STATE)
    }
    forward = [
        key for key in options
        if key.endswith(".hidden_state") and parse_site(key.partition(".")[0]).direction == "forward"
    ]  # fmt: skip
    place, _, key = params.choose(say("Searched in"), QUANTITY, options, default=forward[-1]).partition(".")
    return parse_site(place), quantity(key).key
