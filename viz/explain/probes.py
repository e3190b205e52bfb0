"""What can be read off the states by a weighted sum, and whether the network had to learn that."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core_models.trace import Trace
from pretrained.analysis.probe_sentences import PROPERTIES
from pretrained.analysis.probing import TEST, Probed, probe_all
from viz import cards, params, session
from viz.figures.explain.probes import draw_probe_reading, draw_probe_scores
from viz.figures.parts.export import to_html
from viz.figures.parts.token_axis import labels_of
from viz.linked_plot import linked_plot
from viz.params import Param
from viz.run import ModelRun

PROPERTY = Param("property", default="praise")
"""Name of the chosen property in the URL."""


@st.cache_resource(max_entries=40, show_spinner="Fitting probes to 500 sentences …")
def _probed(key: str) -> dict[str, Probed]:
    return probe_all(session.model(key))


def show_probes(asked: ModelRun) -> None:
    """The section: accuracies of all probes, then one of them along the person's text."""
    found = _probed(asked.model.recipe.key)
    st.caption(
        "A linear probe tries to read a property off the state after each token by a weighted sum (Alain & Bengio "
        f"2016). It learns from half of {2 * TEST} sentences made for this and is judged by the other half. High alone "
        "means little: the other marks say what it has to be compared with."
    )
    rows = tabulate(found)
    with st.container(border=True, key="card-probes"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("**What can be read off the state**", width="stretch")
            cards.save(
                "probes", f"{asked.trace.model}-probes", lambda: rows.to_csv(index=False), "csv", "All accuracies"
            )
        linked_plot(draw_probe_scores(rows), key="probes", alt="Accuracy of every probe beside its controls")
        st.markdown(
            "- **control**: the same probe on labels drawn at random for every word, so that only memorising words "
            "helps (Hewitt & Liang 2019). Little above it, a probe may have memorised words.\n"
            "- **before training**: the same network with its first, random weights. Whatever it reaches was never "
            "learned: a random network carries its past along as well.\n"
            "- **the word alone**: the token's embedding, without memory. **The commoner answer**: no probe at all."
        )
    names = {key: name for key, (name, _) in PROPERTIES.items()}
    key = params.choose("Property", PROPERTY, names, pills=True)
    _show_reading(asked, key, found[key])


def _show_reading(asked: ModelRun, key: str, probed: Probed) -> None:
    name, meaning = PROPERTIES[key]
    probability = probed.probe.probability(states_of(asked.trace))
    figure = draw_probe_reading(labels_of(asked.trace), probability, name)
    title = f"On your text: {name}"
    with st.container(border=True, key="card-probe-reading"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{title}**", width="stretch")
            file = f"{asked.trace.model}-probe-{key}"
            cards.save("probe-reading", file, lambda: to_html(figure, title, asked.text), "html", "To open offline")
        st.caption(f"True where {meaning}. The line is the probe's probability after each token.")
        linked_plot(figure, key="probe-reading", alt=f"Probability of “{name}” after every token")
        st.markdown(say(probed))


def states_of(trace: Trace) -> np.ndarray:
    """The top layer's hidden states with directions joined, as probes read them, ``[step, unit]``."""
    sites = [site for site in trace.cells if (site, "hidden_state") in trace]
    top = max(site.layer for site in sites)
    return np.concatenate([trace.array(site, "hidden_state") for site in sites if site.layer == top], axis=1)


def say(probed: Probed) -> str:
    """What the accuracies of one property mean."""
    learned = 100.0 * (probed.accuracy - probed.untrained)
    sentence = (
        f"It can be read off the state for **{probed.accuracy:.1%}** of {probed.count:,} unseen tokens, "
        f"{100.0 * probed.selectivity:.1f} points above the control task; the word alone gives {probed.word:.1%}. "
    )
    if probed.selectivity < 0.05:
        sentence += "That is so little above the control that the probe may have memorised words. "
    if learned > 1.0:
        return sentence + f"Training made it **{learned:.1f} points** easier to read than it was in the random network."
    if learned < -1.0:
        return sentence + (
            f"Before training it was **{-learned:.1f} points** easier to read: the network had it for nothing, and "
            "training for another goal has covered some of it up."
        )
    return sentence + "A network with random weights does as well: that it can be read says nothing about learning."


def tabulate(found: dict[str, Probed]) -> pd.DataFrame:
    """One row for each property and accuracy."""
    rows = [
        (PROPERTIES[key][0], measure, value)
        for key, probed in found.items()
        for measure, value in (
            ("probe", probed.accuracy), ("control", probed.control), ("untrained", probed.untrained),
            ("word", probed.word), ("majority", probed.majority),
        )
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["property", "measure", "accuracy"])
