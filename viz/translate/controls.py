"""Widgets of the Translate page: the source, the model, the search, and which part of the page is open."""

from __future__ import annotations

import streamlit as st

from core_models.language import mark, say
from core_models.trace import Trace
from pretrained.kinds.translation import PairTask
from viz import params
from viz.controls import HEAD, SPACE
from viz.explain.edits.stack import EDITS
from viz.markdown import escape
from viz.params import Param
from viz.session import SELECTED

WIDTHS = {str(width): mark("1 (greedy)") if width == 1 else str(width) for width in range(1, 9)}
PENALTIES = {f"{tenths / 10:g}": mark("0 (none)") if tenths == 0 else f"{tenths / 10:g}" for tenths in range(0, 21, 2)}

SECTIONS = {
    "search": mark("Candidates and beam"),
    "tree": mark("Search tree"),
    "change": mark("What if"),
    "score": mark("Another score"),
    "reference": mark("Against a reference"),
    "lengths": mark("Score by length"),
    "words": mark("Which source words"),
    "gates": mark("Gates and states"),
    "paths": mark("Paths"),
    "model": mark("About this model"),
}

WIDTH, PENALTY, SECTION = Param("width", WIDTHS), Param("penalty", PENALTIES), Param("show", SECTIONS)
REFERENCE = Param("reference")


def explain_example(task: PairTask, source: str) -> None:
    """What to look for in the example that is in the box."""
    why = next((f"**{escape(say(e.title))}.** {escape(say(e.why))}" for e in task.examples if e.text == source), "")
    if why:
        st.caption(why)


def pick_search(task: PairTask) -> tuple[str, str]:
    """Width of the beam and length penalty, as they stand in the URL."""
    width = params.slide(say("Beam width"), WIDTH, default=str(min(task.search.width, 8)))
    penalty = params.slide(say("Length penalty"), PENALTY, default=f"{task.search.penalty:g}")
    return width, penalty


def chosen_search(task: PairTask) -> tuple[str, str]:
    """What ``pick_search`` holds, where it stands further down the page or is not shown."""
    return params.chosen(WIDTH, default=str(min(task.search.width, 8))), params.chosen(
        PENALTY, default=f"{task.search.penalty:g}"
    )


def pick_section() -> str:
    """The part of the page that is open below the alignment."""
    return params.choose(say("Look closer"), SECTION, pills=True)


def pick_head(trace: Trace, count: int) -> str:
    """A head by its number from 0, or ``mean`` or ``max`` over all; nothing to choose where there is one."""
    if count == 1:
        params.drop(HEAD)
        return "0"
    heads = {"mean": say("mean of heads"), "max": say("largest of heads")} | {
        str(h): say("head {n}", n=h + 1) for h in range(count)
    }
    return params.choose(say("Head"), HEAD, heads, default="mean", pills=True)


def pick_space() -> int:
    """Two or three dimensions for the paths."""
    return int(params.choose(say("Dimensions"), SPACE, pills=True))


def forget_edits() -> None:
    """Take out what belongs to one source: the what-ifs, the selected number, the typed reference."""
    params.forget(EDITS, SELECTED, REFERENCE)


def leave() -> None:
    """Another model: its own search, and nothing of what belongs to the source before."""
    forget_edits()
    params.forget(WIDTH, PENALTY)
