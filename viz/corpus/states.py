"""The states of a corpus that are nearest to the state at one token of the input."""

from __future__ import annotations

import streamlit as st

from core_models.corpus.nearest import nearest
from core_models.corpus.places import Places
from core_models.language import mark, say
from core_models.trace import Site
from core_models.vocabulary import quantity
from viz import params
from viz.corpus import results
from viz.corpus.held import Held
from viz.corpus.pattern import common
from viz.figures.parts.token_axis import spell
from viz.markdown import escape
from viz.params import Param
from viz.run import ModelRun

STEP = Param("token")
METRIC = Param("distance", {"euclidean": mark("straight line (Euclidean)"), "cosine": mark("angle (cosine)")})

COUNT = 50
"""States that are listed."""


def show(asked: ModelRun, held: Held, site: Site, key: str) -> None:
    """The token, the metric, and the nearest states with their texts."""
    tokens = {str(at): f"{at + 1} {spell(label)}" for at, label in enumerate(asked.tokens.labels)}
    selection = asked.selection
    with st.container(horizontal=True, vertical_alignment="bottom"):
        opening = selection.step if selection and str(selection.step) in tokens else len(tokens) - 1
        step = int(params.choose(say("State after token"), STEP, tokens, default=str(opening)))
        metric = "cosine" if params.choose(say("Distance"), METRIC, pills=True) == "cosine" else "euclidean"
    query, values = asked.trace.array(site, key)[step], held.values(site, key)
    found = nearest([values], query, COUNT, metric)
    st.header(say("The nearest in the corpus"), divider="gray")
    st.markdown(say(
        "The {n} of {all:,} tokens whose {quantity} is nearest to that after “{token}”, each compared exactly.",
        n=len(found), all=len(values), quantity=say(quantity(key).name),
        token=escape(spell(asked.tokens.labels[step])),
    ))  # fmt: skip
    left, right = st.columns(2)
    with left:
        said = [f"{distance:.3f}" for distance in found.distance]
        results.show_list(held, found.token, found.token + 1, said, site, key, 0)
        results.show_files(held, found.token, found.token + 1, "nearest", distance=found.distance.tolist())
    with right:
        places = Places(found.token, found.token + 1, found.distance)
        results.show_common(common(held, places), len(found))
