r"""Choosing the next token from what a language model expects: temperature, then top-k, then top-p, then one draw.

    1. temperature  q_k = softmax(ℓ / τ)_k          τ < 1 sharpens, τ > 1 flattens, τ = 0 takes the most probable
    2. top-k        all but the k most probable are cut     Fan et al. 2018, arXiv 1805.04833, section 3.2
    3. top-p        of these, shared out anew, the fewest most probable that together reach p are kept
                    Holtzman et al. 2020, arXiv 1904.09751, section 3.1
    4. draw         one uniform number u in [0, 1): the first token at which the running sum of what is left passes u

Of equally probable tokens the one with the smaller id counts as the more probable. The uniform numbers come from
NumPy's PCG64, seeded: one seed gives one text, and a longer text begins like a shorter one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core_models.encoded import State
from core_models.networks.choice import Choice
from core_models.networks.sequence import SequenceNetwork

Floats = NDArray[np.float64]
ROUNDING = 1e-9
"""By how much a sum of shares may miss p and still count as reaching it: equal shares seldom add up to the last bit."""

LISTED = 12
"""Candidates of which a choice keeps the numbers; the chosen token is always among them."""


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen.

    Attributes:
        temperature: τ; 0 for always the most probable.
        top_k: how many tokens are kept; 0 for all.
        top_p: share of probability that is kept; 1 for all.
        seed: of the uniform numbers.

    Raises:
        ValueError: if one lies outside its range.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 1

    def __post_init__(self) -> None:
        if not (0.0 <= self.temperature <= 10.0 and self.top_k >= 0 and 0.0 < self.top_p <= 1.0 and self.seed >= 0):
            raise ValueError(
                "sampling: expected a temperature in [0, 10], top_k and seed of at least 0 and top_p in (0, 1], got "
                f"{self.temperature}, {self.top_k}, {self.seed} and {self.top_p}"
            )


@dataclass(frozen=True)
class Narrowed:
    """A distribution on its way through the stages, every array ``[token]``.

    Attributes:
        plain: what the network expects.
        tempered: after the temperature.
        after_k: whether a token is kept by top-k.
        kept: whether it is kept by top-p as well.
        final: what is drawn from: the kept ones, shared out anew.
    """

    plain: Floats
    tempered: Floats
    after_k: NDArray[np.bool_]
    kept: NDArray[np.bool_]
    final: Floats


def narrow(logits: Floats, how: Sampling) -> Narrowed:
    """The distribution that ``logits`` ``[token]`` mean, and what each stage makes of it; -inf stands for never."""
    plain = _softmax(logits)
    order = np.argsort(-logits, kind="stable")
    if how.temperature == 0.0:
        tempered = np.zeros(len(logits))
        tempered[order[0]] = 1.0
    else:
        tempered = _softmax(logits / how.temperature)
    after_k = np.isfinite(logits)
    if how.top_k:
        after_k[order[how.top_k :]] = False
    shares = np.where(after_k, tempered, 0.0)
    shares /= shares.sum()
    kept = after_k.copy()
    if how.top_p < 1.0:
        reached = np.cumsum(shares[order])
        kept[order[1:][reached[:-1] >= how.top_p - ROUNDING]] = False
    final = np.where(kept, shares, 0.0)
    return Narrowed(plain, tempered, after_k, kept, final / final.sum())


def draw(final: Floats, uniform: float) -> int:
    """The id at which the running sum of ``final``, in the order of ids, passes ``uniform``."""
    sums = np.cumsum(final)
    return int(np.searchsorted(sums, uniform * sums[-1], side="right").clip(0, np.flatnonzero(final)[-1]))


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def describe(found: Narrowed, index: int) -> Choice:
    """The choice of ``index`` among the most probable candidates."""
    order = np.argsort(-found.plain, kind="stable")[:LISTED].tolist()
    listed = order if index in order else [*order[:-1], index]
    pick = np.array(listed)
    logs = np.log(np.maximum(found.plain, 1e-300))
    return Choice(
        index=index,
        ids=tuple(listed),
        plain=tuple(found.plain[pick].tolist()),
        tempered=tuple(found.tempered[pick].tolist()),
        final=tuple(found.final[pick].tolist()),
        after_k=tuple(found.after_k[pick].tolist()),
        kept=tuple(found.kept[pick].tolist()),
        count_k=int(found.after_k.sum()),
        count=int(found.kept.sum()),
        entropy=float(-(found.plain * logs).sum()),
    )


class Pen:
    """A language model in the middle of writing: it remembers its state, and nothing of it is shared.

    Args:
        network: the network; it is not changed.
        prompt: ids that are given, at least one.
        how: how the next id is chosen.
        banned: ids that are never written, such as the unknown one.
    """

    def __init__(
        self, network: SequenceNetwork, prompt: Sequence[int], how: Sampling, banned: Sequence[int] = ()
    ) -> None:
        self.network, self.how, self.banned = network, how, list(banned)
        self.ids, self.choices = list(prompt), list[Choice]()
        self._random = np.random.default_rng(how.seed)
        self._state: State = None
        self._unread = list(prompt)

    def write(self, count: int) -> None:
        """Write ``count`` ids more."""
        for _ in range(count):
            found = narrow(self._logits(), self.how)
            index = draw(found.final, float(self._random.random()))
            self.choices.append(describe(found, index))
            self.ids.append(index)
            self._unread = [index]

    @torch.no_grad()
    def _logits(self) -> Floats:
        """Scores of the next id, after what was not read yet is read."""
        network, lengths = self.network, torch.tensor([len(self._unread)])
        x = network.input.embed(torch.tensor([self._unread], device=next(network.parameters()).device))
        states, self._state = network.recur(x, lengths, self._state)
        logits = network.output("next_token", states, x, lengths, lengths - 1)
        scores = logits[0].cpu().double().numpy()
        scores[self.banned] = -np.inf
        return scores
