"""The way to the Corpus page from others."""

from __future__ import annotations

from core_models.language import say
from core_models.trace import Site
from viz import params
from viz.figures.parts.token_axis import spell
from viz.inputs import MODEL, TEXT, in_url
from viz.markdown import escape
from viz.models import finished
from viz.params import Param
from viz.run import ModelRun
from viz.session import SELECTED

TOKEN, DOT = Param("token"), "dot-"
"""The token whose state is looked for, or, behind this beginning, the number of the state of another input."""


def unit_query(site: Site, key: str, unit: int) -> dict[Param, str]:
    """What stands in the address of the page of one unit, beside model and input."""
    return {Param("find"): "unit", Param("quantity"): f"{site.key}.{key}", Param("unit"): str(unit)}


def link_to_states(asked: ModelRun, site: Site, key: str, step: int | None, dot: int | None) -> None:
    """Links to the states of a corpus that are like that after a token, and like the dot that was clicked.

    Args:
        asked: model and input.
        site, key: of the state.
        step: the selected token; the last one if None.
        dot: the number of the state of another input; None if none was clicked.
    """
    if not _has_corpus(asked) or site.module != "rnn":
        return
    query = {MODEL: finished(asked.trace.model), TEXT: in_url(asked.text), Param("find"): "states",
             Param("quantity"): f"{site.key}.{key}"}  # fmt: skip
    at = len(asked.trace) - 1 if step is None else step
    label = say("Where else is the state as after “{token}”?", token=escape(spell(asked.trace.tokens.labels[at])))
    params.link("app_pages/corpus.py", label, ":material/travel_explore:", query | {TOKEN: str(at)})
    if dot is not None:
        label = say("Where else is the state as in the dot that you clicked?")
        params.link("app_pages/corpus.py", label, ":material/travel_explore:", query | {TOKEN: f"{DOT}{dot}"})


def _has_corpus(asked: ModelRun) -> bool:
    return asked.given.content is None and bool(asked.model.task.characters)


def link_to_corpus(asked: ModelRun) -> None:
    """A link to the Corpus page with the same model, input and selected number; none where no text is read."""
    if not _has_corpus(asked):
        return
    query = {MODEL: finished(asked.trace.model), TEXT: in_url(asked.text)}
    if asked.selection:
        query[SELECTED] = asked.selection.address
    params.link("app_pages/corpus.py", say("Find this in a corpus"), ":material/travel_explore:", query)
