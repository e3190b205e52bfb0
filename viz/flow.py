"""The lower half of the Memory page: gradients through time and half-lives, on a person's own text and model."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st
import torch

from core_models.explain.dynamics.gradient_flow import state_gradients
from core_models.explain.dynamics.recurrence import steps_alone
from core_models.explain.memory.fading import Fading, StateGradients
from core_models.explain.memory.perturbation import perturb
from core_models.explain.memory.timescale import first_halving, half_lives, kept_shares, name_kept
from core_models.trace import Site, Trace
from core_models.vocabulary import quantity
from pretrained.registry import parse_site, recipes, sound_recipes
from pretrained.trained import Trained
from pretrained.training.untrained import untrained
from viz import cards, controls, inputs, params, session
from viz.cards import Card, Origin, show
from viz.figures.memory.flow_words import say_gradients, say_half_lives
from viz.figures.memory.gradient_flow import draw_gradient_flow, tabulate_gradients
from viz.figures.memory.timescale import draw_fade, draw_half_lives, tabulate_fade, tabulate_half_lives
from viz.figures.parts.token_axis import labels_of
from viz.params import Param
from viz.run import answered

SIZES: Mapping[str, str] = {"0.01": "small: 0.01", "0.1": "0.1", "1": "large: 1"}
STATE, BESIDE, START, UNIT, SIZE = (
    Param("state"), Param("beside"), Param("start"), Param("unit"), Param("nudge", SIZES),
)  # fmt: skip
NOTHING = "none"
CEILING = (
    "‖J‖, in purple, is the most that one token can let through; the product of these limits soon says nothing and "
    "leaves the picture."
)
ATTENDING = "This network attends over its own past, so a state acts on every later one and no step limits it."
RESULTS_KEPT = 64
"""Gradients and nudges of 256 tokens take up to 1 MB each."""


@st.cache_resource(max_entries=RESULTS_KEPT, show_spinner="Following the gradient back …")
def _gradients(key: str, text: str, place: str, trained: bool) -> StateGradients:
    """Gradients through time of one layer and direction, trained or before training."""
    found = session.model(key) if trained else untrained(key)
    return state_gradients(found.network.rnn, _embedded(found, text), parse_site(place))


@st.cache_resource(max_entries=RESULTS_KEPT, show_spinner="Nudging every unit …")
def _fading(key: str, text: str, place: str, start: int, size: str) -> Fading:
    """What is left of a nudge to every unit of one layer and direction."""
    found = session.model(key)
    return perturb(found.network.rnn, _embedded(found, text), start, site=parse_site(place), size=float(size))


def _embedded(model: Trained, text: str) -> torch.Tensor:
    """The recurrence's input for a text, ``[step, feature]``."""
    weight = model.network.embedding.weight
    with torch.no_grad():
        return model.network.embedding(torch.tensor(model.task.encode(text).ids, device=weight.device))


def show_flow() -> None:
    """Model and text, then the two figures of gradients and the two of half-lives, each with its words."""
    st.subheader("The same on your own sentence", divider="gray")
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with right:
        key = inputs.pick_model(inputs.offered("sentiment"))
    with answered():
        model = session.model(key)
        with left:
            text = inputs.type_text(model.task, max((e.text for e in model.task.examples), key=len))
        inputs.pick_example(model.task.examples)
        reading, trace = session.traced(key, text)
    cards.show_notices(reading.notices)
    if len(trace) < 2:
        st.info("Memory needs something to come after: type at least two words.", icon=":material/edit:")
        return
    site = controls.pick_layer(trace)
    _show_gradients(model, trace, text, site)
    if steps_alone(model.network.rnn):
        _show_half_lives(model, trace, text, site)
    else:
        st.info(
            f"How long a single unit remembers is not measured for this kind of network ({trace.cells[site].name}): it "
            "also looks back at its older states, so nothing it held is ever out of reach. Choose another model.",
            icon=":material/hub:",
        )


