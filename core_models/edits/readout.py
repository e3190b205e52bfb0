"""From states to answers, with the readout's attention edited: for every token of a text, or for many texts at once."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core_models.attention import masked_softmax
from core_models.attention.edit import AttentionEdit, Edits
from core_models.edits.edit import PoolAttention
from core_models.edits.plan import Rows, shuffled
from core_models.networks.classifier import SequenceClassifier

Pools = Sequence[Sequence[PoolAttention]]


def read_contexts(
    network: SequenceClassifier, states: Tensor, rows: Rows, pools: Pools
) -> tuple[dict[str, Tensor], Tensor]:
    """Attention ``[row, head, query, key]`` and context by quantity key, and the logit after every token.

    Args:
        states: of the topmost layer, read in one direction, ``[row, step, unit]``.
        pools: edits of the attention, by row.

    Returns:
        The quantities (none without attention), and logits ``[row, step]``.
    """
    score = network.attention
    if score is None:
        return {}, network.readout(states)[..., 0]
    scores = score(states, states)
    mask = torch.ones_like(scores, dtype=torch.bool).tril()
    queries = range(states.shape[1])
    weights = edit_weights(masked_softmax(scores, mask), rows, pools, [queries] * len(pools))
    context = score.join(weights @ score.values(states))
    found = {"attention_scores": scores, "attention_mask": mask, "attention_weights": weights, "context": context}
    found |= network.join(context, states)
    return found, network.readout(network.join.summary(context, states))[..., 0]


def read_answers(network: SequenceClassifier, states: Tensor, rows: Rows, pools: Pools) -> Tensor:
    """The logit of every text, ``[row]``, from states ``[row, step, unit]``, directions joined."""
    every, last, score = torch.arange(len(states)), rows.lengths - 1, network.attention
    if network.architecture.bidirectional:
        size = network.architecture.hidden
        summary = torch.cat([states[every, last, :size], states[:, 0, size:]], dim=-1)
        return network.readout(summary)[:, 0]
    if score is None:
        return network.readout(states[every, last])[:, 0]
    if network.join.every_query:
        return read_contexts(network, states, rows, pools)[1][every, last]
    query = states[every, last][:, None]
    inside = (torch.arange(states.shape[1])[None] < rows.lengths[:, None])[:, None, None]
    weights = masked_softmax(score(states, query), inside.to(states.device))
    weights = edit_weights(weights, rows, pools, [[end] for end in last.tolist()])
    context = score.join(weights @ score.values(states))
    return network.readout(network.join.summary(context, query)[:, 0])[:, 0]


def edit_weights(weights: Tensor, rows: Rows, pools: Pools, queries: Sequence[Sequence[int]]) -> Tensor:
    """Weights ``[row, head, query, key]``; ``queries`` says at which step each row's queries stand."""
    if not any(pools) or not weights.shape[-1]:
        return weights
    weights = weights.clone()
    for row, edits in enumerate(pools):
        for edit in edits:
            for place, step in enumerate(queries[row]):
                own = weights[row, :, place]
                weights[row, :, place] = _one_query(edit, own, step, rows.kept[row])
    return weights


def _one_query(edit: PoolAttention, own: Tensor, step: int, kept: tuple[int, ...]) -> Tensor:
    """Weights ``[head, key]`` of one reader, who stands at ``step`` of the tokens ``kept``."""
    if step >= len(kept):
        return own
    if edit.how == "permuted":
        order = shuffled(torch.arange(step + 1).numpy(), edit.seed)
        found = own.clone()
        found[:, : step + 1] = own[:, torch.from_numpy(order)]
        return found
    amounts = _amounts(edit, step, kept)
    if not sum(amounts) > 0.0:
        return own
    padded = [*amounts, *[0.0] * (own.shape[-1] - len(amounts))]
    said = Edits((AttentionEdit.shared(step, padded),))
    return said.weights_at(step, own[None, :, None])[0, :, 0]


def _amounts(edit: PoolAttention, step: int, kept: tuple[int, ...]) -> list[float]:
    """What the tokens read up to ``step`` get, before it is shared out."""
    read = kept[: step + 1]
    if edit.how == "uniform":
        return [1.0] * len(read)
    if edit.how == "one":
        return [float(position == edit.position) for position in read]
    return [edit.weights[position] for position in read]
