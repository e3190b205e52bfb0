"""The picture of a cell on a Streamlit page; the browser's half is cell_diagram.js."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, TypeGuard

from streamlit.components.v2 import component

from viz.linked_plot.bundle import module_address
from viz.linked_plot.look import is_large, look
from viz.linked_plot.packed import packed
from viz.linked_plot.plot import MOUNT

FOLDER = files("viz.cell_diagram")
STYLES = FOLDER.joinpath("cell_diagram.css").read_text(encoding="utf-8")
DRAWING = FOLDER.joinpath("drawing.js").read_text(encoding="utf-8")
"""Style sheet and script of the picture; with its data they are a page of their own."""

_component = component("cell_diagram", js=MOUNT, css=STYLES)


@dataclass(frozen=True)
class Opened:
    """A quantity whose arithmetic somebody wants to see."""

    name: str
    step: int
    unit: int


@dataclass(frozen=True)
class Stepped:
    """The step at which somebody came to rest."""

    step: int


@dataclass(frozen=True)
class UnitChosen:
    """The unit that somebody chose; None for all."""

    unit: int | None


Event = Opened | Stepped | UnitChosen


def cell_diagram(data: Mapping[str, Any], *, key: str, alt: str, follows: bool) -> Event | None:
    """Put a picture on the page; returns what somebody did in it, in the run that this started.

    Args:
        data: see ``Picture.data``.
        key: identifies the picture between runs.
        alt: what it shows, for those who cannot see it.
        follows: whether the server wants to know at which step somebody came to rest.
    """
    module = module_address("cell_diagram.js", "cell_diagram")
    chosen = look()["colours"]
    palettes = {**data["palettes"], **({"gate": chosen} if chosen else {})}
    told = {
        **data,
        "palettes": palettes,
        "module": module,
        "alt": alt,
        "group": "step",
        "follows": follows,
        "large": is_large(),
    }
    return _event(_component(key=key, data=packed(told), on_did_change=_note).get("did"), data)


def _note() -> None:
    """Do nothing: Streamlit reports an event only where a callback is given."""


def _event(sent: object, data: Mapping[str, Any]) -> Event | None:
    """What the browser told, or None if it is nothing that can have happened: a browser may send anything."""
    if not isinstance(sent, Mapping):
        return None
    step, unit, name = (sent.get(part) for part in ("step", "unit", "open"))
    if sent.get("all"):
        return UnitChosen(None)
    if name is not None:
        if isinstance(name, str) and name in data["spoken"] and _below(step, data["count"]):
            return Opened(name, step, unit) if _below(unit, data["units"]) else None
        return None
    if unit is not None:
        return UnitChosen(unit) if _below(unit, data["units"]) else None
    return Stepped(step) if _below(step, data["count"]) else None


def _below(number: object, end: int) -> TypeGuard[int]:
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number < end
