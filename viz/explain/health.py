"""A check-up of the person's text and model: findings with severity, meaning, and the way to the number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from core_models.explain.health import Finding, Severity, examine
from core_models.language import mark, say, say_n
from core_models.trace import Trace
from viz import cards, params
from viz.explain.link import query_of
from viz.figures.parts.token_axis import in_nouns
from viz.markdown import escape
from viz.run import ModelRun
from viz.session import SELECTED, Selection

LOOKS = {
    Severity.WARNING: (mark("Look at this first"), ":material/warning:", "orange"),
    Severity.NOTE: (mark("Worth knowing"), ":material/info:", "blue"),
    Severity.FINE: (mark("No problem found"), ":material/check_circle:", "green"),
}
"""Heading, icon and colour of each severity."""


def show_health(asked: ModelRun) -> None:
    """The section: what is unusual about this network on this text, the serious first."""
    found = examine(asked.trace, getattr(asked.model.task, "trained", None))
    counts = {severity: sum(finding.severity is severity for finding in found) for severity in Severity}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(summarise(counts), width="stretch")
        name = f"{asked.trace.model}-check-up"
        cards.save_table("health", name, lambda: tabulate(found, asked.trace), say("All findings"))
    for severity in (Severity.WARNING, Severity.NOTE):
        chosen = [finding for finding in found if finding.severity is severity]
        if chosen:
            st.header(say(LOOKS[severity][0]))
        for finding in chosen:
            _show(asked, finding)
    with st.expander(say(LOOKS[Severity.FINE][0]), icon=LOOKS[Severity.FINE][1]):
        for finding in found:
            if finding.severity is Severity.FINE:
                st.markdown(f":green[{LOOKS[Severity.FINE][1]}] {_say(finding, asked.tokens.noun)}")


def summarise(counts: Mapping[Severity, int]) -> str:
    """How many checks there were, and what came of them."""
    warnings, notes = counts[Severity.WARNING], counts[Severity.NOTE]
    problems = say_n("{n} problem", "{n} problems", warnings) if warnings else say("no problems")
    if not notes:
        return say("**{n} checks, {problems}.**", n=sum(counts.values()), problems=problems)
    also = say_n("{n} thing worth knowing", "{n} things worth knowing", notes)
    return say("**{n} checks, {problems}, {also}.**", n=sum(counts.values()), problems=problems, also=also)


def _show(asked: ModelRun, finding: Finding) -> None:
    _, icon, color = LOOKS[finding.severity]
    with st.container(border=True):
        words, way = st.columns([5, 1], vertical_alignment="center")
        noun = asked.tokens.noun
        words.markdown(f":{color}[{icon}] {_say(finding, noun)}")
        words.caption(escape(in_nouns(say(finding.meaning), noun)))
        if finding.at is not None:
            query = query_of(asked) | {SELECTED: Selection(*finding.at).address}
            with way:
                page = "explore" if asked.encoded.written is None else "translate"
                params.link(f"app_pages/{page}.py", say("Look"), ":material/search:", query)


def _say(finding: Finding, noun: str) -> str:
    """What was found, with its numbers."""
    return say(
        "**{title}**: {detail}.",
        title=escape(in_nouns(say(finding.title), noun)),
        detail=escape(in_nouns(finding.detail, noun)),
    )


def tabulate(found: Sequence[Finding], trace: Trace) -> pd.DataFrame:
    """One row a finding."""
    return pd.DataFrame(
        {
            "severity": [str(finding.severity) for finding in found],
            "finding": [finding.title for finding in found],
            "numbers": [finding.detail for finding in found],
            "meaning": [finding.meaning for finding in found],
            "model": trace.model,
        }
    )
