"""Which inputs made this output: all outputs at once, one by several methods, and how far each can be trusted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core_models.explain.attribution.opinions import METHODS, Opinions, collect, compare_ranks, how_of
from core_models.explain.memory.logit_split import split_logit
from core_models.language import mark, say
from core_models.target import Target
from pretrained.task import StandIn
from viz import params
from viz.cards import Card, save_table, show, show_and_pick
from viz.explain.edits.text import limits
from viz.explain.target import OUTPUT, Question, pick_question
from viz.figures.explain import attribution_matrix, attribution_rows, rank_matrix
from viz.figures.explain.attribution_rows import MethodRow
from viz.figures.parts.tables import tabulate_matrix
from viz.figures.parts.token_axis import in_nouns, spell, with_article
from viz.figures.parts.written import plain
from viz.params import Param
from viz.remembered import remembered
from viz.run import ModelRun

BASELINES = {
    "unknown": mark("something unknown"),
    "zero": mark("nothing (zeros)"),
    "mean": mark("the mean of all"),
    "last": mark("the last value"),
    "average": mark("its average"),
}
"""What can stand for "nothing here"; an input layer has some of them."""

COEFFICIENTS = {"kendall": mark("Kendall's τ"), "spearman": mark("Spearman's ρ")}
BASELINE, COEFFICIENT = Param("baseline"), Param("rank", COEFFICIENTS)
KEPT = 32
MOST_STEPS, MOST_WORK = 400, 22_500
"""Steps up to which the section runs, and steps times outputs: each output has a backward pass of its own."""

MOST_SAMPLED, MOST_SAMPLED_WORK = 100, 10_000
"""Steps, and steps times units, up to which methods that sample run: they read the input many times for each step."""

UNITS = {
    "log-odds": mark(
        "Outputs are measured in log-odds, log p / (1 − p): 0 is an even chance, and each unit more "
        "multiplies the odds by e."
    ),
    mark("units of the output"): mark("Outputs are measured as they are."),
    mark("standard deviations"): mark(
        "The output is the centre of the forecast, in standard deviations of the series."
    ),
}
"""What outputs are counted in."""


@remembered(max_entries=KEPT, show_spinner=mark("Asking about every output …"))
def matrix_of(
    key: str, given: str | StandIn, target: Target | None, baseline: str, _asked: ModelRun
) -> NDArray[np.float32]:
    """Gradient × input by step of every output, or of one answer for the whole had the input ended at each step."""
    return _asked.outputs.matrix(baseline) if target is None else _asked.outputs.answers(target, baseline)


@remembered(max_entries=2 * KEPT, show_spinner=mark("Asking every method …"))
def opinions(key: str, given: str | StandIn, target: Target, baseline: str, _asked: ModelRun) -> Opinions:
    """What every method says of one output; those that sample only where the input is short."""
    steps, units = len(_asked.encoded), limits(_asked).units
    short = steps <= MOST_SAMPLED and steps * units <= MOST_SAMPLED_WORK
    methods = [name for name, one in METHODS.items() if short or not one.sampled]
    return collect(_asked.outputs, target, baseline, methods)


def has_prefixes(asked: ModelRun) -> bool:
    """Whether the rows of the matrix are answers on the way to one answer for the whole."""
    return asked.model.network.running is not None


def show_attribution(asked: ModelRun) -> None:
    """The matrix, methods on the axis of steps, how much they agree, and how far they can be trusted."""
    steps, noun = len(asked.encoded), asked.tokens.noun
    question = pick_question(asked)
    unit = question.head.unit
    st.markdown(
        say(
            "How much did each {noun} contribute to this output? There is more than one valid "
            "way to ask, and the answers differ; each compares the input with one in which "
            "{noun}s are *missing*. {unit}",
            noun=say(noun),
            unit=say(UNITS[unit]) if unit in UNITS else "",
        )
    )
    outputs = steps if has_prefixes(asked) else len(asked.outputs.known)
    if not 2 <= steps <= MOST_STEPS or steps * outputs > MOST_WORK:
        st.info(
            say(
                "Every output needs a computation of its own here: give 2 to about {most} {noun}s (there are {steps}).",
                most=round(MOST_WORK**0.5),
                noun=say(noun),
                steps=steps,
            ),
            icon=":material/content_cut:",
        )
        return
    names = {name: say(BASELINES.get(name, name)) for name in asked.outputs.baselines}
    label = say("A missing {noun} becomes", noun=say(noun))
    baseline = params.choose(label, BASELINE, names, default=next(iter(names)), pills=True)
    key, given = asked.model.recipe.key, asked.given.key
    found = opinions(key, given, question.target, baseline, asked)
    rows = rows_of(found, unit) + ledger_rows(question)
    _show_rows(question, found, rows, names[baseline])
    left, right = st.columns(2)
    with left:
        _show_ranks(asked, rows)
    with right:
        _show_quality(question, found)
    whole = question.target if has_prefixes(asked) else None
    chosen = _show_matrix(question, matrix_of(key, given, whole, baseline, asked))
    if chosen is not None and not has_prefixes(asked) and chosen != question.number:
        params.put(OUTPUT, str(chosen))
        st.rerun()


def rows_of(found: Opinions, unit: str) -> list[MethodRow]:
    """Every method's row, and attention's where the network attends."""
    rows = [MethodRow(say(METHODS[key].name), one.shares, unit=say(unit)) for key, one in found.by_method.items()]
    if found.attention is not None:
        rows.append(MethodRow(say("attention"), found.attention, signed=False, unit=say("(attention weight)")))
    return rows


def ledger_rows(question: Question) -> list[MethodRow]:
    """The ledger's split of the logit, where the network has one: bookkeeping, not cause."""
    asked = question.asked
    split = split_logit(asked.model.network, asked.trace, question.target)
    return (
        []
        if split is None
        else [MethodRow(say("ledger"), split.tokens, unit=say("of the {what}", what=logit_of(question)))]
    )


