"""Corpora as models read them: those that ship are shared, a visitor's own file stays in the visitor's session."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from core_models.corpus.places import Floats
from core_models.corpus.units import Track, best_scores
from core_models.language import say
from core_models.trace import Site
from pretrained.corpus import reading
from pretrained.corpus.reading import Corpus
from pretrained.corpus.texts import Texts, passages, shipped
from pretrained.corpus.tracks import tracks
from pretrained.task import InputError
from pretrained.trained import Trained
from pretrained.training.untrained import at_random
from pretrained.uploads.letters.texts import text_columns
from viz import session
from viz.corpus.shelf import Shelf, Told
from viz.files.held import Source
from viz.kept import Kept
from viz.models import is_own, untrained
from viz.remembered import kept

MOST_OWN = 40_000
"""Tokens of a visitor's own file that are read."""

SHARED_BYTES, OWN_BYTES, ALL_OWN_BYTES = 64 << 20, 48 << 20, 400 << 20
"""Room for what is computed of the corpora that ship, of one visitor's own, and of those of all visitors together."""

AT_RANDOM = 2
"""Networks with nothing learned that a unit's description has to beat."""


@dataclass(eq=False)
class Own:
    """A visitor's own file as one model reads it, with what was computed of it."""

    source: Source
    model: str
    corpus: Corpus
    shelf: Shelf = field(default_factory=lambda: Shelf(OWN_BYTES))


OWN = Kept[Own]("own corpus")
ALL_OWN: weakref.WeakSet[Own] = weakref.WeakSet()


@kept(wordless=True)
def _shelf() -> Shelf:
    """Of the corpora that ship; it goes with all that is cached."""
    return Shelf(SHARED_BYTES)


@dataclass(frozen=True)
class Held:
    """A corpus on the page: the texts as the model on screen reads them, and whose they are."""

    model: Trained
    corpus: Corpus
    own: Own | None = None

    @property
    def key(self) -> str:
        """Of the model."""
        return self.model.recipe.key

    @property
    def shelf(self) -> Shelf:
        """Where what is computed is kept."""
        return self.own.shelf if self.own else _shelf()

    def values(self, site: Site, key: str) -> Floats:
        """One quantity, ``[token, unit]``; read-only."""
        return self._read(lambda: self.model, (self.key, site.key, key), site, key, say("Reading the corpus"))

    def other_seed(self, model: Trained, site: Site, key: str) -> Floats:
        """The same of a model of another seed."""
        place = (model.recipe.key, site.key, key)
        return self._read(lambda: model, place, site, key, say("Reading the corpus by another seed"))

    def untrained(self, site: Site, key: str, number: int = 0) -> Floats:
        """The same of a network with nothing learned."""
        place = (self.key, site.key, key, number)
        what = say("Reading the corpus by network {n} with nothing learned", n=number + 1)
        return self._read(lambda: self.at_random(number), place, site, key, what)

    def at_random(self, number: int = 0) -> Trained:
        """The network with nothing learned."""
        return untrained(self.key) if is_own(self.key) else at_random(self.model, number)

    def _read(
        self, reader: Callable[[], Trained], place: tuple[object, ...], site: Site, key: str, what: str
    ) -> Floats:
        def make(told: Told) -> Floats:
            if self.own and sum(own.shelf.size for own in list(ALL_OWN)) > ALL_OWN_BYTES:
                raise InputError(
                    say("The files of other visitors fill the server’s memory; try again in a few minutes.")
                )
            count = len(self.corpus.readings)
            found = reading.values(reader(), self.corpus, site, key, lambda done: told(done / count))
            found.flags.writeable = False
            return found

        return self.shelf.made(place, what, make)

    def tracks(self) -> list[Track]:
        """The closed list, for these texts."""
        task = self.model.task
        characters, letters = task.kind == "next_token", task.medium == "letters"
        return self.shelf.made(
            (self.key, "tracks"), say("Reading the texts"),
            lambda _: tracks(self.corpus, characters=characters, letters=letters),
        )  # fmt: skip

    def luck(self, site: Site, key: str) -> dict[str, float]:
        """The best score that any unit of networks at random has for each thing of the list."""
        listed, found = self.tracks(), list[dict[str, float]]()
        for number in range(1 if is_own(self.key) else AT_RANDOM):
            place = (self.key, site.key, key, number, "luck")
            what = say("Measuring what luck finds, network {n}", n=number + 1)
            own = self.shelf.get(place)
            if own is None:
                values = self.untrained(site, key, number)
                own = self.shelf.made(place, what, lambda told, values=values: best_scores(values, listed, told))
            found.append(own)
        return {name: max(each[name] for each in found) for name in found[0]}


def held(model: Trained, source: Source | None) -> Held:
    """The corpus that ships for a model, or that of a visitor's file.

    Raises:
        InputError: if none ships, or nothing in the file can be read.
    """
    key = model.recipe.key
    if source is None:
        return Held(model, _shipped(key))
    kept = OWN.get()
    if kept is None or kept.source is not source or kept.model != key:
        kept = OWN.put(Own(source, key, reading.read(model, texts_of(model, source), MOST_OWN)))
        ALL_OWN.add(kept)
    return Held(model, kept.corpus, kept)


def texts_of(model: Trained, source: Source) -> Texts:
    """The texts of a file; a long one is cut into passages where the model reads characters.

    Raises:
        InputError: if there is no column of texts.
    """
    frame = source.table.frame
    columns = text_columns(frame)
    if not columns:
        raise InputError(say("The file has no column of texts; open one that has."))
    cells = [str(cell) for cell in frame[columns[0]] if not pd.isna(cell)]
    if model.task.kind == "next_token":
        limit = model.task.limit
        cells = [part for cell in cells for part in (passages(cell, limit) if len(cell) > limit else [cell])]
    return Texts(source.name, tuple(cells))


@kept(max_entries=3, wordless=True)
def _shipped(key: str) -> Corpus:
    model = session.model(key)
    texts = shipped(model.task.key)
    if texts is None:
        raise InputError(say("No texts ship for this model: open a file of yours, or choose another model."))
    return reading.read(model, texts)
