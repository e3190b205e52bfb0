"""The arithmetic behind any number in the trace of a sequence network: cells, attention, join and heads."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch

from core_models.attention.join import Fused, Pooled
from core_models.cells.unrolled import Unrolled
from core_models.explain.arithmetic.cell import Arithmetic, explain_cell
from core_models.explain.arithmetic.pooling import explain_attention, explain_fusion, explain_pooled
from core_models.explain.arithmetic.readout import HeadInput
from core_models.explain.arithmetic.sums import Sums, part_sums
from core_models.explain.arithmetic.unrolled import explain_unrolled
from core_models.inputs.input import NEIGHBOURS
from core_models.networks.sequence import ATTENTION, SequenceNetwork
from core_models.trace import Site, Trace
from core_models.tracing import Layer, layers_of


def explain(
    network: SequenceNetwork, trace: Trace, site: Site, key: str, step: int, unit: int = 0, head: int = 0
) -> Arithmetic:
    """The arithmetic behind one number of a trace that ``network`` made.

    Args:
        network: the network.
        trace: the trace.
        site: where the number stands.
        key: its quantity.
        step: token (for attention the reading token), counted from 0; for what is said of the whole any.
        unit: unit, label, class, rank or step ahead (for attention the token looked at), counted from 0.
        head: attention head, counted from 0.

    Raises:
        KeyError: if there is no such number, or nothing to say about it beyond its definition.
    """
    states = _output_of(network, trace, network.rnn.num_layers)
    if site == ATTENTION and network.attention is not None:
        if key == "pooled_context":
            return explain_pooled(ATTENTION, trace, step, unit)
        if isinstance(network.join, Fused) and key in ("fusion_gate", "fused_state"):
            return explain_fusion(network.join, ATTENTION, trace, states[step], key, step, unit)
        return explain_attention(network.attention, ATTENTION, trace, states, key, step, unit, head)
    for name in network.heads:
        if network.head(name).site == site:
            read = HeadInput(partial(_summary, network, trace, states, name), _content(network, trace))
            return network.head(name).explain(trace, read, key, step, unit)
    depth, layer = _layer_at(network, site)
    x = _output_of(network, trace, depth)
    if isinstance(network.rnn, Unrolled):
        return explain_unrolled(network.rnn, layer, trace, x, key, step, unit, head)
    return explain_cell(layer, trace, x, key, step, unit)


def input_at(network: SequenceNetwork, trace: Trace, site: Site) -> np.ndarray:
    """What a recurrent layer reads, ``[step, feature]``.

    Raises:
        KeyError: if ``site`` is no recurrent layer of the network.
    """
    return _output_of(network, trace, _layer_at(network, site)[0])


def sums_at(network: SequenceNetwork, trace: Trace, site: Site) -> dict[str, Sums]:
    """What every gate and candidate of one layer and direction summed up, by quantity key.

    Raises:
        KeyError: if ``site`` is no recurrent layer of the network.
    """
    return part_sums(_layer_at(network, site)[1], trace, input_at(network, trace, site))


def _layer_at(network: SequenceNetwork, site: Site) -> tuple[int, Layer]:
    """The layer and direction at a site, and its depth, counted from 0."""
    for depth, layers in enumerate(layers_of(network.rnn)):
        for layer in layers:
            if layer.site == site:
                return depth, layer
    raise KeyError(f"explain: expected a recurrent layer, attention or an answer, got {site.key}")


def _output_of(network: SequenceNetwork, trace: Trace, depth: int) -> np.ndarray:
    """What the layer at ``depth`` reads, or the heads where there is none, ``[step, feature]``."""
    if depth:
        sites = [layer.site for layer in layers_of(network.rnn)[depth - 1]]
        return np.concatenate([trace.array(site, "hidden_state") for site in sites], axis=1)
    local = (NEIGHBOURS, "local_features")
    if local in trace:
        return trace.array(*local)
    x = torch.from_numpy(trace.array(*network.input.address).astype(float))
    return network.input.look(x[None])[0].numpy()


def _content(network: SequenceNetwork, trace: Trace) -> np.ndarray:
    """Ids of the tokens, or the numbers that were read."""
    return np.array(trace.tokens.ids) if trace.tokens.ids else trace.array(*network.input.address)


def _summary(
    network: SequenceNetwork, trace: Trace, states: np.ndarray, name: str, step: int | None
) -> np.ndarray | None:
    """What a head read after a step, or of the whole if None; None where the trace does not hold it.

    ``step`` -1 is before the first one.
    """
    each, architecture = network.head(name).each_step, network.architecture
    if step == -1:
        top = layers_of(network.rnn)[-1]
        before = torch.from_numpy(np.concatenate([trace.before(layer.site, "hidden_state") for layer in top]))
        return network.summary_before(before).numpy()
    last = len(states) - 1 if architecture.place is None else architecture.place
    at = last if step is None else step
    if isinstance(network.join, Fused):
        return trace.array(ATTENTION, "fused_state")[at]
    if isinstance(network.join, Pooled):
        return trace.array(ATTENTION, "pooled_context")[at]
    if network.attention is not None and network.join is not None:
        context = trace.array(ATTENTION, "context")[at]
        return np.concatenate([context, states[at]]) if network.join.size > architecture.units else context
    if each or not architecture.bidirectional or architecture.place is not None:
        return states[at]
    size = architecture.hidden
    return np.concatenate([states[-1, :size], states[0, size:]]) if at == len(states) - 1 else None
