"""Explore: type a sentence and see what happened inside the network that read it."""

from pretrained.registry import READERS
from viz import run
from viz.explore import show_trace
from viz.inputs import offered

show_trace(run.open_page(offered(*READERS), heading=True))
