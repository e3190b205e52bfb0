"""Where would the state go if one input went on for ever? Fixed points of the person's model, and of a flip-flop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st
import torch
from numpy.typing import NDArray

from core_models.edits.edit import DECODER
from core_models.explain.dynamics.fixed_point import Attractors, RestPoint, Stability
from core_models.explain.dynamics.fixed_points import find_attractors
from core_models.explain.dynamics.recurrence import Recurrence, unroll
from core_models.language import mark, say, together
from core_models.trace import Site
from pretrained.kinds.next_token import shown
from pretrained.memory import flip_flop
from pretrained.memory.results import ResultsError, read_results
from pretrained.memory.training import generator_of
from pretrained.registry import parse_site
from pretrained.task import StandIn
from viz import controls, params
from viz.cards import Card, Origin, show
from viz.explain.target import choices_of
from viz.figures.explain.fixed_points import draw_eigenvalues, draw_plane, draw_space, tabulate_points
from viz.figures.parts.principal_axes import fit_axes, fit_once
from viz.figures.trace.trajectory import groups_of
from viz.markdown import escape
from viz.params import Param
from viz.remembered import kept, remembered
from viz.run import ModelRun

NETWORK, LAYER = Param("rest", default="text"), Param("rest-layer")
HELD, POINT = Param("held"), Param("point", default="1")
"""Names of the section's choices in the URL."""

TEXT_STARTS, OTHER_STARTS, MOST_SLOW, KEPT = 16, 8, 12, 32
"""States of this input, thinned, and of others that a search begins from; slow points shown; results kept."""

WIDE, WIDE_STARTS = 200, 4
"""Values in a state from which on fewer states of this input are begun from: every step of a search is a matrix."""


FLIP_FLOP = Origin(flip_flop.KEY)


@remembered(max_entries=KEPT, show_spinner=mark("Looking for fixed points …"))
def _found(key: str, given: str | StandIn, place: str, held: str, _asked: ModelRun) -> tuple[Attractors, int]:
    """Fixed points of one layer and direction with one step's input, or none, held; how many starts are its own."""
    run, own, others = _starts(_asked, parse_site(place))
    return find_attractors(run, _input(run, held), torch.cat([own, others])), len(own)


