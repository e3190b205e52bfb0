"""Explain: what each token wrote, what changes if something is changed, and whether attention explains the answer."""

from viz.explain.page import open_page

open_page()
