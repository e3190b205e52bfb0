r"""Gradients through time: how strongly the last state still depends on the state after each earlier token.

    ∂s_T/∂s_s = J_T J_{T-1} ... J_{s+1},    J_t = ∂s_t/∂s_{t-1}                  Pascanu et al. 2013, eq. 5

s is the recurrence's state (core_models.explain.dynamics.recurrence), and the derivative is the total one: along every
path through the recurrence, with the input held fixed. Where the state has two parts (h and c of an LSTM) both are its
variables, and the norms are those of the blocks ∂h_T/∂h_s and ∂c_T/∂c_s of that product. Every norm is spectral: the
largest factor by which a small change of the state can still arrive at the end. So

    ‖∂s_T/∂s_s‖ ≤ Π_t ‖J_t‖                                                      Pascanu et al. 2013, eqs. 6-7

and the gradient vanishes exponentially where the factors stay below 1 (Hochreiter 1991; Bengio et al. 1994). For
Elman's cell J_t = diag(φ'(a_t)) W_hh. A gate that keeps the past adds a path of its own, from each unit to itself: the
diagonal matrix of its values k_t (z_t of PyTorch's GRU, f_t of an LSTM: the constant error carousel with a forget
gate). Along that path alone the derivative is diag(Π_t k_t), whose norm is its largest entry.

The rows of each J_t are vector-Jacobian products: one backward pass through the cell's own equations gives one row of
J_t for all steps at once, since every step is given its true state before. In float64, exact to rounding. A recurrence
that attends over its own past has no such factors, for a state acts on all later ones at once: there the rows of
∂h_T/∂h_s are found whole, by one backward pass through the loop.

References:
    Hochreiter 1991, "Untersuchungen zu dynamischen neuronalen Netzen", diploma thesis, TU Munich.
    Bengio, Simard & Frasconi 1994, "Learning Long-Term Dependencies with Gradient Descent Is Difficult", IEEE
    Transactions on Neural Networks 5(2).
    Pascanu, Mikolov & Bengio 2013, "On the difficulty of training recurrent neural networks", arXiv 1211.5063.
    Hochreiter & Schmidhuber 1997, "Long Short-Term Memory", Neural Computation 9(8), section 3.2.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from core_models.cells import Unrolled
from core_models.cells.recurrence import Recurrent
from core_models.explain.dynamics.recurrence import Recurrence, unroll
from core_models.explain.memory.fading import Doubles, StateGradients
from core_models.trace import Site
from core_models.tracing import State

ROWS_AT_ONCE = 8
"""Rows of the Jacobians found in one batched backward pass: more are slower, for they no longer fit into the cache."""

BLOCK = 64
"""Steps whose Jacobians are held at once; bounds memory for long inputs."""


def state_gradients(module: Recurrent, x: Tensor, site: Site | None = None, state: State = None) -> StateGradients:
    """Norms of ∂s_T/∂s_s for every s, and the factors they are made of.

    Args:
        module: a recurrence; it is not touched.
        x: its input, ``[step, feature]``.
        site: layer and direction; the last layer, read forward, if None.
        state: states of all layers before the first step, as ``core_models.tracing.replay`` takes them; zeros if None.

    Raises:
        TypeError, ValueError: if the module, the input or the site cannot be read; the message says why.
    """
    if isinstance(module, Unrolled):
        return _through_attention(module, x)
    run = unroll(module, x, site, state)
    places = run.places
    norms: dict[str, list[Tensor]] = {key: [] for key in places}
    steps = []
    for jacobians, products in _blocks(run):
        steps.append(_norm(jacobians))
        for key, place in places.items():
            norms[key].append(_norm(products[:, place, place]))
    slopes = _slopes(run)
    return StateGradients(
        site=run.layer.site,
        convention=run.cell.convention,
        norms={key: run.on_tokens(torch.cat(parts[::-1])) for key, parts in norms.items()},
        steps=run.on_tokens(torch.cat(steps[::-1])),
        kept=_kept(run),
        slopes=None if slopes is None else run.on_tokens(slopes),
        stretch=None if slopes is None else float(_norm(run.layer.weights.w_h)),
    )


def _through_attention(module: Unrolled, x: Tensor) -> StateGradients:
    """The same norms where a state is also read by every later step: one backward pass through the whole loop."""
    double = copy.deepcopy(module).cpu().double().requires_grad_()
    with torch.enable_grad():
        states = [found["hidden_state"] for found in double.columns(x.detach().cpu().double()[None])]
        last = states[-1][0, 0]
    rows = torch.autograd.grad(last, states, torch.eye(len(last), dtype=last.dtype), is_grads_batched=True)
    norms = _norm(torch.stack([row[:, 0, 0] for row in rows]))
    return StateGradients(
        site=Site("rnn"),
        convention=module.cell.convention,
        norms={"hidden_state": norms.numpy()},
        steps=None,
        kept=None,
        slopes=None,
        stretch=None,
    )


class _OutOfPlace(TorchFunctionMode):
    """Cells squash in place to save time; a backward pass needs what was there before."""

    PURE: Mapping[Any, Any] = {
        Tensor.sigmoid_: torch.sigmoid,
        Tensor.tanh_: torch.tanh,
        Tensor.relu_: torch.relu,
    }

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return self.PURE.get(func, func)(*args, **(kwargs or {}))


def step_jacobians(run: Recurrence, steps: slice = slice(None)) -> Tensor:
    """J_t = ∂s_t/∂s_{t-1} for some steps in reading order, ``[step, state, state]``, by vector-Jacobian products."""
    return jacobians_at(run, run.states[:-1][steps], run.from_input[steps])


def jacobians_at(run: Recurrence, states: Tensor, from_input: Tensor) -> Tensor:
    """∂F(s)/∂s at any states ``[n, state]`` with any ``W x + b`` ``[n, parts * unit]``, ``[n, state, state]``."""
    with torch.enable_grad(), _OutOfPlace():
        before = states.detach().clone().requires_grad_()
        after = run.step(before, from_input)
    rows = []
    for ones in torch.eye(run.size, dtype=after.dtype).split(ROWS_AT_ONCE):
        cotangents = ones[:, None].expand(-1, len(after), -1)
        rows += torch.autograd.grad(after, before, cotangents, is_grads_batched=True, retain_graph=True)
    return torch.cat(rows).transpose(0, 1)


def _blocks(run: Recurrence) -> Iterator[tuple[Tensor, Tensor]]:
    """J_t and ∂s_T/∂s_t of a block of steps, from the last block to the first."""
    after = torch.eye(run.size, dtype=run.states.dtype)
    for end in range(len(run), 0, -BLOCK):
        jacobians = step_jacobians(run, slice(max(0, end - BLOCK), end))
        products = []
        for jacobian in jacobians.flip(0):
            products.append(after)
            after = after @ jacobian
        yield jacobians, torch.stack(products[::-1])


def _norm(matrices: Tensor) -> Tensor:
    """Largest singular value of each: the root of the largest eigenvalue of A Aᵀ, scaled so that no square is lost.

    Raises:
        ValueError: if a number is too large to be written.
    """
    if not matrices.isfinite().all():
        raise ValueError("gradients: expected finite derivatives, got some too large to be written")
    size = matrices.abs().amax((-2, -1), keepdim=True)
    scaled = matrices / torch.where(size > 0, size, 1.0)
    return size[..., 0, 0] * torch.linalg.eigvalsh(scaled @ scaled.mT)[..., -1].clamp(min=0.0).sqrt()


def _kept(run: Recurrence) -> Doubles | None:
    kept = run.cell.convention.kept(run.gates.__getitem__)
    return None if kept is None else run.on_tokens(kept)


def _slopes(run: Recurrence) -> Tensor | None:
    """Derivative of the hidden state by the sum that is squashed into it, in cells that are nothing but that."""
    if [part.squash for part in run.cell.parts] != ["identity"]:
        return None
    (key,) = run.gates
    with torch.enable_grad():
        sums = run.gates[key].clone().requires_grad_()
        hidden = run.cell.update({key: sums}, {})["hidden_state"]
    return torch.autograd.grad(hidden.sum(), sums)[0]
