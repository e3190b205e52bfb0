"""What a cell's picture is made of: boxes, lines and numbers, in pixels."""

from __future__ import annotations

from dataclasses import dataclass, field

from viz.cell_diagram.expression import Node


@dataclass(frozen=True)
class Box:
    """Something that stands in the picture.

    Attributes:
        id: unique name.
        kind: ``strip``, ``gate``, ``candidate``, ``gathered``, ``valve``, ``squash`` or ``sign``.
        x, y, width, height: left, top and size in pixels.
        names: quantities that light up with it.
        text: what is written in it, if anything.
        node: whose value it shows.
        opens: quantity whose terms a click on it opens, if any.
        upright: of a valve, whether what flows through it flows upwards.
    """

    id: str
    kind: str
    x: float
    y: float
    width: float
    height: float
    names: tuple[str, ...]
    text: str = ""
    node: Node | None = None
    opens: str = ""
    upright: bool = False


@dataclass(frozen=True)
class Line:
    """A way from one thing to another.

    Attributes:
        kind: ``lane``, ``read`` (into a sum), ``bus`` or ``control``.
        path: as SVG writes it.
        names: quantities that light up with it.
        node: what flows along it; None for a control line.
    """

    kind: str
    path: str
    names: tuple[str, ...]
    node: Node | None = None


@dataclass(frozen=True)
class Number:
    """A place where the exact number of one unit is printed."""

    x: float
    y: float
    anchor: str
    names: tuple[str, ...]
    node: Node


@dataclass
class Layout:
    """A cell's picture."""

    width: float = 0.0
    height: float = 0.0
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
