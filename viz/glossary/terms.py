"""Words that a student looks up and that are no quantity of a trace, each with what it means."""

from __future__ import annotations

from dataclasses import dataclass

from core_models.language import mark


@dataclass(frozen=True)
class Term:
    """One word, other words for it, and what it means."""

    name: str
    meaning: str
    also: str = ""


TERMS = (
    Term(mark("Attention"), mark("A weighted mean over all steps: the network scores every step, turns the scores "
         "into weights that sum to 1, and reads the mean of the states under these weights.")),
    Term(mark("Attention pooling"), mark("Attention that reads all states once, at the end, and gives the answer "
         "what it gathered in place of the last state alone."), also=mark("pooling")),
    Term(mark("Backward, forward"), mark("The direction in which a layer reads: from the first step to the last, or "
         "from the last to the first. A bidirectional network has one of each and puts their states side by side."),
         also=mark("bidirectional, two-way")),
    Term(mark("Baseline"), mark("What a result is held against: a simpler method, an untrained network, or an input "
         "that says nothing.")),
    Term(mark("Beam search"), mark("Writing with several beginnings kept at a time, the most probable ones; greedy "
         "search keeps one."), also=mark("greedy")),
    Term(mark("BLEU"), mark("How much of what was written stands in a human translation, by runs of one to four "
         "words, with a penalty where it is too short: 0 to 100 (Papineni et al. 2002). It is no share of right "
         "sentences, and figures on other data, or with words cut otherwise, cannot be compared.")),
    Term(mark("Cell"), mark("The equations of one step of a recurrent network: what becomes of the state when one "
         "token is read.")),
    Term(mark("chrF"), mark("How much of a human translation is met, by runs of one to six characters: an F-score "
         "that counts what is missing, too, and forgives a wrong ending (Popović 2015). No model here is scored by "
         "it.")),
    Term(mark("Encoder, decoder"), mark("Of two networks in a translator, the one that reads the source, and the "
         "one that writes the target, token by token."), also=mark("seq2seq")),
    Term(mark("Fixed point"), mark("A state that the network does not leave when it reads nothing further; trained "
         "networks store their memory near such states."), also=mark("attractor, saddle")),
    Term(mark("Gate"), mark("A number between 0 and 1 for each unit that says how much passes: 0 shuts the way, 1 "
         "opens it. It is a sigmoid of the input and the state, and learned.")),
    Term(mark("Gradient"), mark("By how much the answer changes for a small change of a number. If it fades on its "
         "way back through many steps (vanishing gradient), training learns nothing from far back."),
         also=mark("vanishing gradient")),
    Term(mark("GRU"), mark("Gated recurrent unit (Cho et al. 2014): a cell with one state and two gates. The reset "
         "gate decides what of the past takes part in the candidate, the update gate mixes the candidate and the "
         "past.")),
    Term(mark("Half-life"), mark("After how many steps half of a change to a unit is left.")),
    Term(mark("Layer"), mark("A recurrent network that reads what the layer below it wrote; layer 1 reads the input.")),
    Term(mark("Log-odds"), mark("ln(p / (1 − p)): 0 at a probability of 0.5, and without an end on either side. "
         "Contributions of tokens add up on this scale, not in probabilities."), also=mark("logit")),
    Term(mark("LSTM"), mark("Long short-term memory (Hochreiter & Schmidhuber 1997): a cell with a cell state that "
         "is kept by the forget gate, written by the input gate and shown by the output gate.")),
    Term(mark("Nat"), mark("The unit of surprise, −ln p: 0 for what was certain, 0.69 for one of two equal choices."),
         also=mark("surprise")),
    Term(mark("Padding"), mark("Steps that hold nothing, behind the end of short sequences, so that a batch is one "
         "block of numbers. Packed sequences are read without it."), also=mark("packed batch")),
    Term(mark("Perplexity"), mark("e to the power of the mean surprise in nats: among how many equally probable "
         "tokens a language model chooses, so to speak. 1.48 nats a character are a perplexity of 4.4; of models that "
         "cut a text otherwise it cannot be compared.")),
    Term(mark("Probe"), mark("A simple classifier that tries to read a property off the states; beside it stands "
         "what it finds in an untrained network.")),
    Term(mark("ROUGE"), mark("How much of a human summary is met (Lin 2004). ROUGE-L takes the longest sequence of "
         "words, or characters, that stand in both in the same order, as a share of each: their F1, 0% to 100%."),
         also=mark("ROUGE-L")),
    Term(mark("Seed"), mark("The number that fixes all random choices; another seed is the same network begun from "
         "other random weights.")),
    Term(mark("Softmax"), mark("Turns scores into shares that are positive and sum to 1: exponentials, divided by "
         "their sum.")),
    Term(mark("Step"), mark("One turn of the cell: one token, letter, frame of sound, or value of a series is read."),
         also=mark("time step")),
    Term(mark("Token"), mark("One piece of the input as the network reads it: a word, part of a word, letter or "
         "character."), also=mark("word")),
    Term(mark("Unit"), mark("One of the numbers that make up a state, with its own gates; the same unit is followed "
         "from step to step. Units are counted from 0."), also=mark("neuron, cell, dimension")),
    Term(mark("Unknown"), mark("What a token is read as that did not occur in training: one vector for all of them."),
         also=mark("out of vocabulary")),
    Term(mark("Untrained network"), mark("The same network with its random first weights: what it shows was not "
         "learned."), also=mark("random baseline")),
    Term(mark("Vanilla RNN"), mark("The recurrent network without gates (Elman 1990): the state is the tanh of a "
         "sum of input and past, written anew at each step."), also=mark("Elman network, simple RNN")),
)  # fmt: skip
"""In alphabetical order."""
