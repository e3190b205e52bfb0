"""Every recurrence and every attention inside any model, seen while the person's own code runs it.

    log = watch_once(model, batch)
    with watch(model) as log:
        model(batch)
    log["encoder.rnn"]            the first sequence of its first call, as a trace
    log.calls("encoder.rnn")      every call, each a list with one trace for each sequence of the batch

A recurrence is traced as core_models.own.trace does it: by the kernel that torch ran, with the inputs and weights that
it was given. Single steps that go on from one another are one call, also where the loop holds or clears the states of
some sequences (core_models.own.stepping); a row that is begun anew is several sequences. The weights of
``nn.MultiheadAttention`` and ``F.scaled_dot_product_attention`` are computed once more from the same inputs and held to
the output. A softmax is attention only if a person says so: those within the modules named in ``softmax`` are kept.
Within ``watch`` the model runs in its own mode; it is not changed. Traces are made when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from core_models.language import say
from core_models.own.attention import Attended, attended, named_softmax, scaled_dot_product
from core_models.own.kernel import KERNELS, Copies, Kernel, joined, seen
from core_models.own.seeing import MASKING, WRAPPED, Stack, closed, hidden, seeing
from core_models.own.stepping import Steps
from core_models.own.traced import OwnError, OwnTrace, traces_of
from core_models.own.untouched import untouched
from core_models.trace import Tokens

Change = Callable[[str, Kernel, Any], Any]
"""By name of the module, its kernel and what it returned, what it is to return."""


class Log(Mapping[str, OwnTrace]):
    """What was seen, by name of the module.

    Attributes:
        closed: by name, why nothing could be seen of a module.
        names: of modules that have several, the name by which they are noted.
        tokens: names of the steps of each sequence.
    """

    def __init__(self) -> None:
        self.closed: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self._seen: dict[str, list[Steps | Attended]] = {}
        self._stepped: Steps | None = None
        self._traces: dict[tuple[str, int], list[OwnTrace]] = {}
        self.tokens: Sequence[Tokens] = ()

    def __getitem__(self, name: str) -> OwnTrace:
        """The first sequence of the first call.

        Raises:
            KeyError, OwnError: as ``call``, or if no sequence was read.
        """
        found = self.call(name, 0)
        if not found:
            raise OwnError(say("{name}: it read an empty batch: give it at least one sequence", name=name or "model"))
        return found[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._seen)

    def __len__(self) -> int:
        """Number of modules that were seen."""
        return len(self._seen)

    def __repr__(self) -> str:
        rows = [f"  {name or '(the model itself)'}: {len(calls)} call(s)" for name, calls in self._seen.items()]
        rows += [f"  {name or 'the model'} {why}" for name, why in self.closed.items()]
        return "\n".join(["watched:", *(rows or ["  no recurrence and no attention of torch's was called"])])

    def calls(self, name: str) -> list[list[OwnTrace]]:
        """Every call of a module; steps that go on from one another are one call."""
        return [self.call(name, number) for number in range(len(self._of(name)))]

    def call(self, name: str, number: int) -> list[OwnTrace]:
        """One call: a trace for each sequence of the batch.

        Raises:
            KeyError: if no such module was called; OwnError: if what it computed cannot be traced truly.
        """
        name = self.names.get(name, name)
        if (name, number) not in self._traces:
            seen_, shown = self._of(name)[number], name or "model"
            if isinstance(seen_, Attended):
                self._traces[name, number] = seen_.traces(shown)
            else:
                first, *others = seen_.kernels
                run, parts = joined(seen_.kernels) if others else first, seen_.parts() if seen_.masked else None
                self._traces[name, number] = traces_of(run, self.tokens, shown, parts)
        return self._traces[name, number]

    def _of(self, name: str) -> list[Steps | Attended]:
        name = self.names.get(name, name)
        if why := self.closed.get(name):
            raise OwnError(f"{name or 'the model'} {why}")
        if name not in self._seen:
            held = ", ".join(map(repr, self._seen)) or "none: was the model called inside the block?"
            raise KeyError(f"watch: expected a module that was called, got {name!r}; called were {held}")
        return self._seen[name]

    def add(self, name: str, found: Kernel | Attended) -> None:
        """Note a call; a single step that goes on from the one before belongs to the same call."""
        calls = self._seen.setdefault(name, [])
        if isinstance(found, Kernel):
            last = calls[-1] if calls and found.single else None
            if not isinstance(last, Steps) or not last.takes(found):
                last = Steps(found)
                calls.append(last)
            self._stepped = last
        elif calls and isinstance(calls[-1], Attended) and calls[-1].goes_on(found):
            calls[-1] = calls[-1].with_next(found)
        else:
            calls.append(found)

    def look(self, values: Any) -> None:
        """Look at what a function made, which may be the states that the last step left with some sequences masked."""
        if self._stepped is not None and isinstance(values, Tensor):
            self._stepped.look(values)


def watch_once(
    model: nn.Module, *given: Any, softmax: Sequence[str] = (), tokens: Sequence[Sequence[str]] = (),
    change: Change | None = None, log: Log | None = None,
) -> Log:  # fmt: skip
    """What is seen while a model reads one batch, in ``eval()`` and without gradients; it is left as it was.

    Args:
        model: any module.
        given: what it is called with.
        softmax, tokens, change, log: as for ``watch``.

    Raises:
        TypeError, OwnError: as ``watch``.
    """
    _check_module(model)
    with untouched(model), watch(model, softmax=softmax, tokens=tokens, change=change, log=log) as noted:
        model(*given)
    return noted


def _aliases(model: nn.Module) -> dict[str, str]:
    """Of modules that a model holds under several names, by every other name the first."""
    first: dict[int, str] = {}
    return {
        name: known
        for name, part in model.named_modules(remove_duplicate=False)
        if (known := first.setdefault(id(part), name)) != name
    }


def _check_module(model: Any) -> None:
    if not isinstance(model, nn.Module):
        raise TypeError(f"watch: expected a torch module, got {type(model).__name__}")


@contextmanager
def watch(
    model: nn.Module,
    *,
    softmax: Sequence[str] = (),
    tokens: Sequence[Sequence[str]] = (),
    change: Change | None = None,
    log: Log | None = None,
) -> Iterator[Log]:
    """See every recurrence and attention of a model while the block runs.

    Args:
        model: any module.
        softmax: names of modules within which every softmax is attention, over the axis that it sums to 1 along.
        tokens: names of the steps of each sequence of the batch; numbered if there are none.
        change: what a recurrence is to return instead; see core_models.own.edited. It is seen as it was computed.
        log: what to note everything in; a fresh one if None.

    Raises:
        TypeError: if the model is no module; OwnError: if a module named in ``softmax`` is not there.
    """
    _check_module(model)
    names = {name for name, _ in model.named_modules()}
    for name in softmax:
        if name not in names:
            raise OwnError(say("watch: expected the name of a module in softmax, got {name!r}", name=name))
    noted, stack = Log() if log is None else log, Stack()
    noted.names = _aliases(model)
    noted.closed = {name: why for name, part in model.named_modules() if (why := closed(part))}
    copies: Copies = {}
    noted.tokens = tuple(Tokens(tuple(map(str, row))) for row in tokens)

    def note(name: str, function: str, args: Any, kwargs: Any, result: Any) -> Any:
        if hidden(args):
            if function not in MASKING:
                noted.closed[name] = WRAPPED
            return result
        if function in MASKING:
            noted.look(result)
            return result
        if function.removesuffix("_cell") in KERNELS:
            kernel, order = seen(function, args, result, copies), stack.order
            kernel = kernel if order is None else replace(kernel, order=order)
            noted.add(name, kernel)
            return result if change is None else change(name, kernel, result)
        if function == "multi_head_attention_forward":
            noted.add(name, attended(args, kwargs, result))
        elif function == "scaled_dot_product_attention":
            noted.add(name, scaled_dot_product(args, kwargs, result))
        elif isinstance(result, Tensor) and (within := next((n for n in stack.names[::-1] if n in softmax), None)):
            noted.add(within, named_softmax(args, kwargs, result))
        return result

    with seeing(model, note, stack):
        yield noted
