"""A stretch of the input, chosen on its heatmap or by name, and the units that are on in it and off beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from core_models.corpus.places import Floats, Pattern, stretch, switched_on, units_on
from core_models.language import mark, say, say_n
from core_models.trace import Site
from core_models.vocabulary import quantity
from viz import params
from viz.cards import show_zoomed
from viz.figures.corpus import brushed
from viz.figures.parts.marks import picked
from viz.figures.parts.token_axis import spell
from viz.figures.trace import heatmap
from viz.linked_plot import Zoom
from viz.markdown import escape
from viz.params import Param
from viz.placing import card_of
from viz.run import ModelRun
from viz.view import Options, Target

FIRST, LAST, WAY = (
    Param("from-token"),
    Param("to-token"),
    Param("way", {"above": mark("at least"), "below": mark("at most")}),
)
THRESHOLD = Param("threshold")
MARGIN = Param("margin", {"1": mark("1 token"), "0": mark("none"), "2": mark("2 tokens"), "3": mark("3 tokens")})

MOST_NAMED = 24
"""Units that are named."""


@dataclass(frozen=True)
class Brush:
    """A stretch of the input and what is on there: first and last step, and as in ``Pattern``."""

    first: int
    last: int
    threshold: float
    above: bool
    margin: int

    def units(self, values: Floats, threshold: float | None = None) -> tuple[int, ...]:
        """The units that are on in the stretch and off beside it, from another threshold where one is given."""
        span = (self.first, self.last + 1)
        limit = self.threshold if threshold is None else threshold
        return units_on(values, span, limit, above=self.above, before=self.margin, after=self.margin)

    def pattern(self, units: tuple[int, ...], threshold: float | None = None) -> Pattern:
        """What is looked for."""
        limit = self.threshold if threshold is None else threshold
        return Pattern(units, limit, self.above, self.last + 1 - self.first, self.margin, self.margin)


def pick(asked: ModelRun, site: Site, key: str) -> Brush:
    """The controls, the heatmap, and the units in a sentence."""
    values = asked.trace.array(site, key)
    brush = _pick(asked, values, key)
    units = brush.units(values)
    _show_heatmap(asked, site, key, brush, units)
    if units:
        names = say(", ").join(map(str, units[:MOST_NAMED])) + (" …" if len(units) > MOST_NAMED else "")
        words = " ".join(map(spell, asked.tokens.labels[brush.first : brush.last + 1]))
        st.markdown(say_n("In “{words}” **{n} of {all} units** is on, and off beside it: {names}.",
                          "In “{words}” **{n} of {all} units** are on, and off beside it: {names}.",
                          len(units), words=escape(words), all=values.shape[1], names=names))  # fmt: skip
    return brush


def _pick(asked: ModelRun, values: Floats, key: str) -> Brush:
    tokens = {str(at): f"{at + 1} {spell(label)}" for at, label in enumerate(asked.tokens.labels)}
    offered = thresholds(key, values)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        above = params.choose(say("On where the value is"), WAY, pills=True) == "above"
        signed = {value: value.replace("-", "−") for value in offered}
        threshold = float(params.slide(say("Threshold"), THRESHOLD, signed, default=offered[len(offered) * 3 // 4]))
        first = int(params.choose(say("From"), FIRST, tokens, default=str(_opening(values, threshold, above))))
        later = {at: name for at, name in tokens.items() if int(at) >= first}
        last = int(params.choose(say("To"), LAST, later, default=str(first)))
        margin = int(params.choose(say("Off beside it for"), MARGIN))
    return Brush(first, last, threshold, above, margin)


def thresholds(key: str, values: Floats) -> list[str]:
    """What can be chosen, in the range of the quantity."""
    if quantity(key).low == 0.0:
        return [f"{at / 20:g}" for at in range(21)]
    if np.abs(values).max() <= 1.0:
        return [f"{at / 10:g}" for at in range(-10, 11)]
    return [f"{at / 2:g}" for at in range(-20, 21)]


def _opening(values: Floats, threshold: float, above: bool) -> int:
    """The step at which most units switch on."""
    on = switched_on(values, threshold, above)
    before = np.concatenate([np.zeros_like(on[:1]), on[:-1]])
    return int((on & ~before)[1:].sum(axis=1).argmax()) + 1 if len(on) > 1 else 0


def _show_heatmap(asked: ModelRun, site: Site, key: str, brush: Brush, units: tuple[int, ...]) -> None:
    """The quantity on the input; tokens that are dragged over are taken, and the stretch of a cell that is clicked."""
    target, values = Target(site, key), asked.trace.array(site, key)
    card = card_of(heatmap.VIEW, asked.trace, target, Options())
    figure = brushed.draw(asked.trace, target, units, (brush.first, brush.last))
    found = show_zoomed(replace(
        card, key="corpus-brush", figure=figure,
        question=say("Drag across tokens to take them, or click a cell to take the stretch in which its unit is on."),
        how_to_read=say(brushed.HOW_TO_READ),
    ))  # fmt: skip
    if isinstance(found, Zoom):
        if found.first is not None and found.last is not None:
            _take(max(0, found.first), min(found.last, len(values) - 1), brush)
    elif found and (place := picked(figure, found)) and place[1] is not None:
        _take(*stretch(switched_on(values, brush.threshold, brush.above)[:, place[1]], place[0]), brush)


def _take(first: int, last: int, brush: Brush) -> None:
    if (first, last) != (brush.first, brush.last):
        params.put(FIRST, str(first))
        params.put(LAST, str(last))
        st.rerun()
