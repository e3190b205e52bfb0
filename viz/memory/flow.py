"""The lower half of the Memory page: gradients through time and half-lives, on a person's own input and model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite

import numpy as np
import streamlit as st
import torch

from core_models.cells import CELLS
from core_models.edits.edit import DECODER
from core_models.encoded import Encoded
from core_models.explain.dynamics.gradient_flow import state_gradients
from core_models.explain.dynamics.recurrence import steps_alone
from core_models.explain.memory.fading import Fading, StateGradients
from core_models.explain.memory.perturbation import perturb
from core_models.explain.memory.timescale import first_halving, half_lives, kept_shares, name_kept
from core_models.explain.written import WrittenOutputs
from core_models.language import mark, say
from core_models.trace import Site, Trace
from core_models.vocabulary import quantity
from pretrained.registry import parse_site
from pretrained.task import StandIn
from pretrained.trained import Trained
from viz import controls, inputs, params, session
from viz.cards import Card, Origin, show
from viz.figures.explain import attribution_matrix
from viz.figures.memory.flow_words import say_gradients, say_half_lives
from viz.figures.memory.gradient_flow import draw_gradient_flow, tabulate_gradients
from viz.figures.memory.timescale import draw_fade, draw_half_lives, tabulate_fade, tabulate_half_lives
from viz.figures.parts.tables import tabulate_matrix
from viz.figures.parts.token_axis import in_nouns, labels_of
from viz.models import every_recipe, sound_recipes, untrained
from viz.params import Param
from viz.remembered import remembered
from viz.run import ModelRun, open_page

ABOUT = mark(
    "How far back a change of the state still matters at the end, in this network on your own "
    "input: by the gradient that training learns from, and by nudging each unit and watching the "
    "nudge fade."
)

SIZES: Mapping[str, str] = {"0.01": mark("small: 0.01"), "0.1": "0.1", "1": mark("large: 1")}
STATE, BESIDE, START, UNIT, SIZE = (
    Param("state"), Param("beside"), Param("start"), Param("unit"), Param("nudge", SIZES),
)  # fmt: skip
NOTHING = "none"
CEILING = mark(
    "‖J‖, in purple, is the most that one token can let through; the product of these limits "
    "soon becomes too large to say anything and leaves the figure."
)
ATTENDING = mark("This network attends over its own past, so a state acts on every later one and no step limits it.")
CARRIED = mark(" The other networks read this part as if nothing came before it.")
WORK = 1.2e10
"""Multiplications, steps times the cube of the state's size, up to which a gradient is followed back at once."""

RESULTS_KEPT = 64
"""Gradients and nudges of 256 tokens take up to 1 MB each."""


@dataclass(frozen=True)
class Question:
    """What the figures are about: an input, read by a model, in one layer and direction.

    Attributes:
        run: model, input and trace.
        site: the layer and direction.
    """

    run: ModelRun
    site: Site

    @cached_property
    def trace(self) -> Trace:
        """What the model computed: of a translator, where it read or where it wrote."""
        whole = self.run.trace
        return whole.read() if self.site in whole.reading else whole.wrote()

    @property
    def noun(self) -> str:
        """What a step is called."""
        return self.trace.tokens.noun

    def worded(self, text: str) -> str:
        """``text`` about tokens, said of what a step is called."""
        return in_nouns(text, self.noun)


@remembered(max_entries=RESULTS_KEPT, show_spinner=mark("Following the gradient back …"))
def _gradients(
    key: str, name: str | StandIn, place: str, trained: bool, _encoded: Encoded, followed: int
) -> StateGradients:
    """Gradients through time of one layer and direction, trained or before training, over the steps ``followed``."""
    found = session.model(key) if trained else untrained(key)
    rnn, x, state = found.recurrence(_encoded, parse_site(place))
    if followed < len(x):
        with torch.no_grad():
            state = rnn(x[:-followed], state)[1]
    return state_gradients(rnn, x[-followed:], None if place == DECODER.key else parse_site(place), state)


