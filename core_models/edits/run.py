"""Reading with edits: the cells' own equations in a loop over steps, with what is held or changed put in between.

    run(network, encoded, stack)                      everything that happens in one reading, as a Trace
    edited_outputs(network, encoded, stacks, target)  one output in many edited readings, read side by side

Gates are held before the state is made from them; states are changed after the step, so that everything later, in the
layers above too, reads the changed ones. The network is only read, never written to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor

from core_models.edits.attention import edit_weights
from core_models.edits.edit import DECODER, Stack, kept_steps
from core_models.edits.limits import Limits, check
from core_models.edits.plan import Rows, plan_rows, pool_edits
from core_models.edits.reading import edited_tokens, embedded, read
from core_models.edits.writing import edited_logits, rewrite
from core_models.encoded import Encoded
from core_models.inputs import TokenInput
from core_models.networks.reader import Reader
from core_models.networks.sequence import SequenceNetwork
from core_models.networks.translator import Translator
from core_models.target import Target
from core_models.trace import Trace
from core_models.tracing import as_entries

NUMBERS_TOGETHER = 1_000_000
"""Values of one layer's state in all rows and steps that are computed at once; bounds memory."""


MOST_WRITTEN = 1000
"""Steps of a target that an edit may name where nothing is said of its length: one that is not reached does nothing."""


def limits_of(network: Reader, steps: int, written: int = MOST_WRITTEN) -> Limits:
    """What an edit of one reading of ``steps`` tokens must fit, where at most ``written`` tokens are written for it."""
    layers = [layer for directions in network.layers for layer in directions]
    gates = {layer.site: layer.cell.computed for layer in layers}
    attends = network.attention is not None or network.attends_inside
    tokens = network.input if isinstance(network.input, TokenInput) else None
    channels = 0 if tokens else network.input.channels
    sizes = tokens.sizes if tokens else ()
    units, shortens = network.rnn.hidden_size, network.input.shortens
    if not isinstance(network, Translator):
        return Limits(steps, units, gates, sizes, channels, attends, shortens)
    gates[DECODER] = network.cell.computed
    decoder, targets = network.architecture.hidden, network.written.count
    return Limits(steps, units, gates, sizes, channels, attends, shortens, written, decoder, targets)


@torch.no_grad()
def run(network: Reader, encoded: Encoded, stack: Stack = (), *, name: str = "") -> Trace:
    """Everything computed on one input, under a stack of edits if there are some; steps are the tokens that are left.

    Where a target is written, it is the one that is given with the input.

    Raises:
        EditError: if an edit does not fit, or nothing is left to read.
        ValueError: if impossible values come out.
    """
    _check([stack], network, encoded)
    if isinstance(network, Translator):
        return rewrite(network, encoded, stack, name=name).trace
    if not isinstance(network, SequenceNetwork):
        raise TypeError(f"edit: expected a network of this package, got {type(network).__name__}")
    if not stack:
        return network.trace(encoded, name=name)
    rows = plan_rows(network.input.tensor(encoded).cpu(), [stack])
    initial = network.initial(encoded.state)
    x = embedded(network, rows)
    values = read(network, x, rows, [stack], initial, whole=True)
    weigh = _weigh(network, rows, [stack])
    states, content = network.top(values)[0], rows.content[0].to(x.device)
    prefixes = partial(_prefix_outputs, network, encoded, stack)
    found = {address: value[0] for address, value in values.items()}
    found |= network.conclude_trace(states, x[0], content, network.before(initial), weigh, prefixes, encoded.stretch)
    tokens = edited_tokens(encoded.tokens, stack)
    return Trace(tokens, as_entries(found), network.conventions, name, initial=as_entries(initial))


@torch.no_grad()
def edited_outputs(network: Reader, encoded: Encoded, stacks: Sequence[Stack], target: Target) -> Tensor:
    """One output of a network under each stack of edits, ``[stack]``, float32 on the CPU.

    NaN where the edits leave out the token that it is said of; what comes next is then read after the token before.

    Args:
        network: the network.
        encoded: one input.
        stacks: one stack of edits for each reading.
        target: which output.

    Raises:
        EditError: if an edit does not fit, or leaves nothing to read.
    """
    _check(stacks, network, encoded)
    content, found = network.input.tensor(encoded).cpu(), []
    for start, stop in parts_of(network, len(encoded), len(stacks)):
        raw, missing = _raw_outputs(network, encoded, content, stacks[start:stop], target)
        said = network.head(target.head).scalar(raw, target.index, target.against)
        found.append(said.float().cpu().masked_fill(missing, torch.nan))
    return torch.cat(found)


@torch.no_grad()
def every_output(network: SequenceNetwork, encoded: Encoded, stacks: Sequence[Stack], head: str) -> Tensor:
    """All raw outputs of a head under each stack of edits that leaves every token, float32 on the CPU.

    ``[stack, index]`` of a head that answers for the whole, else ``[stack, step, index]``.

    Raises:
        EditError: if an edit does not fit.
    """
    _check(stacks, network, encoded)
    return _in_parts(network, encoded, stacks, head).float().cpu()


