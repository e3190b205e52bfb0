"""More about one unit all over a corpus: beside all units together, in another seed, taken away, gate by candidate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from core_models.corpus.matching import Match, best_matches, match
from core_models.corpus.places import Floats
from core_models.corpus.quadrants import Quadrant, quadrants
from core_models.explain.probing.unit_selectivity import Columns
from core_models.language import mark, say
from core_models.trace import Site
from core_models.vocabulary import Kind, quantity
from pretrained.corpus.reading import values_of
from pretrained.corpus.removal import Removed, can_be_removed, removed
from pretrained.corpus.tracks import said_of
from pretrained.registry import other_seed
from viz import inputs, params, session
from viz.cards import Card, Origin, save_table, show
from viz.corpus.held import Held
from viz.corpus.link import unit_query
from viz.figures.corpus import words_by_units
from viz.figures.parts.written import signed
from viz.kept import Latest
from viz.markdown import escape
from viz.params import Param
from viz.run import ModelRun

DEEPER = Param("deeper", default="together")
MATCHED = Latest[tuple[Match, Floats]]("matched unit")
"""The unit of the other seed that goes with the one last asked for, and how well those of all units do."""

OTHERS, LISTED = 12, 6
"""Other units that are taken away beside one, and texts that are listed."""


@dataclass(frozen=True)
class Asked:
    """One unit of a quantity in a corpus."""

    run: ModelRun
    held: Held
    site: Site
    key: str
    unit: int

    @property
    def matrix(self) -> Floats:
        """Of all units, ``[token, unit]``."""
        return self.held.values(self.site, self.key)

    @property
    def own(self) -> Floats:
        """Of the unit, ``[token]``."""
        return np.ascontiguousarray(self.matrix[:, self.unit])


def offer(asked: Asked) -> None:
    """One part at a time."""
    titles = {key: say(part.title) for key, part in PARTS.items() if part.suits(asked)}
    chosen = params.choose(say("More about this unit"), DEEPER, titles, default=next(iter(titles)), pills=True)
    PARTS[chosen].show(asked)


def _show_together(asked: Asked) -> None:
    """Each thing of the list: the best single unit, luck, and a weighted sum of all units."""
    held = asked.held
    table = held.shelf.made(
        (held.key, asked.site.key, asked.key, "together"), say("Fitting a weighted sum of all units"),
        lambda told: _together(asked, told),
    )  # fmt: skip
    if table.empty:
        st.caption(say("Nothing of the list varies enough in this corpus."))
        return
    names = {
        "what": say("what is true, or counted"), "unit": say("best unit"), "score": say("its score"),
        "luck": say("luck"), "all": say("all units together"),
    }  # fmt: skip
    numbers = {name: st.column_config.NumberColumn(names[name], format="%.2f") for name in ("score", "luck", "all")}
    shown = table.assign(what=[said_of(name) for name in table["what"]])
    st.dataframe(shown, hide_index=True, column_config=names | numbers, alt=say("One unit or all units together"))
    st.caption(
        say(
            "Scores on the second half of the corpus, 0 to 1: |2 AUC − 1| or |r|. The unit is picked, and the weighted "
            "sum (ridge regression) fitted, on the first half. Where all units together read what no unit follows, the "
            "network holds it in the pattern of many: no threshold on single units will find its places."
        )
    )
    save_table("together", f"{held.key}-units-and-sums", lambda: table)


def _together(asked: Asked, told: Callable[[float], None]) -> pd.DataFrame:
    columns, rows = Columns(asked.matrix.astype(np.float64)), []
    tracks = [track for track in asked.held.tracks() if track.varies]
    for at, track in enumerate(tracks):
        best = columns.best(track.values, track.binary, 1)[0]
        luck = columns.luck(track.values, track.binary)
        together = columns.probed(track.values, track.binary)
        rows.append({"what": track.name, "unit": best.unit, "score": best.score, "luck": luck, "all": together})
        told((at + 1) / len(tracks))
    return pd.DataFrame(rows)


def _show_seed(asked: Asked) -> None:
    """The unit of the other seed that goes with it, beside luck, with the way there."""
    held, twin = asked.held, other_seed(asked.held.key)
    if twin is None:
        return
    others = held.other_seed(session.model(twin), asked.site, asked.key)
    found, every = MATCHED.made(
        (held.own or held.key, asked.site.key, asked.key, asked.unit),
        lambda: (match(asked.own, others), best_matches(asked.matrix, others)[1]),
    )
    better = float((np.abs(every) < abs(found.r)).mean())
    said = (
        say("**Unit {unit} of the other seed** goes with it: r = {r}.", unit=found.unit, r=signed(found.r, 2))
        if found.holds
        else say("**No unit of the other seed goes with it** more than by luck: the best, unit {unit}, has r = {r}.",
                 unit=found.unit, r=signed(found.r, 2))
    )  # fmt: skip
    st.markdown(said)
    st.caption(
        say(
            "Correlation over all tokens of the corpus. Luck’s best, of the unit’s values turned round the corpus 50 "
            "times: {luck:.2f}. The match is closer than that of {better:.0%} of this layer’s units; their median is "
            "{median:.2f}.",
            luck=found.luck, better=better, median=float(np.median(np.abs(every))),
        )
    )  # fmt: skip
    query = {
        inputs.MODEL: twin, inputs.TEXT: inputs.in_url(asked.run.text), **unit_query(asked.site, asked.key, found.unit),
    }  # fmt: skip
    title = say("Open unit {unit} of the other seed", unit=found.unit)
    params.link("app_pages/corpus.py", title, ":material/compare_arrows:", query)


def _show_removed(asked: Asked) -> None:
    """How far the answers move without the unit, beside other units, and where most."""
    held, unit = asked.held, asked.unit
    key = (held.key, asked.site.key, "removed", unit)
    found = held.shelf.made(key, say("Reading texts with the unit held at 0"), lambda told: _removed(asked, told))
    own, others = float(found.moved[0].mean()), found.moved[1:].mean(axis=1)
    st.markdown(
        say(
            "**With unit {unit} held at 0** the answers move by {moved:.1%} on average, and {turned:.1%} of "
            "{answers:,} become others.",
            unit=unit, moved=own, turned=float(found.turned[0]), answers=found.answers,
        )
    )  # fmt: skip
    st.caption(
        say(
            "Moved: total variation between the probabilities with and without it, over {texts:,} texts drawn from the "
            "corpus. {n} other units drawn at random move them by {low:.1%} to {high:.1%}, {median:.1%} in the middle.",
            texts=len(found.documents), n=len(others), low=float(others.min()), high=float(others.max()),
            median=float(np.median(others)),
        )
    )  # fmt: skip
    _list_moved(asked, found)


def _removed(asked: Asked, told: Callable[[float], None]) -> Removed:
    count = asked.matrix.shape[1]
    drawn = np.random.default_rng(asked.unit).permutation(count).tolist()
    units = [asked.unit, *[unit for unit in drawn if unit != asked.unit][:OTHERS]]
    return removed(asked.held.model, asked.held.corpus, asked.site, units, told)


def _list_moved(asked: Asked, found: Removed) -> None:
    """The texts whose answers move most."""
    order = np.argsort(-found.moved[0], kind="stable")[:LISTED].tolist()
    st.markdown(say("**Where it matters most**"))
    with st.container(gap=None):
        for at in order:
            text = asked.held.corpus.texts.texts[found.documents[at]]
            line = " ".join(text.split())
            line = line if len(line) <= 110 else f"{line[:110]} …"
            query = {inputs.MODEL: asked.held.key, inputs.TEXT: inputs.in_url(text)}
            label = f"{float(found.moved[0, at]):.1%}  {escape(line)}"
            params.link("app_pages/explore.py", label, ":material/north_east:", query)


def _written(asked: Asked) -> tuple[str, str] | None:
    """Keys of the candidate and the memory of the unit's cell; None where no gate writes one into the other."""
    convention = asked.run.trace.cells.get(asked.site)
    if convention is None or convention.written(lambda key: np.zeros(1)) is None:
        return None
    found = [row.key for site, row in asked.run.trace.find(Kind.CANDIDATE) if site == asked.site]
    return (found[0], convention.memory) if found else None


