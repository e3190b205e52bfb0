"""Plotly figures on the page; the browser's half is linked_plot.js."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
from streamlit.components.v2 import component

from core_models.language import ENGLISH, current, mark, say
from viz.figures.parts.token_axis import escape, spell
from viz.linked_plot.bundle import FOLDER, module_address, plotly_address
from viz.linked_plot.look import look
from viz.linked_plot.packed import packed
from viz.plain import kinds, layout_value, to_json

LONGEST_LINE = 110
"""Letters of a line above a saved picture."""

Coordinate = float | int | str | None

MOUNT = FOLDER.joinpath("mount.js").read_text(encoding="utf-8")
"""The short script that Streamlit sends with every answer; it fetches the component's module."""

_component = component(
    "linked_plot",
    js=MOUNT,
    css=FOLDER.joinpath("linked_plot.css").read_text(encoding="utf-8"),
    isolate_styles=False,  # Plotly puts its own styles into the page
)


@dataclass(frozen=True)
class Click:
    """One clicked point of a figure.

    Attributes:
        curve: number of the trace, counted from 0.
        x: horizontal position, in the axis's own values.
        y: vertical position.
        z: value of a heatmap's cell, or third coordinate; None where there is none.
        customdata: what the trace holds for this point.
    """

    curve: int
    x: Coordinate
    y: Coordinate
    z: float | None
    customdata: object


@dataclass(frozen=True)
class Zoom:
    """The part of the horizontal axis that a person chose to see: its first and last whole number; None for all."""

    first: int | None = None
    last: int | None = None


@dataclass(frozen=True)
class Saved:
    """What a picture that is saved carries besides the figure.

    Attributes:
        name: of its file, without ending; that of the figure's key if empty.
        lines: what stands above it, plain text: its title, then what was read and by which model.
    """

    name: str = ""
    lines: Sequence[str] = ()


def linked_plot(
    figure: go.Figure, *, key: str, alt: str, group: str = "step", sound: bytes = b"", saved: Saved = Saved()
) -> Click | None:
    """Put a figure on the page and return the point that was clicked, in the run that the click started; else None.

    Args:
        figure: theme-neutral; its height is ``layout.height`` (380 pixels if unset), its width that of the page.
        key: identifies the figure between runs.
        alt: what the figure shows, for those who cannot see it.
        group: figures and texts of one group share the item under the pointer.
        sound: a WAV file that the figure shows, to be played below it; ``layout.meta["clock"]`` says where on the axis.
        saved: what a picture that is saved carries besides.

    Raises:
        ValueError: ``layout.meta`` says something else than the package's docstring allows.
    """
    return _click(_send(figure, key, alt, group, saved, sound).get("click"))


def zoomed_plot(
    figure: go.Figure, *, key: str, alt: str, group: str = "step", saved: Saved = Saved()
) -> Click | Zoom | None:
    """As ``linked_plot``; also returns the part that a person zoomed to, so that it can be drawn finer.

    ``layout.meta["zoom"]`` says which part is shown. A part that Python shows anew takes the place of the person's own.
    """
    sent = _send(figure, key, alt, group, saved)
    return _zoom(sent.get("zoom")) or _click(sent.get("click"))


def _send(figure: go.Figure, key: str, alt: str, group: str, saved: Saved, sound: bytes = b"") -> Mapping[str, object]:
    """Put a figure on the page; what the browser sent, by the event's name."""
    asked = layout_value(figure, "meta")
    meta = asked if isinstance(asked, Mapping) else {}
    data = {
        "module": module_address("linked_plot.js"),
        "plotly": plotly_address(kinds(figure)),
        "figure": to_json(figure),
        "height": layout_value(figure, "height"),
        "link": _link(key, meta.get("link")),
        "ticks": _ticks(key, meta.get("ticks")),
        "least": _least(key, meta.get("least_width")),
        "zoom": _shown(key, meta.get("zoom")),
        "open": _open(key, meta.get("open_at")),
        "sound": base64.b64encode(sound).decode(),
        "clock": _clock(key, meta.get("clock")) if sound else None,
        "look": look(),
        "alt": alt,
        "words": _words(alt),
        "group": group,
        "name": re.sub(r"[^\w-]+", "-", saved.name or key).strip("-") or "figure",
        "heading": [escape(spell(line, LONGEST_LINE)) for line in saved.lines if line],
    }
    return _component(key=key, data=packed(data), on_click_change=_note, on_zoom_change=_note)


def say_keys() -> str:
    """How the keyboard moves in a figure, for those who hear the page."""
    return say(
        "Arrow keys move from point to point (with Shift where the figure plays), Enter opens the point, "
        "Escape leaves it."
    )


PLOTLY = (mark("Zoom in"), mark("Zoom out"), mark("Reset axes"), mark("Autoscale"), mark("Zoom"), mark("Pan"),
          mark("Orbital rotation"), mark("Turntable rotation"), mark("Reset camera to default"),
          mark("Reset camera to last save"), mark("Toggle Spike Lines"))  # fmt: skip
"""What Plotly writes on its own buttons."""


def _words(alt: str) -> dict[str, Any]:
    """What the browser's half itself says, and ``plotly`` in the place of its own words."""
    return {
        "plotly": {text: say(text) for text in PLOTLY} if current() != ENGLISH else {},
        "print": say("Print, or save as PDF"),
        "keys": say_keys(),
        "tools": say("Zoom and save"),
        "save": say("Save as {kind}"),
        "play": say("Play: {what}", what=alt),
        "undrawn": say("This figure could not be drawn: choose another view or reload the page."),
        "lost": say("This part of the page could not be loaded: check the connection and reload the page."),
    }


