"""Attention from every token to every token, at each stage from scores to weights."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from core_models.trace import Trace
from core_models.vocabulary import quantity
from viz.figures.parts.playback import MOST_FRAMES, ROW, play_controls
from viz.figures.parts.token_axis import counts, escape, label_axis, label_ticks, labels_of, noun_of
from viz.figures.trace.attention_stages import (
    STAGES,
    allowed,
    attention_targets,
    between_equals,
    row_of,
    stage_target,
    stage_values,
)
from viz.theme import ATTENTION_COLORS, MUTED, Scale, assemble, scale_of
from viz.view import Options, Section, Target, View

MOST_ROW_LABELS = 30
PLAYER_HEIGHT, SLANTED = 124 + ROW, 34
"""Pixels for the slider and buttons under the matrix, and for slanted labels above them."""
SHORT, LETTER = 8, 5
"""Letters of a slanted label that have room, and the pixels that every further one takes."""
SOFTMAX = mark("softmax without mask")

_READING = {
    "scores": mark(
        "Scores can be any number: the larger, the better a token fits. They exist for all pairs, "
        "even those that the mask forbids."
    ),
    "mask": mark(
        "1 where attention is allowed, 0 where it is not: a later token has not been read yet, "
        "unless the network reads from both ends."
    ),
    "softmax": mark(
        "Softmax over all tokens of a row, as if nothing were forbidden: the difference from the "
        "weights is what the mask changes."
    ),
    "weights": mark(
        "The weights of a row sum to 1, and masked cells are blank; the colour scale is finer for small weights."
    ),
}


def how_to_read(trace: Trace, target: Target, options: Options) -> str:
    """Rows, columns, and what the values of the stage are."""
    if between_equals(trace, target.site):
        rows = say("Each row is a reader: the network after that token. Each column is a token it may attend to.")
    else:
        rows = say("Each row is a written token, each column a source token it was written from.")
    first = say(" The first reader has nothing to attend to.") if _starts_blank(trace, target) else ""
    play = say(" Press play to see the matrix grow.") if len(trace.tokens_of(target.site, "query")) > 1 else ""
    return f"{rows} {say(_READING.get(options.stage, _READING['weights']))}{first}{play}"


def _starts_blank(trace: Trace, target: Target) -> bool:
    return not allowed(trace, target.site)[0, 0].any()


def draw(trace: Trace, target: Target, options: Options) -> go.Figure:
    """One head's (query, key) matrix at one stage; the stage falls back to the weights where the trace lacks it."""
    values, label, scale = _stage(trace, target, options)
    keys, queries = (labels_of(trace, target.site, dim) for dim in ("key", "query"))
    frames, noun = _growing(queries, len(keys)), noun_of(trace, target.site)
    slant = SLANTED + LETTER * max(0, max(map(len, keys)) - SHORT)
    layout = {
        "height": _height(len(queries)) + (PLAYER_HEIGHT + slant - SLANTED if frames else 0),
        "uirevision": f"attention_heatmap-{target.name}",
        "hovermode": "closest",
        "xaxis": {**label_axis(keys, say("{noun} looked at (i)", noun=say(noun))), "anchor": "y"},
        "yaxis": label_axis(queries, _reader_title(trace, target), downward=True, most=MOST_ROW_LABELS),
        "shapes": _reader(options.step, len(queries), len(keys)),
        "meta": {
            "link": {"axis": "xy" if between_equals(trace, target.site) else "y"},
            "ticks": [label_ticks("x", keys), label_ticks("y", queries)],
            "pick": "row",
            "steps": len(queries),
        },
        **(play_controls(frames, redraw=True, below=slant, apart=True, noun=noun) if frames else {}),
    }
    return assemble([_cells(values, label, scale, noun), _cover(len(queries), len(queries), len(keys))], layout, frames)


