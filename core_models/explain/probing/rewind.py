r"""Rewind: which token was read k steps ago, as the state has it after a step?

The network reads sequences whose tokens are drawn at random, all equally likely, so that no token follows from its
neighbours and nothing but memory tells what was read. With the states h after many steps, and the token x_{t-k} that
was read k steps before each,

    trace          A_k[v] = E[h_t | x_{t-k} = v] - E[h_t]
    linear         v̂ = argmax_v A_k[v]ᵀ S_k⁻¹ (h_t - E[h_t] - ½ A_k[v])
    by magnitude   A_k[v] ≈ γ_k B[v], and v̂ in the same way of h_t - Σ_{j<k} γ_j B[v̂_j]

The linear reader is Fisher's discriminant (1936): S_k is the covariance that is left where the token k steps ago is
known, and every k has directions of its own. By magnitude a token has one direction for all k, and how long ago it was
read is in the size γ_k alone; so tokens are read one after the other, the newest first, and each is taken off like the
layer of an onion. Small GRUs store sequences so (Csordás, Potts, Manning & Geiger 2024, "Recurrent neural networks
learn to store and generate sequences using non-linear representations", arXiv 2408.10920). They learn γ and B; here the
traces whose sum over all k is nearest to the states (least squares) are approximated by their first singular vectors.

The control task (Hewitt & Liang 2019, arXiv 1909.03368) asks the linear reader for a label that is drawn for every pair
of neighbours k and k + 1 steps ago, such that neither of them alone says anything about it: what is right beyond luck
was memorised by the reader.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Codes = NDArray[np.intp]

LEARNED, UNSEEN, STEPS, LAGS = 160, 80, 40, 12
"""Sequences that readers are fitted to, and others by which they are judged; their steps; and the most steps back."""

RIDGE = 1e-3
"""Share of the mean variance of a unit that is added to all, so that a unit that never moves divides by no zero."""


@dataclass(frozen=True, eq=False)
class Reader:
    """One reader of states: from ``h`` it gives a score for every token.

    Attributes:
        weights: ``[unit, token]``.
        bias: ``[token]``.
    """

    weights: NDArray[np.floating]
    bias: NDArray[np.floating]

    def choose(self, states: Doubles) -> Codes:
        """The token that each of ``states`` ``[..., unit]`` speaks for."""
        return (states @ self.weights + self.bias).argmax(axis=-1)


@dataclass(frozen=True, eq=False)
class Readers:
    """Fitted readers, one for each number of steps ago from 0.

    Attributes:
        mean: E[h], ``[unit]``.
        linear: the linear ones.
        layers: those by magnitude, and what each takes off for every token, ``[token, unit]``.
    """

    mean: Doubles
    linear: tuple[Reader, ...]
    layers: tuple[tuple[Reader, Doubles], ...]

    def read_linearly(self, states: Doubles) -> Codes:
        """What each of ``states`` ``[n, unit]`` says was read so many steps ago, ``[lag, n]``."""
        return np.stack([reader.choose(states - self.mean) for reader in self.linear])

    def read_by_magnitude(self, states: Doubles) -> Codes:
        """The same by magnitude, one layer after the other."""
        left, found = states - self.mean, []
        for reader, layer in self.layers:
            found.append(reader.choose(left))
            left = left - layer[found[-1]]
        return np.stack(found)


@dataclass(frozen=True, eq=False)
class Rewound:
    """What was read back, by steps ago from 0.

    Attributes:
        linear, magnitude, control: share of unseen sequences' tokens that are right, ``[lag, sequence]``.
        sizes: γ, the size of a token's trace in the state along its one direction, 1 for the newest, ``[lag]``.
        together: share of the traces' sum of squares that one direction a token explains.
        readers: what read.
    """

    linear: Doubles
    magnitude: Doubles
    control: Doubles
    sizes: Doubles
    together: float
    readers: Readers


def draw(tokens: int, seed: int = 0) -> Codes:
    """Random sequences of ``tokens`` different tokens, those to learn from first, ``[sequence, step]``."""
    return np.random.default_rng(seed).integers(tokens, size=(LEARNED + UNSEEN, STEPS))


def interval(shares: Doubles) -> tuple[Doubles, Doubles]:
    """95% interval of the mean of shares ``[lag, sequence]``: sequences are drawn apart from each other."""
    half = 1.96 * shares.std(axis=-1, ddof=1) / np.sqrt(shares.shape[-1])
    return shares.mean(axis=-1) - half, shares.mean(axis=-1) + half


def rewind(codes: Codes, states: NDArray[np.floating], seed: int = 0) -> Rewound:
    """Fit readers to the first ``LEARNED`` sequences and judge them by the others.

    Args:
        codes: tokens that were read, counted from 0, ``[sequence, step]``.
        states: after each, ``[sequence, step, unit]``.
        seed: from which the control task is drawn.

    Raises:
        ValueError: if shapes differ, sequences are too short, or a token was never read so many steps ago.
    """
    if states.shape[:2] != codes.shape or codes.shape[0] <= LEARNED or codes.shape[1] <= LAGS + 2:
        raise ValueError(f"rewind: expected codes and states of the same sequences, got {codes.shape}, {states.shape}")
    every = states[:, LAGS + 1 :].astype(np.float64)
    back = np.stack([codes[:, LAGS + 1 - lag : codes.shape[1] - lag] for lag in range(LAGS + 2)])
    own, seen = every[:LEARNED].reshape(-1, every.shape[-1]), back[:, :LEARNED].reshape(LAGS + 2, -1)
    count = int(codes.max()) + 1
    if any(len(np.unique(row)) < count for row in seen):
        raise ValueError("rewind: expected every token at every place, got too few sequences")
    mean = own.mean(axis=0)
    own = own - mean
    spread = own.T @ own / len(own)
    traces = np.stack([_traces(own, row, count) for row in seen[:-1]])
    readers = tuple(_reader(trace, _within(spread, trace, row)) for trace, row in zip(traces, seen, strict=False))
    sizes, layer, together = _one_direction(_added_up(own, seen[:-1], count))
    made = Readers(mean, readers, _layers(own, seen, [size * layer for size in sizes]))
    unseen, right = every[LEARNED:], back[:, LEARNED:]
    flat = unseen.reshape(-1, unseen.shape[-1])
    linear, magnitude = (
        (read.reshape(right[:-1].shape) == right[:-1]).mean(axis=-1)
        for read in (made.read_linearly(flat), made.read_by_magnitude(flat))
    )
    control = _control(own, spread, seen, flat - mean, right, count, seed)
    return Rewound(linear, magnitude, control, sizes, together, made)


def _traces(states: Doubles, codes: Codes, count: int) -> Doubles:
    """Mean of centred ``states`` ``[n, unit]`` for each code ``[n]``, ``[code, unit]``."""
    return np.stack([states[codes == code].mean(axis=0) for code in range(count)])


def _within(spread: Doubles, traces: Doubles, codes: Codes) -> Doubles:
    """What of a covariance ``[unit, unit]`` is left within classes of these means ``[code, unit]``."""
    shares = np.bincount(codes, minlength=len(traces)) / len(codes)
    return spread - (traces.T * shares) @ traces


def _reader(traces: Doubles, within: Doubles) -> Reader:
    """Fisher's discriminant of classes with these means and this covariance."""
    ridge = RIDGE * max(float(np.trace(within)) / len(within), 1e-12)
    weights = np.linalg.solve(within + ridge * np.eye(len(within)), traces.T)
    return Reader(weights, -0.5 * np.einsum("vu,uv->v", traces, weights))


