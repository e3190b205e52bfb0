"""Models and traces shared by all visitors, but for their own, and the number of a trace that one has selected.

A cached model or trace is used by every visitor at once: nothing here or downstream changes one.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from core_models.encoded import Encoded
from core_models.language import say
from core_models.trace import Site, Trace
from core_models.vocabulary import quantity
from pretrained.errors import ModelError
from pretrained.registry import faults, parse_site, recipes
from pretrained.task import StandIn
from viz import params
from viz.kept import Kept
from viz.models import load
from viz.params import Param
from viz.remembered import remembered

LOG = logging.getLogger(__name__)

MODELS_KEPT = 24
"""A model holds 1 to 10 MB, and is read again in a few hundredths of a second."""

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


@remembered(max_entries=MODELS_KEPT, wordless=True)
def model(key: str) -> Any:
    """The model named ``key``, a ``Trained`` of its family, loaded once for everybody.

    Raises:
        ModelError: if it cannot be used; nothing is cached then.
    """
    return load(key)


@remembered(max_entries=TRACES_KEPT)
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
    """Say in the log which shipped files are broken, and load the model that opens first.

    Every other model is loaded when it is first asked for, which takes a few hundredths of a second.
    """
    for sentence in faults():
        LOG.error("%s", sentence)
    for key in list(recipes("sentiment"))[:1]:
        with suppress(ModelError):
            traced(key, model(key).task.examples[0].text)


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
    return say("The number that this link points to is not in this picture; click any cell to choose another.")
