"""Series of numbers: the forecast and its interval, what came, and what simple forecasts would have said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core_models.heads.forecast import CENTRE, FORECAST, LOWER, STRETCH, UPPER
from core_models.inputs.numbers import INPUT
from core_models.language import mark, say
from core_models.networks.sequence import ATTENTION
from core_models.trace import Site, Trace
from core_models.vocabulary import Kind
from pretrained.families.forecast import naive
from pretrained.families.forecast.calibration import held_on_test, is_rolling
from pretrained.families.forecast.trained import TrainedForecaster
from pretrained.kinds.forecast import MARK, Series, SeriesTask
from pretrained.registry import sound_recipes
from pretrained.task import Given
from pretrained.trained import Trained
from viz import session
from viz.cards import Card, Origin, show, show_and_pick
from viz.figures.parts.token_axis import escape, spell
from viz.figures.scores.references import draw_references
from viz.figures.sequences import forecast as figure
from viz.figures.sequences.forecast import Forecast, spread_of
from viz.kinds.kind import SequenceKind
from viz.kinds.long.series import show_overview
from viz.kinds.scores import scores_card
from viz.kinds.series.input import hold, shown_series, take_series
from viz.kinds.series.tuning import copy_of, forecast_of_copy, held_run, show_tuning
from viz.placing import Pick
from viz.view import Options, Target

TARGET = Target(FORECAST, CENTRE)
LOOKED = Target(ATTENTION, "attention_weights")


def show_answer(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    """The forecast on its axis of time, and in words."""
    reader = as_reader(model)
    series, last = shown_series(reader.task)
    show_overview(reader, series, last)
    shown = _forecast(reader, series, last, trace)
    left, right = st.columns([3, 1])
    with left:
        found = _show_forecast(replace(shown, attention=None), trace, options, brief=True)
    with right:
        _show_verdict(reader, series, shown)
    return found


def show_more(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    """The forecast with the attention behind it, beside simple forecasts, and a copy that learns."""
    reader, found = as_reader(model), list[Pick]()
    series, last = shown_series(reader.task)
    shown = _forecast(reader, series, last, trace)
    left, right = st.columns([3, 1])
    with left:
        found = _show_forecast(shown, trace, options, brief=False)
    with right:
        _show_errors(trace, shown)
    show_tuning(reader, series)
    return found


def _forecast(reader: TrainedForecaster, series: Series, last: int, trace: Trace) -> Forecast:
    """The forecast with that of a copy that learned from this series, if there is one."""
    shown = forecast_of(reader.task, series, last, trace)
    run, scores = held_run(reader, series), reader.recipe.scores
    if run is None or run.name != series.name:  # of a copy, none was measured
        rolling = is_rolling(scores, trace.array(FORECAST, STRETCH))
        shown = replace(shown, held=held_on_test(scores, rolling=rolling), before=reader.recent if rolling else 0)
    return replace(shown, copied=forecast_of_copy(reader, series, last))


def _show_forecast(shown: Forecast, trace: Trace, options: Options, *, brief: bool) -> list[Pick]:
    """History and forecast, low if ``brief``."""
    click = show_and_pick(Card(
        key="forecast" if brief else "forecast-all", asks=not brief, origin=Origin.of(trace),
        title=say("What was read, and what is forecast") if brief else say("The forecast in full"),
        figure=figure.draw(shown, _selected(trace, options), brief=brief), numbers=lambda: figure.tabulate(shown),
        question=say("The series up to the chosen step, and what the network expects after it."),
        how_to_read=say(
            "Grey: the window that the network reads. Blue: its forecast. The shaded band was set to hold eight of ten "
            "values; its name says how many such bands held on the test. Dashed: forecasts that need no network. ")
        + (say("Orange diamonds: what followed, which the network did not see. ") if not np.isnan(shown.came).all()
           else say("What follows this window is not known yet. "))
        + (say("Green squares: a copy that learned from this series. ") if shown.copied is not None else "")
        + (say("Below, on the same axis: the attention that the last step pays to every step of the window.")
           if shown.attention is not None else ""),
        alt=say("History, forecast with interval, simple forecasts and what came"),
    ))  # fmt: skip
    return [_found(trace, click[0])] if click else []


def as_reader(model: Trained) -> TrainedForecaster:
    """The model as the forecaster that it is.

    Raises:
        TypeError: if it is none.
    """
    if not isinstance(model, TrainedForecaster):
        raise TypeError(f"series: expected a TrainedForecaster, got {type(model).__name__}")
    return model


def forecast_of(task: SeriesTask, series: Series, last: int, trace: Trace) -> Forecast:
    """What the network forecasts after step ``last`` of a series, in the unit of the series."""
    steps = task.step.ahead(series.times[: last + 1], task.horizon)
    values, ends = np.append(series.numbers, np.full(task.horizon, np.nan)), np.array([last])
    window = slice(last - task.window + 1, last + 1)
    _, missing = task.cut(series, last)
    read = trace.array(INPUT, "input_values")[:, 0].astype(float) * series.sd + series.mean
    filled = np.where(missing, read, values[window])
    known = series.numbers[: last + 1].copy()
    known[window] = filled
    simple = {
        say("last value"): naive.persist(known, ends, task.horizon)[0],
        task.seasonal_name: naive.seasonal(known, ends, task)[0],
    }
    weights = trace.array(*_place(LOOKED))[:, -1].mean(axis=0) if _place(LOOKED) in trace else None
    lower, centre, upper = (
        trace.array(FORECAST, key).astype(float) * series.sd + series.mean for key in (LOWER, CENTRE, UPPER)
    )
    channel = task.channels[0]
    unit = "" if series.column else channel.unit
    name = escape(spell(series.column, 40)) if series.column else say(channel.title)
    return Forecast(
        labels=(*trace.tokens.labels, *task.step.labels(steps)),
        history=filled,
        missing=missing,
        centre=centre,
        lower=lower,
        upper=upper,
        came=values[last + 1 : last + 1 + task.horizon],
        simple=simple,
        attention=weights,
        title=say("{name}, {place}", name=name, place=unit) if unit else name,
        unit=unit,
    )


def _place(target: Target) -> tuple[Site, str]:
    return target.site, target.key


def _selected(trace: Trace, options: Options) -> int | None:
    """The selected place on the axis: a step of the window, or one ahead."""
    selection, _ = session.selected(trace)
    if selection and selection.site == FORECAST:
        return len(trace) + selection.unit
    return options.step


def _found(trace: Trace, place: int) -> Pick:
    """What a click stands for: ahead the forecast; in the window the attention paid to that step, or a state there."""
    if place >= len(trace):
        return TARGET, (len(trace) - 1, place - len(trace))
    if _place(LOOKED) in trace:
        return LOOKED, (len(trace) - 1, place)
    site, row = trace.find(Kind.STATE)[-1]
    return Target(site, row.key), (place, 0)


def _show_verdict(reader: TrainedForecaster, series: Series, shown: Forecast) -> None:
    """The forecast at the scored step in words, and how far to trust it."""
    task, unit = reader.task, f" {shown.unit}" if shown.unit else ""
    ahead = max(task.scored)
    low, centre, high = (float(values[ahead - 1]) for values in (shown.lower, shown.centre, shown.upper))
    noun = say(task.step.name)
    one, several = say("Expected the next {noun}", noun=noun), say("Expected {n} {noun}s ahead", n=ahead, noun=noun)
    st.metric(several if ahead > 1 else one, f"{centre:.4g}{unit}")
    place = shown.labels[len(shown.history) + ahead - 1]
    st.caption(say("Interval {low:.4g} to {high:.4g}{unit}, {when}.", low=low, high=high, unit=unit, when=place))
    st.caption(_how_it_was_set(reader, shown, ahead))
    errors = shown.errors()
    if errors:
        best, own = min(errors, key=errors.__getitem__), say("this model")
        other = best if best != own else min(set(errors) - {best}, key=errors.__getitem__, default="")
        if other:
            told = {"other": other, "error": errors[other], "own": errors[own], "unit": unit}
            closer = say("“{other}” would have been closer here: a mean error of {error:.4g} against {own:.4g}{unit}.")
            further = say(
                "“{other}” would have been further off here: a mean error of {error:.4g} against {own:.4g}{unit}."
            )
            st.caption((closer if best != own else further).format(**told))
    if series.column:
        st.caption(say("Its errors were measured on its own data set, not on this series."))


def _how_it_was_set(reader: TrainedForecaster, shown: Forecast, ahead: int) -> str:
    """What set the width of the interval, and how often such a one held."""
    if shown.held is None:
        return say("How often the interval of a copy holds was never measured.")
    share = shown.held[ahead - 1]
    if shown.before:
        return say(
            "Set to hold 80% of what followed the {n} windows before; on unseen data such intervals held {share:.0%}.",
            n=shown.before,
            share=share,
        )  # fmt: skip
    return say(
        "Fewer than {n} windows whose outcome is known lie before this one, so that it is as wide as held 80% of older "
        "data; on unseen data such intervals held {share:.0%}.",
        n=reader.recent, share=share,
    )  # fmt: skip


def _show_errors(trace: Trace, shown: Forecast) -> None:
    """The errors of all forecasts here."""
    errors, axis = shown.errors(), say("mean error, {unit}", unit=shown.unit) if shown.unit else say("mean error")
    if errors:
        rows = pd.DataFrame({"model": list(errors), "error": list(errors.values())})
        rows["highlighted"] = rows["model"] == say("this model")
        show(Card(
            key="forecast-errors", title=say("Average error here"), question=say("The mean absolute error."),
            figure=draw_references(rows, "error", axis), numbers=lambda: rows, origin=Origin.of(trace),
            alt=say("Mean absolute error of this forecast and of simple ones"),
        ))  # fmt: skip


MEASURES = {
    "rmse": mark("root mean square error"),
    "mae": mark("mean absolute error"),
    "mse": mark("mean square error"),
}


def headline(reader: TrainedForecaster) -> str:
    """What is claimed of the network on unseen data, and how often its interval held."""
    scores, task = reader.recipe.scores, reader.task
    unit = say(" in standard deviations") if task.relative else f" {task.channels[0].unit}"
    rival = min(NAMES, key=lambda name: scores[f"test_{name}"])
    held, fixed = (spread_of(held_on_test(scores, rolling=rolling)) for rolling in (True, False))
    own, best = scores[f"test_{task.measure}"], scores[f"test_{rival}"]
    verdict = (
        say("less than all simple methods")
        if own < best
        else say("more than {names}, which wins here", names=say(NAMES[rival]))
    )
    return say(
        "On {count:,} unseen windows its {measures} is {own:.3g} [{low:.3g}, {high:.3g}]{unit}, {verdict} ({names} "
        "{best:.3g}, last value {persistence:.3g}). The width of the interval around a forecast is set by the {recent} "
        "windows before, to hold 80% of what followed them. On the unseen windows {held} of what came fell inside, "
        "depending on how far ahead; where too little lies before and the width is the one set once on older data, it "
        "was {fixed}.",
        count=scores["test_count"],
        measures=say(MEASURES[task.measure]),
        own=own,
        low=scores[f"test_{task.measure}_interval"][0],
        high=scores[f"test_{task.measure}_interval"][1],
        unit=unit,
        verdict=verdict,
        names=say(NAMES[rival]),
        best=best,
        persistence=scores["test_persistence"],
        recent=reader.recent,
        held=held,
        fixed=fixed,
    )


NAMES = {
    "persistence": mark("last value"),
    "seasonal": mark("last season"),
    "seasonal_moved": mark("last season, moved to the last value"),
    "ridge": mark("ridge regression"),
}


def show_scores(model: Trained) -> None:
    """The headline on test beside the other models of the task, simple methods and published figures."""
    reader = as_reader(model)
    st.markdown(headline(reader))
    task, scores = reader.task, reader.recipe.scores
    key = f"test_{task.measure}"
    models = {say(r.title): r.scores[key] for r in sound_recipes("forecast").values() if r.task == task.key}
    simple = {say(NAMES[name]): scores[f"test_{name}"] for name in NAMES}
    published = {say("published: {name}", name=say(name)): value for name, value in task.references.items()}
    table = pd.DataFrame([*models.items(), *simple.items(), *published.items()], columns=["model", "error"])
    table["highlighted"] = table["model"] == say(reader.recipe.title)
    title = say("{upper} on test, {unit}", upper=task.measure.upper(), unit=say(task.unit))
    show(scores_card(reader.recipe, table, "error", title))
    measure = say(
        "{upper}: {measures}, less is better.", upper=task.measure.upper(), measures=say(MEASURES[task.measure])
    )
    st.caption(
        say(
            "{measure} Last season: {season_name}. {credit}",
            measure=measure,
            season_name=say(task.season_name),
            credit=say(task.credit),
        )
    )


def address(trace: Trace) -> tuple[Site, str]:
    """The state after a step."""
    site, row = trace.find(Kind.STATE)[-1]
    return site, row.key


def take_input(task: Any) -> Given:
    """The series, an example or a person's own, and the step that is read last."""
    name, last, content = take_series(task)
    return Given(f"{name}{MARK}{last}", content)


def scale(model: Trained) -> tuple[float, float, str]:
    """See ``SequenceKind``: those of the series on the screen; one of a person's own has no known unit."""
    reader = as_reader(model)
    series, _ = shown_series(reader.task)
    return series.mean, series.sd, "" if series.column else say(reader.task.channels[0].unit)


SERIES = SequenceKind(
    headline=mark("Watch a trained network forecast a series"),
    about=mark(
        "The network reads numbers step by step and says what comes next, and how sure it is. Below "
        "is everything that happened inside it, in exact numbers."
    ),
    take_input=take_input,
    show_answer=show_answer,
    show_more=show_more,
    show_scores=show_scores,
    address=address,
    hold=hold,
    scale=scale,
    copied=copy_of,
)