def _note() -> None:
    """Do nothing: Streamlit reports an event only where a callback is given."""


def _link(key: str, link: object) -> dict[str, object] | None:
    if link is None:
        return None
    axis, points = (link.get("axis", ""), link.get("points", [])) if isinstance(link, Mapping) else (None, [])
    curves = [int(curve) for curve in points]
    if axis not in ("", "x", "y", "xy") or not (axis or curves):
        raise ValueError(
            f"linked_plot {key!r}: expected layout.meta['link'] to hold 'axis' (x, y or xy) or 'points' "
            f"(curve numbers), got {link!r}"
        )
    return {"axis": axis, "points": curves}


def _least(key: str, width: object) -> int:
    if width is None:
        return 0
    if isinstance(width, bool) or not isinstance(width, int) or width < 0:
        raise ValueError(f"linked_plot {key!r}: expected layout.meta['least_width'] in whole pixels, got {width!r}")
    return width


def _open(key: str, place: object) -> dict[str, object] | None:
    if place is None:
        return None
    axis, position = (place.get("axis"), place.get("position")) if isinstance(place, Mapping) else (None, None)
    if not re.fullmatch(r"x\d*", str(axis)) or isinstance(position, bool) or not isinstance(position, int | float):
        raise ValueError(
            f"linked_plot {key!r}: expected layout.meta['open_at'] to hold 'axis' (x, x2, ...) and 'position' on it, "
            f"got {place!r}"
        )
    return {"axis": str(axis), "position": float(position)}


def _clock(key: str, clock: object) -> dict[str, float]:
    if not isinstance(clock, Mapping) or not {"start", "rate"} <= set(clock) or not clock["rate"] > 0:
        raise ValueError(
            f"linked_plot {key!r}: expected layout.meta['clock'] to say where a sound starts ('start') and what a "
            f"second is on the axis ('rate', above 0), got {clock!r}"
        )
    return {"start": float(clock["start"]), "rate": float(clock["rate"])}


def _shown(key: str, zoom: object) -> dict[str, list[float] | None] | None:
    """The whole horizontal axis, and the part of it that is to be shown; None for a figure that tells no zoom."""
    if zoom is None:
        return None
    parts = {name: zoom.get(name) for name in ("whole", "shown")} if isinstance(zoom, Mapping) else {}
    ends = [part for part in parts.values() if part is not None]
    if parts.get("whole") is None or not all(len(part) == 2 and part[0] < part[1] for part in ends):
        raise ValueError(
            f"linked_plot {key!r}: expected layout.meta['zoom'] to hold 'whole' and 'shown', each the two ends of the "
            f"axis in rising order ('shown' may be None), got {zoom!r}"
        )
    return parts


def _ticks(key: str, ticks: object) -> list[dict[str, object]]:
    specs = [ticks] if isinstance(ticks, Mapping) else ticks or []
    if not isinstance(specs, Sequence) or not all(isinstance(spec, Mapping) for spec in specs):
        raise ValueError(
            f"linked_plot {key!r}: expected layout.meta['ticks'] to be a dict or a list of them, got {ticks!r}"
        )
    return [_axis_ticks(key, spec) for spec in specs]


def _axis_ticks(key: str, spec: Mapping[str, Any]) -> dict[str, object]:
    axis, values, labels = spec.get("axis"), list(spec.get("values", ())), list(spec.get("labels", ()))
    if not re.fullmatch(r"[xy]\d*", str(axis)) or len(values) != len(labels):
        raise ValueError(
            f"linked_plot {key!r}: expected layout.meta['ticks'] to name an axis (x, y2, ...) and as many labels "
            f"as values, got axis {axis!r}, {len(values)} values and {len(labels)} labels"
        )
    colors = [str(color) for color in spec.get("colors", ())]
    if len(colors) not in (0, len(labels)) or not all(re.fullmatch("(#[0-9a-f]{6})?", color) for color in colors):
        raise ValueError(
            f"linked_plot {key!r}: expected layout.meta['ticks'] to hold no colors or one for each label, such as "
            f"#2f7fd1 or '', got {colors!r}"
        )
    texts = [str(label) for label in labels]
    return {"axis": axis, "values": [float(value) for value in values], "labels": texts, "colors": colors}


def _click(sent: object) -> Click | None:
    """Return what the browser sent as a click, or None if it is not one: a browser may send anything."""
    if not isinstance(sent, Mapping) or not isinstance(sent.get("curve"), int):
        return None
    x, y, z = (sent.get(name) for name in "xyz")
    if not isinstance(x, Coordinate) or not isinstance(y, Coordinate) or not isinstance(z, float | int | None):
        return None
    return Click(sent["curve"], x, y, None if z is None else float(z), sent.get("customdata"))


def _zoom(sent: object) -> Zoom | None:
    """What the browser sent as a zoom, or None if it is not one."""
    if not isinstance(sent, Mapping):
        return None
    first, last = sent.get("first"), sent.get("last")
    if first is None and last is None:
        return Zoom()
    if not isinstance(first, int) or not isinstance(last, int) or isinstance(first, bool) or isinstance(last, bool):
        return None
    return Zoom(first, last) if 0 <= first <= last else None
