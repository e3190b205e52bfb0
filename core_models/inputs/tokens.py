r"""Tokens: each id has a learned vector; further columns, such as a word's ending, and the place may have theirs.

    x_t = [E_0[token_t] + P_t; E_1[feature_t]; ...]

Features beside words as in Ling et al. 2015, arXiv 1508.02096, and Huang, Xu & Yu 2015, arXiv 1508.01991.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from core_models.encoded import Encoded
from core_models.inputs.input import InputLayer
from core_models.networks.architecture import Architecture
from core_models.trace import Site


class TokenInput(InputLayer):
    """Embeddings of ids.

    Args:
        architecture: sizes and choices.
        sizes: number of ids of each column; the first is that of the token itself.
        unknown: id of every token that is not known; 0 is padding unless it is 0 itself.
        dropout: probability with which features are dropped in training.

    Raises:
        ValueError: if the architecture has not as many features as ``sizes`` has further columns.
    """

    address = Site("embedding"), "embedding"

    def __init__(
        self, architecture: Architecture, sizes: Sequence[int], unknown: int = 1, dropout: float = 0.0
    ) -> None:
        if len(architecture.features) != len(sizes) - 1:
            raise ValueError(f"input: expected {len(sizes) - 1} widths of features, got {len(architecture.features)}")
        padding, columns = 0 if unknown else None, zip(sizes[1:], architecture.features, strict=True)
        embedding = nn.Embedding(sizes[0], architecture.embedding, padding_idx=padding)  # drawn before what reads it
        features = [nn.Embedding(size, width, padding_idx=padding) for size, width in columns]
        super().__init__(architecture, architecture.embedding + sum(architecture.features), dropout)
        self.sizes = tuple(sizes)
        self.unknown, self.shortens = unknown, not architecture.fixed_length
        self.embedding, self.features = embedding, nn.ModuleList(features)
        places = architecture.positions
        self.positions = nn.Embedding(places, architecture.embedding) if places else None

    def tensor(self, encoded: Encoded) -> Tensor:
        """Ids ``[step]``, or ``[step, column]`` where there are several columns; see ``InputLayer.tensor``."""
        ids = torch.tensor(encoded.ids, device=self.embedding.weight.device)
        return ids[:, 0] if ids.ndim == 2 and not len(self.features) else ids

    def embed(self, content: Tensor) -> Tensor:
        """See ``InputLayer.embed``; ids ``[..., step]``, or ``[..., step, column]`` where there are several columns."""
        columns = content[..., None] if len(self.sizes) == 1 else content
        x = self.embedding(columns[..., 0])
        if self.positions is not None:
            x = x + self.positions.weight[: x.shape[-2]]
        others = [table(columns[..., column]) for column, table in enumerate(self.features, start=1)]
        return torch.cat([x, *others], dim=-1) if others else x

    @torch.no_grad()
    def baselines(self, content: Tensor) -> Mapping[str, Tensor]:
        """An unknown token, the mean of all tokens, or zeros; the code of the place stays."""
        x, unknown = self.embed(content), self.embed(torch.full_like(content, self.unknown))
        found = {"unknown": unknown, "zero": torch.zeros_like(x)}
        if not len(self.features):
            mean = self.embedding.weight[1:].mean(0)
            found["mean"] = x - self.embedding(content) + mean
        return found
