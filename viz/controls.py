"""Widgets with which a person chooses how views are drawn: layer, order of units, stage and head of attention."""

from __future__ import annotations

from collections.abc import Collection

from core_models.language import mark, say
from core_models.trace import Site, Trace
from core_models.vocabulary import Kind
from viz import params
from viz.figures.parts.order import ORDERS, available_orders
from viz.figures.trace.attention_stages import STAGES, attention_targets
from viz.params import Param
from viz.view import Target

MOST_ROWS = 24
ORDER, LAYER, UNITS, HEAD = Param("order", default="index"), Param("layer"), Param("units"), Param("head")
ROWS = Param("rows", {"first": "", "all": ""})
STAGE, SPACE = Param("stage", STAGES, "weights"), Param("space", {"2": mark("2-D"), "3": mark("3-D")})
MOST_UNITS = 8


def pick_layer(trace: Trace, param: Param = LAYER) -> Site:
    """The layer and direction whose gates and states are shown; the last one read forward if nothing is chosen.

    Args:
        trace: whose layers.
        param: the choice; views that stand on one page with others of their own layer have their own.
    """
    sites, last = _layers(trace)
    if len(sites) == 1:
        return sites[last]
    labels = {key: site.label for key, site in sites.items()}
    return sites[params.choose(say("Layer and direction"), param, labels, default=last, pills=True)]


def chosen_layer(trace: Trace) -> Site:
    """The layer and direction that ``pick_layer`` holds or will hold, for what stands above it on the page."""
    sites, last = _layers(trace)
    return sites[last if len(sites) == 1 else params.chosen(LAYER, sites, last)]


def _layers(trace: Trace) -> tuple[dict[str, Site], str]:
    """Layers and directions by key, and the key of the last that is read forward."""
    sites = {site.key: site for site in trace.sites(Kind.STATE)}
    return sites, [key for key, site in sites.items() if site.direction == "forward"][-1]


def pick_order(trace: Trace, target: Target) -> str:
    """How the units are ordered from top to bottom."""
    orders = {key: say(ORDERS[key]) for key in available_orders(trace, target)}
    return params.choose(say("Order of units"), ORDER, orders, default=_opening(orders))


def chosen_order(trace: Trace, target: Target) -> str:
    """The order that ``pick_order`` holds or will hold, for what stands above it on the page."""
    orders = available_orders(trace, target)
    return params.chosen(ORDER, orders, _opening(orders))


def _opening(orders: Collection[str]) -> str:
    """The order until another is chosen: what moves the answer most, where that is known."""
    return "influence" if "influence" in orders else ORDER.default


def pick_rows(trace: Trace, target: Target) -> int:
    """How many units are drawn, from the top of their order; 0 for all."""
    count = trace.array(target.site, target.key).shape[1]
    if count <= MOST_ROWS:
        return 0
    offered = {"first": say("first {n}", n=MOST_ROWS), "all": say("all {n}", n=count)}
    return MOST_ROWS if params.choose(say("Units"), ROWS, offered, default=ROWS.default, pills=True) == "first" else 0


def pick_units(trace: Trace, target: Target) -> tuple[int, ...]:
    """Units whose lines are drawn; none leaves the choice to the view."""
    units = {str(unit): str(unit) for unit in range(trace.array(target.site, target.key).shape[1])}
    params.take_up(UNITS)
    most = (target.site, "influence") in trace
    open_to = say("the most influential") if most else say("those that change most")
    return tuple(map(int, params.several(say("Units to follow"), UNITS, units, most=MOST_UNITS, placeholder=open_to)))


def pick_stage() -> str:
    """Stage of attention on the way from scores to weights."""
    return params.choose(say("Stage of attention"), STAGE, pills=True)


def pick_head(count: int) -> int:
    """Attention head, counted from 0; nothing to choose where there is one."""
    if count == 1:
        params.drop(HEAD)  # of a model seen before
        return 0
    heads = {str(head): say("head {n}", n=head + 1) for head in range(count)}
    return int(params.choose(say("Head"), HEAD, heads, default="0", pills=True))


def chosen_head(trace: Trace) -> int:
    """The head that ``pick_head`` holds, where the number to explain stands on another tab; the first if none."""
    heads = max((len(trace.array(target.site, target.key)) for target in attention_targets(trace)), default=1)
    return int(params.chosen(HEAD, [str(head) for head in range(heads)], "0"))


def pick_space() -> int:
    """Two or three dimensions for the trajectory."""
    return int(params.choose(say("Dimensions"), SPACE, pills=True))