def _added_up(states: Doubles, codes: Codes, count: int) -> Doubles:
    """The traces ``[lag, code, unit]`` whose sum is nearest to centred states ``[n, unit]``, all places together."""
    marks = (codes[:, None] == np.arange(count)[:, None]).reshape(-1, states.shape[0]).T.astype(np.float64)
    marks -= marks.mean(axis=0)
    found = np.linalg.pinv(marks.T @ marks, rcond=1e-9, hermitian=True) @ (marks.T @ states)
    return found.reshape(len(codes), count, -1)


def _one_direction(traces: Doubles) -> tuple[Doubles, Doubles, float]:
    """Sizes ``[lag]``, one trace for each token ``[token, unit]``, and the share of all traces that both explain."""
    lags, *shape = traces.shape
    left, values, right = np.linalg.svd(traces.reshape(lags, -1), full_matrices=False)
    sizes = left[:, 0] / (left[0, 0] or 1.0)
    return sizes, (values[0] * left[0, 0] * right[0]).reshape(shape), float(values[0] ** 2 / (values**2).sum())


def _layers(states: Doubles, seen: Codes, layers: list[Doubles]) -> tuple[tuple[Reader, Doubles], ...]:
    """A reader for every layer, fitted to what is left where the layers above it are taken off rightly."""
    left, found = states, []
    for codes, layer in zip(seen, layers, strict=False):
        layer = layer - layer[codes].mean(axis=0)
        below = left - layer[codes]
        found.append((_reader(layer, np.cov(below, rowvar=False, bias=True)), layer))
        left = below
    return tuple(found)


def _control(
    states: Doubles, spread: Doubles, seen: Codes, unseen: Doubles, right: Codes, count: int, seed: int
) -> Doubles:
    """Share of the control task's labels that the linear reader gets right, ``[lag, sequence]``."""
    draws, found = np.random.default_rng(seed), []
    for lag in range(LAGS + 1):
        one, other = draws.permutation(count), draws.permutation(count)
        labels, wanted = ((one[rows[lag]] + other[rows[lag + 1]]) % count for rows in (seen, right))
        traces = _traces(states, labels, count)
        chosen = _reader(traces, _within(spread, traces, labels)).choose(unseen)
        found.append((chosen.reshape(wanted.shape) == wanted).mean(axis=-1))
    return np.stack(found)
