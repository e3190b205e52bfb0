"""How good are forecasts over a whole series? By steps ahead, hour and season, beside the strongest simple forecast."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from core_models.language import mark, say, say_n, together
from pretrained.analysis.forecasts import MOST, Scored, Scoring
from pretrained.analysis.labelled import Ints
from pretrained.families.forecast.calibration import HELD as AIM
from pretrained.families.forecast.trained import TrainedForecaster
from pretrained.kinds.forecast import MARK
from pretrained.trained import Trained
from viz import cards, inputs, params
from viz.batch.again import follow
from viz.batch.given import FILES
from viz.batch.places import MODEL, Places, titles_of
from viz.batch.slices import Ground, search_slices
from viz.cards import Card, Origin, save_table, show_notices
from viz.figures.scores.along import draw_along
from viz.files.control import show_told
from viz.kept import Kept, Latest
from viz.kinds.long.series import END
from viz.kinds.series.input import pick_series, say_how_it_is_read
from viz.kinds.series.picture import MEASURES, NAMES, as_reader
from viz.params import Param

BY = Param("by", public=False)
MOST_SHOWN = 200
"""Windows that are listed, those that are farthest off first."""

ENDS, ERROR, SIMPLE, INSIDE = (
    mark("window ends at"), mark("error"), mark("strongest simple forecast"), mark("inside the interval"),
)  # fmt: skip


@dataclass(eq=False)
class Judged:
    """A series that was read, with what was found of it."""

    scored: Scored
    places: Places
    ground: Ground


RUN, JUDGED = Kept[Scoring]("batch windows"), Latest[Judged]("batch windows judged")


def show(model: Trained) -> None:
    """The whole page for a forecaster: the series, its windows, and how far they are off."""
    reader = as_reader(model)
    FILES.ask()
    told = FILES.told()
    if told and told.sentences:
        show_told(told)
    with st.container(width=480):
        series, own = pick_series(reader.task)
    say_how_it_is_read(reader.task, series, own=own)
    show_notices(series.notices)
    if st.button(say("Forecast every window of it"), type="primary", icon=":material/play_arrow:", key="run-windows"):
        RUN.take()
        RUN.put(Scoring(reader.task, reader.network, series, reader.recent))
    run = RUN.get()
    if run is None or run.network is not reader.network or run.series.name != series.name:
        st.caption(say(
            "Every stretch of {window} {noun}s whose outcome is known is read by itself, up to the last {most:,} of "
            "them, and its forecast held against what came.",
            window=reader.task.window, noun=say(reader.task.noun), most=MOST,
        ))  # fmt: skip
        return
    if run.busy:
        follow(run, "windows", lambda count: say_n("{n:,} window read", "{n:,} windows read", count))
    judged = JUDGED.made((run, run.done), lambda: _judge(run))
    _show(reader, run, judged)


def _judge(run: Scoring) -> Judged:
    scored = run.scored()
    measured, known = scored.measured(scored.loss(scored.centre))
    said = mark(
        "The worst of {n:,} groups of at least {least} values from eight stretches of time or more: by steps ahead, "
        "hour, day and month, and by how high the last value was. From and to are the 95% interval, which counts "
        "neighbouring windows as one; p is corrected for the search (Holm)."
    )
    value = MEASURES["mae" if scored.task.measure == "mae" else "mse"]
    none = mark("No group has at least {least} values from eight stretches of time: choose a longer series.")
    places = Places(scored)
    return Judged(scored, places, Ground(measured, partial(places.groups, known), value, "%.4g", said, none))


def _show(reader: TrainedForecaster, run: Scoring, judged: Judged) -> None:
    scored, places = judged.scored, judged.places
    st.header(say("Forecasts and what came"), divider="gray")
    st.markdown(_said(scored))
    st.caption(_counted(run, scored))
    origin = Origin(reader.recipe.key, scored.series.title)
    left, right = st.columns(2)
    with left:
        ahead = places.table("ahead")
        cards.show(Card(
            key="error-ahead", title=say("Error by steps ahead"), group="error-ahead", origin=origin,
            question=say("How fast does the forecast grow worse, and when does a simple one do as well?"),
            how_to_read=say("The band is the 95% interval of the model’s error, neighbouring windows taken together."),
            figure=_drawn(scored, ahead, titles_of(scored.task)["ahead"]), numbers=lambda: ahead,
        ))  # fmt: skip
        _show_simple(scored)
    with right:
        held = places.held
        cards.show(Card(
            key="held-ahead", title=say("What the drawn intervals held"), group="held-ahead", origin=origin,
            question=say("Does the interval hold {aim:.0%} of what comes, as it is meant to?", aim=AIM),
            how_to_read=say("The dashed line is what is aimed at. Below it intervals are too narrow, above too wide."),
            figure=draw_along(held, titles_of(scored.task)["ahead"], say("share inside"), (say(MODEL),), aim=AIM,
                              share=True), numbers=lambda: held,
        ))  # fmt: skip
        titles = {key: title for key, title in titles_of(scored.task).items() if key != "ahead"}
        by = params.choose(say("Error by"), BY, titles, default=next(iter(titles)), pills=True)
        rows = places.table(by)
        cards.show(Card(
            key="error-by", title=say("Error by {place}", place=titles[by]), group="error-by", origin=origin,
            question=say("Is there a time at which it is wrong more often?"),
            how_to_read=say("Of the time that is forecast, all steps ahead together; the band is the 95% interval."),
            figure=_drawn(scored, rows, titles[by]), numbers=lambda: rows,
        ))  # fmt: skip
    _show_groups(judged)
    _show_worst(reader, scored)


def _unit(scored: Scored) -> str:
    """Unit of errors, with a blank before it; "" where nobody knows it."""
    unit = "" if scored.series.column else scored.task.channels[0].unit
    return f" {unit}²" if unit and scored.task.measure == "mse" else f" {unit}" if unit else ""


def _said(scored: Scored) -> str:
    """How far off, beside what, and how often inside."""
    measure, unit = say(MEASURES[scored.task.measure]), _unit(scored)
    own, low, high = scored.error(scored.centre)
    parts = [
        say("**The {measure} is {own:.4g}{unit}** (95% interval {low:.4g} to {high:.4g}).", measure=measure, own=own,
            unit=unit, low=low, high=high),
        _beside(scored, own),
        say("The drawn intervals held **{share:.1%}** of what came; {aim:.0%} is aimed at.",
            share=float(np.nanmean(scored.held)), aim=AIM),
    ]  # fmt: skip
    return together(*filter(None, parts))


def _beside(scored: Scored, own: float) -> str:
    """The model beside the strongest simple forecast."""
    name = say(NAMES[scored.strongest])
    best = scored.error(scored.simple[scored.strongest])[0]
    _, low, high = scored.better_by
    fields = {"name": name, "best": best, "share": abs(1.0 - own / best) if best else 0.0}
    if low > 0.0:
        return say("That is **{share:.0%} less** than the strongest simple forecast, “{name}” ({best:.4g}).", **fields)
    if high < 0.0:
        return say("That is **{share:.0%} more** than the strongest simple forecast, “{name}” ({best:.4g}).", **fields)
    return say("No difference beyond chance from the strongest simple forecast, “{name}” ({best:.4g}).", **fields)


def _counted(run: Scoring, scored: Scored) -> str:
    """What the numbers are of."""
    windows = int(scored.shared.any(axis=1).sum())
    said = [say_n("Over {n:,} window of {values:,} values ahead, for which there is every forecast.",
                  "Over {n:,} windows with {values:,} values ahead, for which there is every forecast.",
                  windows, values=int(scored.shared.sum()))]  # fmt: skip
    if "ridge" in scored.simple:
        said.append(say("The ridge regression learned from the first half of the windows, which count only for what "
                        "the intervals held."))  # fmt: skip
    if run.left_out:
        said.append(say("The {n:,} windows before these were not read.", n=run.left_out))
    if run.stopped:
        said.append(say("It was stopped; what was read is counted."))
    return together(*said)


def _drawn(scored: Scored, rows: pd.DataFrame, along: str) -> alt.LayerChart | alt.FacetChart:
    """The error of the model and of the strongest simple forecast."""
    value = say(MEASURES[scored.task.measure])
    unit = _unit(scored).strip()
    title = say("{measure}, {unit}", measure=value, unit=unit) if unit else value
    return draw_along(rows, along, title, (say(MODEL), say(NAMES[scored.strongest])))


def _simple_table(scored: Scored) -> pd.DataFrame:
    every = {MODEL: scored.centre} | {NAMES[name]: values for name, values in scored.simple.items()}
    rows = [(say(name), *scored.error(values)) for name, values in every.items()]
    return pd.DataFrame(rows, columns=[say("method"), say(ERROR), say("from"), say("to")]).sort_values(say(ERROR))


def _show_simple(scored: Scored) -> None:
    table = _simple_table(scored)
    forms = {name: st.column_config.NumberColumn(format="%.4g") for name in list(table)[1:]}
    st.markdown(say("**Beside simple forecasts**"))
    st.dataframe(table, hide_index=True, column_config=forms, alt=say("Errors of all forecasts"))
    save_table("simple", "simple-forecasts", partial(_simple_table, scored))


def _show_groups(judged: Judged) -> None:
    st.markdown(say("**Where is it wrong?**"))
    asked = st.button(say("Search the worst groups of values"), icon=":material/troubleshoot:", key="window-slices")
    search_slices(judged.ground, asked=asked)


def tabulate(scored: Scored) -> pd.DataFrame:
    """One row for every value that is forecast: when, from which window, and what came."""
    count, horizon = scored.centre.shape
    places = scored.ends[:, None] + 1 + np.arange(horizon)
    times = Places(scored).times
    found = {
        "window_end": np.repeat(times[scored.ends], horizon),
        "ahead": np.tile(np.arange(1, horizon + 1), count),
        "time": times[places.ravel()],
        "forecast": scored.centre.ravel(), "lower": scored.lower.ravel(), "upper": scored.upper.ravel(),
        "came": scored.came.ravel(),
    }  # fmt: skip
    return pd.DataFrame(found | {name: values.ravel() for name, values in scored.simple.items()})


def _worst_table(scored: Scored) -> tuple[pd.DataFrame, Ints]:
    """The windows that are farthest off, and the last step of each."""
    rows = np.flatnonzero(scored.shared.any(axis=1))
    own, simple = (
        np.array([scored.shown(mean) for mean in np.nanmean(scored.loss(forecast)[rows], axis=1)])
        for forecast in (scored.centre, scored.simple[scored.strongest])
    )
    order = np.argsort(-own, kind="stable")[:MOST_SHOWN]
    ends = scored.ends[rows[order]]
    table = pd.DataFrame({
        say(ENDS): scored.task.step.stamps(scored.series.times[ends]),
        say(ERROR): own[order],
        say(SIMPLE): simple[order],
        say(INSIDE): np.nanmean(scored.held[rows[order]], axis=1),
    })  # fmt: skip
    return table, ends


def _show_worst(reader: TrainedForecaster, scored: Scored) -> None:
    """The windows that are farthest off, each of which opens on Explore."""
    st.markdown(say("**The windows that are farthest off**"))
    table, ends = _worst_table(scored)
    numbers = {say(name): st.column_config.NumberColumn(format="%.4g") for name in (ERROR, SIMPLE)}
    event = st.dataframe(
        table, hide_index=True, key="worst-windows", on_select="rerun", selection_mode="single-row",
        column_config=numbers | {say(INSIDE): st.column_config.NumberColumn(format="percent")},
        height=min(300, 37 * (len(table) + 1)), alt=say("The windows that are farthest off"),
    )  # fmt: skip
    picked = event["selection"]["rows"]
    if picked and picked[0] < len(table):
        name = scored.series.name
        query = {inputs.MODEL: reader.recipe.key, inputs.TEXT: name, END: f"{name}{MARK}{ends[picked[0]]}"}
        params.link("app_pages/explore.py", say("Open this window on Explore"), ":material/search:", query)
    else:
        st.caption(say("Tick a row on its left to open its window on Explore."))
    save_table("windows", f"windows-{reader.recipe.key}", partial(tabulate, scored),
               say("Every window with its forecasts, their intervals, and what came"))  # fmt: skip
