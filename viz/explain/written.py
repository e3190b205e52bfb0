"""What a translator wrote, token by token: the outputs that its explanations ask about; a click chooses one.

Under edits the same target is written again, so that each of its tokens can be compared; what the network would write
instead, left alone, is said beside it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core_models.edits.edit import Edit
from core_models.heads.written import OUTPUT as SITE
from core_models.language import mark, say
from core_models.networks.translation import ATTENTION
from core_models.trace import Trace
from pretrained.task import StandIn
from viz import params
from viz.cards import Card, show
from viz.explain.edits.stack import address_of
from viz.explain.link import query_of, what_ifs
from viz.explain.target import OUTPUT
from viz.figures.parts.tables import tabulate_matrix
from viz.figures.trace import head_summary
from viz.kinds.translation import spelled
from viz.linked_plot import linked_text
from viz.markdown import escape
from viz.params.whole_numbers import whole
from viz.remembered import remembered
from viz.run import ModelRun


def show_written(asked: ModelRun) -> None:
    """The target with the probability of each token, and the way to the page that shows how it was written."""
    task, written = asked.model.task, asked.encoded.written
    if written is None:
        return
    text, spans = spelled(task.target, written.numbers, task.copied(asked.tokens.text))
    chances = asked.trace.array(SITE, "chosen_probability").tolist()
    said = say("probability {chance:.1%}")
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    with left:
        st.caption(say("What the network wrote. Click a token to ask about it; those before it are given."))
        clicked = linked_text(
            text,
            spans,
            key="explain-written",
            notes=[said.format(chance=chance) for chance in chances],
            selected=whole(params.asked(OUTPUT)) or 0,
            group="target",
        )
    with right:
        params.link(
            "app_pages/translate.py", say("Watch it write"), ":material/translate:", query_of(asked) | what_ifs()
        )
    if clicked is not None and clicked < len(spans):
        params.put(OUTPUT, str(clicked))
        st.rerun()


@remembered(max_entries=64, show_spinner=mark("Writing it anew …"))
def _written_anew(key: str, given: str | StandIn, address: str, _asked: ModelRun, _stack: tuple[Edit, ...]) -> str:
    """What the network writes under the edits of an address, left alone."""
    model: Any = _asked.model
    return model.answer(_asked.encoded, stack=_stack).text


def show_rewritten(asked: ModelRun, edited: Trace, stack: tuple[Edit, ...]) -> None:
    """What it would write with the edits, and where each written token looks, original and edited."""
    written = asked.encoded.written
    own = asked.model.task.spell(asked.tokens.text, written.numbers if written else ())
    anew = _written_anew(asked.model.recipe.key, asked.given.key, address_of(stack), asked, stack)
    same = say("the same") if anew == own else say("“{anew}” instead of “{own}”", anew=escape(anew), own=escape(own))
    st.markdown(
        say(
            "Left alone under your what-ifs, the network writes **{same}**. Below, what it wrote "
            "at first is given token by token, so that each can be compared.",
            same=same,
        )
    )
    if (ATTENTION, "attention_weights") in edited:
        for column, trace, name in zip(st.columns(2), (asked.trace, edited), ("original", "edited"), strict=True):
            with column:
                _show_alignment(asked, trace, name)


def _show_alignment(asked: ModelRun, trace: Trace, name: str) -> None:
    sources, targets = (trace.sources or trace.tokens).labels, trace.tokens.labels
    weights = np.mean(trace.array(ATTENTION, "attention_weights"), axis=0)
    show(Card(
        key=f"rewritten-{name}",
        title=say("Original: where each written token looks")
        if name == "original"
        else say("Edited: where each written token looks"), origin=asked.origin,
        question=say("How much of its attention did each written token give to each source token?"),
        figure=head_summary.draw(weights, sources, targets, "mean"),
        numbers=lambda: tabulate_matrix(weights, ("written", targets), ("source", sources), "weight"),
        alt=say("Attention from every written token to every source token"),
    ))  # fmt: skip
