"""The smallest change of an input that turns an answer: found by trying, and each one by reading the changed text.

A change is what a hand could type: a token left out, two neighbours exchanged, or a token replaced, by one whose vector
is near in the network's own embedding or by one that the gradient proposes (core_models.explain.attribution.hotflip).
Each is written into the text, the text is encoded as any text is, and the network reads it: what is said to turn the
answer does turn it when it is typed. All single changes are tried first; where none turns the answer, those that come
nearest are changed once more (a beam search as in Ebrahimi et al. 2018, arXiv 1712.06751, section 3.3). That nothing is
found is no proof that nothing is there: of replacements only those that are proposed are read.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core_models.encoded import Encoded
from core_models.explain.attribution.hotflip import expected_changes, neighbours
from core_models.explain.outputs import Outputs
from core_models.heads import CHOOSING
from core_models.inputs import TokenInput
from core_models.networks.sequence import SequenceNetwork
from core_models.target import Target
from pretrained.task import InputError

Way = Literal["delete", "swap", "near", "other"]
WAYS: tuple[Way, ...] = ("delete", "swap", "near", "other")
"""A token is left out, exchanged with the next, replaced by one of its neighbours in the embedding, or by another."""

AT_ONCE = 128
"""Readings in one call; the search can be left between two."""

BEAM = 8
"""Changed texts that are changed once more."""


@dataclass(frozen=True)
class Effort:
    """How hard a search looks.

    Attributes:
        changes: the most changes of one text.
        near: neighbours in the embedding that are tried for each token.
        proposed: replacements that the gradient proposes, over all places.
        each: of these, for one place.
        places: tokens that are changed, those with the steepest gradient first.
        seconds: after which the search ends with what it has.
    """

    changes: int = 3
    near: int = 8
    proposed: int = 400
    each: int = 12
    places: int = 80
    seconds: float = 6.0


WHOLE, BRIEF = Effort(), Effort(changes=1, near=3, proposed=30, each=4, places=24)
"""For one input, and for each of many."""


@dataclass(frozen=True)
class Change:
    """One change.

    Attributes:
        way: see ``WAYS``.
        before: the token that was there.
        after: what stands there then: the next token where they are exchanged, "" where it is left out.
    """

    way: Way
    before: str
    after: str = ""


@dataclass(frozen=True, eq=False)
class Version:
    """A text as it was read, with what was changed and what was answered.

    Attributes:
        encoded: the text as the network sees it.
        step: token that the answer is about; None where it is about the whole.
        changes: what was changed.
        touched: the tokens that were put in or moved.
        chances: probability of every answer, ``[answer]``.
        given: the answer that is given.
    """

    encoded: Encoded
    step: int | None
    changes: tuple[Change, ...] = ()
    touched: tuple[int, ...] = ()
    chances: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    given: int = -1

    @property
    def text(self) -> str:
        """The text."""
        return self.encoded.tokens.text


@dataclass(frozen=True, eq=False)
class Asked:
    """One answer of a model: which class, which label of a token, or which token comes next.

    Attributes:
        model: a ``Trained`` whose network reads one sequence of tokens.
        head: one of ``CHOOSING``.
        step: token that the answer is about; None where it is about the whole.
        into: the answer that is looked for; any other than the first one if None.
    """

    model: Any
    head: str
    step: int | None = None
    into: int | None = None

    @torch.inference_mode()
    def read(self, versions: Sequence[Version]) -> list[Version]:
        """The same versions with their answers."""
        content, lengths = self.model.padded([version.encoded for version in versions])
        raw = torch.softmax(self.model.network(content, lengths)[self.head].float(), dim=-1).cpu().numpy()
        found = []
        for version, chances, length in zip(versions, raw, lengths.tolist(), strict=True):
            own, given = self._answer(chances[:length] if self.step is not None else chances, version.step)
            found.append(Version(version.encoded, version.step, version.changes, version.touched, own, given))
        return found

    def _answer(self, chances: NDArray[np.float32], step: int | None) -> tuple[NDArray[np.float32], int]:
        if step is None:
            return chances, int(chances.argmax())
        task = self.model.task
        if self.head == "tags":
            return chances[step], task.tags.index(task.choose(chances)[step])
        return chances[step], int(chances[step].argmax())

    def begin(self, encoded: Encoded) -> Version:
        """The input itself with its answer."""
        return self.read([Version(encoded, self.step)])[0]


def can_turn(model: Any, encoded: Encoded) -> bool:
    """Whether typing can turn an answer: of a network that reads one sequence of typed tokens from its start."""
    network = model.network
    known = isinstance(network, SequenceNetwork) and any(name in CHOOSING for name in network.heads)
    typed = bool(spellings_of(model)) and len(encoded.tokens.spans) == len(encoded)
    return known and typed and isinstance(network.input, TokenInput) and encoded.state is None


def spellings_of(model: Any) -> Sequence[str]:
    """How each id is typed, by id; "" where it cannot be; none where what is read is not typed."""
    return getattr(model.task, "spellings", ())


class Search:
    """The search for the smallest changes that turn an answer.

    Attributes:
        begun: the input itself with its answer.
        found: changed texts whose answer is another one, those that make it most probable first.
        nearest: the changed text that comes nearest; None before one was read.
        tried: how many changed texts were read.
        in_time: whether it came to its end in the time that it had.
    """

    def __init__(self, asked: Asked, encoded: Encoded, effort: Effort = WHOLE) -> None:
        self.asked, self.effort = asked, effort
        self.begun = asked.begin(encoded)
        self.found: list[Version] = []
        self.nearest: Version | None = None
        self.tried = 0
        self.in_time = True
        self._known = {self.begun.encoded.ids}

    def run(self) -> Iterator[float]:
        """Search; yields the share of the changes of this length that were tried, after each few."""
        until, layer = time.monotonic() + self.effort.seconds, [self.begun]
        for _ in range(self.effort.changes):
            planned, tried = list[Version](), list[Version]()
            for version in layer:
                if time.monotonic() > until:
                    self.in_time = False
                    break
                planned += self._changed(version)
            for start in range(0, len(planned), AT_ONCE):
                if time.monotonic() > until:
                    self.in_time = False
                    break
                tried += self.asked.read(planned[start : start + AT_ONCE])
                self.tried += len(planned[start : start + AT_ONCE])
                yield len(tried) / len(planned)
            layer = sorted(tried, key=self._distance)[:BEAM]
            self.nearest = layer[0] if layer else self.nearest
            self.found = sorted(filter(self._turned, tried), key=self._distance)
            if self.found or not self.in_time:
                return

    def _turned(self, version: Version) -> bool:
        return version.given != self.begun.given if self.asked.into is None else version.given == self.asked.into

    def _distance(self, version: Version) -> float:
        """How much more probable the first answer still is than the one looked for, in logarithms."""
        logs = np.log(np.maximum(version.chances.astype(np.float64), 1e-30))
        into = logs[self.asked.into] if self.asked.into is not None else np.delete(logs, self.begun.given).max()
        return float(logs[self.begun.given] - into)

    def _changed(self, version: Version) -> Iterator[Version]:
        """Every version that is one change away and was not read yet."""
        free = self._free(version)
        if not free:
            return
        gain = self._gain(version)
        free = sorted(sorted(free, key=lambda step: -float(gain[step].max()))[: self.effort.places])
        ways = (*self._deleted(version, free), *self._swapped(version, free), *self._replaced(version, free, gain))
        for text, change, step, touched, count in ways:
            made = self._encoded(text, count)
            if made is not None:
                self._known.add(made.ids)
                yield Version(made, step, (*version.changes, change), touched)

    def _encoded(self, text: str, count: int) -> Encoded | None:
        """A changed text as the network sees it; None where it is none, was read, or is not split as was meant."""
        try:
            made = self.asked.model.encode(text)
        except InputError:
            return None
        return made if len(made) == count and made.ids not in self._known else None

    def _free(self, version: Version) -> list[int]:
        """The tokens that may be changed: those that are typed and not asked about, and were not changed already."""
        asked, head = version.step, self.asked.head
        steps = range(len(version.encoded) if asked is None or head == "tags" else asked + 1)
        typed = [step for step in steps if len(set(version.encoded.tokens.spans[step])) == 2]
        return [step for step in typed if step not in version.touched and (head != "tags" or step != asked)]

    def _deleted(self, version: Version, free: Sequence[int]) -> Iterator[tuple]:
        tokens = version.encoded.tokens
        for step in free if self.asked.model.network.input.shortens and len(tokens) > 1 else ():
            start, end = tokens.spans[step]
            before, after = tokens.text[:start], tokens.text[end:]
            if before[-1:].isspace() or not before:
                after = after.removeprefix(" ")
            touched = tuple(each - (each > step) for each in version.touched)
            asked = version.step if version.step is None else version.step - (step <= version.step)
            if asked is None or asked >= 0:
                change = Change("delete", tokens.text[start:end])
                yield before + after, change, asked, touched, len(tokens) - 1

    def _swapped(self, version: Version, free: Sequence[int]) -> Iterator[tuple]:
        tokens, may = version.encoded.tokens, set(free)
        for step in free:
            if step + 1 in may and tokens.ids[step] != tokens.ids[step + 1]:
                (start, end), (begin, stop) = tokens.spans[step : step + 2]
                text = tokens.text
                one, other = text[start:end], text[begin:stop]
                changed = text[:start] + other + text[end:begin] + one + text[stop:]
                yield changed, Change("swap", one, other), version.step, (*version.touched, step, step + 1), len(tokens)

    def _replaced(self, version: Version, free: Sequence[int], gain: Tensor) -> Iterator[tuple]:
        tokens, names = version.encoded.tokens, spellings_of(self.asked.model)
        for step, index, way in self._proposed(version, free, gain):
            start, end = tokens.spans[step]
            one, other = tokens.text[start:end], names[index]
            if one[:1].isupper() and len(one) > 1 and other[:1].islower():
                other = other[:1].upper() + other[1:]
            changed = tokens.text[:start] + other + tokens.text[end:]
            yield changed, Change(way, one, other), version.step, (*version.touched, step), len(tokens)

    @cached_property
    def _table(self) -> tuple[Tensor, Tensor]:
        """The vector of every id, and whether it can be typed."""
        names, table = spellings_of(self.asked.model), self.asked.model.network.input.embedding.weight
        return table, torch.tensor([bool(name) for name in names] + [False] * (len(table) - len(names)))

    def _ids(self, version: Version) -> Tensor:
        """Ids of the tokens themselves, ``[step]``."""
        content = self.asked.model.network.input.tensor(version.encoded)
        return content if content.ndim == 1 else content[:, 0]

    def _gain(self, version: Version) -> Tensor:
        """What the gradient expects each token in each place to take from the first answer, ``[step, id]``."""
        network, (table, allowed), ids = self.asked.model.network, self._table, self._ids(version)
        outputs, head = Outputs(network, version.encoded, ()), network.head(self.asked.head)
        target = Target(self.asked.head, self.begun.given, version.step if head.each_step else None, self.asked.into)
        gain = -expected_changes(outputs.about(target), outputs.x, table, ids).cpu()
        gain[:, ~allowed] = -torch.inf
        gain[torch.arange(len(ids)), ids.cpu()] = -torch.inf
        return gain

    def _proposed(self, version: Version, free: Sequence[int], gain: Tensor) -> list[tuple[int, int, Way]]:
        """Place, id and way of every replacement that is worth a reading."""
        (table, allowed), effort = self._table, self.effort
        found: dict[tuple[int, int], Way] = {}
        near = neighbours(table, self._ids(version)[list(free)], allowed.to(table.device), effort.near)
        for place, row in zip(free, near.tolist(), strict=True):
            found |= {(place, index): "near" for index in row}
        best = gain[list(free)].topk(min(effort.each, int(allowed.sum()) - 1), dim=1)
        width = best.indices.shape[1]
        for at in best.values.flatten().argsort(descending=True)[: effort.proposed].tolist():
            found.setdefault((free[at // width], int(best.indices.flatten()[at])), "other")
        return [(place, index, way) for (place, index), way in found.items()]
