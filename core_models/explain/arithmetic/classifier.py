"""The arithmetic behind any number of a classifier's trace."""

from __future__ import annotations

import numpy as np

from core_models.attention.join import Concatenated, Fused, Pooled
from core_models.attention.score import double
from core_models.cells import Unrolled
from core_models.explain.arithmetic.cell import Arithmetic, explain_cell
from core_models.explain.arithmetic.pooling import explain_attention, explain_fusion, explain_pooled, explain_readout
from core_models.explain.arithmetic.unrolled import explain_unrolled
from core_models.networks.classifier import ATTENTION, EMBEDDING, READOUT, SequenceClassifier
from core_models.trace import Site, Trace
from core_models.tracing import layers_of


def explain(
    network: SequenceClassifier, trace: Trace, site: Site, key: str, step: int, unit: int = 0, head: int = 0
) -> Arithmetic:
    """The arithmetic behind one number of a trace that ``network`` made.

    Args:
        network: the network.
        trace: the trace.
        site: where the number stands.
        key: its quantity.
        step: token (for attention the reading token), counted from 0.
        unit: unit (for attention the token looked at), counted from 0; ignored for the readout.
        head: attention head, counted from 0.

    Raises:
        KeyError: if there is no such number, or nothing to say about it beyond its definition.
    """
    states = _top(network, trace)
    if site == ATTENTION and network.attention is not None:
        return _explain_attention(network, trace, states, key, step, unit, head)
    if site == READOUT:
        weight, bias = double(network.readout.weight)[0], network.readout.bias.item()
        return explain_readout(site, trace, weight, bias, _summary(network, trace, states, step), key, step)
    for depth, layers in enumerate(layers_of(network.rnn)):
        for layer in layers:
            if layer.site == site:
                x = _layer_input(network, trace, depth)
                if isinstance(network.rnn, Unrolled):
                    return explain_unrolled(network.rnn, layer, trace, x, key, step, unit, head)
                return explain_cell(layer, trace, x, key, step, unit)
    raise KeyError(f"explain: expected a recurrent layer, attention or the readout, got {site.key}")


def _explain_attention(
    network: SequenceClassifier, trace: Trace, states: np.ndarray, key: str, step: int, unit: int, head: int
) -> Arithmetic:
    if network.attention is None:
        raise KeyError("explain: expected a network with attention, got one without")
    if key == "pooled_context":
        return explain_pooled(ATTENTION, trace, step, unit)
    if isinstance(network.join, Fused) and key in ("fusion_gate", "fused_state"):
        return explain_fusion(network.join, ATTENTION, trace, states[step], key, step, unit)
    return explain_attention(network.attention, ATTENTION, trace, states, key, step, unit, head)


def _top(network: SequenceClassifier, trace: Trace) -> np.ndarray:
    sites = [layer.site for layer in layers_of(network.rnn)[-1]]
    return np.concatenate([trace.array(site, "hidden_state") for site in sites], axis=1)


def _layer_input(network: SequenceClassifier, trace: Trace, depth: int) -> np.ndarray:
    if depth == 0:
        return trace.array(EMBEDDING, "embedding")
    below = layers_of(network.rnn)[depth - 1]
    return np.concatenate([trace.array(layer.site, "hidden_state") for layer in below], axis=1)


def _summary(network: SequenceClassifier, trace: Trace, states: np.ndarray, step: int) -> np.ndarray | None:
    """What the readout read after a prefix, as far as the trace holds it."""
    if isinstance(network.join, Fused):
        return trace.array(ATTENTION, "fused_state")[step]
    if isinstance(network.join, Pooled):
        return trace.array(ATTENTION, "pooled_context")[step]
    if network.attention is not None:
        context = trace.array(ATTENTION, "context")[step]
        return np.concatenate([context, states[step]]) if isinstance(network.join, Concatenated) else context
    if not network.architecture.bidirectional:
        return states[step]
    size = network.architecture.hidden
    return np.concatenate([states[-1, :size], states[0, size:]]) if step == len(states) - 1 else None
