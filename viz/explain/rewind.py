"""Which tokens can still be read back from the state, how long after they were read, and how they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
import torch
from numpy.typing import NDArray

from core_models.explain.probing.rewind import LAGS, LEARNED, STEPS, UNSEEN, Codes, Rewound, draw, rewind
from core_models.inputs import TokenInput
from core_models.language import mark, say, together
from pretrained.data.side import SPECIAL
from pretrained.task import InputError
from pretrained.trained import Trained
from viz.cards import Card, show
from viz.figures.explain.rewind import draw_read_back, draw_sizes, tabulate_read_back
from viz.markdown import escape
from viz.models import untrained
from viz.remembered import remembered
from viz.run import ModelRun

MOST, LEAST, KEPT = 8, 2, 32
"""Different tokens that sequences are drawn from, at most and at least, and results kept."""

CLEAR = 0.1
"""By how much a share must lie above luck for the two ways of reading to be compared there."""

Ids = tuple[int | tuple[int, ...], ...]

EXPLAINED = mark(
    "Linear: a weighted sum of the state for each token, with other weights for every number of steps ago. By "
    "magnitude: a token has one direction, however long ago it was read, and only its size says when; the newest is "
    "read first and taken off, then the next, like the layers of an onion (Csordás et al. 2024, arXiv 2408.10920). "
    "Before training: the same network with its first, random weights, which remembers too. Control task: the linear "
    "reader is asked for a label drawn for each pair of neighbours, of which neither alone says anything (Hewitt & "
    "Liang 2019); what it gets beyond luck, it memorised. Bands are 95% intervals over the sequences."
)


def can_be_rewound(asked: ModelRun) -> bool:
    """Whether the network reads tokens, of which the input and the examples of the task hold several."""
    return isinstance(asked.model.network.input, TokenInput) and len(tokens_of(asked, LEAST)) >= LEAST


def tokens_of(asked: ModelRun, most: int = MOST) -> dict[int | tuple[int, ...], str]:
    """The last different tokens of the input, filled up from examples: what each is called, by its id."""
    found: dict[int | tuple[int, ...], str] = {}
    _collect(found, asked.encoded.ids, asked.tokens.labels, most)
    for example in asked.model.task.examples:
        if len(found) >= most:
            break
        try:
            read = asked.model.encode(example.text)
        except InputError:
            continue
        _collect(found, read.ids, read.tokens.labels, most)
    return found


def _collect(found: dict[int | tuple[int, ...], str], ids: Ids, labels: Sequence[str], most: int) -> None:
    for index, label in zip(reversed(ids), reversed(labels), strict=True):
        if len(found) < most and label.strip() and label not in SPECIAL:
            found.setdefault(index, label)


def show_rewind(asked: ModelRun) -> None:
    """The section: how much is read back, how it is stored, and what is read back of the person's own input."""
    tokens = tokens_of(asked)
    st.caption(say(
        "The network reads {count} sequences of {steps} {noun}s, drawn at random from these {n}: {names}. No {noun} "
        "follows from its neighbours there, so what is read back was remembered. Readers are fitted to {learned} of "
        "the sequences and judged by the others.",
        count=LEARNED + UNSEEN, steps=STEPS, noun=say(asked.tokens.noun), n=len(tokens), learned=LEARNED,
        names=say(", ").join(f"“{escape(label)}”" for label in tokens.values()),
    ))  # fmt: skip
    key, ids = asked.model.recipe.key, tuple(tokens)
    found = _rewound(key, ids, "trained", asked.model)
    twin = _twin(key)
    before = None if twin is None else _rewound(key, ids, "untrained", twin)
    shares = {"linear": found.linear, "magnitude": found.magnitude}
    shares |= {"untrained": before.linear} if before else {}
    shares |= {"control": found.control}
    left, right = st.columns([3, 2])
    with left:
        show(Card(
            key="rewind", title=say("What can be read back"), origin=asked.origin,
            question=say("How long after it was read can a {noun} still be read back from the state?",
                         noun=say(asked.tokens.noun)),
            how_to_read=say(EXPLAINED), figure=draw_read_back(shares, 1.0 / len(tokens)),
            numbers=lambda: tabulate_read_back(shares), alt=say("Share read back rightly, by steps ago"),
            found=judge(found, before, len(tokens)),
        ))  # fmt: skip
    with right:
        show(Card(
            key="rewind-sizes", title=say("One direction, many sizes?"), origin=asked.origin,
            question=say("If a {noun} keeps its direction in the state, how does its size fade?",
                         noun=say(asked.tokens.noun)),
            how_to_read=say("The size of a trace for each number of steps ago, where one direction a {noun} is to do "
                            "for all of them; a negative size is the opposite direction.", noun=say(asked.tokens.noun)),
            figure=draw_sizes(found.sizes), numbers=lambda: _tabulate_sizes(found),
            alt=say("Size of a trace by steps ago"), found=_judge_sizes(found),
        ))  # fmt: skip
    _show_own(asked, found, tokens)


def _twin(key: str) -> Trained | None:
    """The network that training began with; None if there is none."""
    try:
        return untrained(key)
    except (LookupError, ValueError):
        return None


