"""Which source tokens each written token looked at: links, and the matrix from scores to weights."""

from __future__ import annotations

import streamlit as st

from core_models.edits.edit import Stack
from core_models.language import say
from core_models.networks.translation import ATTENTION, OUTPUT
from pretrained.families.translation.trained import TrainedTranslator
from viz import cards
from viz.cards import Card, show_and_pick
from viz.controls import pick_stage
from viz.figures.parts.tables import tabulate_matrix
from viz.figures.trace import attention_heatmap, head_summary
from viz.figures.trace.attention_stages import checks, stage_target
from viz.figures.translation import alignment_links
from viz.session import Selection
from viz.translate import controls
from viz.translate.state import Shown, written_step
from viz.view import Options, Target


def show_alignment(
    model: TrainedTranslator, original: Shown, changed: Shown | None, selection: Selection | None, stack: Stack
) -> Selection | None:
    """Links and matrix, with what-ifs those of the original beside them; returns the number that was clicked."""
    if not original.attends:
        st.info(
            say("This network has no attention: all that the decoder knows of the source is the encoder's last state, "
            "the same at every step. Compare it with a model that has attention."), icon=":material/visibility_off:",
        )  # fmt: skip
        return None
    st.header(say("Where it looked"), divider="gray")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        stage = pick_stage()
        count = original.trace.array(ATTENTION, "attention_weights").shape[0]
        head = controls.pick_head(original.trace, count)
        if changed is not None:
            st.caption(say("The original first, then the run with your what-ifs."))
    step = written_step(selection, (changed or original).trace)
    if changed is None:
        left, right = st.columns([3, 2])
        with left:
            found = _links(original, head, step, "links", "")
            cards.show_checks(checks(original.trace, ATTENTION))
        with right:
            return _matrix(original, head, stage, selection, "matrix", "") or found
    left, right = st.columns(2)
    with left:
        _links(original, head, None, "links-original", say("Original: "))
        _matrix(original, head, stage, None, "matrix-original", say("Original: "))
    with right:
        found = _links(changed, head, step, "links", say("With what-ifs: "))
        return _matrix(changed, head, stage, selection, "matrix", say("With what-ifs: ")) or found


def _links(shown: Shown, head: str, step: int | None, key: str, prefix: str) -> Selection | None:
    said = [f"p = {one.chosen.probability:.3f}" for one in shown.translation.steps]
    weights = shown.weights(head)
    found = show_and_pick(Card(
        key=key, title=prefix + say("Word by word"), origin=shown.origin,
        question=say("Which source tokens did it attend to for each written token?"),
        how_to_read=alignment_links.how_to_read(),
        figure=alignment_links.draw(weights, shown.sources, shown.targets, step, said),
        numbers=lambda: tabulate_matrix(weights, ("written", shown.targets), ("source", shown.sources), "weight"),
        alt=say("Lines from source tokens to written tokens, as wide as the weights"),
    ))  # fmt: skip
    return Selection(OUTPUT, "chosen_probability", found[0], 0) if found else None


def _matrix(
    shown: Shown, head: str, stage: str, selection: Selection | None, key: str, prefix: str
) -> Selection | None:
    target = Target(ATTENTION, "attention_weights")
    step = written_step(selection, shown.trace)
    options = Options(step=step, stage=stage, head=int(head) if head.isdigit() else 0)
    if head in ("mean", "max"):
        figure = head_summary.draw(shown.weights(head), shown.sources, shown.targets, head, step)
        label, words = say(head_summary.NAMES[head]), head_summary.how_to_read(head)
    else:
        figure = attention_heatmap.draw(shown.trace, target, options)
        label = attention_heatmap.VIEW.label(target, options)
        words = attention_heatmap.how_to_read(shown.trace, target, options)
    said = key == "matrix" and selection is not None and selection.site == ATTENTION
    found = show_and_pick(
        Card(
            key=key,
            title=prefix + say("Alignment: {label}", label=label),
            origin=shown.origin,
            figure=figure,
            how_to_read=words,
            question=say("How much of its attention did each written token give to each source token?"),
            numbers=lambda: attention_heatmap.numbers(shown.trace, target),
            alt=say("Attention from every written token to every source token: {label}", label=label),
            found=_say(shown, selection) if said and selection else "",
        )
    )
    if not found:
        return None
    return Selection(ATTENTION, stage_target(target, options).key, found[0], found[1] or 0)


def _say(shown: Shown, selection: Selection) -> str:
    """The three numbers of the selected pair, from score to weight."""
    t, i = selection.step, selection.unit
    if i >= len(shown.sources):
        return ""
    heads = range(shown.trace.array(ATTENTION, "attention_weights").shape[0])
    words = [
        say("score {score:.6f} → weight {weight:.6f}",
            score=shown.trace.array(ATTENTION, "attention_scores")[h, t, i],
            weight=shown.trace.array(ATTENTION, "attention_weights")[h, t, i])
        + (f" ({say('head {n}', n=h + 1)})" if len(heads) > 1 else "")
        for h in heads
    ]  # fmt: skip
    return say("Step {step}, source token {source}: {words}", step=t + 1, source=i + 1, words="; ".join(words))
