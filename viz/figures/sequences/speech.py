"""A recording and what the network made of it on one time axis: from the wave, down to the answer so far.

Position ``t`` of the axis is frame ``t``, in its middle, as on every token axis; the wave is drawn on the same axis, so
that a sample lies where the frames that hold it are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from viz.figures.parts.marks import Number, outline, stem
from viz.figures.parts.stack import Row, small, stack
from viz.figures.parts.token_axis import counts, label_axis, label_ticks
from viz.figures.parts.unit_rows import UnitRow, draw_rows
from viz.theme import ATTENTION_COLORS, ATTENTION_MARK, GATE_COLORS, MARK, MUTED, Scale, assemble
from viz.view import Target

FINE = 10
"""Samples of the wave that are drawn as one stroke from their lowest to their highest."""

PITCHES = (250, 500, 1000, 2000, 3500)
"""Frequencies in Hz that are named on the spectrogram, each at the nearest band."""

ENERGY = mark("energy, normalised")
"""Energy of a band as the network reads it: see ``pretrained.data.log_mel``."""

SOUND, BANDS, ATTENTION, CLASSES = 46, 104, 52, 118
"""Pixels of the rows."""

LEAST_WIDTH = 560


@dataclass(frozen=True)
class Heard:
    """A recording with what the network made of it.

    Attributes:
        samples: one channel in [-1, 1].
        rate: samples a second.
        window, hop: samples of a frame, and from one to the next.
        frames: what the network read, ``[step, band]``.
        centres: frequency in the middle of every band, in Hz.
        attention: weights of the last reader, ``[step]``, the mean over its heads.
        probability: of every class after every frame, ``[step, class]``.
        classes: names of the classes.
        times: name of every frame.
        answer: what the probabilities are in the trace.
        attends: what the attention weights are in the trace; None where they are of several heads.
        units: gates and states of a layer.
    """

    samples: NDArray[np.floating]
    rate: int
    window: int
    hop: int
    frames: NDArray[np.floating]
    centres: NDArray[np.floating]
    attention: NDArray[np.floating]
    probability: NDArray[np.floating]
    classes: Sequence[str]
    times: Sequence[str]
    answer: Target
    attends: Target | None = None
    units: Sequence[UnitRow] = field(default_factory=tuple)

    @property
    def start(self) -> float:
        """Where on the axis the first sample stands."""
        return -self.window / 2 / self.hop

    @property
    def end(self) -> float:
        """Where on the axis the last sample stands."""
        return self.start + len(self.samples) / self.hop

    @property
    def decided(self) -> int:
        """The first frame from which on the most probable class is that of the end."""
        best = self.probability.argmax(axis=1)
        other = np.flatnonzero(best != best[-1])
        return int(other[-1]) + 1 if len(other) else 0


def draw(heard: Heard, selected: Number | None = None, *, brief: bool = False) -> go.Figure:
    """From top to bottom wave, spectrogram, gates and states of a layer, attention, and the answer so far.

    Args:
        heard: the recording.
        selected: the selected number.
        brief: whether only the wave and the answer are drawn.
    """
    names = list(heard.times)
    between = [_spectrogram(heard), *draw_rows(heard.units, "frame", selected), _attention(heard, selected)]
    wave = Row(SOUND, [_wave(heard)], {"title": {"text": say("sound")}, "nticks": 3, "range": [-1.05, 1.05]})
    rows = [wave, *([] if brief else between), _answer(heard, selected)]
    data, layout = stack(rows)
    layout["uirevision"] = f"speech-{len(names)}-{len(rows)}"
    layout |= {"hovermode": "closest", "showlegend": False, "bargap": 0.1, "annotations": [_known(heard)]}
    axis = small(label_axis(names, say("time from the beginning")))
    layout["xaxis"] = {**axis, "anchor": "y", "range": [heard.start, heard.end]}
    layout["shapes"] = [_since(heard.decided), *([stem(selected[1])] if selected else []), *layout["shapes"]]
    layout["meta"]["ticks"].append(label_ticks("x", names))
    layout["meta"] |= {
        "link": {"axis": "x"},
        "steps": len(names),
        "clock": {"start": heard.start, "rate": heard.rate / heard.hop},
        "least_width": LEAST_WIDTH,
    }
    return assemble(data, layout)


def _spectrogram(heard: Heard) -> Row:
    """A click on it is one on its frame."""
    return Row(BANDS, [_bands(heard)], _pitches(heard.centres), part={"pick": "token", "target": heard.answer.name})


def _attention(heard: Heard, selected: Number | None) -> Row:
    last, part, marks = len(heard.times) - 1, {}, []
    if heard.attends:
        part = {"pick": "key", "query": last, "target": heard.attends.name}
        if selected and selected[:2] == (heard.attends, last):
            half = float(heard.attention[selected[2]]) / 2
            marks = outline(selected[2], half, half)
    top = 1.1 * float(heard.attention.max())
    axis = {"title": {"text": say("attention α")}, "nticks": 3, "range": [0.0, top], "zeroline": False}
    return Row(ATTENTION, [_bars(heard)], axis, part=part, marks=marks)


def _answer(heard: Heard, selected: Number | None) -> Row:
    marks = outline(selected[1], selected[2], 0.5) if selected and selected[0] == heard.answer else []
    part = {"pick": "cell", "units": list(range(len(heard.classes))), "target": heard.answer.name}
    axis = label_axis(heard.classes, say("answer so far"), downward=True)
    return Row(CLASSES, [_answers(heard), _best(heard)], axis, part=part, marks=marks)


def _answers(heard: Heard) -> dict[str, Any]:
    scale = Scale(ATTENTION_COLORS, 0.0, 1.0)
    return {
        "type": "heatmap",
        "name": say("probability so far"),
        "z": np.ascontiguousarray(heard.probability.T.astype(np.float32)),
        "customdata": np.tile(counts(len(heard.times)), (len(heard.classes), 1)),
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(say("probability")),
        "hovertemplate": say("frame %{customdata}, <b>%{x}</b>: %{y}<br>probability so far = %{z:.6f}<extra></extra>"),
    }


def _best(heard: Heard) -> dict[str, Any]:
    """A dot on the most probable class after every frame."""
    steps = len(heard.times)
    return {
        "type": "scatter",
        "mode": "markers",
        "hoverinfo": "skip",
        "x": np.arange(steps, dtype=np.float32),
        "y": heard.probability.argmax(axis=1).astype(np.float32),
        "marker": {"symbol": "circle", "size": 5, "color": "#ffffff", "line": {"width": 1, "color": "#000000"}},
    }


def _bands(heard: Heard) -> dict[str, Any]:
    scale = Scale(GATE_COLORS, float(heard.frames.min()), float(heard.frames.max()))
    bands = np.round(heard.centres).astype(np.float32)
    return {
        "type": "heatmap",
        "name": say("energy"),
        "z": np.ascontiguousarray(heard.frames.T.astype(np.float32)),
        "customdata": np.repeat(bands[:, None], len(heard.times), axis=1),
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(say(ENERGY).replace(" ", "<br>", 1)),
        "hovertemplate": say(
            "<b>%{{x}}</b>, around %{{customdata:.0f}} Hz<br>{energy} = %{{z:.6f}}<extra></extra>", energy=say(ENERGY)
        ),
    }


def _bars(heard: Heard) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": say("attention"),
        "x": np.arange(len(heard.attention), dtype=np.float32),
        "y": heard.attention.astype(np.float32),
        "marker": {"color": ATTENTION_MARK, "line": {"width": 0}},
        "hovertemplate": say("<b>%{x}</b><br>attention weight = %{y:.6f}<extra></extra>"),
    }


def _wave(heard: Heard) -> dict[str, Any]:
    """The wave as strokes from the lowest to the highest of a few samples, scaled to fill its row."""
    count = max(1, len(heard.samples) // FINE)
    parts = heard.samples[: count * FINE].reshape(count, -1)
    y = np.stack([parts.min(axis=1), parts.max(axis=1)], axis=1).ravel() / max(float(np.abs(heard.samples).max()), 1e-9)
    middles = heard.start + (np.arange(count) + 0.5) * parts.shape[1] / heard.hop
    return {
        "type": "scatter",
        "name": say("sound"),
        "mode": "lines",
        "x": np.repeat(middles, 2).astype(np.float32),
        "y": y.astype(np.float32),
        "line": {"width": 1, "color": MARK},
        "hoverinfo": "skip",
    }


def _pitches(centres: NDArray[np.floating]) -> dict[str, Any]:
    places = [int(np.abs(centres - pitch).argmin()) for pitch in PITCHES]
    return {
        "title": {"text": say("frequency (Hz)")},
        "tickmode": "array",
        "tickvals": places,
        "ticktext": [f"{centres[place]:,.0f}" for place in places],
        "range": [-0.5, len(centres) - 0.5],
        "showgrid": False,
        "zeroline": False,
    }


def _since(step: int) -> dict[str, Any]:
    line = {"color": MUTED, "width": 1.5, "dash": "dot"}
    return {"type": "line", "x0": step - 0.5, "x1": step - 0.5, "yref": "paper", "y0": 0.0, "y1": 1.0, "line": line}


def _known(heard: Heard) -> dict[str, Any]:
    late = heard.decided > len(heard.times) / 2
    name = heard.classes[int(heard.probability[-1].argmax())]
    return {
        "x": heard.decided - 0.5,
        "y": 1.0,
        "yref": "paper",
        "yanchor": "bottom",
        "xanchor": "right" if late else "left",
        "text": say("from here on: {name}", name=name),
        "showarrow": False,
    }


def tabulate(heard: Heard) -> pd.DataFrame:
    """One row for each frame: time, attention, probability of every class, energy of every band, and every unit drawn.

    A column of a unit is named ``site.quantity.unit``.
    """
    table: dict[str, Any] = {"frame": np.arange(1, len(heard.times) + 1), "time": list(heard.times)}
    table["attention"] = heard.attention
    table |= {f"p({name})": heard.probability[:, index] for index, name in enumerate(heard.classes)}
    table |= {f"{centre:.0f} Hz": heard.frames[:, at] for at, centre in enumerate(heard.centres)}
    for row in heard.units:
        table |= row.columns()
    return pd.DataFrame(table)
