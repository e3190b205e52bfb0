"""Inputs that were opened in this session, and pinned ones side by side: means over the tokens of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from core_models.encoded import Encoded
from core_models.language import mark, say
from core_models.trace import Array, Trace
from core_models.vocabulary import Kind, quantity
from pretrained.analysis.token_kinds import TAGGER, are_words, kinds_of, kinds_of_letters
from pretrained.errors import ModelError
from pretrained.task import InputError
from viz import history, inputs, params, session
from viz.cards import Card, Origin, show
from viz.compare.choices import QUANTITY
from viz.figures.compare import by_kind
from viz.figures.compare.comparison import last_forward
from viz.figures.compare.quantity import KEPT, quantities, values_of
from viz.history import Entry
from viz.markdown import escape
from viz.models import every_recipe, task_of
from viz.params import Param

PINS = Param("pins", public=False)
MOST_PINNED = 6
RECEIVED = "attention"
"""The share of attention that tokens of a kind receive."""

COLUMNS = (mark("input"), mark("model"), mark("answer"))

Read = tuple[Entry, Encoded, Trace]


def open_history() -> None:
    """The table, and below it what is pinned."""
    entries = [entry for entry in history.opened() if entry.model in every_recipe()]
    if not entries:
        st.info(
            say("Nothing was opened yet: read something on Explore, and it stands here until this page is closed."),
            icon=":material/history:",
        )
        return
    st.caption(
        say(
            "What you opened in this session, the last first; nobody else sees it, and it ends when the page is "
            "closed. Tick a row to open it again. Pin up to {most} to see them side by side.",
            most=MOST_PINNED,
        )
    )
    _show_table(entries)
    pinned = _pick_pinned(entries)
    if len(pinned) > 1:
        _show_side_by_side(pinned)


def _show_table(entries: Sequence[Entry]) -> None:
    rows = [(entry.short, say(every_recipe()[entry.model].title), entry.answer) for entry in entries]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    event = st.dataframe(
        table, hide_index=True, key="history", on_select="rerun", selection_mode="single-row",
        column_config={name: say(name) for name in COLUMNS}, height=min(330, 36 * (len(table) + 1) + 3),
        alt=say("The inputs that were opened, with model and answer"),
    )  # fmt: skip
    picked = event["selection"]["rows"]
    if picked and picked[0] < len(entries):
        entry = entries[picked[0]]
        home = inputs.HOMES.get(task_of(every_recipe()[entry.model]).group, "app_pages/explore.py")
        query = {inputs.MODEL: entry.model, inputs.TEXT: inputs.in_url(entry.text)}
        params.link(home, say("Open “{text}” again", text=escape(entry.short)), ":material/search:", query)


def _pick_pinned(entries: Sequence[Entry]) -> list[Entry]:
    """The inputs that stay and are shown together."""
    by_key = {entry.key: entry for entry in entries}
    names = {key: f"{entry.short} ({say(every_recipe()[entry.model].title)})" for key, entry in by_key.items()}
    params.give(PINS, [key for key in params.held(PINS, history.pinned()) if key in by_key])
    keys = st.multiselect(
        say("Pinned"), list(names), format_func=names.__getitem__, key=PINS, max_selections=MOST_PINNED,
        placeholder=say("Choose two to {most} inputs", most=MOST_PINNED),
    )  # fmt: skip
    history.PINNED.put(keys)
    return [by_key[key] for key in keys]


def _show_side_by_side(pinned: Sequence[Entry]) -> None:
    """One quantity of all pinned inputs, by the kind of the tokens."""
    read = [found for entry in pinned if (found := _read(entry)) is not None]
    offered = quantities([trace for _, _, trace in read])
    if any(_received(trace) is not None for _, _, trace in read):
        offered[RECEIVED] = say("attention received: share of the whole")
    if not offered:
        st.info(say("These inputs have no quantity by token in common."), icon=":material/info:")
        return
    key = params.choose(say("Quantity"), QUANTITY, offered, default=next(iter(offered)))
    rows = tabulate(read, key)
    label = offered[key]
    show(Card(
        key="by-kind", title=say("{label}, by kind of token", label=label), origin=Origin(), group="kind",
        question=say("Do the same kinds of tokens do the same in all of these inputs?"),
        how_to_read=say(
            "Each dot is one input’s mean over all tokens of a kind and over all units; of quantities with a sign, of "
            "their size. Parts of speech are those that this project’s own tagger gives, which errs on one word in "
            "nineteen; characters are told apart by what they are. Of attention it is the share that the last reader "
            "gives to all tokens of the kind together."
        ),
        figure=by_kind.draw(rows), numbers=partial(tabulate, read, key),
        alt=say("{label} of several inputs by kind of token", label=label),
    ))  # fmt: skip


def _read(entry: Entry) -> Read | None:
    try:
        return entry, *session.traced(entry.model, entry.text)
    except (InputError, ModelError):
        return None


def tabulate(read: Sequence[Read], key: str) -> pd.DataFrame:
    """One row for each kind of token and input: the mean, and how many tokens it is of."""
    found: list[tuple[str, str, float, int]] = []
    several = len({entry.model for entry, _, _ in read}) > 1
    for number, (entry, encoded, trace) in enumerate(read, start=1):
        model = f" ({say(every_recipe()[entry.model].title)})" if several else ""
        values = _received(trace) if key == RECEIVED else _sizes(trace, key)
        kinds = _kinds(entry, encoded)
        if values is None or len(values) != len(kinds):
            continue
        for kind in dict.fromkeys(kinds):
            own = values[[at for at, each in enumerate(kinds) if each == kind]]
            mean = float(own.sum() if key == RECEIVED else own.mean())
            found.append((say(kind), f"{number}: {entry.short}{model}", mean, len(own)))
    tokens = Counter[str]()
    for kind, _, _, count in found:
        tokens[kind] += count
    found.sort(key=lambda row: (-tokens[row[0]], row[0], row[1]))
    return pd.DataFrame(found, columns=["kind", "input", "mean", "tokens"])


def _kinds(entry: Entry, encoded: Encoded) -> list[str]:
    if task_of(every_recipe()[entry.model]).medium == "letters":
        return kinds_of_letters(encoded)
    return kinds_of(encoded, session.model(TAGGER) if are_words(encoded) else None)


def _sizes(trace: Trace, key: str) -> Array | None:
    """Mean over units of a quantity at every token, ``[step]``; of its size where it has a sign."""
    values, _ = values_of(trace, key)
    if values is None:
        return None
    return (np.abs(values) if key != KEPT and quantity(key).signed else values).mean(axis=1)


def _received(trace: Trace) -> Array | None:
    """Share of attention that each token gets from the last reader, mean over heads, ``[step]``; None without."""
    site = last_forward([site for site, row in trace.find(Kind.WEIGHT) if row.dims == ("head", "query", "key")])
    if site is None:
        return None
    key = next(row.key for other, row in trace.find(Kind.WEIGHT) if other == site)
    weights = trace.array(site, key)[:, -1].mean(axis=0)
    return weights if len(weights) == len(trace.tokens) else None
