"""Traces made up for tests of figures, and how they are drawn."""

from typing import Any

import numpy as np

from core_models.convention import Convention, Effect
from core_models.trace import Site, Tokens, Trace
from viz.figures import VIEWS
from viz.view import Options

RNN, BACK, ATTENTION, READOUT = Site("rnn"), Site("rnn", 0, "backward"), Site("attention"), Site("readout")


GATES = {"gru": ("reset_gate", "update_gate"), "lstm": ("input_gate", "forget_gate", "output_gate"), "rnn": ()}


KEEPS = {"gru": {"update_gate": True}, "lstm": {"forget_gate": True}, "rnn": {}}


WORDS = ("the", "acting", "is", "superb", ",", "but", "it", "never", "wakes", "up")


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def recurrence(random, site, cell, steps, units):
    gates = {(site, gate): sigmoid(random.normal(size=(steps, units))) for gate in GATES[cell]}
    states = {} if cell != "lstm" else {(site, "cell_state"): random.normal(size=(steps, units)) * 3}
    candidate = {"gru": "candidate", "lstm": "cell_candidate"}.get(cell)
    candidates = {(site, candidate): np.tanh(random.normal(size=(steps, units)))} if candidate else {}
    return {
        **gates,
        **states,
        **candidates,
        (site, "hidden_state"): np.tanh(random.normal(size=(steps, units))),
        (site, "influence"): random.normal(size=units),
        (site, "reference_states"): np.tanh(random.normal(size=(50, units))),
        (site, "reference_classes"): np.arange(50) % 2.0,
    }


def attention(random, steps, units, heads):
    scores = random.normal(size=(heads, steps, steps)) * 2
    mask = np.broadcast_to(np.tril(np.ones((steps, steps))), scores.shape)
    weights = np.where(mask > 0, np.exp(scores), 0)
    return {
        (ATTENTION, "attention_scores"): scores,
        (ATTENTION, "attention_mask"): mask,
        (ATTENTION, "attention_weights"): weights / weights.sum(axis=-1, keepdims=True),
        (ATTENTION, "context"): np.tanh(random.normal(size=(steps, units))),
    }


def make(steps=10, units=7, cell="gru", both=False, heads=0, words=WORDS, **entries):
    random = np.random.default_rng(steps + units)
    sites = (RNN, BACK) if both else (RNN,)
    found = {(Site("embedding"), "embedding"): random.normal(size=(steps, 5))}
    for site in sites:
        found |= recurrence(random, site, cell, steps, units)
    if heads:
        found |= attention(random, steps, units, heads)
    found |= {(READOUT, "probability"): sigmoid(np.cumsum(random.normal(size=steps)))}
    effects = {gate: Effect(f"does all of {gate}", f"does nothing of {gate}") for gate in GATES[cell]}
    convention = Convention(cell, cell.upper(), (), "", "", effects, KEEPS[cell])
    tokens = Tokens(tuple(words[step % len(words)] for step in range(steps)))
    found |= {(RNN, key): value for key, value in entries.items()}
    return Trace(tokens, found, dict.fromkeys(sites, convention), "model")


TRACES = {
    "gru with two heads": make(heads=2),
    "bidirectional lstm": make(cell="lstm", both=True),
    "one token, one unit": make(1, 1, heads=1),
    "two tokens, rnn": make(2, 3, cell="rnn"),
    "40 tokens": make(40, 64, heads=1),
    "200 tokens": make(200, 12, heads=1),
}


BY_KEY = {view.key: view for view in VIEWS}


def draw(key, trace, target, *choices, **options) -> Any:
    return BY_KEY[key].draw(trace, target, Options(*choices, **options))


def target_of(key, trace, quantity):
    return next(target for target in BY_KEY[key].targets(trace) if target.key == quantity)


HOSTILE = (
    "<b>bold</b>", "<script>alert(1)</script>", "a&amp;b", "$x^2$", "line\nbreak", "\x00\x1b", " ", "", "‮evil",
    "שלום", "👩‍👩‍👧‍👦", "e" + "́" * 40, "%{x}", "\ud800", "w" * 5000,
)  # fmt: skip
