"""Models and traces shared by all visitors, and the number of a trace that one visitor has selected.

A cached model or trace is used by every visitor at once: nothing here or downstream changes one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core_models.encoded import Encoded
from core_models.trace import Site, Trace
from core_models.vocabulary import quantity
from pretrained.errors import ModelError
from pretrained.registry import every_recipe, load, out_of_order, parse_site, task_of
from pretrained.task import StandIn
from viz import params
from viz.kept import Kept
from viz.params import Param

LOG = logging.getLogger(__name__)

MODELS_KEPT = 40
TRACES_KEPT = 64
"""A trace of 256 tokens holds about 2 MB, so that the cache stays below about 130 MB."""

SELECTED = Param("at")
"""The selected number: ``site.quantity.step.unit``, all counted as in the trace."""

LAST_SELECTED = Kept[str]("last selected")


@dataclass(frozen=True)
class Selection:
    """One number of a trace."""

    site: Site
    key: str
    step: int
    unit: int

    @property
    def address(self) -> str:
        """The selection as it stands in the URL."""
        return f"{self.site.key}.{self.key}.{self.step}.{self.unit}"


@st.cache_resource(max_entries=MODELS_KEPT, show_spinner=False)
def model(key: str) -> Any:
    """The model named ``key``, a ``Trained`` of its family, loaded once for everybody.

    Raises:
        ModelError: if it cannot be used; nothing is cached then.
    """
    return load(key)


@st.cache_resource(max_entries=TRACES_KEPT, show_spinner=False)
def traced(key: str, text: str | StandIn, _content: Any = None) -> tuple[Encoded, Trace]:
    """What the model named ``key`` made of ``text``, or of the content that a name stands for; see ``Given.key``.

    Raises:
        InputError: if there is nothing in it that can be read.
        ModelError: if the model cannot be used.
    """
    loaded = model(key)
    encoded = loaded.complete(loaded.encode(text) if isinstance(text, str) else loaded.encode(text.name, _content))
    return encoded, loaded.trace(encoded)


def preload() -> None:
    """Load every model and trace an example with each, so that the first visitor waits for nothing."""
    for sentence in out_of_order().values():
        LOG.error("%s", sentence)
    for key in (key for key, recipe in every_recipe().items() if task_of(recipe).kind != "translation"):
        with out_of_order_told(key):
            loaded = model(key)
            loaded.trace(loaded.encode(loaded.task.examples[0].text))


@contextmanager
def out_of_order_told(key: str) -> Iterator[None]:
    """Within it, the model named ``key`` may turn out to be unusable: the log says why, and all others go on."""
    try:
        yield
    except ModelError as error:
        LOG.error("The model “%s” is out of order. %s", key, error)


def select(selection: Selection | None) -> None:
    """Put the selected number into the URL, or take it out."""
    params.put(SELECTED, None if selection is None else selection.address)


def selected(trace: Trace) -> tuple[Selection | None, str]:
    """The selected number, if the URL names one that this trace holds, and otherwise a sentence that says why not."""
    address = params.asked(SELECTED)
    if not address:
        return None, ""
    try:
        place, key, step, unit = address.split(".")
        found = Selection(parse_site(place), key, int(step), int(unit))
        shape = trace.array(found.site, key).shape
    except (ValueError, KeyError):
        return None, _missing(address)
    unit_count = 1 if quantity(key).dims == ("step",) else shape[-1]
    if not (0 <= found.step < len(trace.tokens_of(found.site)) and 0 <= found.unit < unit_count):
        return None, _missing(address)
    LAST_SELECTED.put(address)
    return found, ""


def _missing(address: str) -> str:
    """What to say of a number that the trace lacks: nothing if it was there until the text or model changed."""
    if address == LAST_SELECTED.get():
        select(None)
        return ""
    return "The number that this link points to is not in this picture; click any cell to choose another."
