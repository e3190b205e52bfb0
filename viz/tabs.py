"""Parts of a page behind tabs: only the open one is computed and drawn, and the address names it."""

from __future__ import annotations

from collections.abc import Mapping

from core_models.language import say
from viz import params
from viz.params import TAB


def open_tab(titles: Mapping[str, str], opening: str = "") -> str:
    """Key of the open part, of ``titles`` by key; the ``opening`` or else the first one until another is chosen."""
    first = opening or next(iter(titles))
    return params.choose(say("Part of the page"), TAB, titles, default=first, pills=True, titled=False)
