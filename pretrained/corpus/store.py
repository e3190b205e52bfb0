"""A corpus on disk: states in chunks, compressed, beside the texts that they belong to, and what they were made with.

    folder/about.json        model, checksums of its weights and of what it read, how far the building came
    folder/texts.json        texts, labels and tags
    folder/states            a Zarr group; ``rnn-0-forward.hidden_state`` and the like are ``[token, unit]``, float32

The arrays name their dimensions, so that ``xarray.open_zarr(folder / "states")`` reads them as they are. ``bounds`` has
the first token of every text. Building goes on where it stopped; what it gives is the same, however often it stopped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from core_models.corpus.places import Floats, Ints, parts_of
from core_models.encoded import Encoded
from core_models.language import mark, say
from core_models.trace import Site
from pretrained.corpus.readers import SchedulerError, readers
from pretrained.corpus.reading import TOGETHER, Corpus, Told, quantities, read, values_of
from pretrained.corpus.texts import Texts
from pretrained.errors import ModelError
from pretrained.registry import load
from pretrained.task import InputError
from pretrained.trained import Trained

VERSION = 1
CHUNK = 4096
"""Tokens of a chunk."""

PART = 16 * CHUNK
"""Tokens that are computed before what was reached is noted."""

UNREADABLE = mark("{folder} is damaged: its states cannot be read. Build it anew.")

Address = tuple[Site, str]


class CorpusError(ValueError):
    """A folder that cannot be used; the message is a sentence for the person at the screen."""


@dataclass(frozen=True)
class About:
    """What a corpus was made with, and how far it came.

    Attributes:
        model: key.
        weights: checksum of the model's weights.
        read: checksum of the ids of every token, as the tokenizer gave them.
        documents: number of texts.
        done: how many of them are there.
        quantities: names of the arrays.
        version: of the format.
    """

    model: str
    weights: str
    read: str
    documents: int
    done: int
    quantities: tuple[str, ...]
    version: int = VERSION

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return self.done == self.documents


@dataclass(frozen=True, eq=False)
class Stored:
    """A corpus on disk, whole and made by the model that reads it."""

    folder: Path
    about: About
    corpus: Corpus

    def array(self, site: Site, key: str) -> Any:
        """The Zarr array of a quantity.

        Raises:
            CorpusError: if it was not built.
        """
        name = _name((site, key))
        if name not in self.about.quantities:
            held = ", ".join(self.about.quantities)
            raise CorpusError(
                say(
                    "{folder} holds {held}, not {name}: build it with --quantity {name}.",
                    folder=self.folder.name,
                    held=held,
                    name=name,
                )
            )
        return zarr.open_group(self.folder / "states", mode="r")[name]

    def parts(self, site: Site, key: str) -> Iterator[tuple[Floats, Ints]]:
        """Values and bounds, part by part, for ``core_models.corpus.places.find_places``; room is that of a part.

        Raises:
            CorpusError: if it was not built, or a part of it is damaged.
        """
        array, bounds = self.array(site, key), self.corpus.bounds
        for first, last in parts_of(bounds):
            start, stop = int(bounds[first]), int(bounds[last])
            try:
                values = np.asarray(array[start:stop])
            except Exception as error:  # zarr and its codecs have many classes of errors for a damaged file
                raise CorpusError(say(UNREADABLE, folder=self.folder.name)) from error
            yield values, bounds[first : last + 1] - start


def build(
    model: Trained,
    texts: Texts,
    folder: Path,
    wanted: Sequence[Address] = (),
    told: Told = lambda _: None,
    scheduler: str = "",
) -> None:
    """Build a corpus, or go on with one that was begun.

    Args:
        model: that reads it.
        texts: that are read.
        folder: of the corpus; made if it is not there.
        wanted: quantities; the states of every layer if none are named.
        told: is called with the number of texts that are done.
        scheduler: of the Dask cluster that reads, which knows the model by its key; threads here if none is named.

    Raises:
        CorpusError: if the folder holds something else, or a worker has other weights.
        SchedulerError: if the cluster cannot be used.
        InputError: if nothing can be read.
    """
    corpus = read(model, texts, most=1 << 40)
    addresses = list(wanted) or [(site, key) for site, key in quantities(model) if key.endswith("_state")]
    begun = About(model.recipe.key, model.recipe.weights["sha256"], _checksum(corpus.readings), len(corpus.readings), 0,
                  tuple(map(_name, addresses)))  # fmt: skip
    about = _begin(folder, corpus, begun)
    states = zarr.open_group(folder / "states", mode="a")
    left = [(first, last) for first, last in parts_of(corpus.bounds, PART) if last > about.done]
    if not left:
        return
    reader = model.recipe.key if scheduler else model
    with readers(scheduler) as pool:
        for first, last in left:
            start, stop = int(corpus.bounds[first]), int(corpus.bounds[last])
            groups = [range(at, min(at + TOGETHER, last)) for at in range(first, last, TOGETHER)]
            jobs = [
                pool.submit(_computed, reader, about.weights, corpus.texts.texts[group.start : group.stop], addresses)
                for group in groups
            ]
            parts: dict[str, list[Floats]] = {name: [] for name in about.quantities}
            for group, job in zip(groups, jobs, strict=True):
                for name, values in job.result().items():
                    parts[name].append(values)
                told(group.stop)
            for name, found in parts.items():
                whole = np.concatenate(found)
                if name not in states:
                    _create(states, name, len(corpus), whole.shape[1])
                array: Any = states[name]
                array[start:stop] = whole
            about = replace(about, done=last)
            _note(folder, about)


def open_corpus(folder: Path, model: Trained | None = None) -> Stored:
    """A corpus that is whole and fits its model.

    Args:
        folder: of the corpus.
        model: that reads it; the one that it names if None.

    Raises:
        CorpusError: if it is no corpus, is damaged or half-built, or was read by another model or tokenizer.
        ModelError: if its model cannot be used.
    """
    about = _about(folder)
    if not about.complete:
        raise CorpusError(
            say(
                "{folder} is half-built ({done:,} of {documents:,} texts): run the same command again, and it goes on.",
                folder=folder.name,
                done=about.done,
                documents=about.documents,
            )
        )
    reader: Trained = model or load(about.model)
    if about.model != reader.recipe.key:
        raise CorpusError(
            say(
                "{folder} was read by “{model}”, not by “{key}”: build one for it.",
                folder=folder.name,
                model=about.model,
                key=reader.recipe.key,
            )
        )
    if about.weights != reader.recipe.weights["sha256"]:
        raise CorpusError(
            say(
                "{folder} was read by other weights of “{model}”: build it anew.", folder=folder.name, model=about.model
            )
        )
    corpus = read(reader, _texts(folder), most=1 << 40)
    if _checksum(corpus.readings) != about.read:
        raise CorpusError(
            say("{folder} holds other texts, or was read by another tokenizer: build it anew.", folder=folder.name)
        )
    _check(folder, about, len(corpus))
    return Stored(folder, about, corpus)


def _check(folder: Path, about: About, tokens: int) -> None:
    try:
        states = zarr.open_group(folder / "states", mode="r")
        arrays: list[Any] = [states[name] for name in about.quantities]
        whole = all(
            array.shape[0] == tokens and array.nchunks_initialized == array.nchunks and np.isfinite(array[-1:]).all()
            for array in arrays
        )
    except Exception as error:  # zarr and its codecs have many classes of errors for a damaged file
        raise CorpusError(say(UNREADABLE, folder=folder.name)) from error
    if not whole:
        raise CorpusError(
            say("{folder} is damaged: some of its states are missing. Build it anew.", folder=folder.name)
        )


def _begin(folder: Path, corpus: Corpus, begun: About) -> About:
    """What is there already, or a folder that was just begun."""
    if (folder / "about.json").exists():
        held = _about(folder)
        if held.complete and held == replace(begun, done=held.done):
            return held
        if (held.model, held.weights, held.read, held.quantities) != (
            begun.model, begun.weights, begun.read, begun.quantities,
        ):  # fmt: skip
            raise CorpusError(
                say("{folder} holds another corpus: choose another folder, or delete this one.", folder=folder.name)
            )
        return held
    if folder.exists() and any(folder.iterdir()):
        raise CorpusError(say("{folder} holds something else: choose another folder.", folder=folder.name))
    folder.mkdir(parents=True, exist_ok=True)
    held = {name: value for name, value in asdict(corpus.texts).items() if value}
    (folder / "texts.json").write_text(json.dumps(held, ensure_ascii=False), encoding="utf-8")
    states = zarr.open_group(folder / "states", mode="w")
    bounds: Any = states.create_array("bounds", shape=corpus.bounds.shape, dtype="int64", dimension_names=("document",))
    bounds[:] = corpus.bounds
    _note(folder, begun)
    return begun


def _create(states: Any, name: str, tokens: int, units: int) -> None:
    states.create_array(
        name, shape=(tokens, units), dtype="float32", chunks=(min(CHUNK, tokens), units),
        dimension_names=("token", f"unit of {name}"),
    )  # fmt: skip


def _computed(
    model: Trained | str, weights: str, texts: Sequence[str], addresses: Sequence[Address]
) -> dict[str, Floats]:
    """Quantities of some texts by name, one text behind the other; a worker of a cluster knows a model by its key."""
    reader: Trained = _loaded(model) if isinstance(model, str) else model
    if reader.recipe.weights["sha256"] != weights:
        raise CorpusError(say("A worker of the cluster has other weights of “{model}”: install the same project there.",
                              model=reader.recipe.key))  # fmt: skip
    found: dict[str, list[Floats]] = {_name(address): [] for address in addresses}
    for text in texts:
        reading = reader.encode(text)
        for site in dict.fromkeys(site for site, _ in addresses):
            keys = [key for own, key in addresses if own == site]
            for key, value in values_of(reader, reading, site, keys).items():
                found[_name((site, key))].append(value)
    return {name: np.concatenate(values) for name, values in found.items()}


@lru_cache(maxsize=1)
def _loaded(key: str) -> Trained:
    return load(key)


def _name(address: Address) -> str:
    return f"{address[0].key}.{address[1]}"


def _checksum(readings: Sequence[Encoded]) -> str:
    found = hashlib.sha256()
    for reading in readings:
        found.update(np.asarray(reading.ids, dtype=np.int64).tobytes() + b"|")
    return found.hexdigest()


def _note(folder: Path, about: About) -> None:
    """Write what was reached, whole or not at all."""
    written = folder / "about.json.part"
    written.write_text(json.dumps(asdict(about), indent=1), encoding="utf-8")
    written.replace(folder / "about.json")


def _about(folder: Path) -> About:
    try:
        held: dict[str, Any] = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        held["quantities"] = tuple(held["quantities"])
        about = About(**held)
        counts = (about.documents, about.done, about.version)
    except FileNotFoundError as error:
        raise CorpusError(say("{folder} is no corpus: it has no about.json.", folder=folder.name)) from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CorpusError(
            say("{folder} is damaged: its about.json cannot be read. Build it anew.", folder=folder.name)
        ) from error
    if not all(isinstance(count, int) for count in counts) or about.version != VERSION:
        raise CorpusError(
            say("{folder} is of another version of Gatescope, or damaged: build it anew.", folder=folder.name)
        )
    return about


def _texts(folder: Path) -> Texts:
    try:
        held = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
        tags = tuple(map(tuple, held.pop("tags", ())))
        return Texts(held.pop("name"), tuple(held.pop("texts")), tuple(held.pop("labels", ())), tags, **held)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CorpusError(
            say("{folder} is damaged: its texts cannot be read. Build it anew.", folder=folder.name)
        ) from error


REFUSALS = (CorpusError, SchedulerError, ModelError, InputError)
"""What building and opening raise, each with a sentence."""
