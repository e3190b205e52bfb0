"""Who wrote this memory: what each token put into each unit that is still there after the selected token."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.explain.memory.ledger import Balance, Ledger, ledger_sites, open_ledger
from core_models.language import mark, say, together
from core_models.trace import Trace
from core_models.vocabulary import quantity
from viz.figures.parts.marks import stem
from viz.figures.parts.order import name_order, order_units
from viz.figures.parts.token_axis import counts, label_axis, label_ticks, labels_of, noun_of
from viz.theme import MARK, SIGNED_COLORS, Scale, assemble
from viz.view import Options, Section, Target, View

MOST_ROW_LABELS = 20

BEFORE, ROOM, WIDTH = mark("before"), 0.07, 0.05
"""The column of what was in memory before the first token: its label, where the tokens begin, and how wide it is."""


def targets(trace: Trace) -> tuple[Target, ...]:
    """The memory of every layer and direction whose gates say what is kept."""
    return tuple(Target(site, trace.cells[site].memory) for site in ledger_sites(trace))


def present_of(ledger: Ledger, options: Options) -> int:
    """The token after which the memory is shown: the selected one, else the one read last."""
    step = options.step
    return ledger.last if step is None or not 0 <= step < len(ledger) else step


def how_to_read(trace: Trace, target: Target, options: Options) -> str:
    """What a cell and a bar are, and that they are bookkeeping."""
    ledger = open_ledger(trace, target.site)
    present = present_of(ledger, options)
    label = labels_of(trace, target.site)[present]
    parts = say(
        "Each column is one token, each row one unit: the part of the {quantity} after token {n}, “{label}”, that was "
        "written at that token and is still there.", quantity=target.quantity.label, n=present + 1, label=label,
    )  # fmt: skip
    began = say(
        "The column “{before}” is what is left of the memory that was there before the first token.", before=say(BEFORE)
    )
    sums = say(
        "A row adds up to the unit’s state. The bars on top are gate-implied attention: the token’s share of all "
        "parts, ignoring signs. This is bookkeeping given the gates that were seen, not the effect of removing "
        "the token."
    )
    return together(parts, began if ledger.begun else "", sums)


def draw(trace: Trace, target: Target, options: Options) -> go.Figure:
    """Heatmap of the parts (curve 0) under the tokens' shares; row ``i`` is unit ``layout.meta["units"][i]``."""
    ledger = open_ledger(trace, target.site)
    present = present_of(ledger, options)
    balance, units = ledger.at(present), order_units(trace, target, options.order)
    units = units[: options.most or None]
    labels, numbers = labels_of(trace, target.site), [str(unit) for unit in units.tolist()]
    highest = max(float(balance.shares.max()), balance.share_before if ledger.begun else 0.0)
    layout = {
        "height": 420,
        "uirevision": f"ledger-{target.name}",
        "hovermode": "closest",
        "showlegend": False,
        "bargap": 0.25,
        "xaxis": {**label_axis(labels, say("{noun} that wrote", noun=say(noun_of(trace, target.site)))), "anchor": "y"},
        "yaxis": {
            **label_axis(numbers, say("unit") + name_order(options.order), downward=True, most=MOST_ROW_LABELS),
            "domain": [0.0, 0.76],
        },
        "yaxis2": {
            "title": {"text": say("share")}, "domain": [0.82, 1.0],
            "range": [0, 1.12 * highest or 1.0], "anchor": "x",
            "fixedrange": True, "nticks": 3, "tickformat": ".0%",
        },
        "shapes": [stem(present)],
        "meta": {
            "link": {"axis": "x"},
            "ticks": [label_ticks("x", labels), label_ticks("y", numbers)],
            "units": units.tolist(),
            "pick": "cell",
            "steps": len(labels),
        },
    }  # fmt: skip
    noun = noun_of(trace, target.site)
    data = [_cells(ledger, balance, units, present, noun), _bars(balance, noun)]
    if ledger.begun:
        layout |= make_room(layout)
        data += [_cells_before(data[0], balance, units, noun), _bar_before(balance, noun)]
    return assemble(data, layout)


def make_room(layout: dict[str, Any]) -> dict[str, Any]:
    """Axes with room for one column before the tokens: theirs, the column's own at -1, and those beside it."""
    before = {"domain": [0.0, WIDTH], "range": [-1.5, -0.5], "showticklabels": False, "ticks": "", "anchor": "y",
              "title": {"text": say(BEFORE)},
              "showgrid": False, "zeroline": False, "fixedrange": True}  # fmt: skip
    beside = {name: {**axis, "anchor": "x2"} for name, axis in layout.items() if name in ("yaxis", "yaxis2")}
    return {"xaxis": {**layout["xaxis"], "domain": [ROOM, 1.0]}, "xaxis2": before, **beside}


