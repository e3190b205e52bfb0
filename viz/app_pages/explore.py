"""Explore: type a sentence and see what happened inside the network that read it."""

from viz import run
from viz.explore import show_trace
from viz.inputs import READING, offered

show_trace(run.open_page(offered(*READING), heading=True))
