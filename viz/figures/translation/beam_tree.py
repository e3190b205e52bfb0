"""The tree of a beam search: every token that was considered, what became of it, and the path that won."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import plotly.graph_objects as go

from core_models.language import mark, say, together
from viz.figures.parts.token_axis import escape, spell
from viz.theme import MARK, MUTED, NEGATIVE, assemble

MOST_PRUNED = 8
"""Dropped tokens that are drawn at one step, the best of them; hundreds are considered."""

MOST_NAMED = 12
"""Steps up to which every node that was kept carries its name."""

COLUMN = 54
"""Pixels of a column whose names can be read."""

WON = "#d0257a"
KINDS = {
    "kept": (mark("kept in the beam"), MARK, "circle", 11),
    "finished": (mark("finished here"), MARK, "star", 15),
    "pruned": (mark("dropped"), NEGATIVE, "x", 8),
}
"""What became of a token: name, colour, symbol, size."""


class TreeNode(Protocol):
    """A token that was considered; see ``core_models.networks.decoding.Node``."""

    @property
    def index(self) -> int: ...
    @property
    def parent(self) -> int: ...
    @property
    def step(self) -> int: ...
    @property
    def token(self) -> int: ...
    @property
    def log_probability(self) -> float: ...
    @property
    def total(self) -> float: ...
    @property
    def score(self) -> float: ...
    @property
    def fate(self) -> str: ...


def drawn(nodes: Sequence[TreeNode]) -> list[TreeNode]:
    """All nodes that stayed, and of those that were dropped the best few of every step."""
    found, dropped = [], defaultdict(int)
    for node in nodes:  # at each step the best come first
        if node.fate == "pruned":
            dropped[node.step] += 1
            if dropped[node.step] > MOST_PRUNED:
                continue
        found.append(node)
    return found


def how_to_read(nodes: Sequence[TreeNode]) -> str:
    """What marks and lines are, and how many nodes are left out."""
    hidden = len(nodes) - len(drawn(nodes))
    left_out = say("{n:,} less probable ones were dropped and are not drawn.", n=hidden) if hidden else ""
    how = say(
        "From left to right, one column for each step, the most probable at the top. Blue "
        "circles were kept, orange crosses dropped, stars end a translation; the thick pink line "
        "is the winner. Numbers are log-probabilities of one token in nats: 0 is certain. {n:,} "
        "tokens were considered.",
        n=len(nodes),
    )
    return together(how, left_out, say("Click one to continue from there."))


def draw(nodes: Sequence[TreeNode], names: Sequence[str], path: Sequence[int]) -> go.Figure:
    """Edges (curve 0), the winning path (curve 1), then one curve for each fate; customdata is the node's index.

    Args:
        nodes: every node of a search.
        names: label of every node's token.
        path: indices of the nodes of the winning target.
    """
    shown = drawn(nodes)
    places = _places(shown)
    steps = max((node.step for node in shown), default=0) + 1
    data = [_edges(shown, places), _winner(path, places)]
    data += [_marks(fate, [n for n in shown if n.fate == fate], places, names, set(path), steps) for fate in KINDS]
    rows = max((-y for _, y in places.values()), default=0) + 1
    layout = {
        "height": int(np.clip(170 + 42 * rows, 260, 820)),
        "uirevision": "beam_tree",
        "hovermode": "closest",
        "xaxis": {
            "title": {"text": say("step")},
            "range": [-0.5, steps + 0.6],
            "dtick": 1 if steps < 30 else 5,
            "tick0": 0,
            "showgrid": False,
            "zeroline": False,
        },
        "yaxis": {
            "title": {"text": say("rank")},
            "showgrid": False,
            "zeroline": False,
            "range": [-rows + 0.4, 0.9],
            "tickvals": [-place for place in range(int(rows))],
            "ticktext": [str(place + 1) for place in range(int(rows))],
        },
        "meta": {"node_curves": [2, 3, 4], "least_width": 60 + COLUMN * (steps + 1) if steps <= MOST_NAMED else 0},
    }
    return assemble(data, layout)


def node_of(curve: object, customdata: object, count: int) -> int | None:
    """Index of the node under a click; None where the click hit no node."""
    if curve not in (2, 3, 4) or isinstance(customdata, bool) or not isinstance(customdata, int | float):
        return None
    return int(customdata) if 0 <= customdata < count else None


def _places(nodes: Sequence[TreeNode]) -> dict[int, tuple[float, float]]:
    """Step (from 1) and minus the rank within it; the beginning stands at (0, 0)."""
    ranks: dict[int, int] = defaultdict(int)
    found = {-1: (0.0, 0.0)}
    for node in nodes:
        found[node.index] = (node.step + 1.0, -float(ranks[node.step]))
        ranks[node.step] += 1
    return found


def _edges(nodes: Sequence[TreeNode], places: dict[int, tuple[float, float]]) -> dict[str, Any]:
    x, y = [], []
    for node in nodes:
        (x0, y0), (x1, y1) = places[node.parent], places[node.index]
        x += [x0, x1, np.nan]
        y += [y0, y1, np.nan]
    line = {"color": MUTED, "width": 1}
    return {"type": "scatter", "name": say("continues"), "mode": "lines", "x": np.array(x, np.float32), "opacity": 0.6,
            "y": np.array(y, np.float32), "line": line, "hoverinfo": "skip", "showlegend": False}  # fmt: skip


def _winner(path: Sequence[int], places: dict[int, tuple[float, float]]) -> dict[str, Any]:
    points = np.array([places[index] for index in (-1, *path)], np.float32)
    return {"type": "scatter", "name": say("the winner"), "mode": "lines", "x": points[:, 0].copy(),
            "y": points[:, 1].copy(), "line": {"color": WON, "width": 5}, "hoverinfo": "skip"}  # fmt: skip


def _marks(
    fate: str,
    nodes: Sequence[TreeNode],
    places: dict[int, tuple[float, float]],
    names: Sequence[str],
    path: set[int],
    steps: int,
) -> dict[str, Any]:
    title, color, symbol, size = KINDS[fate]
    title = say(title)
    named = steps <= MOST_NAMED
    spots = np.array([places[node.index] for node in nodes], np.float32).reshape(-1, 2)
    labels = [escape(spell(names[node.index])) for node in nodes]
    texts = [
        f"{label}<br>{_short(node.log_probability)}" if named else label if node.index in path else ""
        for node, label in zip(nodes, labels, strict=True)
    ]
    chance, whole, rated = say("log-probability"), say("of the whole beginning"), say("score")
    numbers = [[node.index, node.log_probability, node.total, node.score] for node in nodes]
    return {
        "type": "scatter",
        "name": title,
        "mode": "markers+text",
        "x": spots[:, 0].copy(),
        "y": spots[:, 1].copy(),
        "text": texts,
        "textposition": f"{'top'} center",
        "textfont": {"size": 10},
        "hovertext": labels,
        "customdata": np.array([row[0] for row in numbers], np.int32),
        "meta": title,
        "hovertemplate": [
            f"<b>%{{hovertext}}</b>, {title}<br>{chance} {one:.6f}<br>{whole} "
            f"{total:.6f}<br>{rated} {score:.6f}<extra></extra>"
            for _, one, total, score in numbers
        ],
        "marker": {"size": size, "color": color, "symbol": symbol},
    }


def _short(value: float) -> str:
    """A log-probability with one digit, a true minus and no negative zero; the hover text has six."""
    return "0" if value > -0.05 else f"−{-value:.1f}"
