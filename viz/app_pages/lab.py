"""Lab: choose a cell and a problem, press play, and watch a network learn."""

from core_models.language import say
from viz.lab.page import open_page
from viz.run import heading_row

heading_row(say("Watch a network learn"))
open_page()
