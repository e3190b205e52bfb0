"""Training a copy of the network further on the series on the screen, a little in every run of a fragment.

The copy belongs to the visitor's session, one at a time; the shared network is never changed. A tick learns for a
fraction of a second, so that the person can stop it, and other visitors have their turns between two ticks.
"""

from __future__ import annotations

import math
import weakref
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st
import torch
from numpy.typing import NDArray

from core_models.language import mark, say
from pretrained.families.forecast.trained import TrainedForecaster
from pretrained.families.forecast.tuning import STEPS, Tuning, begin_tuning
from pretrained.families.forecast.windows import forecasts_of
from pretrained.kinds.forecast import UPLOAD, Series, SeriesTask
from pretrained.limits import TRAININGS
from pretrained.task import Given, InputError
from pretrained.trained import Trained
from viz import params
from viz.cards import Card, Origin, show
from viz.figures.sequences.forecast import draw_curve
from viz.kept import Kept
from viz.kinds.series.input import SHOWN
from viz.markdown import escape
from viz.params import Param
from viz.params.stand_ins import draw_name

DRAWER = Param("fine-tuning", public=False)
READ_BY = Param(
    mark("read by"), {"copy": mark("your copy"), "shared": mark("the network as it was trained")}, public=False
)
"""Whose gates are shown once a copy has learned."""

TICK_SECONDS, PER_TICK = 0.3, 5
"""Seconds between two ticks, and batches that are learned in one."""


MOST_TRAININGS = TRAININGS.value()
LEARNING: weakref.WeakSet[Run] = weakref.WeakSet()
"""Every copy that somebody holds."""


class Run:
    """One visitor's copy in training: what it learns from, and whether it was stopped."""

    def __init__(self, model: str, series: str, tuning: Tuning) -> None:
        self.address = model, series
        self.name = draw_name(UPLOAD)
        """What the copy reads is called, so that nothing kept of the shared network is taken for it."""
        self.tuning = tuning
        self.stopped = False
        LEARNING.add(self)

    @property
    def busy(self) -> bool:
        """Whether it goes on by itself."""
        return not (self.stopped or self.tuning.done)


TUNING, PROBLEM = Kept[Run]("tuning"), Kept[str]("tuning problem")
"""The visitor's copy, and why none could begin."""


def held_run(reader: TrainedForecaster, series: Series) -> Run | None:
    """The visitor's run on this series with this model; a run on another one is given up."""
    run = TUNING.get()
    if run and run.address[0] == reader.recipe.key and series.name in (run.address[1], run.name):
        return run
    TUNING.take()
    return None


def copy_of(model: Trained, given: Given) -> tuple[Trained, Given] | None:
    """The visitor's copy, and the series under a name of its own, where one has learned from this series."""
    run, series = TUNING.get(), given.content
    if not isinstance(model, TrainedForecaster) or not isinstance(series, Series) or run is None or run.busy:
        return None
    if run.address != (model.recipe.key, series.name):
        return None
    if params.choose(say("Gates and forecast of"), READ_BY, pills=True) != "copy":
        return None
    own = replace(series, name=run.name)
    shown = SHOWN.get()
    if shown:
        SHOWN.put((own, shown[1]))
    text = given.text.replace(series.name, run.name, 1)
    return replace(model, network=run.tuning.tuned(), reference={}, learned=True), Given(text, own)


def show_tuning(reader: TrainedForecaster, series: Series) -> None:
    """The drawer with everything about training further on this series."""
    title, run = say("Let a copy learn from this series"), held_run(reader, series)
    icon = ":material/model_training:"
    with st.expander(title, expanded=run is not None, icon=icon, key=DRAWER, on_change="rerun") as drawer:
        if not drawer.open:
            return
        st.caption(
            say(
                "A copy of the network learns {steps} batches of windows from the first four fifths of "
                "“{title}”. The last fifth is kept apart, and the error there, over all steps ahead, is "
                "shown. The shared model stays as it is.",
                steps=STEPS,
                title=escape(series.title),
            )
        )
        if run is None:
            st.button(say("Begin"), icon=":material/play_arrow:", key="tune", on_click=_begin, args=(reader, series))
            problem = PROBLEM.take()
            if problem:
                st.warning(problem, icon=":material/edit:")
            return
        st.fragment(_show_run, run_every=TICK_SECONDS if run.busy else None)(reader.task, series, run)


