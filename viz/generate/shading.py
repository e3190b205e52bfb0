"""A text coloured by one unit's value, with the legend that says what the colours are, and the unit's curve."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core_models.language import say
from core_models.trace import Site, Trace
from core_models.vocabulary import Kind, quantity
from viz.figures.parts.marks import Place
from viz.figures.trace import unit_lines
from viz.linked_plot import linked_text
from viz.placing import show_view
from viz.view import Options, Target

BLUE, ORANGE = "#0072b2", "#d55e00"
"""Hues of linked_text."""


def shades(values: np.ndarray, gate: bool) -> tuple[list[float], float, float]:
    """Shade of every value in [-1, 1], and the values that the full orange and the full blue stand for.

    A gate's scale is fixed, from 0 to 1 with ½ uncoloured. A state within [-1, 1] has that scale, one beyond it the
    largest absolute value, so that 0 is never coloured.
    """
    if gate:
        return (2.0 * values - 1.0).tolist(), 0.0, 1.0
    reach = max(1.0, float(np.abs(values).max()))
    return (values / reach).tolist(), -reach, reach


def show_shaded(
    trace: Trace, site: Site, key: str, unit: int, *, given: int, step: int | None, name: str = "written"
) -> int | None:
    """Prompt and text in the colours of a unit's value; returns a token that was clicked.

    Args:
        trace: of prompt and text.
        site, key, unit: whose value.
        given: number of tokens of the prompt, the start included; they are underlined.
        step: selected token.
        name: key of the text on the page.
    """
    row, values = quantity(key), trace.array(site, key)[:, unit]
    amounts, low, high = shades(values, row.kind is Kind.GATE)
    show_legend(say("{label}, unit {n}", label=row.label, n=unit), low, high, given=given > 1)
    known = trace.tokens.known
    marks = [" ".join(["changed"] * (place < given) + ["unknown"] * (not known[place])) for place in range(len(trace))]
    return linked_text(
        trace.tokens.text,
        trace.tokens.spans,
        key=name,
        marks=marks,
        values=amounts,
        notes=[f"{label}: {row.label} = {value:.6f}" for label, value in zip(trace.tokens.labels, values, strict=True)],
        selected=step,
    )


def show_legend(label: str, low: float, high: float, *, given: bool) -> None:
    """What the colours of the text mean: a bar from the smallest to the largest value, in the text's own colours."""
    middle = f"{(low + high) / 2:g}"
    note = (
        say("no colour at {middle}; what was given is underlined", middle=middle)
        if given
        else say("no colour at {middle}", middle=middle)
    )
    st.html(
        f'<div style="display:flex;gap:.6em;align-items:center;font-size:.875rem;flex-wrap:wrap"><span>{label}:</span>'
        f"<span>{say('{low:.3g} orange', low=low)}</span>"
        f'<span style="display:inline-block;width:9em;height:.9em;border:1px solid #858d97;'
        f"background:linear-gradient(to right, color-mix(in srgb, {ORANGE} 55%, transparent), transparent, "
        f'color-mix(in srgb, {BLUE} 55%, transparent))"></span>'
        f"<span>{say('{high:.3g} blue', high=high)}</span><span>{note}</span></div>"
    )


def show_curve(trace: Trace, site: Site, key: str, unit: int, step: int | None) -> Place | None:
    """The same value as a line over the text; returns step and unit of a click."""
    view, target = unit_lines.VIEW, Target(site, key)
    found = show_view(view, trace, target, Options(step=step, unit=unit, units=(unit,)))
    return found[1] if found else None
