"""The one component that puts Plotly figures, and a text in step with them, on a Streamlit page.

A figure keeps its zoom when its data change, returns the point that was clicked, and shows which item is under the
pointer in every figure and text of its group, without asking the server. Figures arrive neutral and are dressed in
the page's theme, light or dark; ``var(--st-...)`` is a colour like any other in them. One with frames and a slider
takes the arrow keys and the space bar. What a figure links, and which axes carry words, it says in ``layout.meta``:

- ``link = {"axis": "x" | "y" | "xy"}``: the rounded position on the axis is the item, shown as a band;
- ``link = {"points": [curve, ...]}``: the number of the point in these curves is the item, shown as a ring;
- ``ticks = {"axis": "x", "values": [...], "labels": [...]}``, or a list of such: plain words (escaped here, not by the
  figure), of which as many are shown as can be read at the present zoom and width;
- ``clock = {"start": position, "rate": positions}``: where on the horizontal axis a sound starts, and how far it gets
  in a second; a line follows it, and so does the item that the group points at;
- ``zoom = {"whole": [low, high], "shown": [low, high] | None}``, for ``zoomed_plot``: the ends of the horizontal axis,
  to which a double click goes back, and the part of it that is shown;
- ``least_width = pixels``: where the page is narrower, as on a phone, the figure is scrolled sideways, by hand or
  along with its sound; a line below it says so;
- ``open_at = {"axis": "x", "position": position}``: what stands in the middle of such a figure when it is first drawn.
"""

from viz.linked_plot.plot import Click, Saved, Zoom, linked_plot, say_keys, zoomed_plot
from viz.linked_plot.text import linked_text

__all__ = ["Click", "Saved", "Zoom", "linked_plot", "linked_text", "say_keys", "zoomed_plot"]
