"""Compare: which architecture helps and why, on the person's own input."""

from viz.compare.page import open_page

open_page()
