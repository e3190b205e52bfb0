"""Explore: type a sentence and see what happened inside the network that read it."""

from viz import run
from viz.explore.page import show_trace
from viz.explore.tour import show_tour
from viz.inputs import READING, offered
from viz.models import GROUP

asked = run.open_page(offered(*READING, GROUP))
show_tour(asked)
show_trace(asked)
