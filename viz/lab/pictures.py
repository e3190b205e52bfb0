"""Pictures of networks that learn: curves above, and one of several looks inside, both networks in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core_models.explain.memory.timescale import half_lives, keeping_gate
from core_models.language import mark, say
from core_models.trace import Site, Trace
from core_models.vocabulary import Kind, quantity
from pretrained.lab.learning import Record
from pretrained.lab.queue import Run
from pretrained.lab.settings import Settings
from viz import params
from viz.cards import Card, Origin, show
from viz.controls import pick_rows
from viz.figures.lab.lines import Axes, Line, draw, numbers
from viz.figures.trace import attention_heatmap, heatmap
from viz.kept import Kept
from viz.lab.finished import as_model
from viz.markdown import escape
from viz.params import Param
from viz.view import Options, Target, View

PICTURE = Param("lab-picture")
PARTS = {
    "gates": mark("Gates and states"),
    "reach": mark("How far the gradient reaches"),
    "timescales": mark("How long units remember"),
    "radius": mark("Recurrent weights"),
    "attention": mark("Attention"),
}
"""The looks inside, by key."""

LONGEST = 1e4
"""Steps from which on a half-life is drawn as so long."""
TRACED = Kept[dict[tuple[Settings, int, int], Trace]]("lab traces")
KEPT_TRACES = 4
ORIGIN = Origin("lab")


@dataclass(frozen=True)
class Seen:
    """One network at the recorded point that is shown.

    Attributes:
        name: what it is called.
        run: its training.
        record: the point.
        number: of the sequence that it reads.
    """

    name: str
    run: Run
    record: Record
    number: int

    @property
    def trace(self) -> Trace:
        """Everything that happens inside while it reads that sequence."""
        held = TRACED.get() or {}
        key = self.run.settings, self.record.step, self.number
        if key not in held:
            model = as_model(self.run.settings, self.record, "lab", self.number)
            held = {**held, key: model.trace(model.encode(model.task.examples[0].text))}
            TRACED.put(dict(list(held.items())[-KEPT_TRACES:]))
        return held[key]


def show_curves(runs: Sequence[tuple[str, Run]], shown: int) -> None:
    """Loss and score on held-out sequences over steps."""
    losses = [_over_steps(name, run, lambda record: record.loss) for name, run in runs]
    scores = [_over_steps(name, run, lambda record: record.score) for name, run in runs]
    first = runs[0][1].settings
    left, right = st.columns(2)
    with left:
        _card("lab-loss", say("Loss on held-out sequences"), say("How far off are its answers?"), losses,
              Axes(say("step"), say("loss"), shown=shown))  # fmt: skip
    with right:
        floor = (first.task.floor, say("without memory"))
        _card("lab-score", say("Right answers on held-out sequences"), say("How often is it right?"), scores,
              Axes(say("step"), say("share right"), top=1.02, floor=floor, shown=shown))  # fmt: skip


def _over_steps(name: str, run: Run, value: Callable[[Record], float]) -> Line:
    records = list(run.records)
    return Line(name, np.array([record.step for record in records]), np.array([value(record) for record in records]))


def _card(key: str, title: str, question: str, lines: Sequence[Line], axes: Axes, how: str = "") -> None:
    show(Card(
        key=key, title=title, question=question, how_to_read=how, origin=ORIGIN, group="lab",
        figure=draw(lines, axes, key), numbers=lambda: numbers(lines, axes),
    ))  # fmt: skip


def show_part(part: str, seen: Sequence[Seen]) -> None:
    """One of ``PARTS``, of the networks at the points that are shown."""
    SHOWN[part](seen)


def _gates(seen: Sequence[Seen]) -> None:
    traces = [each.trace for each in seen]
    kinds = (Kind.GATE, Kind.STATE, Kind.CANDIDATE)
    offered = {
        target.key: target.quantity.label
        for trace in traces for target in heatmap.VIEW.targets(trace) if target.quantity.kind in kinds
    }  # fmt: skip
    kept = [gate[0] for trace in traces for cell in trace.cells.values() if (gate := keeping_gate(cell))]
    first = next((key for key in (*kept, "hidden_state") if key in offered), next(iter(offered)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = params.choose(say("What is shown"), PICTURE, offered, default=first, pills=True)
        widest = max(traces, key=lambda trace: trace.array(_state(trace), "hidden_state").shape[1])
        most = pick_rows(widest, Target(_state(widest), "hidden_state"))
    _side_by_side(seen, heatmap.VIEW, key, Options(most=most))


def _attention(seen: Sequence[Seen]) -> None:
    _side_by_side(seen, attention_heatmap.VIEW, "attention_weights", Options())


def _state(trace: Trace) -> Site:
    """The layer whose units are counted."""
    return next(iter(trace.sites(Kind.STATE)))


def _side_by_side(seen: Sequence[Seen], view: View, key: str, options: Options) -> None:
    for column, each in zip(st.columns(len(seen)), seen, strict=True):
        target = next((target for target in view.targets(each.trace) if target.key == key), None)
        with column:
            if target is None:
                st.caption(escape(say("{name}: this network has no {quantity}.", name=each.name,
                                      quantity=say(quantity(key).name))))  # fmt: skip
            else:
                _show_view(each, view, target, options, seen.index(each))


def _show_view(each: Seen, view: View, target: Target, options: Options, place: int) -> None:
    trace = each.trace
    title = say("{quantity}, {name}", quantity=target.quantity.label, name=each.name)
    show(Card(
        key=f"lab-{view.key}-{target.name}-{place}", title=title, origin=ORIGIN,
        question=say("After step {n:,}.", n=each.record.step), how_to_read=view.how_to_read(trace, target, options),
        figure=view.draw(trace, target, options), numbers=lambda: view.numbers(trace, target),
    ))  # fmt: skip


def _reach(seen: Sequence[Seen]) -> None:
    lines = [
        Line(each.name, np.arange(len(each.record.reach)), np.maximum(each.record.reach.astype(np.float64), 1e-12))
        for each in seen
    ]
    _card(
        "lab-reach", say("How far the gradient reaches"),
        say("How much would the loss of the last answer change with an input that came so many steps before it?"),
        lines, Axes(say("steps before the answer"), say("norm of the gradient"), log=True),
        say("The mean norm, over held-out sequences, of the derivative of the last answer’s loss by each step’s input. "
            "Where it is a millionth of what it is at the answer, what stood there is hardly learned. It also becomes "
            "small once the loss is small."),
    )  # fmt: skip


def _timescales(seen: Sequence[Seen]) -> None:
    lines = []
    for each in seen:
        trace = each.trace
        site = next(site for site in trace.cells if site.module == "rnn")
        found = half_lives(trace, site)
        if found is None:
            st.caption(escape(say("{name}: this cell has no gate that decides how much of the past is kept.",
                                  name=each.name)))  # fmt: skip
            continue
        lines.append(Line(each.name, np.arange(1, len(found) + 1), np.sort(np.clip(found, 0.05, LONGEST))[::-1]))
    if lines:
        _card(
            "lab-timescales", say("How long units remember"),
            say("After how many steps has each unit’s gate let half of its memory go, the longest first?"),
            lines, Axes(say("unit, longest memory first"), say("half-life (steps)"), log=True),
            say("From the mean of the gate on the sequence that is shown. A half-life above {n:,.0f} steps is drawn "
                "there. The gate alone is counted: a unit may also get back what it held through others.", n=LONGEST),
        )  # fmt: skip


def _radius(seen: Sequence[Seen]) -> None:
    lines = []
    for each in seen:
        records = [record for record in each.run.records if record.radius]
        steps = np.array([record.step for record in records])
        for key in records[0].radius if records else ():
            values = np.array([record.radius[key] for record in records])
            lines.append(Line(each.name, steps, values, quantity(key).label))
    if not lines:
        st.caption(say("This network has no recurrent weights: gates and candidate are made from the input alone."))
        return
    _card(
        "lab-radius", say("Spectral radius of the recurrent weights"),
        say("By how much does each recurrent matrix stretch a state, repeated often?"),
        lines, Axes(say("step"), say("largest |eigenvalue|"), floor=(1.0, "1"), shown=seen[0].record.step),
        say("The largest absolute eigenvalue of the matrix that multiplies the state in each gate and in the "
            "candidate. In a network without gates, values above 1 let a state grow from step to step, as far as the "
            "squashing allows."),
    )  # fmt: skip


SHOWN: dict[str, Callable[[Sequence[Seen]], None]] = {
    "gates": _gates,
    "reach": _reach,
    "timescales": _timescales,
    "radius": _radius,
    "attention": _attention,
}


def parts_of(runs: Sequence[tuple[str, Run]]) -> dict[str, str]:
    """The looks that these networks allow."""
    attends = any(run.settings.attention != "none" or run.settings.cell.startswith(("attentive", "multiplied"))
                  for _, run in runs)  # fmt: skip
    return {key: say(title) for key, title in PARTS.items() if key != "attention" or attends}
