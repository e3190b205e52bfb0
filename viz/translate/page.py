"""The Translate page's picture of one translation: what stands where, and what a click does.

The translation and its alignment stand first; of what lies deeper only the part that is open is computed and drawn.
"""

from __future__ import annotations

import streamlit as st

from core_models.encoded import Encoded
from core_models.networks.translation import OUTPUT
from pretrained.families.translation.trained import TrainedTranslator
from viz import cards, params, session
from viz.controls import chosen_head
from viz.session import Selection
from viz.translate import controls
from viz.translate.alignment import show_alignment
from viz.translate.answers import Request, answer, limits, wrapped
from viz.translate.inside import show_gates, show_model, show_paths
from viz.translate.lengths import show_lengths
from viz.translate.reference import show_reference
from viz.translate.said import show_said
from viz.translate.scores import show_scores
from viz.translate.search import show_search
from viz.translate.state import Shown, written_step
from viz.translate.texts import show_texts
from viz.translate.what_if import read_what_if
from viz.translate.what_ifs import list_what_ifs, show_what_ifs
from viz.translate.words import show_words

SECTIONS = {
    "search": show_search,
    "change": show_what_ifs,
    "score": show_scores,
    "reference": show_reference,
    "lengths": show_lengths,
    "words": show_words,
    "gates": show_gates,
    "paths": show_paths,
    "model": show_model,
}


def show_translation(model: TrainedTranslator, asked: Request, reading: Encoded) -> None:
    """Draw everything about one source, then act on a click.

    Raises:
        ModelError: if impossible values came out.
    """
    what_if, refused = read_what_if(params.asked(controls.EDITS) or "", limits(model, reading))
    if refused:
        count = "One what-if" if refused == 1 else f"{refused} what-ifs"
        st.warning(f"{count} in this link cannot be used with this text and model.", icon=":material/link_off:")
    original = Shown(reading, answer(asked)[1])
    changed = Shown(*answer(wrapped(what_if, asked))) if what_if else original
    selection, missing = session.selected(changed.trace)
    if missing:
        st.warning(missing, icon=":material/link_off:")
    step = written_step(selection, changed.trace)
    picked = show_texts(model, original, changed if what_if else None, step)
    show_said(model, changed)
    list_what_ifs(model, reading, what_if)
    clicked = show_alignment(model, original, changed if what_if else None, selection, what_if)
    section = controls.pick_section()
    found = SECTIONS[section](model, asked, original, changed, selection, what_if)
    chosen = clicked or found or (None if picked is None else Selection(OUTPUT, "chosen_probability", picked, 0))
    if selection and not what_if.touches_attention:
        _explain(model, changed, selection)
    if chosen:
        session.select(chosen)
        st.rerun()


def _explain(model: TrainedTranslator, shown: Shown, selection: Selection) -> None:
    """The arithmetic of the selected number, at the foot of the window."""
    place = selection.site, selection.key, selection.step, selection.unit
    cards.explain_selected(lambda: model.explain(shown.trace, *place, head=chosen_head()))