@remembered(max_entries=KEPT, show_spinner=mark("Reading random sequences …"), wordless=True)
def _rewound(key: str, ids: Ids, which: str, _model: Trained) -> Rewound:
    """What can be read back of random sequences of these tokens; ``which`` tells a network from its untrained twin."""
    codes = draw(len(ids))
    return rewind(codes, read_states(_model, ids, codes))


@torch.no_grad()
def read_states(model: Trained, ids: Ids, codes: Codes) -> NDArray[np.floating]:
    """States of the topmost layer, in its first direction, after every step of sequences of some tokens.

    Args:
        model: what reads them.
        ids: of the tokens.
        codes: numbers of the tokens ``[sequence, step]``.

    Returns:
        ``[sequence, step, unit]``.
    """
    network: Any = model.network
    rows = torch.tensor(ids, device=model.device)
    rows = rows[:, 0] if rows.ndim == 2 and len(network.input.sizes) == 1 else rows
    x = network.input.embed(rows[torch.from_numpy(codes).to(model.device)])
    states, _ = network.recur(x, torch.full((len(codes),), codes.shape[1]))
    ways = 2 if network.rnn.bidirectional else 1
    return states[..., : states.shape[-1] // ways].cpu().numpy()


def judge(found: Rewound, before: Rewound | None, count: int) -> str:
    """What the shares mean."""
    luck, linear = 1.0 / count, found.linear.mean(axis=-1)
    said = [say(
        "The newest is read back for **{now:.1%}**, that of {lag} steps ago for **{then:.1%}** (luck {luck:.1%}).",
        now=linear[0], lag=LAGS, then=linear[-1], luck=luck,
    )]  # fmt: skip
    half = (1.0 + luck) / 2.0
    gone = next((lag for lag, share in enumerate(linear) if share < half), None)
    if gone:
        said.append(say("Halfway between certainty and luck it is **{lag}** steps ago.", lag=gone))
    if before is not None:
        gain = 100.0 * (linear[1:] - before.linear.mean(axis=-1)[1:]).mean()
        said.append(
            say("Over 1 to {lags} steps ago, training added **{points:.1f} points** on average.", lags=LAGS,
                points=gain)
            if gain >= 0
            else say("Over 1 to {lags} steps ago, training took **{points:.1f} points** away on average: this network "
                     "learned to forget.", lags=LAGS, points=-gain)
        )  # fmt: skip
    by_size = found.magnitude.mean(axis=-1)
    near = (np.maximum(linear, by_size) > luck + CLEAR) & (np.arange(len(linear)) > 0)
    gap = 100.0 * float((by_size - linear)[near].mean()) if near.any() else 0.0
    said.append(
        say("Where more than luck is read back of earlier ones, it is **{points:.1f} points** more by magnitude than "
            "linearly: places share directions.", points=gap)
        if gap > 1.0
        else say("Where more than luck is read back of earlier ones, it is **{points:.1f} points** less by magnitude "
                 "than linearly: places have directions of their own, too.", points=-gap)
        if gap < -1.0
        else say("Where more than luck is read back of earlier ones, it is as much by magnitude as linearly, within "
                 "one point.")
    )  # fmt: skip
    return together(*said)


def _judge_sizes(found: Rewound) -> str:
    return say(
        "One direction a token explains **{share:.1%}** of the traces of all {count} places. A step later, the size is "
        "{next:.2f} of what it was.",
        share=found.together, count=LAGS + 1, next=found.sizes[1],
    )  # fmt: skip


def _tabulate_sizes(found: Rewound) -> pd.DataFrame:
    return pd.DataFrame({"steps_ago": range(len(found.sizes)), "size": found.sizes})


def _show_own(asked: ModelRun, found: Rewound, tokens: dict[int | tuple[int, ...], str]) -> None:
    """What the state after the input's last step says of its last tokens, beside what they were."""
    names, ids = list(tokens.values()), list(tokens)
    steps = min(LAGS + 1, len(asked.encoded))
    last = asked.trace.array(asked.model.network.layers[-1][0].site, "hidden_state")[-1:].astype(np.float64)
    linear, magnitude = found.readers.read_linearly(last)[:, 0], found.readers.read_by_magnitude(last)[:, 0]
    read = [asked.encoded.ids[-1 - lag] for lag in range(steps)]
    rows = {
        say("steps ago"): range(steps),
        say("was read"): [asked.tokens.labels[-1 - lag] for lag in range(steps)],
        say("linear"): [_told(linear[lag], names, ids, read[lag]) for lag in range(steps)],
        say("by magnitude"): [_told(magnitude[lag], names, ids, read[lag]) for lag in range(steps)],
    }
    with st.container(border=True):
        st.markdown(say("**Your input, read back from its last state**"))
        st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")
        st.caption(say(
            "Readers choose among the {n} {noun}s that they know, and were fitted to random sequences: your input is "
            "none. A dash stands where what was read is not among them.", n=len(names), noun=say(asked.tokens.noun),
        ))  # fmt: skip


def _told(chosen: int, names: Sequence[str], ids: Sequence[Any], read: object) -> str:
    """What a reader says of one place, with a mark that says whether it is right."""
    if read not in ids:
        return "–"
    return f"{'✓' if ids[chosen] == read else '✗'} {names[chosen]}"