def _starts(asked: ModelRun, site: Site) -> tuple[Recurrence, torch.Tensor, torch.Tensor]:
    """The layer on the input, and where the search begins: states of this input and, where known, of others."""
    rnn, x, state = asked.model.recurrence(asked.encoded, site)
    run = unroll(rnn, x, None if site == DECODER else site, state)
    count = WIDE_STARTS if run.size > WIDE else TEXT_STARTS
    states = run.states[:: -(-len(run.states) // count)]
    others = asked.model.reference.get((site, "reference_states"))
    if others is None or others.shape[1] != run.size:
        return run, states, states[:0]
    return run, states, torch.tensor(others[:OTHER_STARTS], dtype=run.states.dtype)


def _input(run: Recurrence, held: str) -> torch.Tensor:
    """``W x + b`` of the step at a position, or of no input at all."""
    return run.from_input[run.read_at(int(held))] if held.isdigit() else run.layer.weights.b_x


def show_attractors(asked: ModelRun) -> None:
    """The section: which network, then its fixed points."""
    names = {"text": say("This model on your input"), "flip-flop": say("A 3-bit flip-flop: eight memories")}
    if params.choose(say("Network"), NETWORK, names, pills=True) == "flip-flop":
        _show_flip_flop()
    else:
        _show_text(asked)


def _show_text(asked: ModelRun) -> None:
    st.caption(
        say(
            "Let the network read the same input again and again: where does its state settle? What a network can "
            "remember, it remembers near such fixed points (Sussillo & Barak 2013)."
        )
        + (
            " "
            + say("Where it writes, the input is the token before a step together with what attention gathered for it.")
            if asked.encoded.written is not None
            else ""
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        site = controls.pick_layer(asked.trace, LAYER)
        held = _pick_held(asked, site)
    found, own = _found(asked.model.recipe.key, asked.given.key, site.key, held, asked)
    points = _most_telling(found.points)
    notes = [_answer(asked, site, point) for point in points]
    _show_plane(asked, site, found, own, points, notes)
    _show_points(points, notes, asked.origin)
    if (left_out := len(found.points) - len(points)) > 0:
        st.caption(
            say(
                "Only the {most_slow} slowest of the slow points are shown; {left_out} more are left out.",
                most_slow=MOST_SLOW,
                left_out=left_out,
            )
        )


def _pick_held(asked: ModelRun, site: Site) -> str:
    labels = asked.trace.tokens_of(site).labels
    options = {str(step): f"{step + 1}: {label}" for step, label in enumerate(labels)} | {
        "none": say("no input (x = 0)")
    }
    return params.choose(say("Repeated input"), HELD, options, default=str(len(labels) - 1))


def _most_telling(points: Sequence[RestPoint]) -> list[RestPoint]:
    """All fixed points, and the slowest of the slow ones."""
    fixed = [point for point in points if point.stability is not Stability.SLOW]
    return fixed + [point for point in points if point.stability is Stability.SLOW][:MOST_SLOW]


@torch.no_grad()
def _answer(asked: ModelRun, site: Site, point: RestPoint) -> str:
    """What the readout would say at a point, where it reads this state and nothing else."""
    network = asked.model.network
    top = site.layer == network.rnn.num_layers - 1 and not network.rnn.bidirectional
    if network.attention is not None or asked.encoded.written is not None or not top:
        return ""
    target, x = asked.outputs.known[-1].target, asked.outputs.x
    state = torch.tensor(point.state[: network.rnn.hidden_size], dtype=torch.float32, device=x.device)
    raw = network.head(target.head)(state, x)
    if target.head == "forecast":
        return say("+1 {noun}: {raw:+.3f} standard deviations", noun=say(asked.model.task.noun), raw=float(raw[0, 0]))
    if target.head == "numbers":
        return f"{choices_of(asked, target)[target.index]}: {float(raw[target.index]):+.3f}"
    chance = torch.softmax(raw, dim=-1)
    best = int(chance.argmax())
    if target.head == "next_token":
        letter = shown(asked.model.task.character(best))
        return say("next: {token}, p = {chance:.3f}", token=letter, chance=float(chance[best]))
    return f"{choices_of(asked, target)[best]}, p = {float(chance[best]):.3f}"


def _show_plane(
    asked: ModelRun, site: Site, found: Attractors, own: int, points: list[RestPoint], notes: list[str]
) -> None:
    """The plane; the first ``own`` flows start at states of this input."""
    trace, others = asked.trace, found.flows.shape[1] - own
    path, labels = trace.array(site, "hidden_state"), list(trace.tokens_of(site).labels)
    if site.direction == "backward":
        path, labels = path[::-1], labels[::-1]
    flows = found.flows[..., : path.shape[1]]
    clouds, classes = _clouds(asked, site)
    if clouds:
        cloud = trace.array(site, "reference_states")
        axes, where = (
            fit_once(cloud, 2, classes),
            say(
                "The plane is that of “Path of the state” on Explore: points that are near here "
                "may be far apart in the full "
                "space."
            ),
        )
    else:
        axes = fit_axes(np.concatenate([path, flows.reshape(-1, path.shape[1])]).astype(np.float64), 2)
        where = say(
            "The plane is that in which all these states differ most: points that are near here "
            "may be far apart in the "
            "full space."
        )
    figure = draw_plane(axes, clouds, path.astype(np.float64), labels, flows, points, notes)
    dots = say("Dots are the last states of other inputs.") if clouds else ""
    lines = (
        say(
            "Dotted lines start at {own} states of this input and at {others} of the last states of other inputs, and "
            "show where each would flow.",
            own=own,
            others=others,
        )
        if others
        else say("Dotted lines start at {own} states of this input, and show where each would flow.", own=own)
    )
    show(
        Card(
            key="attractors",
            title=say("Where the state would settle"),
            origin=asked.origin,
            figure=figure,
            question=say("Where would the state go if this input were repeated for ever?"),
            how_to_read=together(dots, lines, where),
            numbers=lambda: tabulate_points(points, notes),
            alt=say("Fixed points in a plane, with the state's path"),
            found=_say(found, points, notes, len(path)),
        )
    )


def _clouds(asked: ModelRun, site: Site) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.bool_] | None]:
    """States of other inputs by what they are, and which of them are of the second class, where that is known."""
    trace = asked.trace
    if (site, "reference_states") not in trace:
        return {}, None
    cloud = trace.array(site, "reference_states").astype(np.float64)
    if (site, "reference_classes") not in trace:
        return {say("other inputs"): cloud}, None
    high = trace.array(site, "reference_classes") > 0.5
    low_name, high_name = groups_of(trace)
    return {low_name: cloud[~high], high_name: cloud[high]}, high


def _say(found: Attractors, points: list[RestPoint], notes: list[str], length: int) -> str:
    """The finding in words."""
    attractors = [point for point in points if point.stability is Stability.ATTRACTOR]
    starts = found.flows.shape[1]
    if not attractors:
        said = [say("No attractor was found from {starts} starts.", starts=starts)]
    elif len(attractors) == 1:
        there = {"arrivals": attractors[0].arrivals, "starts": starts}
        said = [
            say(
                "One attractor was found, where the readout says {note}; {arrivals} of {starts} starts end there.",
                note=notes[0],
                **there,
            )
            if notes[0]
            else say("One attractor was found; {arrivals} of {starts} starts end there.", **there)
        ]
    else:
        ends = say(", ").join(str(point.arrivals) for point in attractors)
        said = [
            say("{n} attractors were found; of {starts} starts {ends} end there.",
                n=len(attractors), starts=starts, ends=ends)
        ]  # fmt: skip
    if attractors and attractors[0].half_life > length:
        half = f"{attractors[0].half_life:,.0f}" if np.isfinite(attractors[0].half_life) else say("more than a million")
        said.append(
            say(
                "The last part of the way is slow: half of the slowest deviation is gone after {half} steps, and this "
                "input has only {length}. It never arrives, and its steps stay apart because of this slowness.",
                half=half,
                length=length,
            )
        )
    if found.restless:
        said.append(say("{n} starts had not settled when the search ended.", n=found.restless))
    return escape(together(*said))


def _show_points(points: list[RestPoint], notes: list[str], origin: Origin) -> None:
    """The table, and the eigenvalues of one point."""
    if not points:
        return
    table = tabulate_points(points, notes)
    if not any(notes):
        table = table.drop(columns=say("what the readout says there"))
    left, right = st.columns([3, 2])
    with left:
        st.dataframe(
            table,
            hide_index=True,
            column_config={
                say("largest |λ|"): st.column_config.NumberColumn(format="%.6f"),
                say("half-life of the slowest direction (steps)"): st.column_config.NumberColumn(format="%.1f"),
                say("speed ‖F(s) − s‖"): st.column_config.NumberColumn(format="%.1e"),
            },
        )
        st.caption(
            say(
                "A point counts as fixed if one more step moves it by less than 1e-9. λ are the eigenvalues of the "
                "derivative of one step there: if all lie inside the unit circle, nearby states are drawn in; each one "
                "outside is a direction that leads away. The search finds what its starts lead "
                "to; it cannot prove that "
                "there are no other points."
            )
        )
    with right:
        numbers = {
            str(row + 1): say("point {n}: {kind}", n=row + 1, kind=say(point.stability))
            for row, point in enumerate(points)
        }
        chosen = int(params.choose(say("Eigenvalues of"), POINT, numbers))
        values = points[chosen - 1].eigenvalues
        show(Card(
            key="eigenvalues", title=say("Eigenvalues at point {chosen}", chosen=chosen), origin=origin,
            question=say("Which directions lead back to the point, and which lead away?"),
            figure=draw_eigenvalues(points[chosen - 1], str(chosen)),
            numbers=lambda: pd.DataFrame({"real": values.real, "imaginary": values.imag, "size": np.abs(values)}),
        ))  # fmt: skip


@kept(max_entries=1, show_spinner=mark("Looking for fixed points …"))
def _flip_flop() -> tuple[Attractors, NDArray[np.float64]]:
    """Fixed points of the flip-flop without input, and the states of 400 steps of work."""
    network = flip_flop.kept_network()
    pulses = flip_flop.sample(400, 1, generator_of(flip_flop.KEY, "page")).x[:, 0]
    run = unroll(network.rnn, pulses)
    found = find_attractors(run, unroll(network.rnn, torch.zeros(1, flip_flop.BITS)).from_input[0], run.states[10::4])
    return found, run.states[1:].numpy()


def _show_flip_flop() -> None:
    try:
        network, row = flip_flop.kept_network(), read_results(flip_flop.KEY)["rows"][0]
    except ResultsError as error:
        st.error(str(error), icon=":material/broken_image:")
        return
    st.caption(
        say(
            "A GRU of {hidden} units was trained to hold the sign of the last pulse on each of "
            "three lines ({share:.1%} of its answers on unseen, longer sequences are right). Three "
            "signs make eight memories: while there is no input, each must be a fixed point of "
            "the state (Sussillo & Barak 2013).",
            hidden=flip_flop.SETTINGS.hidden,
            share=row["accuracy"],
        )
    )
    found, path = _flip_flop()
    points = [point for point in found.points if point.stability is not Stability.SLOW]
    with torch.no_grad():
        said = network.readout(torch.tensor(np.stack([point.state for point in points]), dtype=torch.float32)).numpy()
    notes = [say("remembers {signs}", signs=" ".join(_sign(value) for value in values)) for values in said]
    figure = draw_space(fit_axes(path, 3), path, points, notes)
    attractors = sum(point.stability is Stability.ATTRACTOR for point in points)
    ways = [sum(p.unstable == k and p.stability is Stability.SADDLE for p in points) for k in (1, 2, 3)]
    show(Card(
        key="flip-flop", title=say("Eight memories, eight attractors"), origin=FLIP_FLOP, figure=figure,
        question=say("Is there a fixed point for each of the eight memories?"),
        how_to_read=say("The line is the state of the working network over 400 steps, along its first three principal "
        "components. Pulses move it from one attractor to another; saddles lie between them."),
        numbers=lambda: tabulate_points(points, notes), alt=say("Eight attractors and the saddles between them"),
        found=say(
            "Found: **{attractors} attractors**, {one} saddles with one direction that leads away, "
            "{two} with two and {three} with three. A cube has 8 corners, 12 edges, 6 faces and "
            "one middle.", attractors=attractors, one=ways[0], two=ways[1], three=ways[2]),
    ))  # fmt: skip
    _show_points(points, notes, FLIP_FLOP)


def _sign(value: float) -> str:
    return say("between") if abs(value) < 0.7 else ("+" if value > 0 else "−")
