"""A check-up of the person's text and model: findings with severity, meaning, and the way to the number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from core_models.explain.health import Finding, Severity, examine
from core_models.trace import Trace
from viz import cards, params
from viz.explain.link import query_of
from viz.figures.parts.token_axis import in_nouns
from viz.markdown import escape
from viz.run import ModelRun
from viz.session import SELECTED, Selection

LOOKS = {
    Severity.WARNING: ("Look at this first", ":material/warning:", "orange"),
    Severity.NOTE: ("Worth knowing", ":material/info:", "blue"),
    Severity.FINE: ("No problem found", ":material/check_circle:", "green"),
}
"""Heading, icon and colour of each severity."""


def show_health(asked: ModelRun) -> None:
    """The section: what is unusual about this network on this text, the serious first."""
    found = examine(asked.trace, getattr(asked.model.task, "trained", None))
    counts = {severity: sum(finding.severity is severity for finding in found) for severity in Severity}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(summarise(counts), width="stretch")
        name = f"{asked.trace.model}-check-up"
        cards.save_table("health", name, lambda: tabulate(found, asked.trace), "All findings")
    for severity in (Severity.WARNING, Severity.NOTE):
        chosen = [finding for finding in found if finding.severity is severity]
        if chosen:
            st.header(LOOKS[severity][0])
        for finding in chosen:
            _show(asked, finding)
    with st.expander(LOOKS[Severity.FINE][0], icon=LOOKS[Severity.FINE][1]):
        for finding in found:
            if finding.severity is Severity.FINE:
                st.markdown(f":green[{LOOKS[Severity.FINE][1]}] {_say(finding, asked.tokens.noun)}")


def summarise(counts: Mapping[Severity, int]) -> str:
    """How many checks there were, and what came of them."""
    warnings, notes = counts[Severity.WARNING], counts[Severity.NOTE]
    problems = f"{warnings} problem{'s' if warnings > 1 else ''}" if warnings else "no problems"
    also = f", {notes} thing{'s' if notes > 1 else ''} worth knowing" if notes else ""
    return f"**{sum(counts.values())} checks, {problems}{also}.**"


def _show(asked: ModelRun, finding: Finding) -> None:
    _, icon, color = LOOKS[finding.severity]
    with st.container(border=True):
        words, way = st.columns([5, 1], vertical_alignment="center")
        noun = asked.tokens.noun
        words.markdown(f":{color}[{icon}] {_say(finding, noun)}")
        words.caption(escape(in_nouns(finding.meaning, noun)))
        if finding.at is not None:
            query = query_of(asked) | {SELECTED: Selection(*finding.at).address}
            with way:
                page = "explore" if asked.encoded.written is None else "translate"
                params.link(f"app_pages/{page}.py", "Look", ":material/search:", query)


def _say(finding: Finding, noun: str) -> str:
    """What was found, with its numbers."""
    return f"**{escape(in_nouns(finding.title, noun))}**: {escape(in_nouns(finding.detail, noun))}."


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
