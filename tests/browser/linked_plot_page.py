"""A page with one of everything that viz.linked_plot can do; the tests beside it drive it in a browser."""

from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from viz.linked_plot import Saved, linked_plot, linked_text

st.set_page_config(layout="wide")
st.session_state.runs = st.session_state.get("runs", 0) + 1

text = st.text_input("Text", "A 👩‍🚀 <img src=x onerror=alert(1)> wakes  up, שלום עולם")
count = int(st.number_input("Tokens", 2, 400, 40))
words = [
    "<img src=x onerror=alert(1)>",
    "<b>bold</b>",
    *(f"{'wonderfully' if i % 3 else 'so'}{i}" for i in range(2, count)),
]
gate = np.random.default_rng(0).random((16, 400), dtype=np.float32)[:, :count]
path = np.cumsum(np.random.default_rng(1).normal(size=(400, 3)), axis=0).astype(np.float32)[:count]
ticks = {"axis": "x", "values": list(range(count)), "labels": words}


def heatmap() -> go.Figure:
    """Units by tokens, with an explicit range that changes with the number of tokens."""
    figure = go.Figure(go.Heatmap(z=gate, zmin=0, zmax=1, colorscale="Blues"), layout_template="none")
    figure.update_xaxes(range=[-0.5, count - 0.5], title="token")
    return figure.update_layout(height=320, yaxis_title="unit", meta={"link": {"axis": "x"}, "ticks": ticks})


def bars() -> go.Figure:
    """The mean of each token."""
    figure = go.Figure(go.Bar(y=gate.mean(0), customdata=np.arange(count) * 10, marker_color="var(--st-primary-color)"))
    return figure.update_layout(template="none", height=260, meta={"link": {"axis": "x"}, "ticks": [ticks]})


def pairs() -> go.Figure:
    """Two subplots side by side, with the same items on both axes."""
    figure = go.Figure(layout_template="none").set_subplots(1, 2)
    for column in (1, 2):
        figure.add_trace(go.Heatmap(z=gate.T @ gate, showscale=False, colorscale="Blues"), row=1, col=column)
    return figure.update_layout(height=300, meta={"link": {"axis": "xy"}})


def walk() -> go.Figure:
    """A path that plays in the browser."""
    figure = go.Figure(
        [go.Scatter(x=path[:, 0], y=path[:, 1], mode="lines+markers", line_color="var(--st-primary-color)")],
        frames=[go.Frame(name=str(i), data=[go.Scatter(x=path[:i, 0], y=path[:i, 1])]) for i in range(1, count + 1)],
    )
    timing = {"frame": {"duration": 60, "redraw": False}, "transition": {"duration": 0}, "mode": "immediate"}
    buttons = [
        {"label": "Play", "method": "animate", "args": [None, {**timing, "fromcurrent": True}]},
        {"label": "Pause", "method": "animate", "args": [[None], timing]},
    ]
    steps = [{"label": str(i), "method": "animate", "args": [[str(i)], timing]} for i in range(1, count + 1)]
    menu = {"type": "buttons", "direction": "left", "buttons": buttons, "x": 0, "y": 1.2, "xanchor": "left"}
    slider = {"steps": steps, "currentvalue": {"prefix": "step "}, "ticklen": 0, "minorticklen": 0}
    return figure.update_layout(template="none", updatemenus=[menu], sliders=[slider], meta={"link": {"points": [0]}})


def cloud(flat: bool) -> go.Figure:
    """The same path in space, or what is seen of it from above."""
    if flat:
        return go.Figure(go.Scatter(x=path[:, 0], y=path[:, 1])).update_layout(template="none", height=340)
    trace = go.Scatter3d(x=path[:, 0], y=path[:, 1], z=path[:, 2], mode="lines+markers", marker_size=4)
    return go.Figure(trace).update_layout(template="none", height=340, meta={"link": {"points": [0]}})


def spans_of(pieces: list[str]) -> list[tuple[int, int]]:
    """Return where the pieces stand in the text that joins them with spaces."""
    starts = np.cumsum([0] + [len(piece) + 1 for piece in pieces]).tolist()
    return [(start, end - 1) for start, end in pairwise(starts)]


typed = spans_of(text.split(" "))
token = linked_text(
    text,
    typed,
    key="typed",
    marks=["unknown" if i == 1 else "" for i in range(len(typed))],
    notes=["never seen in training" if i == 1 else "" for i in range(len(typed))],
    values=np.linspace(-1, 1, len(typed)).tolist(),
    selected=0,
)
linked_text(" ".join(words), spans_of(words), key="words")
heading = Saved(lines=("Gate values", "what was read"))
cell = linked_plot(heatmap(), key="gate heatmap", alt="Gate values", saved=heading)
st.write(f"runs {st.session_state.runs}")
st.write(f"cell {cell} token {token}")
left, right = st.columns(2)
with left:
    bar = linked_plot(bars(), key="bars", alt="Mean gate")
    point = linked_plot(walk(), key="walk", alt="Path")
with right:
    if not st.checkbox("Without pairs"):
        linked_plot(pairs(), key="pairs", alt="Token against token")
    dot = linked_plot(cloud(st.checkbox("From above")), key="cloud", alt="Path in space")
st.write(f"bar {bar} point {point} dot {dot}")
first, second = st.tabs(["First", "Second"])
first.write("Nothing here")
with second:
    linked_plot(bars(), key="hidden", alt="Hidden bars", group="other")
