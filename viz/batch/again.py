"""Reading the rows of a run once more, in slices, for what its table does not keep.

It can be ended, and goes on after it was interrupted by whatever somebody clicks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import streamlit as st

from core_models.encoded import Encoded
from core_models.language import say, say_n
from pretrained.task import InputError
from viz.batch.answers import batches

SLICE = 256
"""Rows at a time."""

Take = Callable[[Sequence[int], Sequence[Encoded]], None]
"""What is done with some rows, by their places and as they are read."""


@dataclass(eq=False)
class Again:
    """Rows that are read once more.

    Attributes:
        model: by which.
        texts: of the rows; those that cannot be read are passed over.
        take: what is done with those that can.
        size: how many at a time.
        done: how many were read or passed over.
        stopped: whether somebody ended it.
    """

    model: Any
    texts: Sequence[str | None]
    take: Take = field(repr=False)
    size: int = SLICE
    done: int = 0
    stopped: bool = False

    @property
    def busy(self) -> bool:
        """Whether it goes on."""
        return not self.stopped and self.done < len(self.texts)

    def stop(self) -> None:
        """End it; what was read stays."""
        self.stopped = True

    def run(self) -> Iterator[float]:
        """Read slice after slice; yields the share that is done."""
        while self.busy:
            places = range(self.done, min(self.done + self.size, len(self.texts)))
            readings: dict[int, Encoded] = {}
            for at in places:
                try:
                    readings[at] = self.model.encode(self.texts[at] or "")
                except InputError:
                    continue
            for some in batches({at: len(reading) for at, reading in readings.items()}):
                self.take(some, [readings[at] for at in some])
            self.done = places.stop
            yield self.done / len(self.texts)


class Run(Protocol):
    """Something that is read part after part."""

    @property
    def done(self) -> int: ...
    def stop(self) -> None: ...
    def run(self) -> Iterator[float]: ...


def _rows_read(count: int) -> str:
    return say_n("{n:,} row read", "{n:,} rows read", count)


def follow(again: Run, key: str, said: Callable[[int], str] = _rows_read) -> None:
    """Let it run to its end beside a bar and a button that ends it; a click elsewhere comes first."""
    with st.container(horizontal=True, vertical_alignment="center"):
        bar, end = st.progress(0.0), st.empty()
        end.button(say("Stop"), key=f"{key}-stop", icon=":material/stop_circle:", on_click=again.stop)
    for share in again.run():
        bar.progress(share, said(again.done))
    bar.empty()
    end.empty()
