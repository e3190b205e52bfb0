"""Explore: type a sentence and see what happened inside the network that read it."""

from viz import run
from viz.explore.page import show_trace
from viz.inputs import READING, offered
from viz.models import GROUP

show_trace(run.open_page(offered(*READING, GROUP)))
