"""Bookkeeping beside cause: each token's share of the memory, its part of the logit, and what erasing it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.explain.attribution.ranks import mean_ranks
from core_models.language import say, together
from viz.figures.parts.token_axis import counts, label_axis, label_ticks, numbered
from viz.figures.parts.written import signed
from viz.theme import MARK, MUTED, NEGATIVE, POSITIVE, assemble

Floats = NDArray[np.floating]
MOST_WRITTEN = 16
"""Tokens up to which every bar carries its number."""


@dataclass(frozen=True, eq=False)
class Beside:
    """What is shown side by side, each ``[token]``.

    Attributes:
        tokens: tokens spelled for the axis.
        shares: gate-implied attention of the memory.
        parts: what the token's writing adds to the logit; None where no exact split is known.
        erased: the output with the token less the output without it; NaN for tokens that were not erased.
        moved: the same as a difference of probabilities, or of forecasts.
        site: name of the layer that the shares are of.
        written: what ``parts`` are parts of.
        unit: of ``erased``.
        noun: what a token is called.
        without: when the output is one without the token, for a sentence.
    """

    tokens: list[str]
    shares: Floats
    parts: Floats | None
    erased: Floats
    moved: Floats
    site: str = ""
    written: str = "logit"
    unit: str = "log-odds"
    noun: str = "token"
    without: str = ""


def how_to_read(beside: Beside) -> str:
    """The three rows of bars, and their colours."""
    top = say("Top: the token’s share of the memory, ignoring signs.")
    middle = say(
        "Middle: what its writing adds to the {written}, given the gates and weights that were seen; with what the "
        "biases, the state at the start and other inputs of the readout add, the bars sum to it.",
        written=beside.written,
    )
    bottom = say(
        "Bottom: the token’s real effect, in {unit}: the output as it is minus the output {without}; the numbers give "
        "the same effect as a difference of answers. Blue counts for the output, orange against it.",
        unit=beside.unit,
        without=beside.without or say("when the input is read again without it"),
    )
    return together(top, middle if beside.parts is not None else "", bottom)


def draw(beside: Beside) -> go.Figure:
    """Curves: share, part of the logit (if there is one), erasure, one above another on one axis of tokens."""
    reach = max(
        [1e-6, *(float(np.nanmax(np.abs(v), initial=0.0)) for v in (beside.parts, beside.erased) if v is not None)]
    )
    split = beside.parts is not None
    rooms = [(0.76, 1.0), (0.4, 0.68), (0.0, 0.32)] if split else [(0.58, 1.0), (0.0, 0.46)]
    around = {"range": [-1.3 * reach, 1.3 * reach], "zeroline": True, "nticks": 5}
    axes: list[dict[str, Any]] = [
        {"title": {"text": say("share")}, "range": [0, 1.2 * (float(beside.shares.max()) or 1.0)], "tickformat": ".0%",
         "nticks": 4}
    ]  # fmt: skip
    axes += [{"title": {"text": say("{what}: written", what=beside.written)}, **around}] if split else []
    axes += [{"title": {"text": say("effect ({what})", what=beside.unit)}, **around}]
    data = [_shares(beside)]
    if beside.parts is not None:
        data.append(_signed(beside.parts, "written", "y2", [signed(value) for value in beside.parts], say("adds")))
    moved = [_percent(value, beside) for value in beside.moved.tolist()]
    data.append(_signed(beside.erased, "erased", f"y{len(axes)}", moved, say("with it minus without it")))
    layout: dict[str, Any] = {
        "height": 520 if split else 400,
        "uirevision": f"ledger-answer-{split}",
        "hovermode": "x",
        "showlegend": False,
        "bargap": 0.25,
        "xaxis": {**label_axis(beside.tokens, say(beside.noun)), "anchor": f"y{len(axes)}"},
        "meta": {
            "link": {"axis": "x"},
            "ticks": [label_ticks("x", beside.tokens)],
            "pick": "token",
            "steps": len(beside.tokens),
        },
    }
    for number, (axis, room) in enumerate(zip(axes, rooms, strict=True)):
        layout["yaxis" if number == 0 else f"yaxis{number + 1}"] = {**axis, "domain": list(room), "anchor": "x"}
    return assemble(data, layout)


def numbers(beside: Beside) -> pd.DataFrame:
    """One row for each token."""
    found = {"token": beside.tokens, "share": beside.shares}
    found |= {} if beside.parts is None else {"part_of_logit": beside.parts}
    return pd.DataFrame(found | {"with_less_without": beside.erased, "answer_with_less_without": beside.moved})


def agreement(beside: Beside) -> float | None:
    """Spearman's rank correlation of the parts of the logit and the erasures; None for fewer than three tokens."""
    if beside.parts is None:
        return None
    both = np.isfinite(beside.erased)
    a, b = beside.parts[both], beside.erased[both]
    if len(a) < 3 or np.ptp(a) == 0.0 or np.ptp(b) == 0.0:
        return None
    return float(np.corrcoef(mean_ranks(a), mean_ranks(b))[0, 1])


