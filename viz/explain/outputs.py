"""Which inputs made each output? For networks that give an output at every token: labels, or what comes next."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core_models.encoded import Encoded
from core_models.explain.attribution.opinions import METHODS
from core_models.explain.attribution.question import BASELINES, LOG_ODDS, Question, Shared, share_out
from core_models.trace import Trace
from pretrained.task import StandIn
from viz import params
from viz.cards import Card, show, show_and_pick
from viz.figures.explain import attribution_matrix, attribution_rows
from viz.figures.explain.attribution_rows import MethodRow
from viz.figures.parts.tables import tabulate_matrix
from viz.figures.parts.token_axis import spell, with_article
from viz.params import Param
from viz.run import ModelRun

OUTPUT, BASELINE = Param("output"), Param("baseline")
"""Names of the section's choices in the URL."""

KEPT = 32
MOST_STEPS, MOST_WORK = 400, 22_500
"""Steps up to which the section runs, and steps times outputs: each output has a backward pass of its own."""


UNITS = {
    LOG_ODDS: "An output is counted by its log-odds, log p / (1 − p): 0 is an even chance, and each unit more makes "
    "it e times as likely against the rest.",
    "standard deviations": "An output is the centre of the forecast, in standard deviations of the series.",
}
"""What the outputs are counted in."""


@runtime_checkable
class Questionable(Protocol):
    """A model that gives several outputs, each of which can be asked about."""

    def question(self, reading: Encoded, trace: Trace) -> Question:
        """Its outputs as functions of the input."""
        ...


def can_be_asked(asked: ModelRun) -> bool:
    """Whether the model gives several outputs, each of which can be asked about."""
    return isinstance(asked.model, Questionable)


def show_outputs(asked: ModelRun) -> None:
    """All outputs by all inputs, and one output by every method."""
    model, steps, noun = asked.model, len(asked.trace), asked.trace.tokens.noun
    if not isinstance(model, Questionable):
        return
    question = _question(model.recipe.key, asked.given.key, asked) if 2 <= steps <= MOST_STEPS else None
    if question is None or steps * len(question.outputs) > MOST_WORK:
        st.info(
            f"Every output is asked about by itself here: give 2 to about {round(MOST_WORK**0.5)} {noun}s "
            f"(there are {steps}).",
            icon=":material/content_cut:",
        )
        return
    st.markdown(f"**What is asked:** how much did each {noun} give to each output? {UNITS[question.unit]}")
    names = {key: BASELINES[key] for key in question.baselines}
    baseline = params.choose(
        f"{with_article(noun).capitalize()} that is gone becomes",
        BASELINE,
        names,
        default=next(iter(names)),
        pills=True,
    )
    matrix = _matrix(model.recipe.key, asked.given.key, baseline, question)
    most = int(np.abs(matrix).max(axis=1).argmax())
    output = _pick_output(question, most if question.telling is None else question.telling)
    chosen = _show_matrix(asked, question, matrix, output)
    _show_methods(asked, question, output, baseline)
    if chosen is not None and chosen != output:
        params.put(OUTPUT, str(chosen))
        st.rerun()


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _question(key: str, text: str | StandIn, _asked: ModelRun) -> Question:
    model = _asked.any_model
    if not isinstance(model, Questionable):
        raise TypeError(f"question: expected a model with several outputs, got {key}")
    return model.question(_asked.reading, _asked.trace)


@st.cache_resource(max_entries=KEPT, show_spinner="Asking about every output …")
def _matrix(key: str, text: str | StandIn, baseline: str, _question: Question) -> NDArray[np.float32]:
    return _question.matrix(baseline)


@st.cache_resource(max_entries=4 * KEPT, show_spinner="Asking every method …")
def _shared(key: str, text: str | StandIn, output: int, baseline: str, _question: Question) -> Shared:
    return share_out(_question, output, baseline)


def _pick_output(question: Question, telling: int) -> int:
    """The output to ask about: until one is chosen the most telling."""
    names = {str(at): f"{at + 1}: {spell(name, 40)}" for at, name in enumerate(question.outputs)}
    return int(params.choose("Output", OUTPUT, names, default=str(telling)))


def _show_matrix(asked: ModelRun, question: Question, matrix: NDArray[np.float32], output: int) -> int | None:
    """The whole matrix; returns the row that was clicked."""
    noun, before = asked.trace.tokens.noun, " that was read before it" if question.causal else ""
    found = show_and_pick(Card(
        key="outputs-matrix", title=f"Every output, {noun} by {noun}", origin=asked.origin,
        question=f"Click a row to ask every method about it; now it is row {output + 1}.",
        how_to_read=f"Each row is {question.what}, each column {with_article(noun)}{before}: gradient × input of the "
        f"row, in {question.unit}. Blue made it more, orange less.",
        figure=attribution_matrix.draw(matrix, question.inputs, question.outputs, output_title="output (o)",
                                       row="output", triangular=question.causal),
        numbers=lambda: tabulate_matrix(matrix, ("output", question.outputs), ("input", question.inputs),
                                        "gradient_x_input"),
        alt=f"Gradient times input of every output by {noun}",
    ))  # fmt: skip
    return found[0] if found and found[0] < len(question.outputs) else None


def _show_methods(asked: ModelRun, question: Question, output: int, baseline: str) -> None:
    """One output by every method that does not sample."""
    found = _shared(asked.model.recipe.key, asked.given.key, output, baseline, question)
    name = question.outputs[output]
    rows = [MethodRow(METHODS[key].name, shares, unit=question.unit) for key, shares in found.shares.items()]
    gaps = ", ".join(f"{METHODS[key].name} {found.gap(key):+.3f}" for key in found.shares)
    show(Card(
        key="output-methods", title=f"Methods beside each other, about “{spell(name, 60)}”", origin=asked.origin,
        question="How much did each input give to this output, by each method?",
        how_to_read=f"Here it is {found.value:+.3f} {question.unit}; were every {asked.trace.tokens.noun} "
        f"{BASELINES[baseline]} it would be {found.without:+.3f}: the shares explain the difference, "
        f"{found.value - found.without:+.3f}. Blue speaks for more of it, orange for less. Each row is divided by "
        "its own largest magnitude; point at a cell for the exact number.",
        figure=attribution_rows.draw(rows, question.inputs),
        numbers=lambda: attribution_rows.numbers(rows, question.inputs),
        alt="Share of every input in one output by every method",
        found=f"What the shares lack of the difference: {gaps}. Integrated gradients promise none but for the finite "
        f"number of points on the path, here {found.points}; the others promise nothing. "
        + " ".join(f"**{METHODS[key].name}**: {METHODS[key].how}." for key in found.shares),
    ))  # fmt: skip
