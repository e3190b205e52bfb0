"""The cell on Explore: its picture at the chosen token, one sentence, and a gate that can be held shut or open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core_models.edits.edit import HoldGate
from core_models.edits.run import edited_outputs, running_outputs
from core_models.explain.arithmetic.sequence import input_at, sums_at
from core_models.explain.outputs import Output
from core_models.heads.classes import READOUT
from core_models.heads.head import Head
from core_models.language import Number, mark, say, together
from core_models.ranges import Floats
from core_models.trace import Site, Trace, TraceError
from core_models.tracing import layers_of
from core_models.vocabulary import Kind, quantity
from pretrained.evidence import doubt_about
from pretrained.registry import parse_site
from pretrained.task import StandIn
from viz import cards, controls, params, session
from viz.cards import Origin
from viz.cell_diagram import Circuit, Opened, Picture, Stepped, UnitChosen, cell_diagram
from viz.cell_diagram.component import DRAWING, STYLES, Event
from viz.cell_diagram.numbers import values_of
from viz.cell_diagram.picture import to_page
from viz.explain.edits.stack import address_of
from viz.explain.what_ifs import edited_reading
from viz.figures.parts.export import to_csv
from viz.figures.parts.order import influences
from viz.figures.parts.token_axis import spell
from viz.figures.parts.written import signed
from viz.kinds import kind_of
from viz.markdown import escape
from viz.params import Param
from viz.params.whole_numbers import whole
from viz.placing import Pick
from viz.remembered import remembered
from viz.run import Held, ModelRun
from viz.view import Options, Target

HOLD, UNIT, STEP = Param("hold"), Param("cell-unit"), Param("cell-step")
AS_COMPUTED = "computed"

HOLD_WIDTH = 240
"""Pixels of the switch."""

MOST_HELD = 100
"""Tokens up to which the input is read once more for each gate."""

HOW_TO_READ = mark(
    "Values flow from left to right, as in the equations beside. A stripe is a column of units, "
    "one thin line each, coloured by value. The dark jaws of a valve leave open as much of the "
    "way as the gate says; the dashed line leads to the gate that turns it. Lines are as wide as "
    "what passes: the mean size over all units, or one unit’s number, then blue if positive and "
    "orange if negative. Below, every gate and candidate adds up what it reads (left the input, "
    "right the state) and squashes the sum. Point at anything to see its part of the equations; "
    "click a stripe to follow one unit, a box or a valve to open its sum. ◀ ▶ or the arrow keys "
    "step, the space bar plays."
)


def show_cell(asked: ModelRun, options: Options, beside: DeltaGenerator) -> list[Pick]:
    """The picture, with its switch and menu ``beside`` the tabs; returns what was clicked, or where it rests."""
    trace, site = asked.shown, controls.chosen_layer(asked.trace)
    if asked.held:
        _say_answer(asked, asked.held)
    step = len(trace) - 1 if options.step is None else options.step
    unit = chosen_unit(trace, site, options.unit)
    where = site.label if len(trace.sites(Kind.STATE)) > 1 else ""
    circuit = circuit_at(asked, site)
    picture = replace(picture_of(asked, trace, site, circuit), story=_say_gates(asked, circuit, site))
    gate = asked.held.edit.gate if asked.held else ""
    follows = options.step is not None
    done = place_picture(picture, asked.origin, where, step, unit, follows, held=gate, beside=beside)
    return _act(done, site, options)


def place_picture(
    picture: Picture,
    origin: Origin,
    where: str,
    step: int,
    unit: int | None,
    follows: bool,
    *,
    held: str = "",
    beside: DeltaGenerator | None = None,
) -> Event | None:
    """A cell's picture on the page, with its files; returns what somebody did in it.

    Args:
        picture: of the cell.
        origin: what it was made from.
        where: what the heading adds to the cell's name; "" for nothing.
        step: the chosen step.
        unit: the chosen unit; None for all.
        follows: whether the page wants to know at which step somebody came to rest.
        held: gate that is held at a value, if one is; then a click on a gate does not ask for its arithmetic.
        beside: where the cell’s name and menu stand; above the picture if None.
    """
    name = say(picture.circuit.cell.convention.name)
    name = say("{name}, {place}", name=name, place=where) if where else name
    data = picture.data(step, unit) | {"name": origin.name("cell"), "opens": not held, "held": held}
    with st.container(border=True, key="card-cell"):
        with beside or st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _save_files(picture, origin, name, data)
        alt = say("{name}, step by step. {sentence}", name=name, sentence=picture.sentence(step, unit))
        return cell_diagram(data, key="cell", alt=alt, follows=follows)


def circuit_at(asked: ModelRun, site: Site) -> Circuit:
    """The circuit of the cell at a site."""
    layers = [layer for directions in layers_of(asked.model.network.rnn) for layer in directions]
    return Circuit(next(layer.cell for layer in layers if layer.site == site))


def picture_of(asked: ModelRun, trace: Trace, site: Site, circuit: Circuit) -> Picture:
    """The picture of a trace of this model, perhaps an edited one."""
    network = asked.model.network
    values = values_of(circuit, trace, site, input_at(network, trace, site), sums_at(network, trace, site))
    influence = influences(asked.trace, site)
    tokens = replace(trace.tokens, labels=tuple(map(spell, asked.trace.tokens.labels)))
    return Picture(circuit, values, tokens, influence, site.direction == "backward", _looked(trace, site))


def _looked(trace: Trace, site: Site) -> tuple[str, ...]:
    """At every step, what a recurrence that attends looked at most, in words; nothing where none does."""
    if (site, "attention_weights") not in trace:
        return ()
    weights = trace.array(site, "attention_weights").mean(axis=0)
    best = weights.argmax(axis=1).tolist()
    shares = weights.max(axis=1).tolist()
    labels = [spell(label) for label in trace.tokens_of(site, "key").labels]
    return tuple(
        say("it looked most at “{labels}” ({share:.0%})", labels=labels[place], share=share) if share > 0.0 else ""
        for place, share in zip(best, shares, strict=True)
    )


def pick_held(asked: ModelRun, beside: DeltaGenerator) -> Held | None:
    """The switch, ``beside`` the tabs: a gate held shut or open at every token, and what the network then computes.

    None where none is held, or where that leads to impossible values, which a sentence says.
    """
    site = controls.chosen_layer(asked.trace)
    with beside:
        edit = _pick_gate(circuit_at(asked, site), site)
    if edit is None:
        return None
    try:
        return Held(edit, _reading(asked, edit))
    except TraceError as error:
        st.error(say(
            "Held so, the gate drives the network to impossible values ({error}); choose another "
            "hold.", error=escape(str(error))), icon=":material/error:")  # fmt: skip
        return None


def gates_of(circuit: Circuit) -> list[str]:
    """The gates of a cell."""
    return [key for key in circuit.parts if quantity(key).kind is Kind.GATE]


def _pick_gate(circuit: Circuit, site: Site) -> HoldGate | None:
    """The gate to hold, and whether shut or open."""
    gates = gates_of(circuit)
    if not gates:
        params.forget(HOLD)  # of a model seen before
        return None
    options = {AS_COMPUTED: say("Hold a gate …")}
    for gate in gates:
        options[f"{gate}:0"] = say("Hold {gate} shut", gate=quantity(gate).label)
        options[f"{gate}:1"] = say("Hold {gate} open", gate=quantity(gate).label)
    chosen = params.choose(say("Hold a gate"), HOLD, options, default=AS_COMPUTED, titled=False, width=HOLD_WIDTH)
    if chosen == AS_COMPUTED:
        return None
    gate, value = chosen.split(":")
    return HoldGate(site, gate, float(value))


def _say_answer(asked: ModelRun, held: Held) -> None:
    """The answer before and after, and where the two readings move apart, on one line."""
    before, after = _answers(asked, [held.edit])
    told = {
        "gate": escape(quantity(held.edit.gate).label), "name": escape(_named(asked)),
        "before": _number(asked, before), "after": _number(asked, after),
        "change": _number(asked, after - before, sign="+"),
    }  # fmt: skip
    opened = say("With every {gate} held open, {name}: {before} → **{after}** ({change}).", **told)
    shut = say("With every {gate} held shut, {name}: {before} → **{after}** ({change}).", **told)
    read = (asked.trace, held.trace) if _tells_each(asked.trace) else ()
    found = _furthest(*(trace.array(READOUT, "probability") for trace in read)) if read else None
    where = say(
        "The two readings differ most at “{token}” ({change}); the dashed line is the one without the hold.",
        token=escape(spell(asked.trace.tokens.labels[found[0]])), change=signed(found[1]),
    ) if found else ""  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(together(opened if held.edit.value else shut, where), width="stretch")
        if not params.asked(params.HIDE):  # as in a lesson
            lesson = {Param("lesson"): "reset-gate"}
            params.link("app_pages/learn.py", say("A lesson on this"), ":material/school:", lesson)


def _told(asked: ModelRun) -> Output:
    """The output that is told: of a series the forecast furthest ahead."""
    return asked.outputs.known[-1 if kind_of(asked.model).scale else asked.outputs.telling]


def _named(asked: ModelRun) -> str:
    """What the answer is called, with its unit where it is no probability."""
    output, scale = _told(asked), kind_of(asked.model).scale
    unit = asked.model.network.head(output.target.head).unit
    shown = scale(asked.model)[2] if scale else "" if unit == Head.unit else say(unit)
    return say("{name} (in {unit})", name=output.name, unit=shown) if shown else output.name


def _number(asked: ModelRun, value: float, sign: str = "") -> str:
    """An answer, or a change of it, as it stands in a sentence: four digits in the unit of a series, else decimals."""
    return format(Number(value), f"{sign}.4g" if kind_of(asked.model).scale else f"{sign}.3f")


def _answers(asked: ModelRun, edits: Sequence[HoldGate]) -> list[float]:
    """The answer as it is computed, and then under each of these edits alone, in its own unit."""
    network, target, scale = asked.model.network, _told(asked).target, kind_of(asked.model).scale
    stacks = [(), *((edit,) for edit in edits)]
    found = network.head(target.head).squash(edited_outputs(network, asked.encoded, stacks, target))
    mean, deviation = scale(asked.model)[:2] if scale else (0.0, 1.0)
    return (found.double() * deviation + mean).tolist()


def _say_gates(asked: ModelRun, circuit: Circuit, site: Site) -> tuple[str, ...]:
    """What each gate does for the answer: what that would be with the gate held shut, a sentence each.

    Nothing while a gate is held, which is said above, nor where the switch that holds one is hidden, as in a lesson
    that asks for this, nor of an input too long to be read once more for each gate, nor where there is no answer.
    """
    if asked.held or HOLD.hidden or len(asked.encoded) > MOST_HELD:
        return ()
    return _gates_said(asked.model.recipe.key, asked.given.key, site.key, tuple(gates_of(circuit)), asked)


@remembered(max_entries=64)
def _gates_said(key: str, given: str | StandIn, site: str, gates: tuple[str, ...], _asked: ModelRun) -> tuple[str, ...]:
    asked, edits = _asked, [HoldGate(parse_site(site), gate, 0.0) for gate in gates]
    if doubt_about(asked.model, asked.trace):
        return ()
    after = _after_each(asked, edits) if _tells_each(asked.trace) else np.array(_answers(asked, edits))[:, None]
    name, said = _named(asked), list[str]()
    for edit, held in zip(edits, after[1:], strict=True):
        if not np.isfinite(held).all():
            continue
        told = {"gate": quantity(edit.gate).label, "name": name,
                "before": _number(asked, after[0, -1]), "after": _number(asked, held[-1])}  # fmt: skip
        said.append(
            say("{gate} held shut: {name} {after} instead of {before}, most at “{token}”.",
                token=spell(asked.trace.tokens.labels[_furthest(after[0], held)[0]]), **told)
            if len(held) > 1 else say("{gate} held shut: {name} {after} instead of {before}.", **told)
        )  # fmt: skip
    return tuple(sentence[:1].upper() + sentence[1:] for sentence in said)


def _after_each(asked: ModelRun, edits: Sequence[HoldGate]) -> Floats:
    """The probability after each token as it is computed, and then under each of these edits, ``[reading, step]``."""
    network, target = asked.model.network, _told(asked).target
    raw = running_outputs(network, asked.encoded, [(), *((edit,) for edit in edits)], target)
    return network.head(target.head).squash(raw).numpy()


def _tells_each(trace: Trace) -> bool:
    """Whether one probability is known at several tokens."""
    return (READOUT, "probability") in trace and len(trace) > 1


def _furthest(computed: Floats, held: Floats) -> tuple[int, float]:
    """After which token the probability ``[step]`` differs most from what it was, and by how much."""
    apart = held - computed
    step = int(np.abs(apart).argmax())
    return step, float(apart[step])


def _reading(asked: ModelRun, edit: HoldGate) -> Trace:
    """The reading with a gate held.

    Raises:
        TraceError: if impossible values come out.
    """
    return edited_reading(asked.model.recipe.key, asked.given.key, address_of((edit,)), asked)


def chosen_step(trace: Trace) -> int | None:
    """The step at which somebody left the cell; None if nobody did."""
    asked = whole(params.asked(STEP))
    return asked if asked is not None and asked < len(trace) else None


def is_held() -> bool:
    """Whether the address names a gate that is held."""
    return params.asked(HOLD) not in (None, AS_COMPUTED)


def rest_at(step: int) -> None:
    """Show the cell at this step. The page is drawn anew."""
    params.put(STEP, str(step))
    st.rerun()


def chosen_unit(trace: Trace, site: Site, selected: int | None) -> int | None:
    """The unit whose numbers are printed: that of the selected number, else the one that was chosen here, or None."""
    asked = selected if selected is not None else whole(params.asked(UNIT))
    return asked if asked is not None and asked < trace.array(site, "hidden_state").shape[1] else None


def choose_unit(unit: int | None, *, selected: bool) -> None:
    """Show another unit, or all; a number that is selected is let go. The page is drawn anew."""
    params.put(UNIT, None if unit is None else str(unit))
    if selected:
        session.select(None)
    st.rerun()


def _save_files(picture: Picture, origin: Origin, title: str, data: dict[str, Any]) -> None:
    name, page = origin.name("cell"), f"{title} ({origin.model})"
    st.markdown(f"**{escape(title)}**", width="stretch")
    note = escape(say(picture.circuit.cell.convention.note))

    def files() -> None:
        with st.container(horizontal=True):
            cards.save("cell", name, lambda: to_csv(picture.table()), "csv", say("The numbers of this picture"))
            cards.save(
                "cell", name, lambda: to_page(data, page, origin.text, (STYLES, DRAWING)), "html",
                say("This picture, to open offline"),
            )  # fmt: skip

    cards.figure_menu("cell", f"{say(HOW_TO_READ)}\n\n{note}", files)


def _act(done: Event | None, site: Site, options: Options) -> list[Pick]:
    """What follows from what somebody did in the picture."""
    state = Target(site, "hidden_state")
    if isinstance(done, Opened):
        return [(Target(site, done.name), (done.step, done.unit))]
    if isinstance(done, Stepped):
        return [(state, (done.step, None))]
    if isinstance(done, UnitChosen):
        choose_unit(done.unit, selected=options.unit is not None)
    return []
