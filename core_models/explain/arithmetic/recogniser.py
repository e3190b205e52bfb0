"""The arithmetic behind any number of a recogniser's trace."""

from __future__ import annotations

import numpy as np

from core_models.attention.join import Concatenated, Fused
from core_models.explain.arithmetic.cell import Arithmetic, explain_cell
from core_models.explain.arithmetic.pooling import (
    explain_context,
    explain_fusion,
    explain_mask,
    explain_score,
    explain_weight,
)
from core_models.explain.arithmetic.softmax import explain_softmax
from core_models.networks.recogniser import ANSWER, ATTENTION, EMBEDDING, FRAMES, SequenceRecogniser
from core_models.networks.tagger import NEIGHBOURS
from core_models.trace import Site, Trace
from core_models.tracing import layers_of


def explain(
    network: SequenceRecogniser, trace: Trace, site: Site, key: str, step: int, unit: int = 0, head: int = 0
) -> Arithmetic:
    """The arithmetic behind one number of a trace that ``network`` made.

    Args:
        network: the network.
        trace: the trace.
        site: where the number stands.
        key: its quantity.
        step: token (for attention the reading token), counted from 0; for the answer of the whole any.
        unit: unit or class (for attention the token looked at), counted from 0.
        head: attention head, counted from 0.

    Raises:
        KeyError: if there is no such number, or nothing to say about it beyond its definition.
    """
    states = _below(network, trace, network.rnn.num_layers)
    if site == ATTENTION:
        return _explain_attention(network, trace, states, key, step, unit, head)
    if site == ANSWER:
        place = network.architecture.place
        whole = key == "class_probability"
        read = step if not whole else len(states) - 1 if place is None else place
        summary = _summary(network, trace, states, read)
        return explain_softmax(network.readout, summary, trace, site, key, None if whole else step, unit)
    for depth, layers in enumerate(layers_of(network.rnn)):
        for layer in layers:
            if layer.site == site:
                return explain_cell(layer, trace, _below(network, trace, depth), key, step, unit)
    raise KeyError(f"explain: expected a recurrent layer, attention or the answer, got {site.key}")


def _explain_attention(
    network: SequenceRecogniser, trace: Trace, states: np.ndarray, key: str, step: int, unit: int, head: int
) -> Arithmetic:
    if key == "context":
        return explain_context(network.attention, ATTENTION, trace, states, step, unit)
    if isinstance(network.join, Fused) and key in ("fusion_gate", "fused_state"):
        return explain_fusion(network.join, ATTENTION, trace, states[step], key, step, unit)
    if key == "attention_scores":
        return explain_score(network.attention, ATTENTION, trace, states, step, unit, head)
    return (explain_mask if key == "attention_mask" else explain_weight)(ATTENTION, trace, step, unit, head)


def _below(network: SequenceRecogniser, trace: Trace, depth: int) -> np.ndarray:
    """What the layer at ``depth`` reads, ``[step, feature]``."""
    if depth == 0 and network.neighbours is not None:
        return trace.array(NEIGHBOURS, "local_features")
    if depth == 0:
        return trace.array(*((FRAMES, "frame") if network.embedding is None else (EMBEDDING, "embedding")))
    found = [trace.array(layer.site, "hidden_state") for layer in layers_of(network.rnn)[depth - 1]]
    return np.concatenate(found, axis=1)


def _summary(network: SequenceRecogniser, trace: Trace, states: np.ndarray, step: int) -> np.ndarray:
    """What the readout reads at a step, ``[unit]``."""
    if isinstance(network.join, Fused):
        return trace.array(ATTENTION, "fused_state")[step]
    context = trace.array(ATTENTION, "context")[step]
    return np.concatenate([context, states[step]]) if isinstance(network.join, Concatenated) else context
