"""The way to the Explain page from others."""

from __future__ import annotations

from core_models.language import say
from viz import params
from viz.explain.edits.stack import EDITS, current_address
from viz.inputs import MODEL, TEXT, in_url
from viz.learned import TRAINED
from viz.models import finished
from viz.params import Param, address
from viz.run import ModelRun


def link_to_explain(asked: ModelRun, label: str = "") -> None:
    """A link to the Explain page with the same model, input and what-ifs."""
    params.link(
        "app_pages/explain.py",
        label or say("All on a page of their own"),
        ":material/fact_check:",
        query_of(asked) | what_ifs(),
    )


def what_ifs() -> dict[Param, str]:
    """What stands in the address of another page for the same what-ifs; nothing where there are none."""
    held = current_address()
    return {EDITS: held} if held else {}


def query_of(asked: ModelRun) -> dict[Param, str]:
    """What stands in the address of another page that shows the same model and input.

    A part of something longer is told by all that this page's address holds; elsewhere its name means nothing.
    """
    if asked.given.content is None:
        trained = {TRAINED: value} if (value := address().get(TRAINED)) else {}
        return {MODEL: finished(asked.trace.model), TEXT: in_url(asked.text)} | trained
    return {Param(name): value for name, value in address().items()}
