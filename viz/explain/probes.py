"""What can be read from the states by a weighted sum, and whether the network had to learn that."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core_models.language import mark, say, together
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

CONTROLS = mark(
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
    inputs = say("sentences made for this purpose") if task.group == "sentiment" else say(task.unseen)
    st.caption(
        say(
            "A linear probe tries to read a property from the state after each {noun} by a "
            "weighted sum (Alain & Bengio 2016). It learned from {learned:,} {inputs} and is "
            "judged on others, which the network has not seen either. High accuracy alone means "
            "little: compare it with the other marks.",
            noun=say(noun),
            learned=found.learned,
            inputs=inputs,
        )
    )
    rows = tabulate(found)
    show(Card(
        key="probes", title=say("What can be read from the state"), figure=draw_probe_scores(rows, noun),
        question=say("How well does a probe read each property from the state?"), origin=Origin(asked.trace.model),
        numbers=lambda: rows, alt=say("Accuracy of every probe and its controls"), found=in_nouns(say(CONTROLS), noun),
    ))  # fmt: skip
    names = {key: say(one.said.name) for key, one in found.by_statement.items()}
    key = params.choose(say("Property"), PROPERTY, names, default=next(iter(names)), pills=True)
    _show_reading(asked, key, found.by_statement[key])


def _show_reading(asked: ModelRun, key: str, probed: Probed) -> None:
    name, meaning = say(probed.said.name), say(probed.said.meaning)
    states, labels = states_of(asked), labels_of(asked.trace, _sites(asked)[0])
    probability = probed.probe.probability(states)
    noun = asked.tokens.noun
    show(
        Card(
            key="probe-reading",
            title=say("On your input: {name}", name=name),
            question=say("True where {meaning}.", meaning=meaning),
            origin=asked.origin,
            how_to_read=say("The line is the probe's probability after each {noun}.", noun=say(noun)),
            figure=draw_probe_reading(labels, probability, name, noun),
            numbers=lambda: pd.DataFrame({"token": labels, key: probability}),
            alt=say("Probability of “{name}” after every {noun}", name=name, noun=say(noun)),
            found=in_nouns(judge(probed), noun),
        )
    )


def states_of(asked: ModelRun) -> np.ndarray:
    """The top layer's hidden states with directions joined, as probes read them, ``[step, unit]``."""
    return np.concatenate([asked.trace.array(site, "hidden_state") for site in _sites(asked)], axis=1)


def _sites(asked: ModelRun) -> list[Site]:
    return [layer.site for layer in asked.model.network.layers[-1]]


def judge(probed: Probed) -> str:
    """What the accuracies of one property mean."""
    learned = 100.0 * (probed.accuracy - probed.untrained)
    said = [
        say(
            "It can be read from the state for **{accuracy:.1%}** of {count:,} unseen tokens, {points} the control "
            "task; the token alone gives {alone:.1%}.",
            accuracy=probed.accuracy,
            count=probed.count,
            points=in_points(probed.selectivity),
            alone=probed.alone,
        )
    ]
    if probed.selectivity < 0.05:
        said.append(say("That is so close to the control that the probe may have memorised tokens."))
    if learned > 1.0:
        trained = say(
            "Training made it **{points:.1f} points** easier to read than it was in the random network.", points=learned
        )
    elif learned < -1.0:
        trained = say(
            "Before training it was **{points:.1f} points** easier to read: the random network had it for free, and "
            "training for another goal hid some of it.",
            points=-learned,
        )
    else:
        trained = say("A network with random weights does equally well, so this says nothing about learning.")
    return together(*said, trained)


def in_points(share: float) -> str:
    """How far above or below something a share is, in words."""
    return (
        say("{points:.1f} points above", points=100.0 * share)
        if share >= 0
        else say("{points:.1f} points below", points=-100.0 * share)
    )


def tabulate(found: Probes) -> pd.DataFrame:
    """One row for each property and accuracy."""
    rows = [
        (say(one.said.name), measure, getattr(one, measure))
        for one in found.by_statement.values()
        for measure in MEASURES
    ]
    return pd.DataFrame(rows, columns=["property", "measure", "accuracy"])
