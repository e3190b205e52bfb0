"""What can be read from the states by a weighted sum, and whether the network had to learn that."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core_models.trace import Trace
from pretrained.analysis.probe_sentences import PROPERTIES
from pretrained.analysis.probing import TEST, Probed, probe_all
from viz import params, session
from viz.cards import Card, Origin, show
from viz.figures.explain.probes import draw_probe_reading, draw_probe_scores
from viz.figures.parts.token_axis import labels_of
from viz.params import Param
from viz.run import ModelRun

PROPERTY = Param("property", default="praise")
"""Name of the chosen property in the URL."""

CONTROLS = (
    "- **control**: the same probe on labels drawn at random for every word, so that only memorising words helps "
    "(Hewitt & Liang 2019). A probe that is little better than this may have memorised words.\n- **before "
    "training**: the same network with its first, random weights. Whatever it reaches was never learned: a random "
    "network also carries its past along.\n- **the word alone**: the token's embedding, without memory. **Majority "
    "class**: always the more frequent label, no probe at all."
)


@st.cache_resource(max_entries=40, show_spinner="Fitting probes to 500 sentences …")
def _probed(key: str) -> dict[str, Probed]:
    return probe_all(session.model(key))


def can_be_probed(asked: ModelRun) -> bool:
    """Whether the model knows the words of the sentences that were made to be probed."""
    return asked.model.task.group == "sentiment"


def show_probes(asked: ModelRun) -> None:
    """The section: accuracies of all probes, then one of them along the person's text."""
    found = _probed(asked.model.recipe.key)
    st.caption(
        "A linear probe tries to read a property from the state after each token by a weighted sum (Alain & Bengio "
        f"2016). It learns from half of {2 * TEST} sentences made for this purpose and is tested on the other half. "
        "High accuracy alone means little: compare it with the other marks."
    )
    rows = tabulate(found)
    show(Card(
        key="probes", title="What can be read from the state", figure=draw_probe_scores(rows), numbers=lambda: rows,
        question="How well does a probe read each property from the state?", origin=Origin(asked.trace.model),
        alt="Accuracy of every probe and its controls", found=CONTROLS,
    ))  # fmt: skip
    names = {key: name for key, (name, _) in PROPERTIES.items()}
    key = params.choose("Property", PROPERTY, names, pills=True)
    _show_reading(asked, key, found[key])


def _show_reading(asked: ModelRun, key: str, probed: Probed) -> None:
    name, meaning = PROPERTIES[key]
    probability = probed.probe.probability(states_of(asked.trace))
    show(Card(
        key="probe-reading", title=f"On your text: {name}", question=f"True where {meaning}.", origin=asked.origin,
        how_to_read="The line is the probe's probability after each token.",
        figure=draw_probe_reading(labels_of(asked.trace), probability, name),
        numbers=lambda: pd.DataFrame({"token": asked.tokens.labels, key: probability}),
        alt=f"Probability of “{name}” after every token", found=say(probed),
    ))  # fmt: skip


def states_of(trace: Trace) -> np.ndarray:
    """The top layer's hidden states with directions joined, as probes read them, ``[step, unit]``."""
    sites = [site for site in trace.cells if (site, "hidden_state") in trace]
    top = max(site.layer for site in sites)
    return np.concatenate([trace.array(site, "hidden_state") for site in sites if site.layer == top], axis=1)


def say(probed: Probed) -> str:
    """What the accuracies of one property mean."""
    learned = 100.0 * (probed.accuracy - probed.untrained)
    sentence = (
        f"It can be read from the state for **{probed.accuracy:.1%}** of {probed.count:,} unseen tokens, "
        f"{100.0 * probed.selectivity:.1f} points above the control task; the word alone gives {probed.word:.1%}. "
    )
    if probed.selectivity < 0.05:
        sentence += "That is so close to the control that the probe may have memorised words. "
    if learned > 1.0:
        return sentence + f"Training made it **{learned:.1f} points** easier to read than it was in the random network."
    if learned < -1.0:
        return sentence + (
            f"Before training it was **{-learned:.1f} points** easier to read: the random network had it for free, "
            "and training for another goal hid some of it."
        )
    return sentence + "A network with random weights does equally well, so this says nothing about learning."


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
