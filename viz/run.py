"""One run of a page: a model, what it was given, and what it made of it, chosen in one way on every page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core_models.edits.edit import HoldGate
from core_models.encoded import Encoded
from core_models.explain.outputs import Outputs
from core_models.language import say
from core_models.trace import Tokens, Trace
from pretrained.errors import ModelError
from pretrained.evidence import doubt_about
from pretrained.recipe import Recipe
from pretrained.task import Given, InputError
from pretrained.trained import Trained
from viz import cards, history, inputs, params, session
from viz.cards import Origin
from viz.files.open_file import say_opened
from viz.kinds import kind_of
from viz.learned import pick_trained
from viz.markdown import escape
from viz.menu import offer_menu
from viz.outside.bundle import all_numbers
from viz.outside.report import page
from viz.session import Selection

Heading = tuple[str, str]
"""What stands above a page, and what the page shows, which the menu says."""


@dataclass(frozen=True)
class Held:
    """A gate that is held at a value while the input is read, and what the network then computes."""

    edit: HoldGate
    trace: Trace


@dataclass(frozen=True)
class ModelRun:
    """What a page shows.

    Attributes:
        model: shared by all visitors, never changed; or this visitor's own copy.
        given: the input as the person gave it.
        encoded: the input as the network sees it.
        trace: what the model computed on it.
        held: the same with a gate held, where somebody asked for that.
    """

    model: Trained
    given: Given
    encoded: Encoded
    trace: Trace
    held: Held | None = None

    @property
    def shown(self) -> Trace:
        """What the page draws: with the gate held, if one is."""
        return self.held.trace if self.held else self.trace

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


def _keep(trace: Trace, recipe: Recipe) -> None:
    """The whole page and all its numbers as files, made where somebody asks for them."""
    st.caption(
        say("Keep all figures with numbers and equations on one page that opens offline, and all numbers as arrays.")
    )
    with st.container(horizontal=True):
        name = Origin.of(trace).name("report")
        cards.save("page", name, lambda: page(trace, recipe.title), "html", say("All figures, to open offline"))
        cards.save(
            "page", name, lambda: all_numbers(trace), "npz", say("Every array of the trace, by site and quantity")
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


def open_page(models: Mapping[str, Recipe], heading: Heading | None = None) -> ModelRun:
    """Model, input, examples and files; where nothing can be shown, a sentence says why and the page ends.

    Args:
        models: those that the page can show.
        heading: of the page, with no title where one stands above; None for that of the kind of the sequence, which
            also says where an answer is in doubt.
    """
    row = heading_row()
    title = row.container()
    with row:
        key = inputs.pick_model(models)
    with answered():
        model = session.model(key)
        kind = kind_of(model)
        said, about = heading or (kind.headline, kind.about)
        if said:
            title.title(say(said), anchor=False)
        with row:
            menu = offer_menu(say(about) if about else "", model.task.examples, model=model, files=True)
        given = kind.take_input(model.task)
        say_opened()
        own = kind.copied(model, given)
        if own:
            model, given = own
            encoded = model.encode(given.text, given.content)
            trace = model.trace(encoded)
        else:
            key = pick_trained(key, given)
            model = session.model(key)
            encoded, trace = session.traced(key, given.key, given.content)
    if menu:
        with menu:
            _keep(trace, model.recipe)
    doubt = doubt_about(model, trace, encoded.tokens) if heading else ""
    cards.show_notices([*encoded.notices, *filter(None, [doubt])])
    history.record((model, given, encoded, trace))
    return ModelRun(model, given, encoded, trace)


def heading_row(title: str = "") -> DeltaGenerator:
    """The row above a page: its title, and the buttons that open the choice of the model and the menu."""
    row = st.container(horizontal=True, vertical_alignment="center", key="heading")
    if title:
        row.title(title, anchor=False)
    return row
