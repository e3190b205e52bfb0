"""What a translator wrote, token by token: the outputs that its explanations ask about; a click chooses one."""

from __future__ import annotations

import streamlit as st

from core_models.heads.written import OUTPUT as SITE
from viz import params
from viz.explain.link import query_of
from viz.explain.target import OUTPUT
from viz.linked_plot import linked_text
from viz.run import ModelRun
from viz.translate.answers import spelled
from viz.whole_numbers import whole


def show_written(asked: ModelRun) -> None:
    """The target with the probability of each token, and the way to the page that shows how it was written."""
    task, written = asked.model.task, asked.encoded.written
    if written is None:
        return
    text, spans = spelled(task.target, written.ids, task.copied(asked.tokens.text))  # type: ignore[arg-type]
    chances = asked.trace.array(SITE, "chosen_probability").tolist()
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    with left:
        st.caption("What the network wrote. Click a token to ask about it; those before it are given.")
        clicked = linked_text(
            text, spans, key="explain-written", notes=[f"probability {chance:.1%}" for chance in chances],
            selected=whole(params.asked(OUTPUT)) or 0, group="target",
        )  # fmt: skip
    with right:
        params.link("app_pages/translate.py", "Watch it write", ":material/translate:", query_of(asked))
    if clicked is not None and clicked < len(spans):
        params.put(OUTPUT, str(clicked))
        st.rerun()
