"""From a kernel that was seen at work to traces: every gate, candidate and state of every layer and direction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from core_models.cells.looped import Looped
from core_models.encoded import State
from core_models.language import say
from core_models.own.kernel import Kernel, One
from core_models.own.stepping import Part
from core_models.trace import Site, Tokens, Trace
from core_models.tracing import PlainLayer, Replay, as_entries, exactly, given_states, plain_layers, states_by_site

TOLERANCE: Mapping[torch.dtype, float] = {
    torch.float64: 1e-10,
    torch.float32: 1e-5,
    torch.float16: 1e-2,
    torch.bfloat16: 5e-2,
}
"""How far a state that the module computed may be from what its equations say, as a share of the largest state.

A kernel that rounds after every operation is that far from one that rounds once, and no farther.
"""

LARGEST = torch.finfo(torch.float32).max


class OwnError(ValueError):
    """Something of a person's own network that cannot be traced truly; the message says why, and what to do."""


@dataclass(frozen=True, eq=False, repr=False)
class OwnTrace(Trace):
    """A trace of a person's own recurrence, with all that the tools of core_models.explain ask for.

    Attributes:
        rnn: a stock module with the weights that were used, on the CPU; it shares nothing with the person's own.
        x: what it read, ``[step, feature]``.
        state: states before the first step, as the module takes them for an unbatched input; None for zeros.
    """

    rnn: nn.RNNBase | Looped | None = None
    x: Tensor = field(default_factory=lambda: torch.empty(0, 0))
    state: State = None

    @property
    def module(self) -> nn.RNNBase | Looped:
        """The recurrence.

        Raises:
            TypeError: if the trace is one of attention, which no recurrence made.
        """
        if self.rnn is None:
            raise TypeError("trace: expected the trace of a recurrence, got one of attention alone")
        return self.rnn


@torch.no_grad()
def traces_of(
    kernel: Kernel, tokens: Sequence[Tokens | None] = (), name: str = "", parts: Sequence[Part] | None = None
) -> list[OwnTrace]:
    """One trace for each sequence that a kernel read.

    Args:
        kernel: the run.
        parts: the sequences, where a loop held some rows of the batch or began them anew; those of the run if None.
        tokens: names of the steps of each sequence; numbered where there is none.
        name: of the model, for titles and file names.

    Raises:
        OwnError: if what the kernel returned is not what its equations give, or values were dropped in it.
    """
    if kernel.dropped:
        raise OwnError(
            say(
                "{name}: its layers dropped values at random (dropout={dropped:g} in training mode), and "
                "what was dropped is not known: call model.eval() first",
                name=name,
                dropped=kernel.dropped,
            )
        )
    if kernel.autocast:
        raise OwnError(
            say(
                "{name}: it ran under autocast, which rounds inside the kernel, where nobody can follow: run "
                "the model outside of autocast, or convert it, as by model.bfloat16()",
                name=name,
            )
        )
    if kernel.x.is_meta or kernel.weights[0].is_meta:
        raise OwnError(
            say("{name}: it ran on the meta device, where there are no numbers: load its weights first", name=name)
        )
    module, found = kernel.module(), []
    layers = plain_layers(module)
    with exactly(kernel.x.device.type):
        for row, steps, one in _sequences(kernel, parts):
            values = _checked(layers, one, name)
            named = _named(tokens[row] if row < len(tokens) else None, steps)
            state = one.state if any(part.any() for part in one.initial) else None
            found.append(trace_of(module, one.x, state, values, named, name))
    return found


def _sequences(kernel: Kernel, parts: Sequence[Part] | None) -> Iterator[tuple[int, tuple[int, ...] | None, One]]:
    """Row, steps where they are not all, and values of each sequence."""
    if parts is not None:
        yield from ((part.row, part.steps, part.one.cpu()) for part in parts)
        return
    yield from ((row, None, one.cpu()) for row, one in enumerate(kernel.sequences()))


