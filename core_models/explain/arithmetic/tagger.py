"""The arithmetic behind any number of a tagger's trace."""

from __future__ import annotations

import numpy as np

from core_models.explain.arithmetic.cell import Arithmetic, explain_cell
from core_models.explain.arithmetic.softmax import explain_softmax
from core_models.networks.tagger import ANSWER, EMBEDDING, NEIGHBOURS, TAGS, SequenceTagger
from core_models.trace import Site, Trace
from core_models.tracing import layers_of


def explain(network: SequenceTagger, trace: Trace, site: Site, key: str, step: int, unit: int = 0) -> Arithmetic:
    """The arithmetic behind one number of a trace that ``network`` made.

    Args:
        network: the network.
        trace: the trace.
        site: where the number stands.
        key: its quantity.
        step: token, counted from 0; for the sequence's own label any.
        unit: unit or label, counted from 0.

    Raises:
        KeyError: if there is no such number, or nothing to say about it beyond its definition.
    """
    states = _below(network, trace, network.rnn.num_layers)
    if site == TAGS:
        return explain_softmax(network.tagger, states[step], trace, site, key, step, unit)
    if site == ANSWER and network.readout is not None:
        size = network.architecture.hidden
        ends = np.concatenate([states[-1, :size], states[0, size:]])
        return explain_softmax(network.readout, ends, trace, site, key, None, unit)
    for depth, layers in enumerate(layers_of(network.rnn)):
        for layer in layers:
            if layer.site == site:
                return explain_cell(layer, trace, _below(network, trace, depth), key, step, unit)
    raise KeyError(f"explain: expected a recurrent layer, tags or an answer, got {site.key}")


def _below(network: SequenceTagger, trace: Trace, depth: int) -> np.ndarray:
    """What the layer at ``depth`` reads, ``[step, feature]``."""
    if depth == 0:
        local = (NEIGHBOURS, "local_features")
        return trace.array(*local) if local in trace else trace.array(EMBEDDING, "embedding")
    found = [trace.array(layer.site, "hidden_state") for layer in layers_of(network.rnn)[depth - 1]]
    return np.concatenate(found, axis=1)