def describe(beside: Beside) -> str:
    """In plain text: who wrote most, who moves the answer most, and where erasing says otherwise."""

    def name(step: int) -> str:
        return numbered(beside.noun, step, beside.tokens[step])

    order = np.argsort(-beside.shares, kind="stable")[:2].tolist()
    first = {"name": name(order[0]), "share": beside.shares[order[0]]}
    said = [
        say("Most of this memory was written at {name}: {share:.0%} of it, then at {second}: {rest:.0%}.",
            second=name(order[1]), rest=beside.shares[order[1]], **first)
        if len(order) > 1
        else say("Most of this memory was written at {name}: {share:.0%} of it.", **first)
    ]  # fmt: skip
    if beside.parts is None or not np.isfinite(beside.erased).any():
        return said[0]
    most = int(np.abs(beside.parts).argmax())
    said.append(
        say(
            "What was written at {name} affects the {written} most, by {part}; without it the "
            "answer changes by {moved}.",
            name=name(most),
            written=beside.written,
            part=signed(beside.parts[most]),
            moved=_moved(beside, most),
        )
    )
    worst = int(np.nanargmax(np.abs(beside.parts - beside.erased)))
    if worst != most:
        said.append(
            say(
                "Bookkeeping and effect differ most at {name}: it wrote {part}, but without it the answer changes by "
                "{moved}.",
                name=name(worst),
                part=signed(beside.parts[worst]),
                moved=_moved(beside, worst),
            )
        )
    found = agreement(beside)
    if found is not None:
        noun = say(beside.noun)
        said.append(say("Rank correlation of the two over all {noun}s: {found:.2f}.", noun=noun, found=found))
    return together(*said)


def _moved(beside: Beside, token: int) -> str:
    return signed(-beside.erased[token])


def _shares(beside: Beside) -> dict[str, Any]:
    return {
        **_bar(beside.shares),
        "name": say("share"),
        "yaxis": "y",
        "marker": {"color": MARK, "line": {"width": 0}},
        "texttemplate": "%{y:.0%}" if len(beside.shares) <= MOST_WRITTEN else "",
        "hovertemplate": f"{say('token')} %{{customdata}}: <b>%{{x}}</b><br>{say('share of the memory')} "
        f"%{{y:.2%}}<extra></extra>",
    }


def _signed(values: Floats, name: str, axis: str, texts: list[str], words: str) -> dict[str, Any]:
    colors = [POSITIVE if value > 0 else NEGATIVE if value < 0 else MUTED for value in values.tolist()]
    shape = "/" if name == "erased" else ""
    return {
        **_bar(values),
        "name": name,
        "yaxis": axis,
        "text": texts if len(values) <= MOST_WRITTEN else None,
        "marker": {"color": colors, "line": {"width": 0}, "pattern": {"shape": shape, "solidity": 0.25}},
        "hovertext": texts,
        "hovertemplate": f"{words}: %{{y:+.4f}} (%{{hovertext}})<extra></extra>",
    }


def _bar(values: Floats) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": np.arange(len(values), dtype=np.float32),
        "y": values.astype(np.float32),
        "customdata": counts(len(values)),
        "textposition": "outside",
        "textangle": 0,
        "cliponaxis": False,
    }


def _percent(moved: float, beside: Beside) -> str:
    letter = "p " if beside.unit == say("log-odds") else ""
    return "" if np.isnan(moved) else f"{letter}{signed(moved)}"
