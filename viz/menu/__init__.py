"""The one menu of a page: examples, pictures worth seeing, a file, and what the model is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core_models.language import say
from pretrained.task import Example
from pretrained.trained import Trained
from viz import params
from viz.files.open_file import offer_file
from viz.inputs import COMPARED, MENU, MODE, MODEL, MODELS, TEXT, in_url, pick_example
from viz.kinds import kind_of
from viz.linked_plot.look import pick_look
from viz.menu.class_link import offer_link
from viz.menu.model_card import show_model_card
from viz.menu.surprises import offer_surprises, offer_tour
from viz.models import every_recipe
from viz.params import Param

CARD = Param("card", public=False)


def offer_menu(
    about: str,
    examples: Sequence[Example],
    *,
    model: Trained | None = None,
    files: bool = False,
    on_change: Callable[[], None] | None = None,
) -> DeltaGenerator | None:
    """A button; what it opens is drawn only while it is open. Returns the place for more in it, if it is.

    Args:
        about: what the page shows.
        examples: that a click puts into the box.
        model: whose card it holds; none where a page shows several models.
        files: whether the page opens files.
        on_change: called when an example was chosen.
    """
    with st.popover(say("Examples and more"), icon=":material/menu:", key=MENU, on_change="rerun") as menu:
        if not menu.open:
            return None
        st.markdown(about)
        pick_example(examples, on_change)
        if TEXT.free and MODEL.free:
            st.markdown(say("Worth seeing"))
            offer_tour()
            offer_surprises()
            if files:
                offer_file()
        if model:
            _link_to_compare(model)
            _about(model)
        params.link(
            "app_pages/compare.py", say("Inputs of this session"), ":material/history:", {MODE: "history"}, closes=MENU
        )
        pick_look()
        offer_link()
    return menu


def _about(model: Trained) -> None:
    """The model's card, made where somebody opens it."""
    with st.expander(say("About this model"), icon=":material/info:", key=CARD, on_change="rerun") as card:
        if card.open:
            show_model_card(model, kind_of(model).show_scores)


def _link_to_compare(model: Trained) -> None:
    """The way to the Compare page with this model, the first others of its task, and what is in the box."""
    recipe, text = model.recipe, params.held(TEXT) or params.asked(TEXT)
    others = [key for key, other in every_recipe().items() if other.task == recipe.task and key != recipe.key]
    if not others:
        return
    query = {MODELS: ",".join([recipe.key, *others[: COMPARED - 1]])} | ({TEXT: in_url(text)} if text else {})
    params.link(
        "app_pages/compare.py", say("Compare with other models"), ":material/compare_arrows:", query, closes=MENU
    )
