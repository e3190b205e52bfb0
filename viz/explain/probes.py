"""What can be read from the states by a weighted sum, and whether the network had to learn that."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core_models.trace import Site
from pretrained.errors import ModelError
from pretrained.probing.results import MEASURES, Probed, Probes, read_probes
from viz import params
from viz.cards import Card, Origin, show
from viz.figures.explain.probes import draw_probe_reading, draw_probe_scores
from viz.figures.parts.token_axis import in_nouns, labels_of
from viz.params import Param
from viz.run import ModelRun, answered

PROPERTY = Param("property")
"""Name of the chosen property in the URL."""

CONTROLS = (
    "- **control**: the same probe on labels drawn at random for every token, or every four in a row where there are "
    "few different ones, so that only memorising tokens helps (Hewitt & Liang 2019). A probe that is little better "
    "than this may have memorised tokens.\n- **before training**: the same network with its first, random weights. "
    "Whatever it reaches was never learned: a random network also carries its past along.\n- **the token alone**: what "
    "is read at this step, without memory. **Majority class**: always the more frequent label, no probe at all."
)


def can_be_probed(asked: ModelRun) -> bool:
    """Whether probes were fitted to the model; where what they found is damaged, the section says so."""
    try:
        return read_probes(asked.model.recipe) is not None
    except ModelError:
        return True


def show_probes(asked: ModelRun) -> None:
    """The section: accuracies of all probes, then one of them along the person's input."""
    with answered():
        found = read_probes(asked.model.recipe)
    if found is None:
        return
    task, noun = asked.model.task, asked.tokens.noun
    inputs = "sentences made for this purpose" if task.group == "sentiment" else task.unseen
    st.caption(
        f"A linear probe tries to read a property from the state after each {noun} by a weighted sum (Alain & Bengio "
        f"2016). It learned from {found.learned:,} {inputs} and is judged on others, which the network has not seen "
        "either. High accuracy alone means little: compare it with the other marks."
    )
    rows = tabulate(found)
    show(Card(
        key="probes", title="What can be read from the state", figure=draw_probe_scores(rows, noun),
        question="How well does a probe read each property from the state?", origin=Origin(asked.trace.model),
        numbers=lambda: rows, alt="Accuracy of every probe and its controls", found=in_nouns(CONTROLS, noun),
    ))  # fmt: skip
    names = {key: one.said.name for key, one in found.by_statement.items()}
    key = params.choose("Property", PROPERTY, names, default=next(iter(names)), pills=True)
    _show_reading(asked, key, found.by_statement[key])


def _show_reading(asked: ModelRun, key: str, probed: Probed) -> None:
    name, meaning = probed.said.name, probed.said.meaning
    states, labels = states_of(asked), labels_of(asked.trace, _sites(asked)[0])
    probability = probed.probe.probability(states)
    noun = asked.tokens.noun
    show(Card(
        key="probe-reading", title=f"On your input: {name}", question=f"True where {meaning}.", origin=asked.origin,
        how_to_read=f"The line is the probe's probability after each {noun}.",
        figure=draw_probe_reading(labels, probability, name, noun),
        numbers=lambda: pd.DataFrame({"token": labels, key: probability}),
        alt=f"Probability of “{name}” after every {noun}", found=in_nouns(say(probed), noun),
    ))  # fmt: skip


def states_of(asked: ModelRun) -> np.ndarray:
    """The top layer's hidden states with directions joined, as probes read them, ``[step, unit]``."""
    return np.concatenate([asked.trace.array(site, "hidden_state") for site in _sites(asked)], axis=1)


def _sites(asked: ModelRun) -> list[Site]:
    return [layer.site for layer in asked.model.network.layers[-1]]


def say(probed: Probed) -> str:
    """What the accuracies of one property mean."""
    learned = 100.0 * (probed.accuracy - probed.untrained)
    sentence = (
        f"It can be read from the state for **{probed.accuracy:.1%}** of {probed.count:,} unseen tokens, "
        f"{in_points(probed.selectivity)} the control task; the token alone gives {probed.alone:.1%}. "
    )
    if probed.selectivity < 0.05:
        sentence += "That is so close to the control that the probe may have memorised tokens. "
    if learned > 1.0:
        return sentence + f"Training made it **{learned:.1f} points** easier to read than it was in the random network."
    if learned < -1.0:
        return sentence + (
            f"Before training it was **{-learned:.1f} points** easier to read: the random network had it for free, "
            "and training for another goal hid some of it."
        )
    return sentence + "A network with random weights does equally well, so this says nothing about learning."


def in_points(share: float) -> str:
    """How far above or below something a share is, in words."""
    return f"{100.0 * abs(share):.1f} points {'above' if share >= 0 else 'below'}"


def tabulate(found: Probes) -> pd.DataFrame:
    """One row for each property and accuracy."""
    rows = [
        (one.said.name, measure, getattr(one, measure)) for one in found.by_statement.values() for measure in MEASURES
    ]
    return pd.DataFrame(rows, columns=["property", "measure", "accuracy"])
