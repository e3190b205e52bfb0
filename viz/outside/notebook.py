"""What ``import gatescope as gs`` gives: the core's functions, whose results show themselves in a notebook.

Everything here takes what core_models returns and adds how it looks; nothing is computed. Plotly's own script goes into
the first output of a process and serves all later ones, so that a notebook holds one copy of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from core_models import watching
from core_models.edits.edit import Stack
from core_models.edits.run import run as run_network
from core_models.explain.memory.ledger import Ledger as CoreLedger
from core_models.language import say
from core_models.own import edited, tools
from core_models.own import trace as own
from core_models.own.files import load as files
from core_models.own.traced import OwnError, OwnTrace
from core_models.trace import Site, Tokens
from core_models.trace import Trace as CoreTrace
from pretrained import registry
from pretrained.trained import Trained
from viz.figures.parts.token_axis import label_axis, spell
from viz.figures.trace.ledger import VIEW as LEDGER
from viz.figures.trace.ledger import draw as draw_ledger
from viz.outside.report import Part, fragment, page, parts_of, summary
from viz.theme import LINES, assemble
from viz.view import Options, Target


class _Sent:
    """Whether an output of this process has held Plotly."""

    done = False


def _html(parts: Sequence[Part], above: str = "", *, plotly: bool | None = None) -> str:
    needed = (not _Sent.done) if plotly is None else plotly
    _Sent.done = _Sent.done or (needed and bool(parts))
    return fragment(parts, plotly=needed, above=above)


@dataclass(frozen=True, eq=False, repr=False)
class Trace(OwnTrace):
    """A trace that shows its gates, states and attention."""

    def _repr_html_(self) -> str:
        return _glance(self)


@dataclass(frozen=True, eq=False)
class Ledger(CoreLedger):
    """A memory ledger that shows itself.

    Attributes:
        trace: from which it was made.
    """

    trace: CoreTrace | None = None

    def _repr_html_(self) -> str:
        if self.trace is None:
            return ""
        target, options = Target(self.site, self.memory), Options()
        words = LEDGER.how_to_read(self.trace, target, options)
        return _html([Part(LEDGER.title, words, draw_ledger(self.trace, target, options))])


@dataclass(frozen=True, eq=False)
class Attribution(tools.Attribution):
    """An attribution that shows itself."""

    def _repr_html_(self) -> str:
        labels, steps = [spell(label) for label in self.tokens.labels], np.arange(len(self.tokens), dtype=np.float32)
        bars = [
            {"type": "bar", "name": name, "x": steps, "y": shares, "marker": {"color": LINES[place]}}
            for place, (name, shares) in enumerate(self.by_method.items())
        ]
        layout = {
            "height": 320, "barmode": "group", "xaxis": label_axis(labels, say(self.tokens.noun)),
            "yaxis": {"title": {"text": say("gave to the output")}}, "meta": {"link": {"axis": "x"}},
        }  # fmt: skip
        words = say(
            "The output is {value:.6g}. Integrated gradients miss {gap:.2g} of its rise over the baseline.",
            value=self.value, gap=self.gap,
        )  # fmt: skip
        return _html([Part(say("What each step gave to the output"), words, assemble(bars, layout))])


class Log(watching.Log):
    """What was seen in a model; its traces show themselves."""

    def call(self, name: str, number: int) -> list[OwnTrace]:
        """One call: a trace for each sequence of the batch."""
        return [_shown(found) for found in super().call(name, number)]

    def to_html(self, *, plotly: bool | None = None) -> str:
        """What was called, and of every module the first sequence, or why it is not shown."""
        told = [f"<pre>{escape(repr(self))}</pre>"]
        for name in self:
            try:
                told.append(_glance(self[name], plotly=plotly))
            except OwnError as error:
                told.append(f"<p>{escape(str(error))}</p>")
            plotly = None
        return "".join(told)

    def _repr_html_(self) -> str:
        return self.to_html()


def _shown(found: CoreTrace) -> Trace:
    kept = {part.name: getattr(found, part.name) for part in fields(found)}
    return Trace(**kept)


def trace(
    module: nn.Module, x: Any, *, state: Any = None, lengths: Any = None, tokens: Any = None, name: str = ""
) -> Any:
    """As core_models.own.trace.trace; the traces show themselves."""
    found = own.trace(module, x, state=state, lengths=lengths, tokens=tokens, name=name)
    return [_shown(one) for one in found] if isinstance(found, list) else _shown(found)


def watch(
    model: nn.Module,
    *given: Any,
    softmax: Sequence[str] = (),
    tokens: Sequence[Sequence[str]] = (),
    edits: dict[str, Sequence[Any]] | None = None,
) -> Any:
    """What recurrences and attention compute inside a model.

        log = watch(model, batch)                           the model reads a batch, in eval()
        with watch(model) as log: model(batch)              in a person's own code, which may train it

    Args:
        model: any module.
        given: what the model is called with; none to call it in a block.
        softmax, tokens: see core_models.watching.watch.
        edits: of the recurrences inside, by name of the module.

    Returns:
        The ``Log``; without ``given``, what gives it to the block.

    Raises:
        TypeError, OwnError: see core_models.watching.watch.
    """
    asked: Any = {
        "softmax": softmax, "tokens": tokens, "log": Log(), "change": edited.changing(edits) if edits else None
    }  # fmt: skip
    return watching.watch_once(model, *given, **asked) if given else watching.watch(model, **asked)


def run(
    module: nn.Module | Trained, x: Any, *, edits: Stack = (), state: Any = None, tokens: Any = None, name: str = ""
) -> Trace:
    """As core_models.own.edited.run, and the trace shows itself; of a shipped model, ``x`` is what a person typed."""
    if isinstance(module, Trained):
        return _shown(run_network(module.network, module.complete(module.encode(x)), edits, name=module.recipe.key))
    return _shown(edited.run(module, x, edits=edits, state=state, tokens=tokens, name=name))


def ledger(trace: OwnTrace, site: Site | None = None) -> Ledger:
    """As core_models.own.tools.ledger; the ledger shows itself."""
    found = tools.ledger(trace, site)
    return Ledger(**{part.name: getattr(found, part.name) for part in fields(found)}, trace=trace)


def attribute(read: Any, x: Any, *, baseline: Any = 0.0, tokens: Sequence[str] | None = None) -> Attribution:
    """As core_models.own.tools.attribute; the attribution shows itself."""
    found = tools.attribute(read, x, baseline=baseline, tokens=tokens)
    return Attribution(found.tokens, found.by_method, found.value, found.gap)


def load(name: str | Path) -> Any:
    """A shipped model by its key, such as ``sst2-gru``, or the recurrences in a file of a model, by their names.

    Returns:
        A ``Trained`` (``.encode``, ``.trace``, ``.predict``), or a mapping of modules; see core_models.own.files.load.

    Raises:
        ModelError, OwnError: if there is no such model, or the file cannot be read.
    """
    return registry.load(str(name)) if str(name) in registry.every_recipe() else files.load(name)


def show(
    shown: CoreTrace | nn.Module, x: Any = None, *, tokens: Any = None, plotly: bool | None = None, **given: Any
) -> Shown:
    """A trace, or a module on an input, for a notebook to show.

    Args:
        shown: a trace, a recurrent module, or any model, of which all recurrences and attention are shown.
        x: what it reads; of a model that takes several arguments, a tuple of them.
        tokens: names of the steps.
        plotly: whether the output holds Plotly itself; if None, the first of a process does.
        given: as for ``trace``.
    """
    if isinstance(shown, nn.Module) and not own.is_recurrence(shown):
        args, named = x if type(x) is tuple else (x,), {} if tokens is None else {"tokens": tokens}
        return Shown(watch(shown, *args, **named, **given).to_html(plotly=plotly))
    found = shown if isinstance(shown, CoreTrace) else trace(shown, x, tokens=tokens, **given)
    several = found if isinstance(found, list) else [found]
    return Shown("".join(_glance(one, plotly=plotly) for one in several))


def _glance(one: CoreTrace, *, plotly: bool | None = None) -> str:
    title = f"<b>{escape(one.model)}</b>, {len(one)} {escape(one.tokens.noun)}s"
    return _html(list(parts_of(one, whole=False)), title + summary(one), plotly=plotly)


@dataclass(frozen=True)
class Shown:
    """HTML that a notebook shows."""

    html: str = field(repr=False)

    def _repr_html_(self) -> str:
        return self.html


def to_html(
    shown: CoreTrace | nn.Module, path: str | Path, x: Any = None, *, title: str = "", tokens: Any = None, **given: Any
) -> Path:
    """Write a whole page about a trace, or about a module on an input: all figures, numbers, equations, conventions.

    Args:
        shown: a trace, or a recurrent module.
        path: the file; one that is there is written over.
        x: what the module reads, one sequence.
        title: heading; the model's name if empty.
        tokens: names of the steps.
        given: as for ``trace``.

    Returns:
        The path.
    """
    found = shown if isinstance(shown, CoreTrace) else trace(shown, x, tokens=tokens, **given)
    if isinstance(found, list):
        raise ValueError("to_html: expected one sequence, got a batch: give its traces one by one")
    written = Path(path)
    written.write_text(page(found, title), encoding="utf-8")
    return written


__all__ = ["Tokens", "attribute", "ledger", "load", "run", "show", "to_html", "trace", "watch"]
