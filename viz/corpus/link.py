"""The way to the Corpus page from others."""

from __future__ import annotations

from core_models.language import say
from core_models.trace import Site
from viz import params
from viz.inputs import MODEL, TEXT, in_url
from viz.models import finished
from viz.params import Param
from viz.run import ModelRun
from viz.session import SELECTED


def unit_query(site: Site, key: str, unit: int) -> dict[Param, str]:
    """What stands in the address of the page of one unit, beside model and input."""
    return {Param("find"): "unit", Param("quantity"): f"{site.key}.{key}", Param("unit"): str(unit)}


def link_to_corpus(asked: ModelRun) -> None:
    """A link to the Corpus page with the same model, input and selected number; none where no text is read."""
    if asked.given.content is not None or not asked.model.task.characters:
        return
    query = {MODEL: finished(asked.trace.model), TEXT: in_url(asked.text)}
    if asked.selection:
        query[SELECTED] = asked.selection.address
    params.link("app_pages/corpus.py", say("Find this in a corpus"), ":material/travel_explore:", query)