def _named(tokens: Tokens | None, steps: tuple[int, ...] | None) -> Tokens | None:
    """Names of some steps of a loop: those that were given, or their numbers."""
    if steps is None or (tokens is not None and steps[-1] >= len(tokens)):
        return tokens
    labels = [str(step + 1) for step in steps] if tokens is None else [tokens.labels[step] for step in steps]
    return Tokens(tuple(labels), noun="step" if tokens is None else tokens.noun)


def trace_of(
    rnn: nn.RNNBase | Looped, x: Tensor, state: State, values: Replay, tokens: Tokens | None, name: str
) -> OwnTrace:
    """What a stock module computed on one sequence, as a trace.

    Raises:
        OwnError: if there is not one token for each step.
    """
    if tokens is not None and len(tokens) != len(x):
        raise OwnError(
            say("{name}: expected {n} tokens, one for each step, got {n_2}", name=name, n=len(x), n_2=len(tokens))
        )
    return OwnTrace(
        tokens=tokens or Tokens.numbered(len(x), "step"),
        entries=as_entries(values),
        cells={layer.site: layer.cell.convention for directions in plain_layers(rnn) for layer in directions},
        model=name,
        initial=as_entries(states_by_site(rnn, state)),
        rnn=rnn,
        x=x,
        state=state,
    )


def _checked(layers: list[tuple[PlainLayer, ...]], one: One, name: str) -> Replay:
    """Every quantity of one sequence, held to the states that the module itself computed."""
    values: Replay = {}
    x, ways = one.x, len(layers[0])
    for depth, (directions, hidden) in enumerate(zip(layers, one.hidden, strict=True)):
        places = range(depth * ways, (depth + 1) * ways)
        initial = [
            dict(zip(layer.cell.states, (part[place] for part in one.initial), strict=True))
            for layer, place in zip(directions, places, strict=True)
        ]
        for layer, found, before in zip(directions, given_states(directions, x, initial, hidden), initial, strict=True):
            _check_step(layer, found, before, name)
            values |= {(layer.site, key): value for key, value in found.items()}
        x = hidden
    for (site, key), value in values.items():
        _check_size(site, key, value, name)
    return values


def _check_step(layer: PlainLayer, found: Mapping[str, Tensor], initial: Mapping[str, Tensor], name: str) -> None:
    """Refuse states that do not follow from the gates and the states before them."""
    backward = layer.site.direction == "backward"
    wide = {key: value.to(torch.promote_types(value.dtype, torch.float32)) for key, value in found.items()}
    read = {key: value.flip(0) if backward else value for key, value in wide.items()}
    before = {key: torch.cat([initial[key][None].to(read[key]), read[key][:-1]]) for key in layer.cell.states}
    after = layer.cell.update({part.key: read[part.key] for part in layer.cell.parts}, before)["hidden_state"]
    own, dtype = read["hidden_state"], found["hidden_state"].dtype
    gap = (after - own).abs()
    if not gap.max() <= TOLERANCE[dtype] * max(1.0, float(own.abs().max())):
        step, unit = divmod(int(gap.nan_to_num(torch.inf).argmax()), own.shape[1])
        raise OwnError(
            say(
                "{name}: its own state differs by {gap:.2g} from what {name_2}'s equations give ({label}, "
                "reading step {step}, unit {unit}): nothing is shown of a computation that is another one",
                name=name,
                gap=gap[step, unit],
                name_2=layer.cell.convention.name,
                label=layer.site.label,
                step=step + 1,
                unit=unit,
            )
        )


def _check_size(site: Site, key: str, value: Tensor, name: str) -> None:
    if not value.isfinite().all():
        step = int((~value.isfinite()).any(dim=-1).nonzero()[0])
        raise OwnError(
            say(
                "{name}: {key} of {label} is not finite at step {step}: the module itself overflows on this "
                "input (check the input and the weights for values that are too large)",
                name=name,
                key=key,
                label=site.label,
                step=step + 1,
            )
        )
    if value.abs().max() > LARGEST:
        raise OwnError(
            say(
                "{name}: {key} of {label} is beyond what float32 can hold, in which traces are kept",
                name=name,
                key=key,
                label=site.label,
            )
        )
