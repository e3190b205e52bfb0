"""One run of a page: a model, what it was given, and what it made of it, chosen in one way on every page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from core_models.encoded import Encoded
from core_models.explain.outputs import Outputs
from core_models.trace import Tokens, Trace
from pretrained.errors import ModelError
from pretrained.evidence import doubt_about
from pretrained.recipe import Recipe
from pretrained.task import Given, InputError
from pretrained.trained import Trained
from viz import cards, inputs, params, session
from viz.cards import Origin
from viz.files.open_file import offer_inputs
from viz.kinds import kind_of
from viz.markdown import escape
from viz.outside.bundle import all_numbers
from viz.outside.report import page
from viz.session import Selection


@dataclass(frozen=True)
class ModelRun:
    """What a page shows.

    Attributes:
        model: shared by all visitors, never changed; or this visitor's own copy.
        given: the input as the person gave it.
        encoded: the input as the network sees it.
        trace: what the model computed on it.
    """

    model: Trained
    given: Given
    encoded: Encoded
    trace: Trace

    @property
    def origin(self) -> Origin:
        """Model and input, for the cards."""
        return Origin.of(self.trace)

    @property
    def tokens(self) -> Tokens:
        """What was read, step by step."""
        return self.encoded.tokens

    @property
    def text(self) -> str:
        """The text as typed, or what stands for the input."""
        return self.given.text

    @property
    def selection(self) -> Selection | None:
        """The number of the trace that the person selected."""
        return session.selected(self.trace)[0]

    @cached_property
    def outputs(self) -> Outputs:
        """What the network answers on this input, as functions of it."""
        return self.model.outputs(self.encoded, self.trace)


def _about(model: Trained) -> None:
    """The model's card, made where somebody opens it."""
    with st.popover("About this model", icon=":material/info:", type="tertiary", key="card", on_change="rerun") as card:
        if card.open:
            cards.show_model_card(model, kind_of(model).show_scores)


def _keep(trace: Trace, recipe: Recipe) -> None:
    """The whole page and all its numbers as files, made where somebody asks for them."""
    with st.popover("Keep", icon=":material/archive:", type="tertiary", key="keep", on_change="rerun") as files:
        if not files.open:
            return
        st.caption("All figures with numbers and equations on one page that opens offline, and every number as arrays.")
        with st.container(horizontal=True):
            name = Origin.of(trace).name("report")
            cards.save("page", name, lambda: page(trace, recipe.title), "html", "All figures, to open offline")
            cards.save(
                "page", name, lambda: all_numbers(trace), "npz", "Every array of the trace, by site and quantity"
            )


@contextmanager
def answered() -> Iterator[None]:
    """Whatever cannot be read or used within is answered with its sentence, and the page ends there."""
    try:
        yield
    except InputError as error:
        st.info(escape(str(error)), icon=":material/edit:")
    except ModelError as error:
        st.error(escape(str(error)), icon=":material/broken_image:")
    else:
        return
    params.end_page()


def open_page(models: Mapping[str, Recipe], *, heading: bool = False) -> ModelRun:
    """Model, input, examples and files; where nothing can be shown, a sentence says why and the page ends.

    Args:
        models: those that the page can show.
        heading: whether the kind of the sequence gives the page its heading.
    """
    above = st.container()
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with right:
        key = inputs.pick_model(models, left)
    with answered():
        model = session.model(key)
        kind = kind_of(model)
        if heading:
            above.markdown(f"#### {kind.headline}", help=kind.about)
        with right, st.container(horizontal=True):
            _about(model)
            keep = st.container(width="content")
        with left:
            given = kind.take_input(model.task)
        offer_inputs(model.task)
        own = kind.copied(model, given)
        if own:
            model, given = own
            encoded = model.encode(given.text, given.content)
            trace = model.trace(encoded)
        else:
            encoded, trace = session.traced(key, given.key, given.content)
    with keep:
        _keep(trace, model.recipe)
    doubt = "" if heading else doubt_about(model, trace, encoded.tokens)
    cards.show_notices([*encoded.notices, *filter(None, [doubt])])
    return ModelRun(model, given, encoded, trace)