def _followed_steps(model: Trained, site: Site, steps: int) -> int:
    """How many of the last steps the gradient is followed back: all, unless the state is large and the input long."""
    rnn = model.network.rnn
    if site == DECODER or rnn.bidirectional or not isinstance(rnn, torch.nn.RNNBase):
        return steps
    size = rnn.hidden_size * len(CELLS[model.recipe.architecture["cell"]].states)
    return min(steps, max(2, int(WORK / size**3)))


@remembered(max_entries=RESULTS_KEPT, show_spinner=mark("Nudging every unit …"))
def _fading(key: str, name: str | StandIn, place: str, start: int, size: str, _encoded: Encoded) -> Fading:
    """What is left of a nudge to every unit of one layer and direction."""
    found, site = session.model(key), parse_site(place)
    rnn, x, state = found.recurrence(_encoded, site)
    return perturb(rnn, x, start, site=None if site == DECODER else site, size=float(size), state=state)


def show_flow() -> None:
    """Model and input, then the two figures of gradients and the two of half-lives, each with its words."""
    run = open_page(inputs.offered(), ("", say(ABOUT)))
    if len(run.encoded) < 2:
        said = in_nouns(say("Memory needs at least two tokens: type a longer input."), run.tokens.noun)
        st.info(said, icon=":material/edit:")
        return
    if isinstance(run.outputs, WrittenOutputs):
        _show_reach(run, run.outputs)
    asked = Question(run, controls.pick_layer(run.trace))
    if len(asked.trace) < 2:
        st.info(say("Only one token is written: choose a layer that reads."), icon=":material/edit:")
        return
    show_gradients(asked)
    if can_be_nudged(run):
        show_half_lives(asked)
    else:
        st.info(
            say(
                "How long a single unit remembers is not measured for this kind of network ({name}): it also "
                "looks back at its older states, so nothing it held is ever out of reach. Choose another "
                "model.",
                name=say(run.trace.cells[asked.site].name),
            ),
            icon=":material/hub:",
        )


def _show_reach(run: ModelRun, outputs: WrittenOutputs) -> None:
    """From every written token back to every source token, through decoder, attention and encoder."""
    sources, targets = run.tokens.labels, [output.name for output in outputs.known]
    slopes = outputs.reach()
    show(Card(
        key="reach", title=say("From each written token back to the source"), origin=run.origin,
        question=say("How much can a small change of each source token still do to each written token?"),
        how_to_read=say(
        "Each row is a written token, each column a source token: the norm of the gradient of the "
        "written token’s log-odds by the source token’s embedding, the tokens before it given. "
        "Unlike the shares on Explain it has no sign: it says how far the way back is open, not what "
        "came along it."),
        figure=attribution_matrix.draw(slopes, sources, targets, output_title=say("written token (t)"),
            triangular=False,
                                       label=say("‖gradient‖ (log-odds)")),
        numbers=lambda: tabulate_matrix(slopes, ("written", targets), ("source", sources), "gradient_norm"),
        alt=say("Norm of the gradient of every written token by source token"), group="source",
    ))  # fmt: skip


