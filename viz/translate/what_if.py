"""What-ifs about one translation, as data: for the address bar, for the list on screen, and for the search.

A what-if is a slot and a value, both short text, so that a list of them is a key for a cache and a part of a URL:

    y-12.5.88      the target begins with the ids 12, 5, 88
    x2-45          source token 2 (from 0) is id 45 instead
    a3-u           step 3 looks at all source tokens alike
    a3-p5          step 3 looks at source token 5 alone
    a3-w0.700.300  step 3 shares its attention in these proportions
    s-dot.200      every step compares by the dot product, at a temperature of 200 hundredths
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core_models.edits.edit import FREE_SCORES, Edit, PoolAttention, Rescore
from core_models.networks.translator import END, UNKNOWN

TRAINED_SCORE = "trained"
HOTTEST = 1000
"""Highest temperature, in hundredths."""

_PART = re.compile(r"(y|s|[xa]\d{1,3})-([a-z_]*[0-9.]*)")


@dataclass(frozen=True)
class Limits:
    """What a what-if must fit: lengths and numbers of ids of one model and one source.

    Attributes:
        sources: source tokens, the end included.
        source_ids, target_ids: number of ids on either side.
        longest: the most target tokens.
        attends: whether the network has attention.
    """

    sources: int
    source_ids: int
    target_ids: int
    longest: int
    attends: bool


@dataclass(frozen=True)
class WhatIf:
    """Every what-if about one translation, in the order in which they were made."""

    slots: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.slots)

    @property
    def address(self) -> str:
        """As it stands in the URL."""
        return "_".join(f"{slot}-{value}" for slot, value in self.slots)

    @property
    def prefix(self) -> tuple[int, ...]:
        """Target ids that are given."""
        value = dict(self.slots).get("y", "")
        return tuple(int(part) for part in value.split(".") if part)

    @property
    def swaps(self) -> Mapping[int, int]:
        """Source ids that are put in place of others, by position."""
        return {int(slot[1:]): int(value) for slot, value in self.slots if slot[0] == "x"}

    @property
    def touches_attention(self) -> bool:
        """Whether any attention is not the network's own."""
        return any(slot[0] in "as" for slot, _ in self.slots)

    @property
    def score(self) -> tuple[str, float]:
        """Name of the score function, ``trained`` for the network's own, and the temperature."""
        value = dict(self.slots).get("s")
        if value is None:
            return TRAINED_SCORE, 1.0
        name, hundredths = value.split(".")
        return name, int(hundredths) / 100

    @property
    def stack(self) -> tuple[Edit, ...]:
        """What is changed about the attention."""
        name, temperature = self.score
        steps = [_edit(int(slot[1:]), value) for slot, value in self.slots if slot[0] == "a"]
        score = None if name == TRAINED_SCORE else name
        return (*([Rescore(score, temperature)] if "s" in dict(self.slots) else []), *steps)

    def put(self, slot: str, value: str) -> WhatIf:
        """With one more, in place of what the slot held."""
        return WhatIf((*self.drop(slot).slots, (slot, value)))

    def drop(self, slot: str) -> WhatIf:
        """Without what the slot held."""
        return WhatIf(tuple(part for part in self.slots if part[0] != slot))

    def begin(self, ids: tuple[int, ...]) -> WhatIf:
        """With a target that begins with ``ids``."""
        return self.put("y", ".".join(map(str, ids))) if ids else self.drop("y")

    def swap(self, position: int, index: int) -> WhatIf:
        """With another id at a source position."""
        return self.put(f"x{position}", str(index))

    def share(self, step: int, thousandths: list[int]) -> WhatIf:
        """With a step's attention shared out in proportion."""
        return self.put(f"a{step}", "w" + ".".join(map(str, thousandths)))

    def compare_by(self, name: str, temperature: float) -> WhatIf:
        """With another score function or temperature at every step; the trained one at 1 is no what-if."""
        if name == TRAINED_SCORE and temperature == 1.0:
            return self.drop("s")
        return self.put("s", f"{name}.{round(100 * temperature)}")


def read_what_if(address: str, limits: Limits) -> tuple[WhatIf, int]:
    """The what-ifs in an address, and how many parts of it do not fit and were left out.

    Numbers are brought to one spelling, so that ``a03`` and ``a3`` are the same slot: the later one counts.
    """
    found, refused = WhatIf(), 0
    for part in re.split(r"_(?=[yxas]\d*-)", address):
        matched = _PART.fullmatch(part)
        if matched and _fits(matched[1], matched[2], limits):
            slot, value = re.sub(r"\d+", lambda number: str(int(number[0])), part).split("-")
            found = found.put(slot, value)
        elif part:
            refused += 1
    return found, refused


def _numbers(value: str) -> list[int] | None:
    parts = value.split(".")
    return [int(part) for part in parts] if all(re.fullmatch(r"\d{1,6}", part) for part in parts) else None


def _fits(slot: str, value: str, limits: Limits) -> bool:
    if slot == "y":
        ids = _numbers(value)
        return (
            ids is not None
            and len(ids) < limits.longest
            and all(i == UNKNOWN or END < i < limits.target_ids for i in ids)
        )
    if slot == "s":
        name, _, hundredths = value.partition(".")
        heat = _numbers(hundredths)
        known = name in (TRAINED_SCORE, *FREE_SCORES)
        return limits.attends and known and heat is not None and len(heat) == 1 and 0 < heat[0] <= HOTTEST
    place = int(slot[1:])
    if slot[0] == "x":
        ids = _numbers(value)
        return ids is not None and len(ids) == 1 and place < limits.sources - 1 and END < ids[0] < limits.source_ids
    return limits.attends and place < limits.longest and _shares_fit(value, limits.sources)


def _shares_fit(value: str, sources: int) -> bool:
    if value == "u":
        return True
    numbers = _numbers(value[1:])
    if numbers is None:
        return False
    if value[0] == "p":
        return len(numbers) == 1 and numbers[0] < sources
    return value[0] == "w" and len(numbers) == sources and sum(numbers) > 0


def _edit(step: int, value: str) -> PoolAttention:
    if value == "u":
        return PoolAttention("uniform", steps=(step,))
    if value[0] == "p":
        return PoolAttention("one", position=int(value[1:]), steps=(step,))
    return PoolAttention("drawn", weights=tuple(float(part) for part in value[1:].split(".")), steps=(step,))