def _show_gradients(model: Trained, trace: Trace, text: str, site: Site) -> None:
    st.markdown("##### How far back the gradient reaches")
    key = model.recipe.key
    after, before = _gradients(key, text, site.key, True), _gradients(key, text, site.key, False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state = _pick_state(after)
        other = _pick_beside(model)
    beside = None
    if other != NOTHING:
        beside = recipes("sentiment")[other].title, _gradients(other, text, _last(other, site), True)
    drawn = labels_of(trace), after, before, state, beside
    show(Card(
        key="gradient-flow", title=f"Gradient back through time, {site.label}", origin=Origin.of(trace),
        question="How much can a small change at each token still do at the end?",
        how_to_read="Above: by how much, at most, a small change of the state after token s is multiplied on its way "
        "to the end. Where a line is high, training can still learn from that token; where it falls towards 0, the "
        "gradient has vanished. Below: what each token did to it; the bars multiply to the blue line. "
        + (ATTENDING if after.steps is None else CEILING)
        + ("" if len(after.norms) == 1 else " ‖J‖ is that of both states together: a bar of one may rise above it."),
        figure=draw_gradient_flow(*drawn), numbers=lambda: tabulate_gradients(*drawn),
        alt="Norm of the gradient from the last state back to every token",
        found=say_gradients(trace.tokens.labels, after, before, state, beside),
    ))  # fmt: skip


def _pick_state(gradients: StateGradients) -> str:
    """The state whose derivative is shown, where there are two."""
    memory = gradients.convention.memory
    if len(gradients.norms) == 1:
        return memory
    names = {key: quantity(key).label for key in (memory, *(key for key in gradients.norms if key != memory))}
    return params.choose("State", STATE, names, default=memory, pills=True)


def _pick_beside(model: Trained) -> str:
    """Another model that reads the same tokens, or none; first one whose cell differs in having a keeping gate."""
    same = {key: recipe for key, recipe in sound_recipes("sentiment").items() if recipe.task == model.recipe.task}
    gated = bool(model.network.convention.keeps_past)
    default = NOTHING
    for key in same:
        if bool(session.model(key).network.convention.keeps_past) != gated and default == NOTHING:
            default = key
    options = {NOTHING: "nothing"} | {key: recipe.title for key, recipe in same.items() if key != model.recipe.key}
    return params.choose("Another network beside it", BESIDE, options, default=default)


def _last(key: str, site: Site) -> str:
    """The last layer of another model, read in the same direction where it can be."""
    rnn = session.model(key).network.rnn
    way = site.direction if rnn.bidirectional else "forward"
    return Site("rnn", rnn.num_layers - 1, way).key


def _show_half_lives(model: Trained, trace: Trace, text: str, site: Site) -> None:
    st.markdown("##### How long each unit remembers")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        start = _pick_start(trace, site)
        size = params.choose("Size of the nudge", SIZE, pills=True)
        unit_place = st.container()
    fading = _fading(model.recipe.key, text, site.key, start, size)
    own, whole = first_halving(fading.own), first_halving(fading.whole)
    promised, kept = half_lives(trace, site, after=start), kept_shares(trace, site, start)
    with unit_place:
        unit = _pick_unit(own)
    left, right = st.columns(2)
    with left:
        click = show(Card(
            key="half-lives", title="Measured half-life" if promised is None else "Promised and measured half-life",
            question="After how many tokens is half of a nudge to a unit left?",
            how_to_read=_how_to_read(trace, site, start, size), origin=Origin.of(trace),
            figure=draw_half_lives(promised, own, whole, len(fading.own) - 1, unit),
            numbers=lambda: tabulate_half_lives(promised, own, whole),
            alt="Half-life of every unit, promised by its gate and measured",
        ))  # fmt: skip
    with right:
        _show_fade(trace, fading, None if kept is None else kept[:, unit], unit)
    st.markdown(say_half_lives(promised, own, None if kept is None else first_halving(kept), len(fading.own) - 1))
    if click and isinstance(click.customdata, int) and 0 <= click.customdata < len(own) and click.customdata != unit:
        params.put(UNIT, str(click.customdata))
        st.rerun()


def _show_fade(trace: Trace, fading: Fading, kept: np.ndarray | None, unit: int) -> None:
    """The nudge of one unit, token by token."""
    start = fading.start
    places = np.arange(start, -1, -1) if fading.site.direction == "backward" else np.arange(start, len(trace))
    drawn = labels_of(trace), places, fading.own[:, unit], fading.whole[:, unit], kept
    show(Card(
        key="fade", title=f"A nudge to unit {unit} fades", origin=Origin.of(trace),
        question="How much of the nudge is left after each token?",
        how_to_read="The nudge is 1 at the token where it is given. Below the dotted line less than half of it is "
        "left; above 1 the network has made it larger. Click a point on the left to follow another unit.",
        figure=draw_fade(*drawn), numbers=lambda: tabulate_fade(*drawn),
        alt=f"What is left of a nudge to unit {unit} after each token",
    ))  # fmt: skip


def _how_to_read(trace: Trace, site: Site, start: int, size: str) -> str:
    word = trace.tokens.labels[start]
    convention = trace.cells[site]
    nudge = (
        f"Each unit in turn is nudged by {size} ({quantity(convention.memory).label}) after “{word}”; its half-life "
        "is when half of that is left, in the unit itself (dots) and in the whole memory (diamonds); a triangle "
        "on top means: not before the end."
    )
    if not convention.keeps_past:
        return f"{nudge} No gate of this cell promises anything, so the units stand in the order of their memory."
    return (
        f"{nudge} To the right, what its gate promises: ln ½ / ln mean, with the mean of {name_kept(convention)} "
        "over the tokens after that. On the dotted line promise and measurement agree."
    )


def _pick_start(trace: Trace, site: Site) -> int:
    """Position of the token after which units are nudged; the one read first, unless another is chosen."""
    reading = range(len(trace) - 1, 0, -1) if site.direction == "backward" else range(len(trace) - 1)
    words = {str(step): f"{step + 1} {trace.tokens.labels[step]}" for step in reading}
    return int(params.choose("Nudge after token", START, words, default=str(reading[0])))


def _pick_unit(own: np.ndarray) -> int:
    """The unit whose nudge is followed; the one that remembers longest, unless another is chosen."""
    units = {str(unit): f"unit {unit}" for unit in range(len(own))}
    return int(params.choose("Unit to follow", UNIT, units, default=str(int(own.argmax()))))