def show_gradients(asked: Question) -> None:
    """How far back the gradient of a layer reaches, trained and before training, perhaps beside another model."""
    st.header(say("How far back the gradient reaches"))
    model, site, trace = asked.run.model, asked.site, asked.trace
    key, name, encoded = model.recipe.key, asked.run.given.key, asked.run.encoded
    fresh = replace(encoded, state=None)  # a state is that of the network that made it
    steps = _followed_steps(model, site, len(trace))
    after = _gradients(key, name, site.key, True, encoded, steps)
    before = _gradients(key, name, site.key, False, fresh, steps)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state = _pick_state(after)
        other = _pick_beside(model)
    beside = None
    if other != NOTHING:
        beside = say(every_recipe()[other].title), _gradients(other, name, _last(other, site), True, fresh, steps)
    drawn = labels_of(trace)[-steps:], after, before, state, beside
    shown = trace.tokens.labels[-steps:]
    part = say(" It is followed back over the last {steps} tokens.", steps=steps) if steps < len(trace) else ""
    show(Card(
        key="gradient-flow", title=say("Gradient back through time, {label}", label=site.label),
            origin=Origin.of(trace),
        question=asked.worded(say("How much does a small change at each token still matter at the end?")),
        how_to_read=asked.worded(
            say(
        "Above: by how much, at most, a small change of the state after token s is multiplied on its "
        "way to the end. Where a line is high, training can still learn from that token; where it "
        "falls towards 0, the gradient has vanished. Below: the factor of each token; multiplied "
        "together, the bars give the blue line. ")
            + say(ATTENDING if after.steps is None else CEILING)
            + ("" if len(after.norms) == 1 else say(
                " ‖J‖ is that of both states together, so a bar of one may exceed it."))
            + (say(CARRIED) if trace.initial else "")
        ),
        figure=draw_gradient_flow(*drawn, noun=asked.noun), numbers=lambda: tabulate_gradients(*drawn),
        alt=asked.worded(say("Norm of the gradient from the last state back to every token")),
        found=asked.worded(say_gradients(shown, after, before, state, beside) + part),
    ))  # fmt: skip


def _pick_state(gradients: StateGradients) -> str:
    """The state whose derivative is shown, where there are two."""
    memory = gradients.convention.memory
    if len(gradients.norms) == 1:
        return memory
    names = {key: quantity(key).label for key in (memory, *(key for key in gradients.norms if key != memory))}
    return params.choose(say("State"), STATE, names, default=memory, pills=True)


def _pick_beside(model: Trained) -> str:
    """Another model of the same task, or none; first one whose cell differs in having a keeping gate."""
    recipes = sound_recipes(model.task.group)
    same = {key: recipe for key, recipe in recipes.items() if recipe.task == model.task.key}
    if len(same) < 2:
        return NOTHING
    gated = bool(model.network.convention.keeps_past)
    default = NOTHING
    for key, recipe in same.items():
        if bool(CELLS[recipe.architecture["cell"]].convention.keeps_past) != gated and default == NOTHING:
            default = key
    options = {NOTHING: say("nothing")} | {
        key: say(recipe.title) for key, recipe in same.items() if key != model.recipe.key
    }
    return params.choose(say("Compare with"), BESIDE, options, default=default)


def _last(key: str, site: Site) -> str:
    """The last layer of another model, read in the same direction where it can be; its decoder for a decoder."""
    if site == DECODER:
        return site.key
    rnn = session.model(key).network.rnn
    way = site.direction if rnn.bidirectional else "forward"
    return Site("rnn", rnn.num_layers - 1, way).key


def can_be_nudged(run: ModelRun) -> bool:
    """Whether a nudge to one unit can be followed: something is read after it, and states step alone."""
    return len(run.trace) > 1 and steps_alone(run.model.network.rnn)


def show_half_lives(asked: Question) -> None:
    """How long each unit of a layer remembers a nudge, and how that of one unit fades."""
    st.header(say("How long each unit remembers"))
    trace, site = asked.trace, asked.site
    with st.container(horizontal=True, vertical_alignment="bottom"):
        start = _pick_start(asked)
        size = params.choose(say("Size of the nudge"), SIZE, pills=True)
        unit_place = st.container()
    run = asked.run
    fading = _fading(run.model.recipe.key, run.given.key, site.key, start, size, run.encoded)
    own, whole = first_halving(fading.own), first_halving(fading.whole)
    promised, kept = half_lives(trace, site, after=start), kept_shares(trace, site, start)
    along = None if kept is None else first_halving(kept)
    with unit_place:
        unit = _pick_unit(own)
    left, right = st.columns(2)
    with left:
        click = show(Card(
            key="half-lives",
            title=say("Measured half-life") if promised is None else say("Predicted and measured half-life"),
            question=asked.worded(say("After how many tokens is half of a nudge to a unit left?")),
            how_to_read=_how_to_read(asked, start, size), origin=Origin.of(trace),
            figure=draw_half_lives(promised, own, whole, len(fading.own) - 1, unit, noun=asked.noun),
            numbers=lambda: tabulate_half_lives(promised, own, whole),
            alt=say("Half-life of every unit, predicted by its gate and measured"),
            found=asked.worded(say_half_lives(promised, own, along, len(fading.own) - 1)),
        ))  # fmt: skip
    with right:
        _show_fade(asked, fading, None if kept is None else kept[:, unit], unit)
    if click and isinstance(click.customdata, int) and 0 <= click.customdata < len(own) and click.customdata != unit:
        params.put(UNIT, str(click.customdata))
        st.rerun()


