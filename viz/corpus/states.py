"""The states of a corpus that are nearest to the state at one token of the input."""

from __future__ import annotations

import streamlit as st

from core_models.corpus.nearest import nearest
from core_models.corpus.places import Floats, Places
from core_models.language import mark, say
from core_models.trace import Site
from core_models.vocabulary import quantity
from viz import params
from viz.corpus import results
from viz.corpus.held import Held
from viz.corpus.link import DOT, TOKEN
from viz.corpus.pattern import common
from viz.figures.parts.token_axis import spell
from viz.figures.trace import trajectory
from viz.markdown import escape
from viz.params import Param
from viz.run import ModelRun
from viz.view import Target

METRIC = Param("distance", {"euclidean": mark("straight line (Euclidean)"), "cosine": mark("angle (cosine)")})

COUNT = 50
"""States that are listed."""


def _dots(asked: ModelRun, site: Site, key: str) -> dict[str, Floats]:
    """The states of other inputs in the path figure of this state, ``[unit]`` each, by what the address calls them."""
    target = Target(site, key)
    known = target in trajectory.targets(asked.trace)
    return {f"{DOT}{at}": row for at, row in enumerate(trajectory.background(asked.trace, target)[0])} if known else {}


def show(asked: ModelRun, held: Held, site: Site, key: str) -> None:
    """The token, the metric, and the nearest states with their texts."""
    tokens = {str(at): f"{at + 1} {spell(label)}" for at, label in enumerate(asked.tokens.labels)}
    selection, dots = asked.selection, _dots(asked, site, key)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        opening = selection.step if selection and str(selection.step) in tokens else len(tokens) - 1
        tokens |= {asked_for: say("another input: dot {n} of the path figure", n=int(asked_for.removeprefix(DOT)) + 1)
                   for asked_for in [params.asked(TOKEN) or ""] if asked_for in dots}  # fmt: skip
        chosen = params.choose(say("State after token"), TOKEN, tokens, default=str(opening))
        metric = "cosine" if params.choose(say("Distance"), METRIC, pills=True) == "cosine" else "euclidean"
    values = held.values(site, key)
    query = dots[chosen] if chosen in dots else asked.trace.array(site, key)[int(chosen)]
    found = nearest([values], query, COUNT, metric)
    st.header(say("The nearest in the corpus"), divider="gray")
    fields = {"n": len(found), "all": len(values), "quantity": say(quantity(key).name)}
    if chosen in dots:
        st.markdown(say(
            "The {n} of {all:,} tokens whose {quantity} is nearest to that in which another input ended, each compared "
            "exactly.", **fields,
        ))  # fmt: skip
    else:
        st.markdown(say(
            "The {n} of {all:,} tokens whose {quantity} is nearest to that after “{token}”, each compared exactly.",
            token=escape(spell(asked.tokens.labels[int(chosen)])), **fields,
        ))  # fmt: skip
    left, right = st.columns(2)
    with left:
        said = [f"{distance:.3f}" for distance in found.distance]
        results.show_list(held, found.token, found.token + 1, said, site, key, 0)
        results.show_files(held, found.token, found.token + 1, "nearest", distance=found.distance.tolist())
    with right:
        places = Places(found.token, found.token + 1, found.distance)
        results.show_common(common(held, places), len(found))