def logit_of(question: Question) -> str:
    """What the ledger splits: the number that the readout gives."""
    return say("logit") if question.is_probability else question.short


def _show_rows(question: Question, found: Opinions, rows: Sequence[MethodRow], baseline: str) -> None:
    asked, unit = question.asked, say(question.head.unit)
    noun, labels = asked.tokens.noun, asked.tokens.labels
    show(Card(
        key="attribution-rows", title=say("Methods compared, for “{name}”", name=spell(question.name, 60)),
        origin=asked.origin, question=say(
            "How much did each {noun} contribute to this output, according to each method?", noun=say(noun)),
        how_to_read=say(
            "Here the output is {value:+.3f} {unit}; if every {noun} were {baseline}, it would be {without:+.3f}: the "
            "contributions explain the difference, {gap:+.3f}.",
            value=found.value, unit=unit, noun=say(noun), baseline=baseline, without=found.without,
            gap=found.value - found.without,
        ) + " " + attribution_rows.how_to_read(rows),
        figure=attribution_rows.draw(rows, labels, noun), numbers=lambda: attribution_rows.numbers(rows, labels),
        alt=say("Contribution of every {noun} to the output, by every method", noun=say(noun)),
    ))  # fmt: skip
    with st.expander(say("What each method does"), icon=":material/info:"):
        said = [
            say("- **{method}**: {how}.", method=say(METHODS[key].name), how=how_of(key)) for key in found.by_method
        ]
        if found.attention is not None:
            said.append(
                say(
                    "- **attention**: the weight that the token received, averaged over heads and over the steps that "
                    "could attend to it. It says where the network looked, not what effect that had; the section “Is "
                    "attention an explanation?” tests that."
                )
            )
        if any(row.name == say("ledger") for row in rows):
            said.append(
                say(
                    "- **ledger**: what each token wrote into the memory that the readout reads, taking gates and "
                    "weights as given; it needs no input to compare with. It is bookkeeping and says nothing about "
                    "cause: the section “Who wrote this memory?” shows it in full."
                )
            )
        if "unknown" in asked.outputs.baselines:
            said.append(
                "\n"
                + say(
                    "An *unknown* token is what the network reads for a word outside its vocabulary; it met many in "
                    "training, so an input made of them is nothing unusual. *Zeros* are what padding holds; no token "
                    "has that embedding, and the network was never trained on it."
                )
            )
        st.markdown(in_nouns("\n".join(said), noun))


def _show_ranks(asked: ModelRun, rows: Sequence[MethodRow]) -> None:
    noun = asked.tokens.noun
    coefficient = params.choose(say("Rank correlation"), COEFFICIENT, pills=True)
    matrix, names = compare_ranks({one.name: one.shares for one in rows}, coefficient), [row.name for row in rows]
    show(Card(
        key="attribution-ranks", title=say("Do the methods agree on the most important {noun}s?", noun=say(noun)),
        origin=asked.origin, group="method",
        question=say("How similarly do two methods rank the {noun}s?", noun=say(noun)),
        how_to_read=in_nouns(rank_matrix.how_to_read(coefficient), noun),
        figure=rank_matrix.draw(matrix, names, coefficient),
        numbers=lambda: tabulate_matrix(matrix, ("method", names), ("other", names), coefficient),
        alt=say("Rank correlations between the methods"),
    ))  # fmt: skip


