"""The arithmetic behind any number of a translator's trace, term by term; see core_models.explain.arithmetic.cell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from core_models.attention import Score
from core_models.cells import Weights
from core_models.edits.edit import DECODER
from core_models.explain.arithmetic.cell import Arithmetic, explain_cell
from core_models.explain.arithmetic.gate_split import encoder_states, initial_states, states_before
from core_models.explain.arithmetic.pooling import explain_context, explain_score, explain_weight
from core_models.explain.arithmetic.term import Term
from core_models.language import say
from core_models.networks.translation import ATTENTION, SOURCE, TARGET
from core_models.networks.translator import Translator
from core_models.trace import Site, Tokens, Trace
from core_models.tracing import Layer
from core_models.vocabulary import quantity


def explain(
    network: Translator, trace: Trace, site: Site, key: str, step: int, unit: int = 0, head: int = 0
) -> Arithmetic:
    """The arithmetic behind one number of a trace that ``network`` made without edits of its attention.

    Args:
        network: the network.
        trace: the trace.
        site: where the number stands.
        key: its quantity.
        step: token of the site's own axis (for attention the written token), counted from 0.
        unit: unit (for attention the source token looked at; for candidates the rank), counted from 0.
        head: attention head, counted from 0.

    Raises:
        KeyError: if there is no such number, or nothing to say about it beyond its definition.
    """
    if site == DECODER:
        return _explain_decoder(network, trace, key, step, unit)
    if site == ATTENTION and network.attention is not None:
        return _explain_attention(network, network.attention, trace, key, step, unit, head)
    for depth, layers in enumerate(network.layers):
        for layer in layers:
            if layer.site == site:
                return explain_cell(layer, trace, _encoder_input(network, trace, depth), key, step, unit)
    raise KeyError(f"explain: expected the encoder, the decoder or attention, got {site.key} {key}")


def _encoder_input(network: Translator, trace: Trace, depth: int) -> np.ndarray:
    if depth == 0:
        return trace.array(SOURCE, "embedding")
    below = [layer.site for layer in network.layers[depth - 1]]
    return np.concatenate([trace.array(site, "hidden_state") for site in below], axis=1)


def _explain_decoder(network: Translator, trace: Trace, key: str, step: int, unit: int) -> Arithmetic:
    """The decoder's cell reads x_t = [y_{t-1}; c_t]; its state before the first step stands in front of the others."""
    x, started = decoder_input(trace), _with_start(network, trace)
    found = explain_cell(decoder_layer(network), started, np.concatenate([x[:1], x]), key, step + 1, unit)
    terms = tuple(_named(term, trace, network.architecture.embedding) for term in found.terms)
    title = say(
        "{quantity}, {site}, unit {unit}, writing {token}",
        quantity=quantity(key).label, site=DECODER.label, unit=unit, token=trace.tokens.name(step),
    )  # fmt: skip
    return replace(found, title=title, terms=terms)


def decoder_layer(network: Translator) -> Layer:
    """The decoder as a layer whose input is the token before and the context, joined."""
    w, joined = network.weights, torch.cat([network.weights.w_x, network.from_context.weight], dim=1)
    return Layer(DECODER, network.cell, Weights(joined, w.w_h, w.b_x, w.b_h))


def decoder_input(trace: Trace) -> np.ndarray:
    """What the decoder read at every step: the embedded token before and the context, ``[step, feature]``."""
    return np.concatenate([trace.array(TARGET, "embedding"), trace.array(ATTENTION, "context")], axis=1)


def begun(network: Translator, trace: Trace) -> Trace:
    """A trace that also holds the decoder's states before its first step."""
    first = {(DECODER, key): values for key, values in initial_states(network, trace).items()}
    return replace(trace, initial={**trace.initial, **first})


def _with_start(network: Translator, trace: Trace) -> Trace:
    """The decoder's part of a trace with the state before the first step as a step of its own."""
    first = initial_states(network, trace)
    entries = {}
    for site, key in trace:
        if site == DECODER:
            values = trace.array(site, key)
            entries[site, key] = np.concatenate([first.get(key, np.zeros(values.shape[1]))[None], values])
    return Trace(Tokens(("start", *trace.tokens.labels)), entries, {DECODER: network.cell.convention})


def _named(term: Term, trace: Trace, size: int) -> Term:
    """A term of the joined input named after the part of it that it comes from."""
    if term.source != "input":
        return term
    index = int(term.name[term.name.index("[") + 1 : -1])
    name = f"yₜ₋₁[{index}]" if index < size else f"cₜ[{index - size}]"
    return replace(term, source="input" if index < size else "attention", name=name)


def _explain_attention(
    network: Translator, score: Score, trace: Trace, key: str, step: int, unit: int, head: int
) -> Arithmetic:
    states = encoder_states(network, trace)
    if key == "context":
        return explain_context(score, ATTENTION, trace, states, step, unit)
    if key == "attention_scores":
        asking = states_before(network, trace)
        found = explain_score(score, ATTENTION, trace, states, step, unit, head, asking)
        return replace(found, lines=(found.lines[0].replace("h_t", "s_{t-1}"), *found.lines[1:]))
    if key == "attention_weights":
        return explain_weight(ATTENTION, trace, step, unit, head)
    raise KeyError(f"explain: expected scores, weights or context at {ATTENTION.key}, got {key}")
