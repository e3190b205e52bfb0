"""Deeper inside: gates and states of encoder and decoder, why a gate opened, both paths, the model itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core_models.edits.edit import ChangeState, HoldGate
from core_models.explain.arithmetic.gate_split import encoder_states, states_before
from core_models.explain.arithmetic.sums import part_sums
from core_models.explain.arithmetic.translator import begun, decoder_input, decoder_layer
from core_models.language import say, together
from core_models.networks.translation import DECODER
from core_models.vocabulary import Kind, quantity
from pretrained.families.translation.trained import TrainedTranslator, split_gate
from viz import cards
from viz.cards import Card, show
from viz.cell_diagram import Circuit, Opened, Picture, UnitChosen
from viz.cell_diagram.numbers import values_of
from viz.explore.cell import choose_unit, chosen_unit, place_picture
from viz.figures.parts.token_axis import spell
from viz.figures.translation import gate_split, two_paths
from viz.markdown import escape
from viz.placing import Pick, pick_units, place_section
from viz.session import Selection
from viz.translate import controls as own
from viz.translate.state import Screen, Shown
from viz.view import Section

DECODER_EQUATIONS = (
    r"s_t = \mathrm{cell}([y_{t-1}; c_t], s_{t-1})",
    r"o_t = \tanh(W_o [s_t; c_t; y_{t-1}] + b_o)",
    r"p(y_t) = \mathrm{softmax}(E o_t + b)",
)


def show_gates(on: Screen) -> Selection | None:
    """Gates, candidates and states of one place, as on the Explore page; a click on one of the decoder's asks why."""
    trace = on.changed.trace
    st.caption(
        (
            say("What every unit of encoder and decoder did at every token, with your what-ifs.")
            if on.stack
            else say("What every unit of encoder and decoder did at every token.")
        )
        + " "
        + say("Click a gate or candidate of the decoder to see why it opened, or any cell for its arithmetic.")
    )
    selection, own = on.selection, not any(isinstance(edit, HoldGate | ChangeState) for edit in on.stack)
    if own and selection and selection.site == DECODER and quantity(selection.key).kind in (Kind.GATE, Kind.CANDIDATE):
        _why(on.model, on.changed, selection)
    site, view, options = pick_units(trace)
    if selection is not None and selection.site == site:
        options = replace(options, step=selection.step, unit=selection.unit)
    opened = _decoder_cell(on.model, on.changed, selection) if site == DECODER else None
    return _clicked(place_section(Section.UNITS, trace, options, site, view)) or opened


def _decoder_cell(model: TrainedTranslator, shown: Shown, selection: Selection | None) -> Selection | None:
    """The decoder's cell, step by step; returns the number that was clicked."""
    network, trace = model.network, begun(model.network, shown.trace)
    circuit, layer, x = Circuit(network.cell), decoder_layer(network), decoder_input(trace)
    values = values_of(circuit, trace, DECODER, x, part_sums(layer, trace, x))
    tokens = replace(trace.tokens, labels=tuple(map(spell, trace.tokens.labels)))
    own_number = selection if selection and selection.site == DECODER else None
    step = selection.step if own_number and selection else len(trace) - 1
    unit = chosen_unit(trace, DECODER, own_number.unit if own_number else None)
    done = place_picture(Picture(circuit, values, tokens), shown.origin, say("decoder"), step, unit, follows=False)
    if isinstance(done, UnitChosen):
        choose_unit(done.unit, selected=own_number is not None)
    return Selection(DECODER, done.name, done.step, done.unit) if isinstance(done, Opened) else None


def _clicked(found: list[Pick]) -> Selection | None:
    """The number that was clicked."""
    for target, (step, unit) in found:
        if unit is not None:
            return Selection(target.site, target.key, step, unit)
    return None


