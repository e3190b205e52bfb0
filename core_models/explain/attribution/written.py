"""What each source token gave to each written token: gradient × input of every written token's log-probability.

The target is given (teacher forcing), so that row t asks why token t was probable after the tokens before it. Unlike an
attention weight the number has a sign and passes through the encoder: a state at one token knows its neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core_models.attention.edit import UNEDITED, Edits
from core_models.explain.attribution.methods import step_matrix
from core_models.networks.translator import BEGIN, Translator


def source_matrix(network: Translator, source: Sequence[int], target: Sequence[int], edits: Edits = UNEDITED) -> Tensor:
    """Gradient × input of log p of every written token by every source token, ``[target, source]``, in nats.

    Args:
        network: the network.
        source: source ids, the end included.
        target: target ids as they were written.
        edits: what-ifs about the attention under which they were written.
    """
    device = network.output_bias.device
    ids, written = (torch.tensor(list(some), device=device) for some in (source, target))
    x = network.source_embedding(ids).detach()
    previous = network.target_embedding(torch.tensor([BEGIN, *target[:-1]], device=device)).detach()
    projected = network.project(previous).detach()

    def read(rows: Tensor, which: Tensor) -> Tensor:
        count = len(rows)
        mask = torch.ones(count, len(ids), dtype=torch.bool, device=device)
        memory = network.read(rows, torch.full((count,), len(ids)), mask)
        state, states, contexts = network.begin(memory), [], []
        for step in range(int(which.max()) + 1):
            found = network.step(memory, state, projected[step].expand(count, -1), edits, step)
            state = {key: found[key] for key in network.cell.states}
            states.append(state["hidden_state"])
            contexts.append(found["context"])
        at = torch.arange(count, device=device), which.to(device)
        states_at, contexts_at = torch.stack(states, 1)[at], torch.stack(contexts, 1)[at]
        logits = network.logits(network.summarise(states_at, contexts_at, previous[at[1]]))
        return torch.log_softmax(logits, dim=-1)[at[0], written[at[1]]]

    return step_matrix(read, x, torch.zeros_like(x[0]), len(target))
