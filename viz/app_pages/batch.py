"""Batch: a file of many sequences, read by one model into a table."""

from viz.batch.page import open_page

open_page()