def _tracks(asked: Asked, keys: tuple[str, str], told: Callable[[float], None]) -> dict[str, Floats]:
    """The unit's candidate, memory, and the gates that decide what is written, ``[token]`` each, by key."""
    wanted = dict.fromkeys(keys)

    def note(key: str) -> Floats:
        wanted[key] = None
        return np.zeros(1, np.float32)

    asked.run.trace.cells[asked.site].written(note)
    found: dict[str, list[Floats]] = {key: [] for key in wanted}
    readings = asked.held.corpus.readings
    for at, encoded in enumerate(readings, start=1):
        for key, values in values_of(asked.held.model, encoded, asked.site, list(wanted)).items():
            found[key].append(values[:, asked.unit])
        told(at / len(readings))
    return {key: np.concatenate(parts) for key, parts in found.items()}


def _quadrant_table(found: Sequence[Quadrant]) -> pd.DataFrame:
    rows = [
        {
            say("gate"): say("writes") if each.writes else say("keeps"),
            say("candidate"): say("high") if each.high else say("low"),
            say("share"): each.share, say("mean change"): each.change,
            say("tokens above their share"): ", ".join(f"{name} ({lift:.1f} ×)" for name, lift in each.names),
        }
        for each in found
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _show_quadrants(asked: Asked) -> None:
    """A table of the four, with the tokens that stand in each."""
    keys = _written(asked)
    if keys is None:
        return
    held, unit, convention = asked.held, asked.unit, asked.run.trace.cells[asked.site]
    tracks = held.shelf.made(
        (held.key, asked.site.key, "quadrants", unit), say("Reading gates and candidates"),
        lambda told: _tracks(asked, keys, told),
    )  # fmt: skip
    written, candidate, memory = convention.written(tracks.__getitem__), tracks[keys[0]], tracks[keys[1]]
    change = np.diff(memory, prepend=0.0)
    starts = held.corpus.bounds[:-1]
    change[starts] = memory[starts]
    found = quadrants(written, candidate, change, [label.lower() for label in held.corpus.labels])
    table = _quadrant_table(found)
    config = {say("share"): st.column_config.NumberColumn(format="percent"),
              say("mean change"): st.column_config.NumberColumn(format="%.3f")}  # fmt: skip
    st.dataframe(table, hide_index=True, column_config=config, alt=say("Gate and candidate of the unit together"))
    st.caption(
        say(
            "The unit writes at a token where at least half of {candidate} gets into {memory}; high is above 0. The "
            "change is what {memory} gains there.",
            candidate=quantity(keys[0]).label, memory=quantity(keys[1]).label,
        )
    )  # fmt: skip
    save_table("quadrants", f"{held.key}-unit-{unit}-quadrants", partial(_quadrant_table, found))


def _show_words(asked: Asked) -> None:
    """The heatmap of frequent words and units."""
    row = quantity(asked.key)
    found = words_by_units.means(asked.matrix, [label.lower() for label in asked.held.corpus.labels], asked.unit)
    show(Card(
        key="words-by-units", title=say("Words by units"), origin=Origin(asked.held.key), group="words-by-units",
        question=say("Which units answer to which words?"),
        how_to_read=say(
            "The most frequent words of the corpus, and the units that tell them apart most, with this one (▶) among "
            "them; colour is the unit’s mean at that word. Rows and columns are ordered so that what is high together "
            "meets (Dhillon 2001)."
        ),
        figure=words_by_units.draw(found, row, asked.unit), numbers=lambda: words_by_units.tabulate(found),
        alt=say("Mean of units at frequent words"),
    ))  # fmt: skip


def _always(asked: Asked) -> bool:
    return True


@dataclass(frozen=True)
class Part:
    """One part: its title, what draws it, and whether it suits."""

    title: str
    show: Callable[[Asked], None]
    suits: Callable[[Asked], bool] = _always


PARTS: Mapping[str, Part] = {
    "together": Part(mark("One unit or all together?"), _show_together),
    "seed": Part(mark("In another seed"), _show_seed, lambda asked: other_seed(asked.held.key) is not None),
    "zero": Part(mark("Held at 0"), _show_removed,
                 lambda asked: quantity(asked.key).kind is Kind.STATE and can_be_removed(asked.held.model)),
    "quadrants": Part(mark("Gate and candidate"), _show_quadrants, lambda asked: _written(asked) is not None),
    "words": Part(mark("Words by units"), _show_words),
}  # fmt: skip
"""By their key in the address."""
