"""The states of a corpus that are nearest to the state at one token of the input."""

from __future__ import annotations

import streamlit as st

from core_models.corpus.nearest import nearest
from core_models.corpus.places import Places
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
METRIC = Param("distance", {"euclidean": "straight line (Euclidean)", "cosine": "angle (cosine)"})

COUNT = 50
"""States that are listed."""


def show(asked: ModelRun, held: Held, site: Site, key: str) -> None:
    """The token, the metric, and the nearest states with their texts."""
    tokens = {str(at): f"{at + 1} {spell(label)}" for at, label in enumerate(asked.tokens.labels)}
    selection = asked.selection
    with st.container(horizontal=True, vertical_alignment="bottom"):
        opening = selection.step if selection and str(selection.step) in tokens else len(tokens) - 1
        step = int(params.choose("State after token", STEP, tokens, default=str(opening)))
        metric = "cosine" if params.choose("Distance", METRIC, pills=True) == "cosine" else "euclidean"
    query, values = asked.trace.array(site, key)[step], held.values(site, key)
    found = nearest([values], query, COUNT, metric)
    st.header("The nearest in the corpus", divider="gray")
    st.markdown(
        f"The {len(found)} of {len(values):,} tokens whose {quantity(key).name} is nearest to that after "
        f"“{escape(spell(asked.tokens.labels[step]))}”, each compared exactly."
    )
    left, right = st.columns(2)
    with left:
        said = [f"{distance:.3f}" for distance in found.distance]
        results.show_list(held, found.token, found.token + 1, said, site, key, 0)
        results.show_files(held, found.token, found.token + 1, "nearest", distance=found.distance.tolist())
    with right:
        places = Places(found.token, found.token + 1, found.distance)
        results.show_common(common(held, places), len(found))
