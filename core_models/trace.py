"""The trace: everything one model computed on one input, checked, labelled and read-only.

One ``Trace`` crosses the whole project: models write it, views read it, exports and notebooks use the same one. It has
no batch axis: two inputs are two traces. Each entry is a *site* (where in the network) and a *quantity* (which row of
the vocabulary); ``trace[site, key]`` gives an ``xarray.DataArray`` with named dims and token labels.

The values are held as plain read-only float32 arrays and dressed as DataArrays when asked for: dressing a dozen of
them costs more than computing a short sentence's gates. An impossible value is refused when the trace is built, so
nothing downstream ever has to repair or hide one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NoReturn, cast

import numpy as np
from numpy.typing import NDArray

from core_models.convention import Convention
from core_models.language import mark, say
from core_models.vocabulary import Kind, Quantity, quantity

if TYPE_CHECKING:
    import xarray as xr

Direction = Literal["forward", "backward"]
Array = NDArray[np.float32]

SUM_TOLERANCE = 1e-5
"""How far a row of attention weights may be from 1: float32 softmax over a few thousand positions stays below this."""


PLACES: Mapping[str, str] = {
    "answer": mark("answer"), "attention": mark("attention"), "decoder": mark("decoder"),
    "embedding": mark("embedding"), "encoder": mark("encoder"), "forecast": mark("forecast"),
    "frames": mark("frames"), "input": mark("input"), "neighbours": mark("neighbours"),
    "next_token": mark("next token"), "output": mark("output"), "readout": mark("readout"), "rnn": "rnn",
    "source_embedding": mark("source embedding"), "tags": mark("tags"), "target_embedding": mark("target embedding"),
    "values": mark("values"), "forward": mark("forward"), "backward": mark("backward"),
}  # fmt: skip
"""Names of modules and reading directions on screen; a module that is not here is called by its own."""

LAYERED = ("rnn", "encoder")
"""Modules with layers and directions; any other is one place."""


class TraceError(ValueError):
    """A trace was asked to hold something impossible; the message says where, what was expected and what came."""


@dataclass(frozen=True, order=True)
class Site:
    """A place in the network: module name, layer counted from 0, reading direction."""

    module: str
    layer: int = 0
    direction: Direction = "forward"

    @property
    def key(self) -> str:
        """Short name for URLs and file names, such as ``rnn-0-forward``."""
        return f"{self.module}-{self.layer}-{self.direction}"

    @property
    def label(self) -> str:
        """Name for the screen, such as ``layer 1, backward``; layers are counted from 1 there."""
        if self.module not in LAYERED:
            return say(PLACES.get(self.module, self.module.replace("_", " ")))
        direction = say(PLACES[self.direction])
        if self.module == "rnn":
            return say("layer {n}, {direction}", n=self.layer + 1, direction=direction)
        return say(
            "{part}, layer {n}, {direction}", part=say(PLACES[self.module]), n=self.layer + 1, direction=direction
        )


@dataclass(frozen=True)
class Tokens:
    """The input as the network saw it, tied to what the person typed.

    Attributes:
        labels: one string a token, as the network's vocabulary spells it or as the person typed it.
        text: the person's own text ("" when the input was not text).
        spans: start and end of each token in ``text``, in characters; empty when the input was not text.
        known: whether the model knew each token; empty means all were known.
        noun: what one of them is called on screen, such as ``hour`` where the input is a series of numbers.
        ids: the network's own number of each token, or a tuple of numbers where it reads several columns; empty where
            the input is a sequence of numbers.
    """

    labels: tuple[str, ...]
    text: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    known: tuple[bool, ...] = ()
    noun: str = mark("token")
    ids: tuple[int | tuple[int, ...], ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def numbers(self) -> tuple[int, ...]:
        """``ids`` where each token is one number, as in what is written."""
        return cast("tuple[int, ...]", self.ids)

    def name(self, step: int) -> str:
        """One of them on screen, counted from 1 there, such as ``hour 3 “4 May 02:00”``."""
        return say("{noun} {n} “{token}”", noun=say(self.noun), n=step + 1, token=self.labels[step])

    @classmethod
    @lru_cache(maxsize=64)
    def numbered(cls, count: int, noun: str = "token") -> Tokens:
        """Labels "1" ... "count", for inputs that have no names for their steps."""
        return cls(tuple(map(str, range(1, count + 1))), noun=noun)


Entries = Mapping[tuple[Site, str], NDArray[np.floating]]


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """One model's computation on one input.

    Args:
        tokens: the input; every axis that runs over steps has this length.
        entries: float arrays by (site, quantity key), with the dims that the vocabulary names for the quantity.
        cells: convention of the recurrent cell at each site, for captions such as what a gate value of 1 does.
        model: key or name of the model, for titles and file names.
        sources: where one sequence is made from another, the one that was read; ``tokens`` is then the one that was
            written, and attention runs from tokens (query) to sources (key).
        reading: the sites whose steps are the sources.
        initial: states before the first step, ``[unit]``, where they are not zeros.
        classes: what the classes that the network answers with are called, in the order of its outputs; empty where
            there are none, or they are not known.

    Raises:
        TraceError: if a value is impossible: not finite, outside its quantity's range, attention rows that do not
            sum to 1 (to 0 where the mask allows nothing), weight where the mask forbids it, or an axis that
            disagrees with the tokens.
    """

    tokens: Tokens
    entries: Entries
    cells: Mapping[Site, Convention] = field(default_factory=dict)
    model: str = ""
    sources: Tokens | None = None
    reading: frozenset[Site] = frozenset()
    initial: Entries = field(default_factory=dict)
    classes: tuple[str, ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        """What a copy is made of; mappings that cannot be written to can be copied by no other way."""
        return {key: dict(value) if isinstance(value, MappingProxyType) else value for key, value in vars(self).items()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.__post_init__()

    def __post_init__(self) -> None:
        frozen = {address: _frozen(values) for address, values in self.entries.items()}
        object.__setattr__(self, "entries", MappingProxyType(frozen))
        object.__setattr__(self, "cells", MappingProxyType(dict(self.cells)))
        started = {address: _frozen(values) for address, values in self.initial.items()}
        object.__setattr__(self, "initial", MappingProxyType(started))
        for (site, key), values in frozen.items():
            _check(site, quantity(key), values, {dim: len(self.tokens_of(site, dim)) for dim in _TOKEN_DIMS})
        for site, key in frozen:
            if key == "attention_weights":
                _check_attention(site, frozen)

    def __getitem__(self, address: tuple[Site, str]) -> xr.DataArray:
        """The values at ``(site, quantity key)`` with named dims and token labels.

        Raises:
            KeyError: if the trace does not hold them; the message lists what it holds there.
        """
        import xarray as xr

        site, key = address
        row = quantity(key)
        coords: dict[str, object] = {}
        for dim, length in zip(row.dims, self.array(site, key).shape, strict=True):
            coords[dim] = np.arange(length)
            if dim in _TOKEN_DIMS:
                coords[f"{dim}_token"] = (dim, list(self.tokens_of(site, dim).labels))
        attributes = {"name": row.name, "symbol": row.symbol, "equation": row.equation, "site": site.key}
        return xr.DataArray(self.array(site, key), dims=row.dims, coords=coords, name=key, attrs=attributes)

    def array(self, site: Site, key: str) -> Array:
        """The values at one address as a bare read-only float32 array.

        Raises:
            KeyError: if the trace does not hold them.
        """
        try:
            return cast("Array", self.entries[site, key])
        except KeyError:
            held = ", ".join(k for s, k in self.entries if s == site) or "nothing"
            raise KeyError(f"trace: expected one of {held} at {site.key}, got {key!r}") from None

    def before(self, site: Site, key: str) -> Array:
        """A state before the first step, ``[unit]``: zeros unless the trace goes on from somewhere."""
        held = cast("Array | None", self.initial.get((site, key)))
        return np.zeros(self.array(site, key).shape[1], dtype=np.float32) if held is None else held

    def tokens_of(self, site: Site, dim: str = "step") -> Tokens:
        """The tokens along one axis of the values at a site: its steps, or the ``query`` or ``key`` of attention."""
        if self.sources is not None and (dim == "key" or site in self.reading):
            return self.sources
        return self.tokens

    def find(self, *kinds: Kind) -> tuple[tuple[Site, Quantity], ...]:
        """Every (site, quantity) whose quantity is of one of ``kinds``, in the order in which they were computed."""
        return tuple((site, quantity(key)) for site, key in self.entries if quantity(key).kind in kinds)

    def sites(self, *kinds: Kind) -> tuple[Site, ...]:
        """The sites that hold a quantity of one of ``kinds``, each once."""
        return tuple(dict.fromkeys(site for site, _ in self.find(*kinds)))

    def __contains__(self, address: object) -> bool:
        return address in self.entries

    def __iter__(self) -> Iterator[tuple[Site, str]]:
        return iter(self.entries)

    def __len__(self) -> int:
        """Number of tokens."""
        return len(self.tokens)

    def __repr__(self) -> str:
        held: dict[str, list[str]] = {}
        for site, key in self.entries:
            held.setdefault(site.key, []).append(key)
        lines = "".join(f"\n    {site}: {', '.join(keys)}" for site, keys in held.items())
        steps = f"{len(self)} {self.tokens.noun}{'' if len(self) == 1 else 's'}"
        return f"<{type(self).__name__} {self.model}, {steps}>{lines}"

    def with_entries(self, entries: Entries, classes: tuple[str, ...] = ()) -> Trace:
        """A trace that holds ``entries`` as well, and what its ``classes`` are called; all is checked again."""
        return replace(self, entries={**self.entries, **entries}, classes=classes or self.classes)

    def read(self) -> Trace:
        """What was read, as a trace of its own; the trace itself where nothing else is written."""
        return self._part(self.reading, self.sources) if self.sources is not None else self

    def wrote(self) -> Trace:
        """What was written, as a trace of its own; the trace itself where nothing was read for it."""
        rest = frozenset(site for site, _ in self.entries) - self.reading
        return self._part(rest, self.tokens, self.sources) if self.sources is not None else self

    def _part(self, sites: frozenset[Site], tokens: Tokens, sources: Tokens | None = None) -> Trace:
        held, began = ({at: values for at, values in all_.items() if at[0] in sites}
                       for all_ in (self.entries, self.initial))  # fmt: skip
        cells = {site: cell for site, cell in self.cells.items() if site in sites}
        return Trace(tokens, held, cells, self.model, sources, initial=began)

    @cached_property
    def dataset(self) -> xr.Dataset:
        """All values as one ``xarray.Dataset``, variables named ``site.quantity``; ready for netCDF or Zarr."""
        import xarray as xr

        arrays = {}
        for site, key in self.entries:
            values = self[site, key].drop_vars([f"{d}_token" for d in _TOKEN_DIMS], errors="ignore")
            named = {d: f"{d}_{values.sizes[d]}" for d in values.dims if d not in _TOKEN_DIMS}
            if site in self.reading:
                named |= {"step": "source"}
            arrays[f"{site.key}.{key}"] = values.drop_vars(list(named)).rename(named)
        tokens = {"token": ("step", list(self.tokens.labels))}
        if self.sources is not None:
            tokens["source_token"] = ("source", list(self.sources.labels))
        return xr.Dataset(arrays, coords=tokens, attrs={"model": self.model})


_TOKEN_DIMS = ("step", "query", "key")


def _frozen(values: NDArray[np.floating]) -> Array:
    array = np.asarray(values, dtype=np.float32).view()
    array.flags.writeable = False
    return array


def _check(site: Site, row: Quantity, values: Array, steps: Mapping[str, int]) -> None:
    if values.ndim != len(row.dims):
        _refuse(site, row, f"axes [{', '.join(row.dims)}]", f"{values.ndim} axes")
    for dim, length in zip(row.dims, values.shape, strict=True):
        if dim in steps and length != steps[dim]:
            _refuse(site, row, f"{steps[dim]} tokens along {dim}", str(length))
    if values.size == 0:
        _refuse(site, row, "at least one value", "an empty array")
    low, high = np.minimum.reduce(values, axis=None), np.maximum.reduce(values, axis=None)
    if not (low >= row.low and high <= row.high and high - low < inf):
        bad = np.argwhere(~np.isfinite(values))
        if len(bad):
            index = tuple(int(i) for i in bad[0])
            _refuse(site, row, "finite numbers", f"{values[index]} at {index}")
        _refuse(site, row, f"values in [{row.low:g}, {row.high:g}]", f"[{low:g}, {high:g}]")


def _refuse(site: Site, row: Quantity, expected: str, got: str) -> NoReturn:
    raise TraceError(f"{site.key} {row.key}: expected {expected}, got {got}")


def _check_attention(site: Site, entries: Mapping[tuple[Site, str], Array]) -> None:
    weights = entries[site, "attention_weights"]
    sums = weights.sum(axis=-1, dtype=np.float64)
    mask = entries.get((site, "attention_mask"))
    if mask is not None and mask.shape != weights.shape:
        raise TraceError(f"{site.key} attention_mask: expected shape {weights.shape}, got {mask.shape}")
    expected = np.ones(sums.shape) if mask is None else np.maximum.reduce(mask, axis=-1)
    worst = np.unravel_index(int(np.abs(sums - expected).argmax()), sums.shape)
    if abs(sums[worst] - expected[worst]) > SUM_TOLERANCE:
        raise TraceError(
            f"{site.key} attention_weights: expected rows that sum to {int(expected[worst])}, "
            f"got {sums[worst]:.6f} in row {int(worst[-1])}"
        )
    if mask is not None and np.any(weights[mask == 0.0] != 0.0):
        raise TraceError(f"{site.key} attention_weights: expected no weight where the mask is 0, got some")
