"""Faults that people plant in recurrent models without an error message, found by what the model does.

Every finding says what was measured. A model is called in ``eval()`` and left as it was. What is looked for:

    rows of a batch that change each other (axes swapped, a softmax or a reshape over the batch); a softmax over an axis
    of length 1, or over another than is summed; padding that reaches an answer; a backward state taken at its first
    step; states carried from call to call, with or without their graph; dropout in ``eval()``; recurrent weights that
    blow up or forget at once; saturated and dead units; a forget bias never raised; gradients that vanish before a lag.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core_models.explain.dynamics.gradient_flow import state_gradients
from core_models.explain.health import Finding, Severity, examine
from core_models.language import say
from core_models.own.attention import attended, scaled_dot_product
from core_models.own.kernel import KERNELS, Kernel, seen
from core_models.own.seeing import Stack, hidden, seeing
from core_models.own.summing import Sums
from core_models.own.traced import OwnError, OwnTrace, traces_of
from core_models.own.untouched import untouched
from core_models.tracing import plain_layers

MOVED = 1e-5
"""An output that moves by more than this, as a share of its largest value, has changed."""

LOUD, SILENT, DEAD, FORGET, VANISHED = 1.3, 0.05, 0.25, 0.25, 1e-4
"""Spectral radius of an Elman network's weights above and below which it blows up and forgets at once; share of units
that never move; mean forget bias; share of a gradient that counts as nothing."""


TURNED = "The batch is read as time (batch_first)"
TURN = (
    "The recurrence steps along the batch: set batch_first=True, or give it [step, batch, feature]. If the model does "
    "take the steps first, say batch_axis=1 here."
)
MIXED = (
    "Outside of the recurrences something mixes sequences: a reshape that runs over the batch, such as "
    "h_n.view(batch, -1) for h_n.transpose(0, 1).reshape(batch, -1), attention without batch_first=True, or a norm "
    "over the batch."
)


OWN = -1
"""Written as the axis of weights that torch's own attention computed, which nothing changes any more."""

ATTENTION = {"multi_head_attention_forward": attended, "scaled_dot_product_attention": scaled_dot_product}


