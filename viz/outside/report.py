"""Figures outside the app: one by name, a notebook's output, and a whole page that opens without a network.

    figure(trace, "heatmap", "update_gate")       a Plotly figure
    fragment(parts, plotly=True)                  HTML for a notebook
    page(trace)                                   an HTML page: all figures, linked by step, numbers, equations

A person's own tokens are text everywhere: nothing in them becomes markup or script.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from itertools import count

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core_models.convention import Convention, Effect
from core_models.language import mark, say, tag
from core_models.trace import Site, Tokens, Trace
from core_models.vocabulary import Kind, quantity
from viz.figures import VIEWS
from viz.figures.parts.export import to_csv
from viz.figures.parts.token_axis import in_nouns, noun_of, spell
from viz.figures.parts.written import plain
from viz.figures.plotly_js import bundle_for, script
from viz.outside.equations import to_html as equation
from viz.plain import kinds, to_json
from viz.view import Options, Target, View

SCRIPT = files("viz.outside").joinpath("report.js").read_text(encoding="utf-8").split("\n", 1)[1].strip()

STYLE = """<style>
.gs-report { font-family: system-ui, sans-serif; color: #26303b; background: #fff; padding: 4px 12px; }
.gs-report h1 { font-size: 1.4rem; } .gs-report h2 { font-size: 1.05rem; margin: 1.2rem 0 0.2rem; }
.gs-report p, .gs-report li { max-width: 75ch; font-size: 0.9rem; line-height: 1.4; }
.gs-report table { border-collapse: collapse; font-size: 0.85rem; }
.gs-report td, .gs-report th { padding: 2px 10px 2px 0; text-align: left; font-variant-numeric: tabular-nums; }
.gs-table { overflow-x: auto; }
.gs-box { position: relative; } .gs-line { position: absolute; display: none; width: 0; pointer-events: none;
  border-left: 1.5px solid #d0257a; }
.gs-equation { font-family: "STIX Two Math", "Cambria Math", Georgia, serif; font-size: 1.05rem; margin: 0.2rem 0; }
</style>"""

_numbers = count()


@dataclass(frozen=True)
class Part:
    """One figure with its words.

    Attributes:
        title: heading, plain text.
        caption: how to read it, plain text.
        figure: the figure.
    """

    title: str
    caption: str
    figure: go.Figure


def figure(
    trace: Trace, view: str = "heatmap", key: str = "", *, site: Site | None = None, options: Options | None = None
) -> go.Figure:
    """One figure of a trace, by the name of its view.

    Args:
        trace: the trace.
        view: key of one of ``VIEWS``.
        key: quantity that it draws, such as ``update_gate``; the first that the view can draw if empty.
        site: layer and direction; the first that fits if None.
        options: what a person chose to see; the defaults if None.

    Raises:
        ValueError: if there is no such view, or the trace has nothing for it; the message says what there is.
    """
    chosen, target = _find(trace, view, key, site)
    drawn = chosen.draw(trace, target, options or Options())
    if not isinstance(drawn, go.Figure):
        raise ValueError(f"figure: the view {view} is no Plotly figure")
    return drawn


def numbers(trace: Trace, view: str = "heatmap", key: str = "", *, site: Site | None = None) -> pd.DataFrame:
    """The numbers of such a figure, as a tidy table; see ``figure`` for the arguments and what is raised."""
    chosen, target = _find(trace, view, key, site)
    return chosen.numbers(trace, target)


def _find(trace: Trace, view: str, key: str, site: Site | None) -> tuple[View, Target]:
    chosen = next((one for one in VIEWS if one.key == view), None)
    if chosen is None:
        raise ValueError(f"figure: expected a view out of {', '.join(one.key for one in VIEWS)}, got {view!r}")
    targets = chosen.targets(trace)
    fitting = [one for one in targets if key in ("", one.key) and site in (None, one.site)]
    if not fitting:
        found = dict.fromkeys(f"{one.key} at {one.site.key}" for one in targets)
        there = say(", ").join(found) or say("nothing in this trace")
        raise ValueError(f"figure: expected what the view {view} can draw ({there}), got {key or site!r}")
    return chosen, fitting[0]


def parts_of(trace: Trace, *, whole: bool) -> Iterator[Part]:
    """The figures of a trace: all that its views place, or for a glance its gates, states and attention alone."""
    for view in VIEWS:
        for target in view.placed(trace):
            if whole or _at_a_glance(trace, view, target):
                yield _part(trace, view, target)


def _at_a_glance(trace: Trace, view: View, target: Target) -> bool:
    sites = trace.sites(Kind.STATE)
    top = max((site.layer for site in sites), default=target.site.layer)
    kinds = (Kind.GATE, Kind.STATE, Kind.WEIGHT)
    heat = view.key in ("heatmap", "attention_heatmap") and target.quantity.kind in kinds
    return heat and target.site.layer == top


def _part(trace: Trace, view: View, target: Target) -> Part:
    options, noun = Options(), noun_of(trace, target.site)
    drawn = view.draw(trace, target, options)
    if not isinstance(drawn, go.Figure):
        raise TypeError(f"report: expected the view {view.key} to be a Plotly figure")
    shown = say("{name}, {place}", name=view.label(target, options), place=target.site.label)
    title = say("{view}: {quantity}", view=say(view.title), quantity=shown)
    return Part(title, in_nouns(view.how_to_read(trace, target, options), noun), drawn)


def fragment(parts: Sequence[Part], *, plotly: bool, above: str = "", below: str = "") -> str:
    """Figures as HTML that stands alone, with Plotly inside or taken from what stands before it in the page.

    Args:
        parts: the figures.
        plotly: whether Plotly's own script is to be part of it.
        above, below: HTML around the figures.
    """
    name = f"gs-{next(_numbers)}-{np.random.default_rng().integers(2**40):x}"
    boxes = "".join(
        f"<h2>{escape(part.title)}</h2><p>{escape(part.caption)}</p>"
        '<div class="gs-box"><div class="gs-figure"></div><div class="gs-line"></div></div>'
        for part in parts
    )
    data = ",".join(to_json(part.figure) for part in parts).replace("<", "\\u003c")
    library = f"<script>(function () {{ var define; {_plotly(parts)} }}).call(window);</script>" if plotly else ""
    call = f"<script>({SCRIPT})(document.getElementById({name!r}), [{data}]);</script>" if parts else ""
    return f'{STYLE}<div class="gs-report" id="{name}">{above}{boxes}{below}</div>{library if parts else ""}{call}'


def _plotly(parts: Sequence[Part]) -> str:
    return script(bundle_for(kind for part in parts for kind in kinds(part.figure))).decode()


def summary(trace: Trace) -> str:
    """What a trace holds, as an HTML table: smallest, mean and largest value of every quantity."""
    rows = "".join(
        f"<tr><td>{escape(row.label)}</td><td>{escape(site.label)}</td><td>{' × '.join(map(str, values.shape))}</td>"
        + "".join(f"<td>{plain(value)}</td>" for value in (values.min(), values.mean(dtype=float), values.max()))
        + "</tr>"
        for site, row in trace.find(*Kind)
        for values in (trace.array(site, row.key),)
    )
    names = (mark("quantity"), mark("where"), mark("size"), mark("smallest"), mark("mean"), mark("largest"))
    heads = "".join(f"<th>{escape(say(name))}</th>" for name in names)
    return f'<div class="gs-table"><table><tr>{heads}</tr>{rows}</table></div>'


def page(trace: Trace, title: str = "") -> str:
    """A whole HTML page about a trace; it opens without a network."""
    name = title or trace.model or "Trace"
    tokens = trace.tokens
    words = " ".join(spell(label) for label in tokens.labels[:400])
    if tokens.labels == Tokens.numbered(len(tokens)).labels:
        words = say("{length:,} {noun}s", length=len(tokens), noun=say(tokens.noun))
    above = f"<h1>{escape(name)}</h1><p dir='auto'>{escape(words)}</p>{summary(trace)}{conventions(trace)}"
    body = fragment(list(parts_of(trace, whole=True)), plotly=True, above=above, below=_downloads(trace))
    head = f'<meta charset="utf-8"><title>{escape(name)}</title><meta name="viewport" content="width=device-width">'
    return f'<!doctype html>\n<html lang="{tag()}"><head>{head}</head><body>{body}</body></html>\n'


def conventions(trace: Trace) -> str:
    """Equations and conventions of every cell that made a trace, as HTML."""
    cells = {cell.key: cell for cell in trace.cells.values()}
    return "".join(_convention(cell, trace.tokens.noun) for cell in cells.values())


def _convention(cell: Convention, noun: str) -> str:
    lines = "".join(f'<div class="gs-equation">{equation(line)}</div>' for line in cell.equations)
    effects = "".join(
        f"<li>{escape(_effect(quantity(key).label, effect))}</li>" for key, effect in cell.effects.items()
    )
    words = say("{note} Source: {source}.", note=say(cell.note), source=cell.source)
    heading = say("{name}: equations", name=say(cell.name))
    return f"<h2>{escape(heading)}</h2>{lines}<ul>{in_nouns(effects, noun)}</ul><p>{escape(words)}</p>"


def _effect(gate: str, effect: Effect) -> str:
    return say(
        "At 1 the {gate} {at_one}; at 0 it {at_zero}.", gate=gate, at_one=say(effect.at_one),
        at_zero=say(effect.at_zero),
    )  # fmt: skip


def _downloads(trace: Trace) -> str:
    links = []
    for site, row in trace.find(*Kind):
        values = trace.array(site, row.key)
        if row.dims[:1] == ("step",) and values.ndim == 2:
            table = pd.DataFrame(values, columns=[f"{row.dims[1]} {number}" for number in range(values.shape[1])])
            table.insert(0, "token", list(trace.tokens_of(site).labels))
            packed = base64.b64encode(to_csv(table).encode()).decode()
            file, words = f"{site.key}-{row.key}.csv", say("{name}, {place}", name=row.label, place=site.label)
            links.append(f'<li><a download="{file}" href="data:text/csv;base64,{packed}">{escape(words)}</a></li>')
    return f"<h2>{escape(say('Numbers as CSV'))}</h2><ul>{''.join(links)}</ul>" if links else ""
