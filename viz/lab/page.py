"""What the Lab page shows: settings, the training with its place in the queue, and pictures that move with it.

While a network learns, three fragments are drawn again every moment: how far it is, the curves, and the look inside.
Buttons, the slider of recorded points and the choice of the look stand outside of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core_models.language import say
from pretrained.lab.learning import HELD_OUT, Record
from pretrained.lab.queue import LAB, Run
from pretrained.lab.settings import Settings
from viz import cards, models, params
from viz.inputs import MODEL, TEXT, in_url
from viz.kept import Kept
from viz.lab.controls import names_of, pick_change, pick_settings
from viz.lab.costs import show_costs
from viz.lab.finished import MOST_PROBES, as_model, file_name, probe, right_answers, save_network
from viz.lab.pictures import Seen, parts_of, show_curves, show_part
from viz.markdown import escape
from viz.params import Param
from viz.run import answered
from viz.tabs import open_tab

TICK_SECONDS, WAIT_SECONDS = 0.8, 3.0
"""Seconds between two pictures while a network learns, and between two looks at the queue while all wait."""

AT, PROBE = Param("lab-at", public=False), Param("probe")
"""The recorded point that is shown, and the held-out sequence that is read."""

RESTS, WAITS, LEARNS = "rests", "waits", "learns"
HELD = Kept[list[Run]]("lab runs")
Named = Sequence[tuple[str, Run]]


def open_page() -> None:
    """Everything below the heading."""
    with answered():
        settings = pick_settings()
        with st.container(horizontal=True, vertical_alignment="bottom"):
            other = pick_change(settings)
            runs = list(zip(names_of(settings, other), _held(settings, other), strict=True))
            _offer_buttons([run for _, run in runs])
    stage = _stage(runs)
    every = TICK_SECONDS if stage == LEARNS else None
    st.fragment(_show_learning, run_every=WAIT_SECONDS if stage == WAITS else every)(runs, stage)
    at = _rewind(runs) if stage == RESTS else None
    st.fragment(_show_curves, run_every=every)(runs, at)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        part = open_tab(parts_of(runs))
        with st.container(width=170):
            number = params.number(say("Held-out sequence"), PROBE, range(1, MOST_PROBES + 1), 1)
    st.fragment(_show_inside, run_every=every)(runs, part, number, at)
    if at is not None:
        _offer_networks(runs, number, at)
    if stage == RESTS:
        show_costs()


def _held(settings: Settings, other: Settings | None) -> list[Run]:
    """The trainings of these settings: those that the visitor holds, and new ones for the others."""
    held = {run.settings: run for run in HELD.get() or []}
    wanted = [settings] if other is None else [settings, other]
    return HELD.put([held.get(each) or Run(each) for each in wanted])


def _offer_buttons(runs: Sequence[Run]) -> None:
    """Play or pause, one step, and start over."""
    busy, done = any(run.busy for run in runs), all(run.done for run in runs)
    begun = any(run.records for run in runs)
    if busy:
        st.button(say("Pause"), icon=":material/pause:", type="primary", key="lab-pause", on_click=_pause, args=(runs,))
    else:
        st.button(say("Go on") if begun else say("Play"), icon=":material/play_arrow:", type="primary", key="lab-play",
                  disabled=done, on_click=_play, args=(runs,))  # fmt: skip
    st.button(say("One step"), icon=":material/skip_next:", key="lab-step", disabled=busy or done, on_click=_play,
              args=(runs, 1))  # fmt: skip
    st.button(say("Start over"), icon=":material/restart_alt:", key="lab-over", disabled=not begun,
              on_click=_start_over)  # fmt: skip


def _play(runs: Sequence[Run], steps: int = 0) -> None:
    params.drop(AT)
    for run in runs:
        if not run.done:
            run.play(run.step + steps if steps else None)


def _start_over() -> None:
    HELD.take()


def _pause(runs: Sequence[Run]) -> None:
    for run in runs:
        run.pause()


def _stage(runs: Named) -> str:
    """Whether any of the trainings goes on, or all that want to wait for others."""
    busy = [run for _, run in runs if run.busy]
    return RESTS if not busy else WAITS if all(map(LAB.place, busy)) else LEARNS


def _show_learning(runs: Named, stage: str) -> None:
    """How far the trainings are; where they begin or end, the page is drawn anew."""
    for column, (name, run) in zip(st.columns(len(runs)), runs, strict=True):
        with column:
            _say(name, run)
    if stage != RESTS and _stage(runs) != stage:
        st.rerun()


def _show_curves(runs: Named, at: int | None) -> None:
    if _begun(runs):
        show_curves(runs, _newest(runs) if at is None else at)


def _show_inside(runs: Named, part: str, number: int, at: int | None) -> None:
    """A look inside at a recorded point, the newest if None; before there is one, what is read and what is right."""
    if not _begun(runs):
        _say_example(runs[0][1].settings, number)
        return
    step = _newest(runs) if at is None else at
    with answered():
        show_part(part, [Seen(name, run, _record(run, step), number) for name, run in runs])


def _begun(runs: Named) -> bool:
    return all(run.records for _, run in runs)


def _say(name: str, run: Run) -> None:
    place, settings = LAB.place(run), run.settings
    if run.trouble or run.notice:
        said = say("{name}: {reason}", name=name, reason=say(run.trouble or run.notice))
        st.warning(escape(said), icon=":material/report:")
    elif place:
        said = say("{name}: others are learning; it is number {n} of those that wait, and begins by itself.",
                   name=name, n=place)  # fmt: skip
        st.info(escape(said), icon=":material/hourglass_top:")
    if run.records or run.busy:
        known = {"name": name, "n": run.step, "all": settings.steps}
        if run.records:
            said = say("{name}: step {n:,} of {all:,}, right in {share:.1%}", **known, share=run.records[-1].score)
        else:
            said = say("{name}: step {n:,} of {all:,}", **known)
        st.progress(min(1.0, run.step / settings.steps), text=escape(said))


def _say_example(settings: Settings, number: int) -> None:
    """A sequence with its right answers, while nothing is learned yet."""
    given, right = probe(settings, number), right_answers(settings, number)
    st.markdown(say("One of the sequences, and what is right:") if right else say("One of the sequences:"))
    st.code(f"{given}\n{right}" if right else given, language=None)
    st.caption(say(
        "Press Play: sequences are made as it learns, and it is scored on {n} others. The same address leads to the "
        "same weights, on the same machine with the same version of PyTorch.", n=HELD_OUT,
    ))  # fmt: skip


def _steps(runs: Named) -> list[int]:
    return sorted({record.step for _, run in runs for record in list(run.records)})


def _newest(runs: Named) -> int:
    return _steps(runs)[-1]


def _rewind(runs: Named) -> int | None:
    """The slider of recorded points, and the step that it stands at; None where nothing is recorded yet."""
    if not _begun(runs):
        return None
    steps = {str(step): f"{step:,}" for step in _steps(runs)}
    if len(steps) < 2:
        return _newest(runs)
    return int(params.slide(say("Recorded point: after step"), AT, steps, default=list(steps)[-1]))


def _record(run: Run, at: int) -> Record:
    """The last recorded point up to a step."""
    return [record for record in list(run.records) if record.step <= at][-1]


def _offer_networks(runs: Named, number: int, at: int) -> None:
    """The ways on for the networks at the point that is shown: as models of the session, and as files."""
    for place, (name, run) in enumerate(runs):
        record = _record(run, at)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(say("**{name}** after step {n:,}", name=escape(name), n=record.step), width="content")
            for page, label, icon in (("explore", say("Open on Explore"), ":material/search:"),
                                      ("explain", say("Open on Explain"), ":material/fact_check:")):  # fmt: skip
                if st.button(label, icon=icon, key=f"lab-{page}-{place}"):
                    _open(run, record, number, page)
            content = partial(save_network, run.settings, record)
            cards.save(f"lab-{place}", file_name(run.settings, record), content, "safetensors",
                       say("The weights, with the recipe in the file’s metadata"))  # fmt: skip


def _open(run: Run, record: Record, number: int, page: str) -> None:
    model = as_model(run.settings, record, models.new_name(), number)
    models.keep(model)
    query = {str(MODEL): model.recipe.key, str(TEXT): in_url(model.task.examples[0].text)}
    st.switch_page(f"app_pages/{page}.py", query_params=query)