@dataclass(frozen=True)
class Diagnosis:
    """What was found.

    Attributes:
        findings: faults first, then what was looked at and is fine.
    """

    findings: tuple[Finding, ...]

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What is not fine."""
        return tuple(finding for finding in self.findings if finding.severity is not Severity.FINE)

    def __str__(self) -> str:
        return "\n".join(f"{one.severity.value}: {one.title} ({one.detail})" for one in self.findings)


@dataclass(eq=False)
class Run:
    """One call of a model.

    Attributes:
        output: the first tensor of numbers that it returned.
        scalar: its loss.
        kernels: the recurrences that it ran, by name of the module.
        live: what they returned, with its graph.
        sums: what became of every softmax.
    """

    output: Tensor
    scalar: Tensor
    kernels: list[tuple[str, Kernel]]
    live: list[Tensor]
    sums: Sums


def check(
    model: nn.Module,
    x: Any,
    *,
    loss: Callable[[Any], Tensor] | None = None,
    lengths: Sequence[int] | None = None,
    lag: int | None = None,
    batch_axis: int | None = None,
) -> Diagnosis:
    """Look for the usual faults of a recurrent model.

    Args:
        model: any module with recurrences inside.
        x: a batch of at least two sequences as the model takes it; a tuple where it takes several arguments.
        loss: from what the model returns to one number; the sum of its output if None.
        lengths: steps of each sequence, where the batch is padded.
        lag: how far back a gradient has to reach, in steps; not asked if None.
        batch_axis: axis of the first argument that counts sequences, 0 or 1; if None, a bare recurrence's own, else 0.

    Raises:
        OwnError: if the model returns no numbers, or the batch is too small to tell its rows apart.
    """
    given = x if type(x) is tuple else (x,)
    axis = 0 if not isinstance(model, nn.RNNBase) or model.batch_first else 1
    axis = axis if batch_axis is None else batch_axis
    fewest = 3 if isinstance(model, nn.RNNBase) else 2
    if not isinstance(given[0], Tensor) or given[0].ndim < fewest or given[0].shape[axis] < 2 or not (given[0].numel()):
        raise OwnError(say("check: expected a batch of at least two sequences as a tensor"))
    patient = _Patient(model, given, axis, loss)
    first = patient.call()
    found = [*_calls(patient), *_rows(patient, first), *_softmaxes(first)]
    found += [*_padding(patient, first, lengths), *_backward(patient, first), *_graphs(patient)]
    for name, kernel in first.kernels:
        found += _kernel(name, kernel, lag)
    return Diagnosis(tuple(sorted(found, key=lambda one: list(Severity).index(one.severity))))


@dataclass(frozen=True)
class _Patient:
    """A model and what it is called with; ``axis`` is that of the batch."""

    model: nn.Module
    given: tuple[Any, ...]
    axis: int
    loss: Callable[[Any], Tensor] | None

    def call(self, first: Tensor | None = None, *, grad: bool = False) -> Run:
        """One call, with another first argument if one is given; the model is then as it was before."""
        with untouched(self.model):
            return self.go_on(first, grad=grad)

    def go_on(self, first: Tensor | None = None, *, seed: int = 0, grad: bool = False) -> Run:
        """One call that begins where the last one left the model."""
        kernels: list[tuple[str, Kernel]] = []
        live: list[Tensor] = []
        sums, stack = Sums(), Stack()

        def note(name: str, function: str, args: Any, kwargs: Any, result: Any) -> Any:
            if function.removesuffix("_cell") in KERNELS and not hidden(args):
                kernels.append((name or "model", replace(seen(function, args, result), order=stack.order)))
                live.append(result[0] if isinstance(result, tuple) else result)
            elif function in ATTENTION and not hidden(args):
                sums.seen.append((ATTENTION[function](args, kwargs, result).weights, OWN))
            sums.note(function, args, kwargs, result)
            return result

        torch.manual_seed(seed)
        args = self.given if first is None else (first, *self.given[1:])
        with torch.set_grad_enabled(grad), torch.backends.cudnn.flags(enabled=False):
            with seeing(self.model, note, stack, every=True):
                returned = self.model(*args)
            output = _numbers(returned)
            return Run(output, output.sum() if self.loss is None else self.loss(returned), kernels, live, sums)

    @property
    def x(self) -> Tensor:
        """The first argument."""
        return self.given[0]

    def others(self, where: Tensor) -> Tensor:
        """The first argument with other values, of its own kind, where a mask ``[batch, step]`` says so."""
        rows = self.x.transpose(0, self.axis)
        mask = where.view(*where.shape, *[1] * (rows.ndim - 2)).to(rows.device)
        instead = rows.flip(1).roll(1, 0) if not rows.is_floating_point() else rows.flip(1) * 1.7 + rows.std() + 0.1
        if not rows.is_floating_point():
            known = rows.unique()
            instead = torch.where(rows == known[0], known[-1], known[0])
        return torch.where(mask, instead, rows).transpose(0, self.axis).contiguous()

    def longer(self) -> Tensor:
        """The first argument with its last step twice."""
        axis = 1 - self.axis
        return torch.cat([self.x, self.x.narrow(axis, self.x.shape[axis] - 1, 1)], dim=axis)

    def rows(self, output: Tensor) -> Tensor | None:
        """What the model says of each row, ``[batch, ...]``; None where it says nothing of single rows."""
        count = self.x.shape[self.axis]
        if output.ndim > self.axis and output.shape[self.axis] == count:
            return output.transpose(0, self.axis)
        return output if output.ndim and len(output) == count else None


def _numbers(returned: Any) -> Tensor:
    """The first tensor of floating-point numbers in what a model returned."""
    if isinstance(returned, Tensor) and returned.is_floating_point():
        return returned
    parts = returned.values() if isinstance(returned, dict) else returned
    for part in parts if isinstance(parts, Sequence) or isinstance(returned, dict) else ():
        if isinstance(part, Tensor) and part.is_floating_point():
            return part
    raise OwnError(
        say("check: expected a model that returns a tensor of numbers, got {name}", name=type(returned).__name__)
    )


def _moved(a: Tensor, b: Tensor) -> bool:
    return a.shape != b.shape or float((a - b).abs().max()) > MOVED * max(1e-3, float(a.abs().max()))


def _fault(title: str, detail: str, meaning: str) -> Finding:
    return Finding(Severity.WARNING, title, detail, meaning)


def _fine(title: str, detail: str) -> Finding:
    return Finding(Severity.FINE, title, detail, "")


def _calls(patient: _Patient) -> Iterator[Finding]:
    with untouched(patient.model):
        first, again, other = patient.go_on(), patient.go_on(), patient.go_on(seed=1)
    if _moved(first.output, again.output):
        yield _fault(
            "A state is carried from one call to the next",
            "the same batch gives another answer the second time",
            "With shuffled batches each sequence begins where a stranger ended: begin from zeros, or reset the state.",
        )
    elif _moved(again.output, other.output):
        yield _fault(
            "Dropout in eval()",
            "the answer depends on the random seed",
            "Something still drops or draws values at random: give functional.dropout training=self.training, and add "
            "noise in training alone.",
        )
    else:
        yield _fine("The same answer every time", "three calls, two random seeds")


def _rows(patient: _Patient, first: Run) -> Iterator[Finding]:
    """Does a row of the batch change what is said of another?"""
    said = patient.rows(first.output)
    if said is None:
        yield from _turned(patient, first)
        return
    for kept in (0, len(said) - 1):  # what steps along the batch forward changes the last row alone, backward the first
        where = torch.ones(patient.x.transpose(0, patient.axis).shape[:2], dtype=torch.bool)
        where[kept] = False
        other = patient.call(patient.others(where))
        moved = patient.rows(other.output)
        if moved is not None and _moved(said[kept], moved[kept]):
            break
    else:
        yield _fine("Rows of the batch do not touch each other", "the other rows were exchanged")
        return
    over = any(values.shape[axis] == len(said) and axis == 0 for values, axis in first.sums.seen if values.ndim > 1)
    if over:
        title, meaning = "A softmax over the batch", "Weights are shared among strangers: take the axis of the steps."
    elif any(_steps_along_rows(a, b, kept) for (_, a), (_, b) in zip(first.kernels, other.kernels, strict=False)):
        title, meaning = TURNED, TURN
    else:
        title, meaning = "Rows of the batch are mixed", MIXED
    yield _fault(title, f"exchanging the other rows changes what is said of row {kept}", meaning)


def _steps_along_rows(one: Kernel, other: Kernel, row: int) -> bool:
    """Whether a recurrence read a row of the batch as a step: that alone stays where the others were exchanged."""
    if one.x.shape != other.x.shape or one.sizes is not None or len(one.x) <= row:
        return False
    kept = one.x.shape[1] <= row or _moved(one.x[:, row], other.x[:, row])
    return kept and not _moved(one.x[row], other.x[row])


def _turned(patient: _Patient, first: Run) -> Iterator[Finding]:
    """Is the batch read as steps, where the answer has no rows that could show it?"""
    given = patient.x.transpose(0, patient.axis).shape[:2]
    if given[0] != given[1] and any(k.sizes is None and k.x.shape[:2] == given for _, k in first.kernels):
        detail = f"{given[0]} sequences of {given[1]} steps are read as {given[1]} sequences of {given[0]} steps"
        yield _fault(TURNED, detail, TURN)


def _softmaxes(first: Run) -> Iterator[Finding]:
    single = [values for values, axis in first.sums.seen if values.shape[axis] == 1]
    if single:
        yield _fault(
            "A softmax over an axis of length 1",
            f"shape {list(single[0].shape)}",
            "All of its weights are 1, whatever the scores are: take the axis of the steps.",
        )
    if first.sums.wrong:
        meaning = "What is weighed does not sum to 1: take the softmax over the axis that is summed."
        yield _fault("A softmax over the wrong axis", first.sums.wrong[0], meaning)
    if first.sums.seen and not single and not first.sums.wrong:
        yield _fine("Every softmax sums over its own axis", f"{len(first.sums.seen)} calls")


def _padding(patient: _Patient, first: Run, lengths: Sequence[int] | None) -> Iterator[Finding]:
    said = patient.rows(first.output)
    if lengths is None or said is None:
        return
    steps = patient.x.transpose(0, patient.axis).shape[1]
    behind = torch.arange(steps)[None] >= torch.tensor(lengths)[:, None]
    each = said.ndim > 1 and said.shape[1] == steps
    padded = [row for row, length in enumerate(lengths) if length < steps]

    def moved(x: Tensor) -> bool:
        """Whether another padding changes what is said of a sequence."""
        there = patient.rows(patient.call(x).output)
        ends = [lengths[row] if each else None for row in padded]
        return there is not None and any(
            _moved(said[row][:end], there[row][:end]) for row, end in zip(padded, ends, strict=True)
        )

    looked = any(_on_padding(values, axis, behind) for values, axis in first.sums.seen)
    if moved(patient.others(behind)):
        detail, into = "exchanging the values behind the ends changes the answer", "attention" if looked else "states"
    elif padded and _or_not(lambda: moved(patient.longer())):
        detail, into = "one step more of padding changes the answer", "attention" if looked else "the answer"
    elif any(_on_padding(values, axis, behind) for values, axis in first.sums.seen if axis == OWN):
        detail, into = "torch's attention has weight on steps behind the ends", "attention"
    else:
        yield _fine(
            "Padding does not reach the answer", f"values behind {len(padded)} ends were exchanged, and a step added"
        )
        return
    meaning = {
        "attention": "Attention has weight on padding: set its scores to -inf there before the softmax.",
        "states": "The recurrence reads padding, and its last state stands behind the end: pack the batch, or take the "
        "state at each sequence's own last step.",
        "the answer": "How much padding there is counts: divide by each sequence's own length.",
    }
    yield _fault(f"Padding leaks into {into}", detail, meaning[into])


def _or_not(ask: Callable[[], bool]) -> bool:
    """What comes out, or False of a model that cannot be asked, as where it knows how long its batches are."""
    try:
        return ask()
    except (RuntimeError, ValueError, LookupError, TypeError, AssertionError):
        return False


def _on_padding(values: Tensor, axis: int, behind: Tensor) -> bool:
    """Whether weights over the steps lie on padding; where steps look at each other, of those that are no padding."""
    weights, steps = values.movedim(axis, -1).detach().cpu(), behind.shape[1]
    if weights.ndim < 2 or weights.shape[-1] != steps or weights.shape[0] != len(behind):
        return False
    mask = behind.view(len(behind), *[1] * (weights.ndim - 2), -1)
    if weights.ndim > 2 and weights.shape[-2] == steps:
        mask = mask & ~behind.view(len(behind), *[1] * (weights.ndim - 3), -1, 1)
    return float(torch.where(mask, weights, 0.0).max()) > MOVED


def _backward(patient: _Patient, first: Run) -> Iterator[Finding]:
    """Is the backward direction's state taken where it has read one step alone?"""
    two_ways = [kernel for _, kernel in first.kernels if kernel.both and kernel.sizes is None]
    if not two_ways:
        return
    run = patient.call(grad=True)
    pairs = [(k, v) for (_, k), v in zip(run.kernels, run.live, strict=True) if k.both and k.sizes is None]
    for kernel, live in pairs:
        with torch.enable_grad():
            asked = run.output.square().sum()
        (slope,) = torch.autograd.grad(asked, live, retain_graph=True, allow_unused=True)
        if slope is None or len(kernel.x) < 2:
            continue
        slope = slope.transpose(0, 1) if kernel.batch_first else slope
        by_step = slope[..., slope.shape[-1] // 2 :].abs().amax(dim=(1, 2))
        if by_step[-1] > 0 and not by_step[:-1].any():
            yield _fault(
                "The backward state is taken at the wrong end",
                "only the backward direction's state at the last step reaches the answer",
                "There it has read a single step: take output[:, 0] for the backward half, or h_n.",
            )
            return
    yield _fine("The backward state is taken where it has read all", f"{len(pairs)} recurrences in both directions")


def _graphs(patient: _Patient) -> Iterator[Finding]:
    """Can a second step be learnt after the first?"""
    weights = [part for part in patient.model.parameters() if part.requires_grad]
    try:
        with untouched(patient.model):
            for _ in range(2):
                torch.autograd.grad(patient.go_on(grad=True).scalar, weights, allow_unused=True)
    except RuntimeError as error:
        if "second time" not in str(error):
            raise OwnError(say("check: expected a loss that can be learnt from: {error}", error=error)) from None
        yield _fault(
            "A carried state is not detached",
            "the gradient of the second call runs into the first",
            "Detach what is kept between calls: state = state.detach().",
        )


def _kernel(name: str, kernel: Kernel, lag: int | None) -> Iterator[Finding]:
    """What the weights and values of one recurrence say."""
    try:
        traces = traces_of(kernel, name=name)
    except OwnError as error:
        yield Finding(Severity.NOTE, f"Not traced: {name}", str(error), "")
        return
    yield from _weights(name, traces[0])
    yield from _units(name, traces)
    for found in (one for trace in traces[:1] for one in examine(trace) if one.severity is Severity.WARNING):
        yield replace(found, title=f"{found.title} ({name})")
    if lag is not None and len(traces[0]) > lag:
        flow = state_gradients(traces[0].module, traces[0].x, None, traces[0].state)
        left = float(flow.memory[flow.lags == lag][0])
        if left < VANISHED:
            detail = f"of the gradient {left:.1e} is left {lag} steps back"
            meaning = "What happened then cannot be learnt: raise the forget bias, or begin from an orthogonal W_hh."
            yield _fault(f"Gradients vanish before lag {lag} ({name})", detail, meaning)


def _weights(name: str, trace: OwnTrace) -> Iterator[Finding]:
    for directions in plain_layers(trace.module):
        for layer in directions:
            if layer.cell.convention.key in ("rnn", "rnn_relu"):
                radius = float(torch.linalg.eigvals(layer.weights.w_h.double()).abs().max())
                if radius > LOUD:
                    meaning = "What goes round grows at every step until it is squashed: begin from an orthogonal W_hh."
                    yield _fault(f"Recurrent weights blow up ({name})", f"spectral radius {radius:.2f}", meaning)
                elif radius < SILENT:
                    meaning = "The state is forgotten at once: begin from an orthogonal W_hh."
                    yield _fault(f"Recurrent weights forget at once ({name})", f"spectral radius {radius:.3f}", meaning)
            if "forget_gate" in [part.key for part in layer.cell.parts]:
                units = layer.weights.hidden
                bias = float((layer.weights.b_x + layer.weights.b_h)[units : 2 * units].mean())
                gate = float(trace.array(layer.site, "forget_gate").mean())
                if bias < FORGET and gate < 0.6:
                    meaning = "Half of the memory is lost at every step: set the forget bias to 1 before training."
                    detail = f"{layer.site.label}: mean bias {bias:.2f}, mean gate {gate:.2f}"
                    yield _fault(f"The forget bias was never raised ({name})", detail, meaning)


def _units(name: str, traces: Sequence[OwnTrace]) -> Iterator[Finding]:
    """Units that never move over the whole batch."""
    for site, key in traces[0]:
        if key != "hidden_state":
            continue
        values = np.concatenate([trace.array(site, key) for trace in traces])
        share = float((np.ptp(values, axis=0) < 1e-4).mean())
        if share > DEAD and len(values) > 7:
            meaning = "They take part in nothing: lower the learning rate, or begin from smaller weights."
            yield _fault(f"Dead units ({name})", f"{site.label}: {share:.0%} of the units never move", meaning)
