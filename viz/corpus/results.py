"""What was found, on the page: every place with its text, one click from Explore; what places share; and as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core_models.corpus.luck import Common
from core_models.corpus.places import Floats, Ints
from core_models.language import mark, say
from core_models.trace import Site
from core_models.vocabulary import quantity
from pretrained.corpus.tracks import said_of
from viz import inputs, params, session
from viz.cards import Card, Origin, save_table, show
from viz.corpus.held import Held
from viz.figures.corpus import aligned
from viz.figures.parts.token_axis import spell
from viz.markdown import escape
from viz.params import Param
from viz.session import Selection

LEAF = Param("leaf")
PAGE, BEFORE, AFTER = 15, 30, 60
"""Places on the screen at a time; characters of the text before and after one."""

MOST_LISTED = 300
"""Places that are listed."""

MOST_COMMON = 10
"""Things in common that are listed."""

TRUE, VERDICT, LIFT = mark("what is true there"), mark("verdict"), mark("lift")
SHARES = (mark("share"), mark("luck’s best"), mark("untrained"), mark("other seed"), mark("all tokens"))
"""Columns of their table, and among them the shares."""


def context(held: Held, start: int, stop: int) -> tuple[str, str, str]:
    """The text before, in and after a place."""
    document, first = held.corpus.place(start)
    tokens, last = held.corpus.readings[document].tokens, first + stop - start - 1
    if not tokens.spans:
        return (
            " ".join(tokens.labels[:first]),
            " ".join(tokens.labels[first : last + 1]),
            " ".join(tokens.labels[last + 1 :]),
        )
    begin, end = tokens.spans[first][0], tokens.spans[last][1]
    text = tokens.text
    before, after = text[max(0, begin - BEFORE) : begin], text[end : end + AFTER]
    return "…" * (begin > BEFORE) + before, text[begin:end], after + "…" * (end + AFTER < len(text))


def _line(held: Held, start: int, stop: int, said: str) -> str:
    """A place as a line of Markdown, marked in its text."""
    before, inside, after = (part.replace("\n", "↵") for part in context(held, start, stop))
    document, first = held.corpus.place(start)
    inside = inside if inside.strip() else spell(held.corpus.readings[document].tokens.labels[first])
    return f"{escape(said)}  {escape(before)}:primary-background[{escape(inside)}]{escape(after)}"


def show_list(held: Held, start: Ints, stop: Ints, said: Sequence[str], site: Site, key: str, unit: int) -> None:
    """The places, each a way to Explore at its first token."""
    leaf = 0
    pages = -(-len(start) // PAGE)
    if pages > 1:
        with st.container(width=220):
            leaf = (
                params.number(
                    say("Page of {pages}, {count} places each", pages=pages, count=PAGE), LEAF, range(1, pages + 1), 1
                )
                - 1
            )
    with st.container(key="corpus-places", gap=None):
        for at in range(leaf * PAGE, min(len(start), (leaf + 1) * PAGE)):
            document, step = held.corpus.place(int(start[at]))
            query = {
                inputs.MODEL: held.key,
                inputs.TEXT: inputs.in_url(held.corpus.texts.texts[document]),
                session.SELECTED: Selection(site, key, step, unit).address,
            }
            line = _line(held, int(start[at]), int(stop[at]), said[at])
            params.link("app_pages/explore.py", line, ":material/north_east:", query)


def table_of(held: Held, start: Ints, stop: Ints, **columns: Sequence[float]) -> pd.DataFrame:
    """Every place as a row: where it is, its text, and what was measured."""
    rows, tags = [], held.corpus.tags()
    for first, last in zip(start.tolist(), stop.tolist(), strict=True):
        document, step = held.corpus.place(first)
        before, inside, after = context(held, first, last)
        row = {"document": document + 1, "token": step + 1, "length": last - first, "before": before, "text": inside,
               "after": after}  # fmt: skip
        if held.corpus.texts.labels:
            row["label"] = held.corpus.texts.labels[document]
        if tags:
            row["tag"] = tags[first]
        rows.append(row)
    return pd.DataFrame(rows).assign(**columns)


def show_files(held: Held, start: Ints, stop: Ints, name: str, **columns: Sequence[float]) -> None:
    """The button that saves the places as a table."""
    save_table(
        "places", f"{held.key}-{name}", lambda: table_of(held, start, stop, **columns), say("These places as a table")
    )


def show_aligned(held: Held, track: Floats, start: Ints, what: str, key: str, origin: Origin) -> None:
    """The first places below each other; a place is read from left to right."""
    start = start[: aligned.MOST]
    values = aligned.window(track, held.corpus.bounds, start)
    spelled = np.array(held.corpus.labels, dtype=object)
    columns = np.clip(start[:, None] + np.arange(-aligned.BEFORE, aligned.AFTER), 0, len(spelled) - 1)
    labels = np.where(np.isnan(values), "", spelled[columns]).tolist()
    names = [str(at + 1) for at in range(len(start))]
    tagged = [held.model.task.called(tag) for tag in held.corpus.tags() or ()]
    tags = np.where(np.isnan(values), "", np.array(tagged, dtype=object)[columns]).tolist() if tagged else []
    show(Card(
        key="corpus-aligned", title=say("The places below each other"), origin=origin, group="corpus",
        question=say("{what} around the first token of every place, which stands right of the line.",
                     what=what[0].upper() + what[1:]),
        how_to_read=say("Each row is one place, in the order of the list; each column is one token before or after its "
                        "beginning. A blank cell lies beyond the beginning or the end of a text."),
        figure=aligned.draw(values, labels, names, quantity(key), what, tags),
        numbers=lambda: aligned.tabulate(values, labels, what),
        alt=say("{what} around the first token of {n} places", what=what, n=len(start)),
    ))  # fmt: skip


def show_common(found: Sequence[Common], count: int) -> None:
    """What the places have in common, and whether luck finds as much."""
    listed = [each for each in found if each.share > each.base][:MOST_COMMON]
    if not listed:
        st.caption(say("Nothing of the list is true at these places more often than elsewhere."))
        return
    st.markdown(say("**What the places have in common**"))
    st.dataframe(
        _table_of_common(listed), hide_index=True, alt=say("What the places have in common"),
        column_config={name: st.column_config.NumberColumn(say(name), format="percent", width=72) for name in SHARES}
        | {LIFT: st.column_config.NumberColumn(say(LIFT), format="%.1f ×", width=66),
           VERDICT: st.column_config.TextColumn(say(VERDICT), width=84),
           TRUE: st.column_config.TextColumn(say(TRUE), width=180)},
    )  # fmt: skip
    st.caption(
        say(
            "Share of the first {count:,} places: words by their first token, all else by the one in their middle. "
            "Luck’s best is the largest share of 200 times the same places moved round the corpus; what luck or an "
            "untrained network finds as often is luck. Lift is the share over that of all tokens.",
            count=count,
        )
    )
    save_table("common", "in-common", lambda: _table_of_common(listed))


def _table_of_common(found: Sequence[Common]) -> pd.DataFrame:
    """A row for each thing that the places have in common."""
    return pd.DataFrame(
        {TRUE: said_of(each.name), VERDICT: say("luck") if each.by_luck else say("above luck"), SHARES[0]: each.share,
         SHARES[1]: each.luck, SHARES[2]: each.untrained, SHARES[3]: each.seed, SHARES[4]: each.base,
         LIFT: min(each.lift, 999.0)}
        for each in found
    ).dropna(axis=1, how="all")  # fmt: skip