@torch.no_grad()
def running_outputs(network: SequenceNetwork, encoded: Encoded, stacks: Sequence[Stack], target: Target) -> Tensor:
    """One output after each token, under each stack of edits that leaves every token, ``[stack, step]``.

    Of a head that answers for the whole and is asked after every prefix too, see ``SequenceNetwork.running``. Float32
    on the CPU.

    Raises:
        EditError: if an edit does not fit.
    """
    _check(stacks, network, encoded)
    head, content, found = network.head(target.head), network.input.tensor(encoded).cpu(), list[Tensor]()
    for start, stop in parts_of(network, len(encoded), len(stacks)):
        some = stacks[start:stop]
        if network.architecture.bidirectional:
            found += [_prefix_outputs(network, encoded, stack, target.head) for stack in some]
            continue
        rows = plan_rows(content, some)
        x = embedded(network, rows)
        states = network.top(read(network, x, rows, some, network.initial(encoded.state), whole=False))
        found += head(network.summarise(states, rows.lengths, _weigh(network, rows, some))[1], x)
    return torch.stack([head.scalar(raw, target.index, target.against) for raw in found]).float().cpu()


def _in_parts(
    network: SequenceNetwork, encoded: Encoded, stacks: Sequence[Stack], head: str, ends: Sequence[int] | None = None
) -> Tensor:
    """Raw outputs of a head under each stack, read in parts that fit into memory; ``ends`` as in ``_raw_outputs``."""
    content, found = network.input.tensor(encoded).cpu(), []
    for start, stop in parts_of(network, len(encoded), len(stacks)):
        some = None if ends is None else ends[start:stop]
        found.append(_raw_outputs(network, encoded, content, stacks[start:stop], Target(head, 0), some)[0])
    return torch.cat(found)


def _raw_outputs(
    network: Reader,
    encoded: Encoded,
    content: Tensor,
    stacks: Sequence[Stack],
    target: Target,
    ends: Sequence[int] | None = None,
) -> tuple[Tensor, Tensor]:
    """Raw outputs of the target's head, ``[stack, ...]``, and where there is nothing to say it of, ``[stack]``."""
    if isinstance(network, Translator):
        return edited_logits(network, encoded, stacks, target), torch.zeros(len(stacks), dtype=torch.bool)
    if not isinstance(network, SequenceNetwork):
        raise TypeError(f"edit: expected a network of this package, got {type(network).__name__}")
    rows = plan_rows(content, stacks, ends)
    x = embedded(network, rows)
    states = network.top(read(network, x, rows, stacks, network.initial(encoded.state), whole=False))
    at, missing = _places(rows, target)
    return network.output(target.head, states, x, rows.lengths, at, _weigh(network, rows, stacks)), missing


def _places(rows: Rows, target: Target) -> tuple[Tensor | None, Tensor]:
    """The step of each row at which the target is said (None: of the whole), and which rows lack it."""
    if target.step is None:
        return None, torch.zeros(len(rows.kept), dtype=torch.bool)
    step, follows = target.step, target.head == "next_token"
    places = [sum(kept <= step for kept in row) - 1 for row in rows.kept]
    missing = [place < 0 or not (follows or row[place] == step) for place, row in zip(places, rows.kept, strict=True)]
    return torch.tensor(places).clamp(min=0), torch.tensor(missing)


def parts_of(network: Reader, steps: int, count: int) -> list[tuple[int, int]]:
    """Start and end of the parts in which ``count`` readings of ``steps`` tokens are computed."""
    size = max(1, NUMBERS_TOGETHER // (steps * network.rnn.hidden_size))
    return [(start, min(start + size, count)) for start in range(0, count, size)]


def check_stack(stack: Stack, network: Reader, steps: int, written: int = 0) -> None:
    """Refuse edits that do not fit a reading of ``steps`` tokens and the writing of ``written``; see ``check``."""
    if stack:
        limits = limits_of(network, steps, written)
        for edit in stack:
            check(edit, limits)


def _check(stacks: Sequence[Stack], network: Reader, encoded: Encoded) -> None:
    limits = limits_of(network, len(encoded))
    for edit in (edit for stack in stacks for edit in stack):
        check(edit, limits)


def _prefix_outputs(network: SequenceNetwork, encoded: Encoded, stack: Stack, name: str) -> Tensor:
    """Raw outputs of a head for every prefix of the tokens that are left, each read anew, ``[step, class]``."""
    ends = [step + 1 for step in kept_steps(stack, len(encoded))]
    return _in_parts(network, encoded, [stack] * len(ends), name, ends)


def _weigh(network: SequenceNetwork, rows: Rows, stacks: Sequence[Stack]) -> Callable[[Tensor, Tensor], Tensor]:
    pools, both = [pool_edits(stack) for stack in stacks], network.architecture.bidirectional
    return partial(edit_weights, rows=rows, pools=pools, both=both)
