"""From what a network expects to what is drawn from: what temperature, top-k and top-p do to the candidates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core_models.language import mark, say
from core_models.networks.choice import Choice
from viz.figures.parts.marks import stem
from viz.figures.parts.token_axis import counts, escape, label_axis, label_ticks, spell
from viz.theme import ATTENTION_COLORS, MARK, MUTED, Scale, assemble

MOST_WRITTEN, BESIDE, COLUMN = 60, 150, 18
"""Steps up to which every cell carries its candidate; pixels beside all, and of a column whose letter can be read."""

SMALLEST, LEAST = 0.002, 4
"""Probability from which a candidate has bars that can be seen, and how many have a row in any case."""

LABEL = mark("probability drawn from")
Names = Sequence[Sequence[str]]


def cut_by(choice: Choice, place: int) -> str:
    """What cut the candidate at a place of the list; "" where it was kept."""
    return "" if choice.kept[place] else "top-p" if choice.after_k[place] else "top-k"


def draw_steps(
    choices: Sequence[Choice], names: Names, written: Sequence[str], first: int, step: int | None = None
) -> go.Figure:
    """One column for each written token (curve 0): candidates by rank, what was cut left blank; above, how many stayed.

    Args:
        choices: one for each written token.
        names: labels of its candidates.
        written: labels of all tokens, those that were given before the first written one too.
        first: position of the first written token.
        step: the selected token.
    """
    steps, count = len(choices), max(len(choice.ids) for choice in choices)
    labels, ranks = [spell(label) for label in written], [str(rank + 1) for rank in range(count)]
    layout = {
        "height": 500,
        "uirevision": "narrowing",
        "hovermode": "closest",
        "showlegend": False,
        "xaxis": {**label_axis(labels, say("token that was written")), "range": [first - 0.5, first + steps - 0.5],
                  "anchor": "y"},
        "yaxis": {**label_axis(ranks, say("rank of the candidate"), downward=True), "domain": [0.0, 0.7]},
        "yaxis2": {"title": {"text": say("kept")}, "domain": [0.76, 1.0], "type": "log", "anchor": "x", "dtick": 1,
                   "fixedrange": True},
        "shapes": [stem(step)] if step is not None else [],
        "meta": {
            "link": {"axis": "x"},
            "ticks": [label_ticks("x", labels), label_ticks("y", ranks)],
            "units": list(range(count)),
            "pick": "cell",
            "least_width": BESIDE + COLUMN * steps if steps <= MOST_WRITTEN else 0,
            "steps": len(labels),
        },
    }  # fmt: skip
    x = np.arange(first, first + steps, dtype=np.float32)
    return assemble([_cells(choices, names, x, count), _kept(choices, x), _chosen(choices, x)], layout)


def draw_choice(choice: Choice, names: Sequence[str]) -> go.Figure:
    """One choice: what the network expected of each candidate, after the temperature, and what was drawn from."""
    shown = _worth(choice)
    words = [escape(spell(names[place])) for place in shown]
    rows = np.arange(len(words), dtype=np.float32)
    stages = ((say("expected by the network"), choice.plain, MUTED, ""),
              (say("after temperature"), choice.tempered, MARK, "/"),
              (say("drawn from"), choice.final, MARK, ""))  # fmt: skip
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "x": np.array(values, dtype=np.float32)[shown],
            "y": rows,
            "customdata": words,
            "marker": {"color": color, "pattern": {"shape": shape}},
            "hovertemplate": f"%{{customdata}}: {name} %{{x:.6f}}<extra></extra>",
        }
        for name, values, color, shape in stages
    ]
    most = max(*choice.plain, *choice.tempered, *choice.final)
    layout = {
        "height": 150 + 34 * len(words),
        "uirevision": "choice",
        "barmode": "group",
        "showlegend": True,
        "legend": {"traceorder": "normal"},
        "xaxis": {"title": {"text": say("probability")}, "range": [0, most * 1.25], "nticks": 5},
        "yaxis": label_axis([spell(names[place]) for place in shown], say("candidate"), downward=True),
        "annotations": [_note(choice, place, row) for row, place in enumerate(shown) if _said(choice, place)],
    }
    return assemble(bars, layout)


def _worth(choice: Choice) -> list[int]:
    """The places of a list whose bars can be seen, and always the first few and what was written."""
    stages = zip(choice.plain, choice.tempered, choice.final, strict=True)
    return [place for place, values in enumerate(stages)
            if place < LEAST or max(values) >= SMALLEST or choice.ids[place] == choice.index]  # fmt: skip


def undecided(choices: Sequence[Choice]) -> int:
    """The choice that was most open, by the entropy of what it was drawn from."""
    final = [np.array(choice.final) for choice in choices]
    return int(np.argmax([-(p * np.log(np.maximum(p, 1e-12))).sum() for p in final]))


def tabulate(choices: Sequence[Choice], names: Names, first: int) -> pd.DataFrame:
    """Every candidate of every choice with its probability at each stage, and what cut it."""
    rows = [
        (first + at + 1, rank + 1, names[at][rank], choice.plain[rank], choice.tempered[rank], choice.final[rank],
         cut_by(choice, rank), choice.ids[rank] == choice.index)
        for at, choice in enumerate(choices)
        for rank in range(len(choice.ids))
    ]  # fmt: skip
    return pd.DataFrame(
        rows, columns=["step", "rank", "candidate", "expected", "tempered", "drawn_from", "cut_by", "written"]
    )


def _said(choice: Choice, place: int) -> str:
    written = say("written") if choice.ids[place] == choice.index else ""
    cut = cut_by(choice, place)
    return written or (say("cut by {cut}", cut=cut) if cut else "")


def _note(choice: Choice, place: int, row: int) -> dict[str, Any]:
    most = max(choice.plain[place], choice.tempered[place], choice.final[place])
    text = _said(choice, place)
    chosen = choice.ids[place] == choice.index
    return {"x": most, "y": row, "text": f"<b>{text}</b>" if chosen else text, "showarrow": False,
            "xanchor": "left", "xshift": 6, "font": {"color": MARK if chosen else MUTED}}  # fmt: skip


def _cells(choices: Sequence[Choice], names: Names, x: np.ndarray, count: int) -> dict[str, Any]:
    shares = np.full((count, len(choices)), np.nan, dtype=np.float32)
    words = [["" for _ in choices] for _ in range(count)]
    hover = [["" for _ in choices] for _ in range(count)]
    for at, choice in enumerate(choices):
        for rank in range(len(choice.ids)):
            cut = cut_by(choice, rank)
            word = escape(spell(names[at][rank], 10))
            words[rank][at] = f"<s>{word}</s>" if cut else word
            shares[rank, at] = np.nan if cut else choice.final[rank]
            what = say("cut by {cut}", cut=cut) if cut else say("drawn from with {final:.6f}", final=choice.final[rank])
            hover[rank][at] = say(
                "<b>{word}</b>: expected {chance:.6f}, {what}", word=word, chance=choice.plain[rank], what=what
            )
    scale = Scale(ATTENTION_COLORS, 0.0, 1.0)
    return {
        "type": "heatmap",
        "name": say(LABEL),
        "x": x,
        "z": shares,
        "text": words,
        "hovertext": hover,
        "hoverongaps": True,
        "texttemplate": "%{text}" if len(choices) <= MOST_WRITTEN else "",
        "textfont": {"size": 12},
        "customdata": np.tile(counts(len(choices)), (count, 1)),
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(say(LABEL), len=0.7, y=0.35),
        "hovertemplate": say("written character %{customdata}, rank %{y}<br>%{hovertext}<extra></extra>"),
    }


def _kept(choices: Sequence[Choice], x: np.ndarray) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": say("kept"),
        "yaxis": "y2",
        "mode": "lines",
        "x": x,
        "y": np.array([choice.count for choice in choices], dtype=np.float32),
        "customdata": np.array([choice.count_k for choice in choices], dtype=np.float32),
        "line": {"color": MARK, "width": 2, "shape": "hvh"},
        "hovertemplate": say("top-k kept %{customdata}, top-p %{y} of them<extra></extra>"),
    }


def _chosen(choices: Sequence[Choice], x: np.ndarray) -> dict[str, Any]:
    """A diamond on the candidate that was written, white inside black."""
    lift = 0.36 if len(choices) <= MOST_WRITTEN else 0.0
    return {
        "type": "scatter",
        "name": say("written"),
        "mode": "markers",
        "hoverinfo": "skip",
        "x": x,
        "y": np.array([choice.rank + lift for choice in choices], dtype=np.float32),
        "marker": {"symbol": "diamond", "size": 6, "color": "#ffffff", "line": {"width": 1, "color": "#000000"}},
    }
