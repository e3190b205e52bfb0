"""Words that a student looks up and that are no quantity of a trace, each with what it means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """One word, other words for it, and what it means."""

    name: str
    meaning: str
    also: str = ""


TERMS = (
    Term("Attention", "A weighted mean over all steps: the network scores every step, turns the scores into weights "
         "that sum to 1, and reads the mean of the states under these weights."),
    Term("Attention pooling", "Attention that reads all states once, at the end, and gives the answer what it gathered "
         "in place of the last state alone.", also="pooling"),
    Term("Backward, forward", "The direction in which a layer reads: from the first step to the last, or from the last "
         "to the first. A bidirectional network has one of each and puts their states side by side.",
         also="bidirectional, two-way"),
    Term("Baseline", "What a result is held against: a simpler method, an untrained network, or an input that says "
         "nothing."),
    Term("Beam search", "Writing with several beginnings kept at a time, the most probable ones; greedy search keeps "
         "one.", also="greedy"),
    Term("Cell", "The equations of one step of a recurrent network: what becomes of the state when one token is read."),
    Term("Encoder, decoder", "Of two networks in a translator, the one that reads the source, and the one that writes "
         "the target, token by token.", also="seq2seq"),
    Term("Fixed point", "A state that the network does not leave when it reads nothing further; trained networks store "
         "their memory near such states.", also="attractor, saddle"),
    Term("Gate", "A number between 0 and 1 for each unit that says how much passes: 0 shuts the way, 1 opens it. It is "
         "a sigmoid of the input and the state, and learned."),
    Term("Gradient", "By how much the answer changes for a small change of a number. If it fades on its way back "
         "through many steps (vanishing gradient), training learns nothing from far back.", also="vanishing gradient"),
    Term("GRU", "Gated recurrent unit (Cho et al. 2014): a cell with one state and two gates. The reset gate decides "
         "what of the past takes part in the candidate, the update gate mixes the candidate and the past."),
    Term("Half-life", "After how many steps half of a change to a unit is left."),
    Term("Layer", "A recurrent network that reads what the layer below it wrote; layer 1 reads the input."),
    Term("Log-odds", "ln(p / (1 − p)): 0 at a probability of 0.5, and without an end on either side. Contributions of "
         "tokens add up on this scale, not in probabilities.", also="logit"),
    Term("LSTM", "Long short-term memory (Hochreiter & Schmidhuber 1997): a cell with a cell state that is kept by the "
         "forget gate, written by the input gate and shown by the output gate."),
    Term("Nat", "The unit of surprise, −ln p: 0 for what was certain, 0.69 for one of two equal choices.",
         also="surprise, perplexity"),
    Term("Probe", "A simple classifier that tries to read a property off the states; beside it stands what it finds in "
         "an untrained network."),
    Term("Seed", "The number that fixes all random choices; another seed is the same network begun from other random "
         "weights."),
    Term("Softmax", "Turns scores into shares that are positive and sum to 1: exponentials, divided by their sum."),
    Term("Step", "One turn of the cell: one token, letter, frame of sound, or value of a series is read.",
         also="time step"),
    Term("Token", "One piece of the input as the network reads it: a word, part of a word, letter or character.",
         also="word"),
    Term("Unit", "One of the numbers that make up a state, with its own gates; the same unit is followed from step to "
         "step. Units are counted from 0.", also="neuron, cell, dimension"),
    Term("Unknown", "What a token is read as that did not occur in training: one vector for all of them.",
         also="out of vocabulary"),
    Term("Untrained network", "The same network with its random first weights: what it shows was not learned.",
         also="random baseline"),
    Term("Vanilla RNN", "The recurrent network without gates (Elman 1990): the state is the tanh of a sum of input and "
         "past, written anew at each step.", also="Elman network, simple RNN"),
)  # fmt: skip
"""In alphabetical order."""