def numbers(trace: Trace, target: Target) -> pd.DataFrame:
    """The memory after the token read last: one row for each token and unit, with the token's share of it all.

    What was there before the first token has step -1.
    """
    ledger = open_ledger(trace, target.site)
    balance, tokens = ledger.at(ledger.last), trace.tokens_of(target.site).labels
    steps, units = np.indices(balance.tokens.shape).reshape(2, -1)
    table = pd.DataFrame(
        {
            "step": steps,
            "step_token": np.array(tokens, dtype=object)[steps],
            "unit": units,
            "part": balance.tokens.ravel(),
            "share_of_token": balance.shares[steps],
        }
    )
    if not ledger.begun:
        return table
    share, every = balance.share_before, range(len(balance.initial))
    before = {"step": -1, "step_token": BEFORE, "unit": every, "part": balance.initial, "share_of_token": share}
    return pd.concat([pd.DataFrame(before), table], ignore_index=True)


def read_yet(ledger: Ledger, present: int) -> NDArray[np.bool_]:
    """Which tokens had been read when the one at ``present`` had, ``[token]``."""
    order = np.array([ledger.read_at(position) for position in range(len(ledger))])
    return order <= ledger.read_at(present)


def _cells(ledger: Ledger, balance: Balance, units: NDArray[np.intp], present: int, noun: str) -> dict[str, Any]:
    row = quantity(ledger.memory)
    largest = float(max(np.abs(ledger.written).max(), np.abs(balance.initial).max())) or 1.0
    scale = Scale(SIGNED_COLORS, -largest, largest, say("±{largest:.3g} = largest part", largest=largest))
    parts = np.where(read_yet(ledger, present)[:, None], balance.tokens, np.nan).astype(np.float32)
    return {
        "type": "heatmap",
        "name": say("part"),
        "z": np.ascontiguousarray(parts.T[units]),
        "customdata": np.tile(counts(len(parts)), (len(units), 1)),
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(say("part of {label}", label=row.label), len=0.8, y=0.4),
        "hoverongaps": False,
        "hovertemplate": say(
            "{noun} %{{customdata}}: <b>%{{x}}</b><br>unit %{{y}}<br>its part of {label} = %{{z:.6f}}<extra></extra>",
            noun=say(noun),
            label=row.label,
        ),
    }


def _cells_before(cells: dict[str, Any], balance: Balance, units: NDArray[np.intp], noun: str) -> dict[str, Any]:
    """What is left of the memory before the first token, coloured as the parts of the tokens are."""
    shared = {key: cells[key] for key in ("type", "zmin", "zmax", "colorscale")}
    return {
        **shared,
        "name": say(BEFORE),
        "xaxis": "x2",
        "x": np.array([-1.0], dtype=np.float32),
        "y": np.arange(len(units), dtype=np.float32),
        "z": balance.initial[units][:, None].astype(np.float32),
        "showscale": False,
        "hovertemplate": say(
            "before the first {noun}<br>unit %{{y}}<br>what is left of it = %{{z:.6f}}<extra></extra>", noun=say(noun)
        ),
    }


def _bar_before(balance: Balance, noun: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": say("share before"),
        "xaxis": "x2",
        "yaxis": "y2",
        "x": np.array([-1.0], dtype=np.float32),
        "y": np.array([balance.share_before], dtype=np.float32),
        "marker": {"color": MARK, "line": {"width": 0}},
        "hovertemplate": say("before the first {noun}: %{{y:.2%}}<extra></extra>", noun=say(noun)),
    }


def _bars(balance: Balance, noun: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": say("share"),
        "yaxis": "y2",
        "x": np.arange(len(balance.tokens), dtype=np.float32),
        "y": balance.shares.astype(np.float32),
        "customdata": counts(len(balance.tokens)),
        "marker": {"color": MARK, "line": {"width": 0}},
        "hovertemplate": say(
            "{noun} %{{customdata}}: <b>%{{x}}</b><br>gate-implied attention %{{y:.2%}}<extra></extra>", noun=say(noun)
        ),
    }


VIEW = View(
    key="ledger",
    title=mark("Who wrote this memory"),
    question=mark("How much of what is in memory was written by each token?"),
    section=Section.MEMORY,
    targets=targets,
    how_to_read=how_to_read,
    draw=draw,
    numbers=numbers,
    columns=1,
)