def _why(model: TrainedTranslator, shown: Shown, selection: Selection) -> None:
    """The exact split of one gate's sum into embedding, context by source token, state and bias."""
    split = split_gate(model.network, shown.trace, selection.key, selection.step)
    unit, row = selection.unit, quantity(selection.key)
    parts = {name: float(getattr(split, name)[unit]) for name in gate_split.PARTS}
    shares = None if split.sources is None else split.sources[:, unit]
    total = float(split.total[unit])
    squash = "tanh" if row.kind is Kind.CANDIDATE else "σ"
    before = shown.targets[selection.step - 1] if selection.step else say("the beginning")
    residual = abs(float(split.value[unit]) - float(split.shown[unit]))
    words = say(
        "{squash}({total:+.6f}) = **{value:.6f}**. The four parts sum to {parts:+.6f}. The "
        "trace holds {shown:.6f}; recomputed in double precision it differs by {gap:.1e}.",
        squash=squash,
        total=total,
        value=float(split.value[unit]),
        parts=sum(parts.values()),
        shown=float(split.shown[unit]),
        gap=residual,
    )
    if shares is not None:
        rest = float(split.rest[unit])
        gap = abs(parts["context"] - float(shares.sum()) - rest)
        sums = {"bars": float(shares.sum()), "gap": gap}
        words += " " + (
            say(
                "The source tokens' bars sum to {bars:+.6f}, {rest:+.6f} comes from attention's "
                "own bias, {gap:.1e} away "
                "from the context's bar.",
                rest=rest,
                **sums,
            )
            if rest
            else say("The source tokens' bars sum to {bars:+.6f}, {gap:.1e} away from the context's bar.", **sums)
        )
    show(
        Card(
            key="why-figure",
            title=say("Why this {label}?", label=row.label),
            origin=shown.origin,
            question=say(
                "Unit {unit} at step {step}, writing “{target}” after “{before}”.",
                unit=unit,
                step=selection.step + 1,
                target=shown.targets[selection.step],
                before=before,
            ),
            figure=gate_split.draw(parts, shown.sources, shares, say("pre-activation aₜ")),
            numbers=lambda: gate_split.numbers(parts, shown.sources, shares),
            alt=say("Parts of the sum, and the context's part by source token"),
            found=words,
        )
    )


def show_paths(on: Screen) -> Selection | None:
    """Encoder and decoder in one projection."""
    trace = on.changed.trace
    read = encoder_states(on.model.network, trace)
    before = states_before(on.model.network, trace)
    last = trace.array(DECODER, "hidden_state")[-1:].astype(float)
    written = np.concatenate([before, last])
    space = own.pick_space()
    show(Card(
        key=f"paths-{space}", title=say("Reading and writing in one space (with your what-ifs)")
        if on.stack
        else say("Reading and writing in one space"),
        question=say("Do encoder and decoder move through the same states?"), origin=on.changed.origin,
        how_to_read=two_paths.how_to_read(two_paths.fit(read, written, space)),
        figure=two_paths.draw(read, written, on.changed.sources, on.changed.targets, space),
        numbers=lambda: two_paths.numbers(read, written),
        alt=say("States of encoder and decoder along common principal axes"),
    ))  # fmt: skip
    return None


def _tell_errors(model: TrainedTranslator) -> None:
    """What else was measured, and how the answers that were scored were searched for."""
    scores, how = model.recipe.scores, model.task.search
    if "test_word_error_rate" in scores:
        st.markdown(say(
            "**{words:.1f}%** of test words are pronounced unlike any listed pronunciation, **{sounds:.1f}%** of their "
            "sounds.",
            words=scores["test_word_error_rate"], sounds=scores["test_phoneme_error_rate"],
        ))  # fmt: skip
    if "test_facts_found" in scores:
        st.markdown(say(
            "A search for keywords finds **{found:.1%}** of the facts in what it writes, {people:.1%} in the sentences "
            "that people wrote.",
            found=scores["test_facts_found"], people=scores["test_facts_found_in_references"],
        ))  # fmt: skip
    if "test_rouge_l" in scores:
        st.markdown(tell_overlap(model))
    st.caption(
        say("The scored answers were found greedily, which is also the default on this page.")
        if how.width == 1
        else say(
            "The scored answers were found by a beam of {width} with length penalty {penalty:g}, which is also the "
            "default on this page.",
            width=how.width, penalty=how.penalty,
        )
    )  # fmt: skip