def _show_fade(asked: Question, fading: Fading, kept: np.ndarray | None, unit: int) -> None:
    """The nudge of one unit, token by token."""
    trace, start = asked.trace, fading.start
    places = np.arange(start, -1, -1) if fading.site.direction == "backward" else np.arange(start, len(trace))
    drawn = labels_of(trace), places, fading.own[:, unit], fading.whole[:, unit], kept
    show(Card(
        key="fade", title=say("A nudge to unit {unit} fades", unit=unit), origin=Origin.of(trace),
        question=asked.worded(say("How much of the nudge is left after each token?")),
        how_to_read=asked.worded(
            say(
        "The nudge is 1 at the token where it is given. Below the dotted line less than half of it "
        "is left; above 1 the network has made it larger. Click a point on the left to follow "
        "another unit.")
        ),
        figure=draw_fade(*drawn, noun=asked.noun), numbers=lambda: tabulate_fade(*drawn),
        alt=asked.worded(say("What is left of a nudge to unit {unit} after each token", unit=unit)),
        found=asked.worded(_say_fade(fading, unit)),
    ))  # fmt: skip


def _say_fade(fading: Fading, unit: int) -> str:
    """When half of the nudge to a unit is left, and how much of it reaches the end."""
    half, left = float(first_halving(fading.own[:, unit : unit + 1])[0]), float(fading.own[-1, unit])
    if not isfinite(half):
        return say("More than half of the nudge lasts to the end; {left:.0%} of it is left there.", left=left)
    return say(
        "Half of the nudge is left after {half:.1f} tokens, and {left:.0%} of it at the end.", half=half, left=left
    )


def _how_to_read(asked: Question, start: int, size: str) -> str:
    trace, convention = asked.trace, asked.trace.cells[asked.site]
    nudge = say(
        "Each unit in turn is nudged by {size} ({label}) after “{labels}”; its half-life is when "
        "half of that is left, in the unit itself (dots) and in the whole memory (diamonds); a "
        "triangle at the top means that it is not reached before the end.",
        size=size,
        label=quantity(convention.memory).label,
        labels=trace.tokens.labels[start],
    )
    if not convention.keeps_past:
        return say(
            "{nudge} No gate of this cell predicts a half-life, so the units are ordered by their memory.", nudge=nudge
        )
    promise = asked.worded(
        say(
            "To the right, what its gate predicts: ln ½ / ln mean, with the mean of {name_kept} over the "
            "tokens after that. On the dotted line, prediction and measurement agree.",
            name_kept=name_kept(convention),
        )
    )
    return f"{nudge} {promise}"


def _pick_start(asked: Question) -> int:
    """Position of the token after which units are nudged; the one read first, unless another is chosen."""
    steps, labels = len(asked.trace), asked.trace.tokens.labels
    reading = range(steps - 1, 0, -1) if asked.site.direction == "backward" else range(steps - 1)
    words = {str(step): f"{step + 1} {labels[step]}" for step in reading}
    return int(params.choose(asked.worded(say("Nudge after token")), START, words, default=str(reading[0])))


def _pick_unit(own: np.ndarray) -> int:
    """The unit whose nudge is followed; the one that remembers longest, unless another is chosen."""
    units = {str(unit): f"unit {unit}" for unit in range(len(own))}
    return int(params.choose(say("Unit to follow"), UNIT, units, default=str(int(own.argmax()))))
