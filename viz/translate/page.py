"""The Translate page's picture of one translation: what stands where, and what a click does.

The translation and its alignment stand first; of what lies deeper only the part that is open is computed and drawn.
"""

from __future__ import annotations

import streamlit as st

from core_models.edits.edit import Begin, DeleteToken, EditError, MaskToken, ReplaceToken
from core_models.encoded import Encoded
from core_models.language import say
from core_models.networks.translation import OUTPUT
from pretrained.families.translation.trained import TrainedTranslator
from viz import cards, session
from viz.controls import chosen_head
from viz.explain.edits.stack import active, current_address, read_entries
from viz.explain.link import link_to_explain
from viz.explain.what_ifs import list_entries
from viz.history import record
from viz.session import Selection
from viz.translate import controls
from viz.translate.alignment import show_alignment
from viz.translate.answers import Request, answer, run_of, wrapped
from viz.translate.copied import show_copied
from viz.translate.inside import show_gates, show_model, show_paths
from viz.translate.lengths import show_lengths
from viz.translate.reference import show_reference
from viz.translate.said import show_said
from viz.translate.scores import show_scores
from viz.translate.search import show_search, show_tree
from viz.translate.state import Screen, Shown, written_step
from viz.translate.texts import show_texts
from viz.translate.what_ifs import show_what_ifs
from viz.translate.words import show_words

SECTIONS = {
    "search": show_search,
    "tree": show_tree,
    "change": show_what_ifs,
    "score": show_scores,
    "reference": show_reference,
    "lengths": show_lengths,
    "words": show_words,
    "gates": show_gates,
    "paths": show_paths,
    "model": show_model,
}


AS_IF_TYPED = (Begin, DeleteToken, MaskToken, ReplaceToken)
"""What-ifs that change what is read or given, not what is computed of it: its arithmetic is the network's own."""


def show_translation(model: TrainedTranslator, asked: Request, reading: Encoded) -> None:
    """Draw everything about one source, then act on a click.

    Raises:
        ModelError: if impossible values came out.
    """
    original = Shown(reading, answer(asked)[1])
    run = run_of(asked, original.reading, original.answer)
    record((model, run.given, run.encoded, run.trace))
    entries, stack = read_entries(current_address(), run), ()
    try:
        stack = active(entries, len(reading))
    except EditError:
        st.info(say("Every source token is deleted: switch off one of the what-ifs."), icon=":material/edit:")
    changed = Shown(*answer(wrapped(stack, asked))) if stack else original
    selection, missing = session.selected(changed.trace)
    if missing:
        st.warning(missing, icon=":material/link_off:")
    step = written_step(selection, changed.trace)
    picked = show_texts(model, original, changed if stack else None, step)
    link_to_explain(run, say("Explain what was written"))
    show_said(model, changed)
    show_copied(model, changed)
    if entries:
        with st.container(border=True, key="what-ifs"):
            list_entries(run, entries)
    clicked = show_alignment(model, original, changed if stack else None, selection, stack)
    found = SECTIONS[controls.pick_section()](Screen(model, asked, original, changed, selection, stack))
    chosen = clicked or found or (None if picked is None else Selection(OUTPUT, "chosen_probability", picked, 0))
    if selection and all(isinstance(edit, AS_IF_TYPED) for edit in stack):
        _explain(model, changed, selection)
    if chosen:
        session.select(chosen)
        st.rerun()


def _explain(model: TrainedTranslator, shown: Shown, selection: Selection) -> None:
    """The arithmetic of the selected number, at the foot of the window."""
    place = selection.site, selection.key, selection.step, selection.unit
    cards.explain_selected(lambda: model.explain(shown.trace, *place, head=chosen_head(shown.trace)))
