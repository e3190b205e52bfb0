"""Glossary: the words of the field, and every quantity that can be shown."""

from viz.glossary.page import open_page

open_page()
