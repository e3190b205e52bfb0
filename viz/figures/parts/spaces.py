"""Points and axes of pictures along principal components, in two dimensions or in three."""

from __future__ import annotations

from typing import Any

import numpy as np

from core_models.language import say
from core_models.trace import Array
from viz.figures.parts.principal_axes import Axes

CAMERA = {"eye": {"x": 1.15, "y": -1.45, "z": 0.7}, "center": {"x": 0, "y": 0, "z": -0.16}}


def xyz(points: Array) -> dict[str, Array]:
    """Coordinates of ``points [point, axis]`` as a curve holds them, two or three."""
    return {name: np.ascontiguousarray(column) for name, column in zip("xyz", points.T, strict=False)}


def space_axes(axes: Axes) -> dict[str, Any]:
    """Layout of the axes, named with their share of the variance, each scaled to fill the picture."""
    if len(axes.shares) == 3:
        titles = [{"text": say("PC {i} ({share:.1%})", i=i + 1, share=share)} for i, share in enumerate(axes.shares)]
        named = {f"{name}axis": {"title": title, "nticks": 5} for name, title in zip("xyz", titles, strict=True)}
        return {"scene": {**named, "aspectmode": "cube", "camera": CAMERA}}
    titles = [
        {"text": say("PC {i} ({share:.1%} of variance)", i=i + 1, share=share)} for i, share in enumerate(axes.shares)
    ]
    return {f"{name}axis": {"title": title, "zeroline": False} for name, title in zip("xy", titles, strict=True)}