def forecast_of_copy(reader: TrainedForecaster, series: Series, last: int) -> NDArray[np.floating] | None:
    """What the visitor's copy forecasts after a step, in the unit of the series; None where none has learned yet."""
    run = held_run(reader, series)
    if run is None or run.busy:
        return None
    values, _ = reader.task.cut(series, last)
    with torch.no_grad():
        answer = forecasts_of(run.tuning.tuned(), torch.from_numpy(values)[None])[0, :, 0]
    return answer.double().numpy() * series.sd + series.mean


def too_many_learn() -> str:
    """Why no other copy may begin to learn now; "" where one may."""
    if sum(run.busy for run in LEARNING) < MOST_TRAININGS:
        return ""
    return say("As many copies of other visitors are learning as this server is set to train: try again in a minute.")


def _begin(reader: TrainedForecaster, series: Series) -> None:
    if found := too_many_learn():
        PROBLEM.put(found)
        return
    try:
        tuning = begin_tuning(reader.network, reader.task, series)
    except InputError as error:
        PROBLEM.put(str(error))
        return
    TUNING.put(Run(reader.recipe.key, series.name, tuning))


def _stop(run: Run) -> None:
    run.stopped = True
    run.tuning.stop()


def _show_run(task: SeriesTask, series: Series, run: Run) -> None:
    """One tick: learn a little, show how far it is."""
    was_busy = run.busy
    if was_busy:
        run.tuning.advance(PER_TICK)
    tuning, unit = run.tuning, "" if series.column else task.channels[0].unit
    st.progress(tuning.step / STEPS, text=say("{step} of {steps} batches learned", step=tuning.step, steps=STEPS))
    if run.busy:
        st.button(say("Stop"), icon=":material/stop_circle:", key="tune-stop", on_click=_stop, args=(run,))
    steps, errors = [step for step, _, _ in tuning.curve], [error for _, error, _ in tuning.curve]
    simple = zip((say("last value"), task.seasonal_name), tuning.simple().values(), strict=True)
    levels = {name: error for name, error in simple if math.isfinite(error)}
    show(Card(
        key="tuning-curve", title=say("Learning from this series"), origin=Origin(*run.address), group="tuning",
        question=say("How far off is the copy on the end of the series, which it does not learn from?"),
        figure=draw_curve(steps, errors, levels, unit),
        numbers=lambda: pd.DataFrame({"batches": steps, "mean_absolute_error": errors}),
        alt=say("Error on the held-out end of the series by batches learned"),
    ))  # fmt: skip
    st.dataframe(_table(tuning, levels, unit), hide_index=True)
    if not run.busy:
        st.markdown(_verdict(tuning, levels, run.stopped))
        st.caption(
            say(
                "Its forecast is in the figure above. Where a window ends before the last fifth of the "
                "series, the copy has already seen what followed."
            )
        )
        st.button(say("Forget the copy"), icon=":material/delete:", key="tune-forget", on_click=_forget)
    if was_busy and not run.busy:
        st.rerun()


def _forget() -> None:
    TUNING.take()


def _table(tuning: Tuning, levels: dict[str, float], unit: str) -> pd.DataFrame:
    name = say("mean absolute error on the held-out fifth")
    name = say("{measure}, {unit}", measure=name, unit=unit) if unit else name
    rows = [
        (say("as trained"), tuning.before),
        (say("after {n} batches", n=tuning.step), tuning.after),
        *levels.items(),
    ]
    return pd.DataFrame({say("forecast"): [row[0] for row in rows], name: [round(row[1], 4) for row in rows]})


def _verdict(tuning: Tuning, levels: dict[str, float], stopped: bool) -> str:
    change = 1.0 - tuning.after / tuning.before
    stop, after = say("Stopped after {n} batches,", n=tuning.step), say("After {n} batches,", n=tuning.step)
    end = stop if stopped else after
    if change > 0.01:
        said = say("{end} its error on the held-out end is {change:.0%} smaller than before.", end=end, change=change)
    elif change < -0.01:
        said = say(
            "{end} its error on the held-out end is {change:.0%} larger than before: what it learned did not last.",
            end=end,
            change=-change,
        )
    else:
        said = say("{end} its error on the held-out end is unchanged.", end=end)
    best = min(levels, key=levels.__getitem__, default="")
    if best and levels[best] <= tuning.after:
        said += say(" “{best}” still does better.", best=best)
    return said