def _growing(labels: Sequence[str], keys: int) -> list[dict[str, Any]]:
    """One frame for each token: the rows of readers that come later are covered."""
    steps = len(labels)
    if steps == 1:
        return []
    shown = [escape(label) for label in labels]
    stops = sorted({*range(0, steps, -(-steps // MOST_FRAMES)), steps - 1})
    return [
        {"name": f"{stop + 1} {shown[stop]}", "traces": [1], "data": [_cover(stop + 1, steps, keys)]} for stop in stops
    ]


def _cover(read: int, steps: int, keys: int) -> dict[str, Any]:
    """A sheet over the rows of all tokens but the first ``read``."""
    return {
        "type": "heatmap",
        "z": [[None]] * read + [[1]] * (steps - read),
        "x0": (keys - 1) / 2,
        "dx": keys,
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, MUTED], [1, MUTED]],
        "opacity": 0.85,
        "showscale": False,
        "hoverinfo": "skip",
    }


def numbers(trace: Trace, target: Target) -> pd.DataFrame:
    """Every stage for every pair of tokens: one row for each (head, query, key)."""
    found = {stage: stage_values(trace, target.site, stage) for stage in STAGES}
    shape = trace.array(target.site, target.key).shape
    head, query, key = (axis.ravel() for axis in np.indices(shape))
    readers, read = (np.array(trace.tokens_of(target.site, dim).labels, dtype=object) for dim in ("query", "key"))
    table = {"head": head, "query": query, "key": key, "query_token": readers[query], "key_token": read[key]}
    return pd.DataFrame(table | {stage: values.ravel() for stage, values in found.items() if values is not None})


def _stage(trace: Trace, target: Target, options: Options) -> tuple[NDArray[np.floating], str, Scale]:
    head = min(max(options.head, 0), trace.array(target.site, target.key).shape[0] - 1)
    row, values = row_of(trace, target.site, options.stage), stage_values(trace, target.site, options.stage)
    if values is None:
        row, values = target.quantity, trace.array(target.site, target.key)
    if row is None:
        return values[head].astype(np.float32), say(SOFTMAX), Scale(ATTENTION_COLORS, 0.0, 1.0)
    scale = scale_of(row, values[head])
    if row == quantity(target.key):
        return np.where(allowed(trace, target.site)[head], values[head], np.float32(np.nan)), row.label, scale
    return values[head], row.label, scale


def _cells(values: NDArray[np.floating], label: str, scale: Scale, noun: str) -> dict[str, Any]:
    queries, keys = (counts(length) for length in values.shape)
    return {
        "type": "heatmap",
        "name": label,
        "z": values,
        "customdata": np.stack(np.broadcast_arrays(queries[:, None], keys[None, :]), axis=-1),
        "hoverongaps": False,
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(label),
        "hovertemplate": say(
            "from {noun} %{{customdata[0]}}: <b>%{{y}}</b><br>to {noun} %{{customdata[1]}}: "
            "<b>%{{x}}</b><br>{label} = %{{z:.6f}}<extra></extra>",
            noun=say(noun),
            label=label,
        ),
    }


def _reader_title(trace: Trace, target: Target) -> str:
    """Name of the query axis: the reader has read the token, or is about to write it."""
    noun = noun_of(trace, target.site)
    return (
        say("after reading {noun} (t)", noun=say(noun))
        if between_equals(trace, target.site)
        else say("writing {noun} (t)", noun=say(noun))
    )


def _reader(step: int | None, steps: int, keys: int) -> list[dict[str, Any]]:
    if step is None or not 0 <= step < steps:
        return []
    row = {"type": "rect", "x0": -0.5, "x1": keys - 0.5, "y0": step - 0.5, "y1": step + 0.5}
    return [{**row, "line": {"color": color, "width": width}} for color, width in (("#000000", 3), ("#ffffff", 1.5))]


def _height(steps: int) -> int:
    return int(np.clip(140 + 24 * steps, 240, 480))


VIEW = View(
    key="attention_heatmap",
    title=mark("Attention from every token"),
    question=mark("Where did the network look at each point of its reading?"),
    section=Section.ATTENTION,
    targets=attention_targets,
    how_to_read=how_to_read,
    draw=draw,
    numbers=numbers,
    label=lambda target, options: re.split(" ?[(（]", say(STAGES.get(options.stage, STAGES["weights"])))[0],
    shown=stage_target,
)
