"""Words or a regular expression in the corpus, with what one unit does there."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core_models.corpus.places import Places
from core_models.language import mark, say, say_n
from core_models.vocabulary import Kind
from pretrained.corpus.words import LONGEST, find_words
from viz import params
from viz.corpus import results
from viz.corpus.held import Held
from viz.params import Param
from viz.run import ModelRun

QUERY, ONLY, TAG = Param("words"), Param("label"), Param("tag")
HOW = Param("as", {"words": mark("words"), "expression": mark("a regular expression")})


def show(asked: ModelRun, held: Held) -> None:
    """The box, and the places."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        params.take_up(QUERY)
        wanted = params.text(
            say("Find in the corpus"), QUERY, characters=LONGEST, placeholder=say("but, not only, or an expression")
        )
        expression = params.choose(say("Read it as"), HOW, pills=True) == "expression"
        names = sorted(set(held.corpus.texts.labels) - {""})
        offered = {"": say("all"), **{name: say(name) for name in names}}
        only = params.choose(say("Texts labelled"), ONLY, offered) if names else ""
        tags = held.corpus.tags()
        tag = _pick_tag(held, tags) if tags else ""
    if not wanted.strip() and not tag:
        st.caption(
            say("Type a word, and every place where it stands is listed, each one click from its gates and states.")
        )
        return
    found = find_words(held.corpus, wanted, expression=expression) if wanted.strip() else _every(held)
    places = _labelled(held, found, only)
    if tag and tags:
        places = places[np.array([tags[start] == tag for start in places.start.tolist()], bool)]
    st.header(say("Places in the corpus"), divider="gray")
    if not len(places):
        st.info(say("The corpus holds this nowhere: try another word, or all labels."), icon=":material/search_off:")
        return
    if len(places) > results.MOST_LISTED:
        st.markdown(say("**{n:,} places**; the first {most} are listed.", n=len(places), most=results.MOST_LISTED))
    else:
        st.markdown(say_n("**{n:,} place**.", "**{n:,} places**.", len(places)))
    some = places[: results.MOST_LISTED]
    site, row = next((site, row) for site, row in asked.trace.find(Kind.STATE) if site.module == "rnn")
    said = [held.model.task.called(tags[start]) if tags else "" for start in some.start.tolist()]
    results.show_list(held, some.start, some.stop, said, site, row.key, 0)
    results.show_files(held, some.start, some.stop, "words")


def _pick_tag(held: Held, tags: list[str]) -> str:
    """The label that the first token of a place has to have; "" for any."""
    names = sorted(set(tags) - {""})
    return params.choose(
        say("Tokens tagged"), TAG, {"": say("all"), **{tag: held.model.task.called(tag) for tag in names}}
    )


def _every(held: Held) -> Places:
    """Every token as a place."""
    start = np.arange(len(held.corpus), dtype=np.int64)
    return Places(start, start + 1, np.ones(len(start), np.float32))


def _labelled(held: Held, places: Places, only: str) -> Places:
    """Those in texts of one label."""
    if not only:
        return places
    labels = held.corpus.texts.labels
    return places[np.array([labels[held.corpus.place(start)[0]] == only for start in places.start.tolist()], bool)]
