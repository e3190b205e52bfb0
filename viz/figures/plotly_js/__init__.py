"""The scripts that draw figures in a browser: two bundles of plotly.js, one release.

Figures in the plane need only the bundle that draws nothing else, a third of the whole one to fetch and to compile. It
lies here as it was published (plotly.js-cartesian-dist-min 4.1.1, MIT: LICENSE.txt). A figure in space needs the whole
one, which the installed package holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

WHOLE, PLANE = "plotly.min.js", "plotly-cartesian.min.js"
"""The bundles: all kinds of traces, and those in the plane."""
IN_SPACE = frozenset({"scatter3d"})
"""The kinds of traces that only the whole bundle draws."""


def bundle_for(kinds: Iterable[str]) -> str:
    """The bundle that draws traces of these kinds."""
    return PLANE if IN_SPACE.isdisjoint(kinds) else WHOLE


def script(bundle: str) -> bytes:
    """What a bundle holds."""
    if bundle == PLANE:
        return files("viz.figures.plotly_js").joinpath(PLANE).read_bytes()
    return files("plotly").joinpath("package_data", WHOLE).read_bytes()
