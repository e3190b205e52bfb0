"""Corpus: from one input to every place of a corpus at which the network does the same."""

from viz.corpus.page import open_page

open_page()