QUALITIES = (
    mark("method"), mark("sum"), mark("gap"), mark("sampling error"), mark("infidelity"), mark("sensitivity"),
)  # fmt: skip
"""Columns of the table of ``quality_table``."""


def quality_table(found: Opinions) -> pd.DataFrame:
    """One row per method: sum, gap, sampling error, infidelity and sensitivity, as written on screen."""
    lines: list[tuple[str, *tuple[float | None, ...]]] = [
        (say(METHODS[key].name), float(one.shares.sum()), one.gap, one.error, one.infidelity, one.sensitivity)
        for key, one in found.by_method.items()
    ]
    if found.attention is not None:
        lines.append((say("attention"), None, None, None, found.attention_infidelity, None))
    written = [(name, *("–" if number is None else plain(number) for number in numbers)) for name, *numbers in lines]
    columns = [say(name) for name in QUALITIES]
    return pd.DataFrame(written, columns=columns).set_index(columns[0])


def _show_quality(question: Question, found: Opinions) -> None:
    asked, noun = question.asked, question.asked.tokens.noun
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(say("**How far can each be trusted?**"), width="stretch")
            name = asked.origin.name("attribution-quality")
            save_table("attribution-quality", name, lambda: quality_table(found).reset_index())
        st.table(quality_table(found), alt=say("Sum, gap, sampling error, infidelity and sensitivity of every method"))
        st.caption(
            say(
                "**Sum** and **gap**, in {unit}: the contributions should add up to "
                "{value:+.3f}; the gap is what is missing. Integrated gradients and Shapley "
                "values guarantee a gap of 0, up to rounding and the finite number of points; "
                "the others guarantee nothing. **Sampling error**: Shapley values of long inputs "
                "are means over random orders; this is the largest standard error of one. "
                "**Infidelity**: 256 times, several {noun}s are removed together; 0 means that "
                "their contributions always added up to the effect, 1 is what saying “no {noun} "
                "matters” would get, and larger is worse than that. Attention has no unit, so it "
                "is first multiplied by the best-fitting number. **Sensitivity**: the relative "
                "change of the contributions when the input is perturbed by 5%; the worst of ten "
                "tries. Methods that sample have none, because sampling itself changes them. "
                "(Yeh et al. 2019)",
                unit=say(question.head.unit),
                value=found.value - found.without,
                noun=say(noun),
            )
        )


def _show_matrix(question: Question, matrix: NDArray[np.float32]) -> int | None:
    """The whole matrix; returns the row that was clicked."""
    asked, unit = question.asked, say(question.head.unit)
    noun, labels = asked.tokens.noun, asked.tokens.labels
    prefixes, causal = has_prefixes(asked), asked.outputs.causal
    names = labels if prefixes else [output.name for output in asked.outputs.known]
    what = say("“{name}” had the input ended there", name=question.name) if prefixes else say(asked.outputs.what)
    after = (
        say(
            "Follow a column downwards to see how the influence of {noun} fades, or changes sign, as more is read.",
            noun=with_article(noun),
        )
        if prefixes
        else say("Blue raised it, orange lowered it.")
    )
    title = (
        say("Every intermediate answer, {noun} by {noun}", noun=say(noun))
        if prefixes
        else say("Every output, {noun} by {noun}", noun=say(noun))
    )
    cells = {"row": what, "noun": with_article(noun), "unit": unit}
    how = (
        say("Each row is {row}, each column {noun} that was read before it: gradient × input of the row, in {unit}.",
            **cells)
        if prefixes or causal
        else say("Each row is {row}, each column {noun}: gradient × input of the row, in {unit}.", **cells)
    )  # fmt: skip
    found = show_and_pick(
        Card(
            key="attribution-matrix",
            title=title,
            origin=asked.origin,
            question=say("How much did each {noun} contribute to the answer after each later one?", noun=say(noun))
            if prefixes
            else say("Click a row to apply every method to it; row {number} is selected.", number=question.number + 1),
            how_to_read=f"{how} {after}",
            figure=attribution_matrix.draw(
                matrix,
                labels,
                names,
                output_title=say("answer after {noun} (t)", noun=say(noun)) if prefixes else say("output (o)"),
                row=say("after {noun}", noun=say(noun)) if prefixes else say("output"),
                triangular=prefixes or causal,
            ),
            numbers=lambda: tabulate_matrix(matrix, ("output", names), ("input", labels), "gradient_x_input"),
            alt=say("Gradient times input of every output by {noun}", noun=say(noun)),
        )
    )
    return found[0] if found and found[0] < len(names) else None
