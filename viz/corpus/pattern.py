"""The places at which units do what they do in a stretch of the input, held against what luck finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from core_models.corpus.luck import Common, Lift, common_to, lift_of
from core_models.corpus.places import Flags, Floats, Pattern, Places, find_places, switched_on
from core_models.language import say, say_n
from core_models.trace import Site
from core_models.vocabulary import quantity
from pretrained.corpus.reading import values_of
from pretrained.corpus.tracks import token_tracks
from pretrained.registry import other_seed
from pretrained.trained import Trained
from viz import params, session
from viz.corpus import brush, results
from viz.corpus.brush import Brush
from viz.corpus.held import Held
from viz.kept import Latest
from viz.params import Param
from viz.run import ModelRun

AGAINST = Param("against")

ENOUGH = 0.5
"""Score from which a place counts."""

LOOKED_AT = 50
"""Places by which it is told what they have in common."""


@dataclass(frozen=True, eq=False)
class Found:
    """The places of a pattern that score enough, how many of them luck finds, and what the first have in common."""

    places: Places
    lift: Lift | None
    common: list[Common]


FOUND = Latest[Found]("corpus places")


def show(asked: ModelRun, held: Held, site: Site, key: str) -> None:
    """The heatmap with its stretch, the units, and the places."""
    brushed = brush.pick(asked, site, key)
    units = brushed.units(asked.trace.array(site, key))
    if not units:
        st.info(say("No unit is on in this stretch and off beside it: move the threshold or the stretch, or take the "
                    "margin away."), icon=":material/tune:")  # fmt: skip
        return
    pattern = brushed.pattern(units)
    found = FOUND.made(
        (held.own or held.key, site, key, pattern), lambda: _search(held, held.values(site, key), pattern)
    )
    st.header(say("Places in the corpus"), divider="gray")
    st.markdown(_said(len(found.places), found.lift))
    if len(found.places):
        _show_found(asked, held, site, key, brushed, units, found)


def _search(held: Held, values: Floats, pattern: Pattern) -> Found:
    bounds = held.corpus.bounds
    places = find_places([(values, bounds)], pattern)
    enough = places[: places.at_least(ENOUGH)]
    lift = lift_of(pattern.on(values), bounds, (pattern.before, pattern.after), ENOUGH)
    return Found(enough, lift, common(held, enough[:LOOKED_AT]) if len(enough) else [])


def _show_found(
    asked: ModelRun, held: Held, site: Site, key: str, brushed: Brush, units: tuple[int, ...], searched: Found
) -> None:
    enough, found = searched.places, searched.common
    top, listed = enough[:LOOKED_AT], enough[: results.MOST_LISTED]
    left, right = st.columns(2)
    with left:
        said = [f"{score:.2f}" for score in listed.score]
        results.show_list(held, listed.start, listed.stop, said, site, key, units[0])
        results.show_files(held, listed.start, listed.stop, "pattern", score=listed.score.tolist())
    with right:
        st.caption(_lengths(enough))
        options = {"none": say("luck alone"), "untrained": say("a network with nothing learned")}
        if twin := other_seed(held.key):
            options["seed"] = say("another seed")
        against = params.choose(say("Hold it against"), AGAINST, options, default="none", pills=True)
        if against == "untrained":
            other, model = held.untrained(site, key), held.at_random()
            shares = _shares(asked, held, (site, key), brushed, (model, other), found)
            found = [replace(each, untrained=shares.get(each.name, 0.0)) for each in found]
        elif against == "seed" and twin:
            model = session.model(twin)
            shares = _shares(asked, held, (site, key), brushed, (model, held.other_seed(model, site, key)), found)
            found = [replace(each, seed=shares.get(each.name, 0.0)) for each in found]
        results.show_common(found, len(top))
    mean = held.values(site, key)[:, list(units)].mean(axis=1)
    what = say("mean {quantity} of the pattern’s units", quantity=say(quantity(key).name))
    results.show_aligned(held, mean, top.start, what, key, asked.origin)


def _said(count: int, lift: Lift | None) -> str:
    found = say_n(
        "**{n:,} place scores at least {enough:g}** of 1, where every unit is on throughout and off beside it.",
        "**{n:,} places score at least {enough:g}** of 1, where every unit is on throughout and off beside it.",
        count, enough=ENOUGH,
    )  # fmt: skip
    if lift is None:
        return say(
            "{found} One unit alone has no others to go together with: what its places have in common tells more.",
            found=found,
        )
    if lift.luck == 0.0:
        return say("{found} With every unit’s track moved by itself, luck finds none.", found=found)
    if lift.ratio > 1.5:
        return say("{found} With every unit’s track moved by itself, luck finds {luck:,.1f}: lift {lift:,.1f}, more "
                   "than luck.", found=found, luck=lift.luck, lift=lift.ratio)  # fmt: skip
    return say("{found} With every unit’s track moved by itself, luck finds {luck:,.1f}: lift {lift:,.1f}, **luck "
               "finds about as many**.", found=found, luck=lift.luck, lift=lift.ratio)  # fmt: skip


def _lengths(places: Places) -> str:
    """How long the places are."""
    lengths, counts = np.unique(places.stop - places.start, return_counts=True)
    listed = [f"{length} ({count:,})" for length, count in zip(lengths.tolist()[:8], counts.tolist()[:8], strict=True)]
    rest = int(counts[8:].sum())
    said = say(", ").join(listed)
    if rest:
        return say("Lengths in tokens, with how many places: {listed}, longer ({rest:,}).", listed=said, rest=rest)
    return say("Lengths in tokens, with how many places: {listed}.", listed=said)


def common(held: Held, places: Places) -> list[Common]:
    """What places have in common: their first tokens among all tokens, and whatever is true in their middle."""
    words = {track.name: track.values > 0 for track in token_tracks(held.corpus, places.start)}
    found = [*common_to(places.start, words), *common_to(places.middle, _listed(held))]
    return sorted(found, key=lambda each: -each.telling(len(places)))


def _listed(held: Held) -> dict[str, Flags]:
    return {track.name: track.values > 0 for track in held.tracks() if track.binary}


def _shares(
    asked: ModelRun, held: Held, place: tuple[Site, str], brushed: Brush, other: tuple[Trained, Floats],
    found: list[Common],
) -> Mapping[str, float]:  # fmt: skip
    """What another network finds by the same search, its threshold at the same share of values."""
    site, key = place
    model, values = other
    share = float(switched_on(held.values(site, key), brushed.threshold, brushed.above).mean())
    threshold = float(np.quantile(values, 1.0 - share if brushed.above else share))
    own = values_of(model, asked.encoded, site, [key])[key]
    units = brushed.units(own, threshold)
    if not units:
        return {}
    places = find_places([(values, held.corpus.bounds)], brushed.pattern(units, threshold))
    top = places[: min(LOOKED_AT, places.at_least(ENOUGH))]
    names = {each.name for each in found}
    return {each.name: each.share for each in common(held, top) if each.name in names} if len(top) else {}
