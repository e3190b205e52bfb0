"""One unit all over the corpus: where it is strongest, to what it responds, how long it remembers, what it follows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core_models.corpus.places import Floats, Ints
from core_models.corpus.units import Description, describe, drawn, responses, strongest
from core_models.explain.memory.timescale import half_lives
from core_models.language import mark, say
from core_models.trace import Site
from core_models.vocabulary import quantity
from pretrained.corpus.tracks import said_of
from viz import params
from viz.cards import save_table
from viz.corpus import deeper, results
from viz.corpus.held import Held
from viz.figures.parts.tables import in_table
from viz.figures.parts.written import plain, signed
from viz.markdown import escape
from viz.params import Param
from viz.run import ModelRun

UNIT = Param("unit")
CONTEXTS = Param("contexts", {"strongest": mark("strongest"), "weakest": mark("weakest"), "random": mark("at random")})
COUNT, ROWS, POSITIONS = 45, 8, 40
"""Places that are listed, rows of the table of responses from either end, and positions that are told apart."""


def show(asked: ModelRun, held: Held, site: Site, key: str) -> None:
    """The unit, in a few words where luck allows it, and where it is strongest."""
    values = held.values(site, key)
    with st.container(width=160):
        unit = params.number(say("Unit"), UNIT, range(values.shape[1]), _opening(asked, site, key))
    own = np.ascontiguousarray(values[:, unit])
    st.header(say("Unit {unit} of the {label}", unit=unit, label=quantity(key).label), divider="gray")
    told = st.container()
    st.caption(_summary(asked, site, own, unit))
    left, right = st.columns(2)
    with left:
        way = params.choose(say("Places"), CONTEXTS, pills=True, titled=False)
        places = _places(own, held.corpus.bounds, way)
        said = [signed(float(own[place]), 3) for place in places]
        results.show_list(held, places, places + 1, said, site, key, unit)
        results.show_files(held, places, places + 1, f"unit-{unit}-{way}", value=own[places].tolist())
    with right:
        _show_responses(held, own, unit)
    _show_positions(held, own)
    with told:
        st.markdown(_described(describe(own, held.tracks(), held.luck(site, key))))
    deeper.offer(deeper.Asked(asked, held, site, key, unit))


def _opening(asked: ModelRun, site: Site, key: str) -> int:
    """The selected unit, or the one that changes most on the input."""
    selection = asked.selection
    if selection and (selection.site, selection.key) == (site, key):
        return selection.unit
    return int(asked.trace.array(site, key).std(axis=0).argmax())


def _places(values: Floats, bounds: Ints, way: str) -> Ints:
    if way == "random":
        return drawn(bounds, COUNT)
    return strongest(values, bounds, COUNT, largest=way == "strongest")


def _described(found: Description | None) -> str:
    """What it follows, or that luck does as well."""
    if found is None:
        return say("No description: nothing of the list varies enough in this corpus.")
    name = escape(said_of(found.name))
    scores = say("score {score:.2f} on both halves of the corpus; luck’s best {luck:.2f}", score=found.score,
                 luck=found.luck)  # fmt: skip
    if not found.holds:
        return say("**No description**: the best of the list, “{name}”, hardly beats luck ({scores}).", name=name,
                   scores=scores)  # fmt: skip
    if found.sign > 0:
        return say("**High with: {name}** ({scores}).", name=name, scores=scores)
    return say("**Low with: {name}** ({scores}).", name=name, scores=scores)


def _summary(asked: ModelRun, site: Site, values: Floats, unit: int) -> str:
    """Range over the corpus, and the half-life on the input."""
    low, middle, high = (plain(value, 3) for value in np.quantile(values, [0.05, 0.5, 0.95]))
    said = say("Over the corpus 90% of its values lie between {low} and {high}, the median is {middle}.", low=low,
               high=high, middle=middle)  # fmt: skip
    lives = half_lives(asked.trace, site)
    if lives is None:
        return said
    life = lives[unit]
    if not np.isfinite(life):
        return said
    return say("{range} Its gate gives it a half-life of {life:.1f} tokens on the input above.", range=said, life=life)


def _show_responses(held: Held, values: Floats, unit: int) -> None:
    """Mean value by token, largest and smallest, with intervals."""
    found = responses(values, [label.lower() for label in held.corpus.labels])
    table = pd.DataFrame(
        [{"token": each.name, "mean": each.mean, "±": each.half, "times": each.count} for each in found]
    )
    st.markdown(say("**Response by token**"))
    if table.empty:
        st.caption(say("No token occurs often enough."))
        return
    shown = table if len(table) <= 2 * ROWS else pd.concat([table.head(ROWS), table.tail(ROWS)])
    config = {"token": say("token"), "times": say("times"), "mean": say("mean")}
    st.dataframe(
        in_table(shown, 3), hide_index=True, column_config=config, height=35 * (len(shown) + 1) + 3,
        alt=say("Response by token"),
    )  # fmt: skip
    st.caption(say("The largest means and the smallest; ± is half a 95% interval."))
    save_table("responses", f"{held.key}-unit-{unit}-by-token", lambda: table)


def _show_positions(held: Held, values: Floats) -> None:
    """Mean value by position in the text."""
    position = np.arange(len(values)) - held.corpus.bounds[held.corpus.document_of()]
    kept = position < POSITIONS
    counts = np.bincount(position[kept])
    mean = np.bincount(position[kept], values[kept]) / np.maximum(counts, 1)
    st.markdown(say("**Response by position in the text**"))
    table = pd.DataFrame({"position": np.arange(1, len(mean) + 1), "mean": mean})
    st.line_chart(table, x="position", y="mean", x_label=say("position"), y_label=say("mean"), height=200)