def tell_overlap(model: TrainedTranslator) -> str:
    """Overlap with what people wrote, beside that of simple methods on the same sources."""
    scores = model.recipe.scores
    rows = {say("this network"): {name: scores[f"test_{name}"] for name in OVERLAP}}
    rows |= {say(model.task.floors[name].title): found for name, found in scores["test_floors"].items()}
    every = "; ".join(
        say("{name}: ROUGE-L **{rouge:.1%}** [{low:.1%}, {high:.1%}], characters F1 {f1:.1%}", name=name,
            rouge=found["rouge_l"], low=found["rouge_l_interval"][0], high=found["rouge_l_interval"][1],
            f1=found["character_f1"])
        for name, found in rows.items()
    )  # fmt: skip
    best = max(scores["test_floors"].items(), key=lambda item: item[1]["rouge_l"])
    verdict = (
        say("That is more than simple methods get.")
        if scores["test_rouge_l_interval"][0] > best[1]["rouge_l_interval"][1]
        else say(
            "That is no more than {name} gets, within what luck explains.", name=say(model.task.floors[best[0]].title)
        )
    )
    told = say(
        "On {n:,} test poems, {every}. **{whole:.1%}** of its titles are the poet's own, {copied:.1%} of their "
        "characters stand in the poem ({people:.1%} in people's titles), and it writes {different:,} different ones.",
        n=scores["test_count"], every=every, whole=scores["test_whole"], copied=scores["test_copied"],
        people=scores["test_copied_in_references"], different=scores["test_different"],
    )  # fmt: skip
    return together(told, verdict)


OVERLAP = ("rouge_l", "rouge_l_interval", "character_f1")


def show_model(on: Screen) -> Selection | None:
    """What the model is, what it was trained on, how well it does, and where it ends."""
    recipe, scores, data = on.model.recipe, on.model.recipe.scores, on.model.task.data
    st.markdown(escape(say(recipe.summary)))
    if "test_exact" in scores:
        low, high = scores["test_interval"]
        exact = {"share": scores["test_exact"], "n": scores["test_count"], "low": low, "high": high}
        within = scores.get("test_exact_within_trained_lengths")
        st.markdown(
            say(
                "**{share:.1%}** of {n:,} test sources are answered exactly (95% interval {low:.1%} to {high:.1%}).",
                **exact,
            )
            if within is None
            else say(
                "**{share:.1%}** of {n:,} test sources are answered exactly (95% interval {low:.1%} to {high:.1%}); "
                "among lengths that it was trained on, **{within:.1%}**.",
                within=within, **exact,
            )
        )  # fmt: skip
    if "test_bleu" in scores:
        st.markdown(say(
            "BLEU **{score:.1f}** on {n:,} test sentences (`{signature}`).",
            score=scores["test_bleu"], n=scores["test_count"], signature=scores.get("test_bleu_signature", ""),
        ))  # fmt: skip
    _tell_errors(on.model)
    st.caption(say(
        "{n:,} parameters, {size:.1f} MB, trained in {minutes:.0f} minutes on {device}.",
        n=scores["parameters"], size=recipe.weights["bytes"] / 1e6, minutes=scores["training_seconds"] / 60,
        device=str(scores["device"]).upper(),
    ))  # fmt: skip
    convention = on.model.network.cell.convention
    st.latex(cards.aligned(convention.equations))
    st.caption(
        say(
            "The cell of both encoder and decoder. {note} Source: {source}.",
            note=say(convention.note),
            source=convention.source,
        )
    )
    attention = on.model.network.attention
    context = [r"c_t = h_T \quad \text{(the encoder's last state)}"]
    if attention is not None:
        score = attention.equations[0].replace("h_t", "s_{t-1}")
        context = [score, r"\alpha_{ti} = \frac{e^{e_{ti}}}{\sum_k e^{e_{tk}}}", r"c_t = \sum_i \alpha_{ti} h_i"]
    st.latex(cards.aligned([*context, *DECODER_EQUATIONS]))
    said = [
        say(
            "The decoder: what it gathers from the encoder's states h, its own state s (the cell "
            "above, reading the token "
            "before and the context), and the next token."
        )
    ]
    if attention is not None:
        said.append(say("Attention: {source}.", source=attention.source))
    said.append(say("Decoder: after Bahdanau et al. 2015, arXiv 1409.0473, appendix A.2."))
    st.caption(together(*said))
    st.markdown(say("**Trained on** {name}. {citation}.", name=escape(data["name"]), citation=escape(data["citation"])))
    licence = say("**Licence of the data:** {licence}.", licence=escape(data["licence"]))
    st.markdown(f"{licence} {say('**Limits:** {limits}', limits=escape(say(data['limits'])))}")
    return None
