"""Which source tokens each written token looked at: links, and the matrix from scores to weights."""

from __future__ import annotations

import streamlit as st

from core_models.networks.translation import ATTENTION, OUTPUT
from pretrained.families.translation.trained import TrainedTranslator
from viz import cards
from viz.controls import STAGES, pick_stage
from viz.figures.parts.marks import picked
from viz.figures.trace import attention_heatmap, head_summary
from viz.figures.trace.attention_stages import checks
from viz.figures.translation import alignment_links
from viz.linked_plot import linked_plot
from viz.session import Selection
from viz.translate import controls
from viz.translate.state import Shown, written_step
from viz.translate.what_if import WhatIf
from viz.view import Options, Target

MOVE = "move"
STAGE_KEYS = {"scores": "attention_scores", "mask": "attention_mask"}


def show_alignment(
    model: TrainedTranslator, original: Shown, changed: Shown | None, selection: Selection | None, what_if: WhatIf
) -> Selection | None:
    """Links and matrix, with what-ifs those of the original beside them; returns the number that was clicked."""
    if not original.attends:
        st.info(
            "This network has no attention: all that the decoder knows of the source is the encoder's last state, at "
            "every step the same. Compare it with a model that attends.", icon=":material/visibility_off:",
        )  # fmt: skip
        return None
    st.subheader("Where it looked", divider="gray")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        stage = pick_stage()
        count = original.trace.array(ATTENTION, "attention_weights").shape[0]
        head = controls.pick_head(original.trace, count)
        if changed is not None:
            st.caption("First the original, beside it the run with your what-ifs.")
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
        _links(original, head, None, "links-original", "Original: ")
        _matrix(original, head, stage, None, "matrix-original", "Original: ")
    with right:
        found = _links(changed, head, step, "links", "With what-ifs: ")
        return _matrix(changed, head, stage, selection, "matrix", "With what-ifs: ") or found


def _links(shown: Shown, head: str, step: int | None, key: str, prefix: str) -> Selection | None:
    said = [f"p = {one.chosen.probability:.3f}" for one in shown.translation.steps]
    figure = alignment_links.draw(shown.weights(head), shown.sources, shown.targets, step, said)
    with st.container(border=True):
        st.markdown(f"**{prefix}Word by word: what was looked at to write each token**")
        st.caption(alignment_links.how_to_read())
        click = linked_plot(figure, key=key, alt="Lines from source tokens to written tokens, as wide as the weights")
    found = picked(figure, click) if click else None
    return Selection(OUTPUT, "chosen_probability", found[0], 0) if found else None


def _matrix(
    shown: Shown, head: str, stage: str, selection: Selection | None, key: str, prefix: str
) -> Selection | None:
    target = Target(ATTENTION, "attention_weights")
    step = written_step(selection, shown.trace)
    if head in ("mean", "max"):
        figure = head_summary.draw(shown.weights(head), shown.sources, shown.targets, head, step)
        label, words = head_summary.NAMES[head], head_summary.how_to_read(head)
    else:
        options = Options(step=step, stage=stage, head=int(head))
        figure = attention_heatmap.draw(shown.trace, target, options)
        label, words = STAGES.get(stage, ""), attention_heatmap.how_to_read(shown.trace, target, options)
    with st.container(border=True):
        st.markdown(f"**{prefix}Alignment: {label}**")
        st.caption(words)
        click = linked_plot(figure, key=key, alt=f"Attention from every written token to every source token: {label}")
        if key == "matrix" and selection and selection.site == ATTENTION:
            _say(shown, selection)
    found = picked(figure, click) if click else None
    if not found:
        return None
    return Selection(ATTENTION, STAGE_KEYS.get(stage, "attention_weights"), found[0], found[1] or 0)


def _say(shown: Shown, selection: Selection) -> None:
    """The three numbers of the selected pair, from score to weight."""
    t, i = selection.step, selection.unit
    if i >= len(shown.sources):
        return
    heads = range(shown.trace.array(ATTENTION, "attention_weights").shape[0])
    words = [
        f"score {shown.trace.array(ATTENTION, 'attention_scores')[h, t, i]:.6f} → "
        f"weight {shown.trace.array(ATTENTION, 'attention_weights')[h, t, i]:.6f}"
        + (f" (head {h + 1})" if len(heads) > 1 else "")
        for h in heads
    ]
    st.caption(f"Step {t + 1}, source token {i + 1}: " + "; ".join(words))
