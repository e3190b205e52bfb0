"""One person's stack of edits: it lives in the address of their own browser, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from core_models.edits.edit import Edit, EditError, kept_steps
from viz import params
from viz.explain.edits.text import read_edit, write_edit
from viz.kept import Kept
from viz.params import Param
from viz.run import ModelRun

EDITS, PAST = Param("whatifs"), Kept[list[str]]("past what-ifs")
"""The stack in the address, and what stood there before."""

OFF = "off:"
MOST, MOST_UNDONE = 24, 50


@dataclass(frozen=True)
class Entry:
    """One line of the stack.

    Attributes:
        text: as in the address, without ``off:``.
        on: whether it is switched on.
        edit: what it says; None where that does not fit.
        problem: then, why not.
    """

    text: str
    on: bool
    edit: Edit | None
    problem: str = ""

    @property
    def address(self) -> str:
        """As it stands in the URL."""
        return self.text if self.on else OFF + self.text


Entries = tuple[Entry, ...]


def read_entries(address: str, asked: ModelRun) -> Entries:
    """The lines of an address; those beyond the most that are kept are left out."""
    parts = [part for part in address.split(";") if part][:MOST]
    return tuple(_entry(part, asked) for part in parts)


def _entry(part: str, asked: ModelRun) -> Entry:
    text, on = part.removeprefix(OFF), not part.startswith(OFF)
    try:
        return Entry(text, on, read_edit(text, asked))
    except EditError as error:
        return Entry(text, on, None, str(error).removeprefix("edit: "))


def active(entries: Entries, steps: int) -> tuple[Edit, ...]:
    """The edits that are switched on and fit, in order.

    Raises:
        EditError: if together they leave nothing to read.
    """
    stack = tuple(entry.edit for entry in entries if entry.on and entry.edit is not None)
    kept_steps(stack, steps)
    return stack


def address_of(edits: tuple[Edit, ...]) -> str:
    """Edits that are all switched on, as an address."""
    return ";".join(map(write_edit, edits))


def put(entries: Entries) -> None:
    """Make these the person's stack; the one before can be had back."""
    put_address(";".join(entry.address for entry in entries))


def put_address(address: str, *, remember: bool = True) -> None:
    """Make the stack of an address the person's."""
    if remember:
        PAST.put([*(PAST.get() or []), current_address()][-MOST_UNDONE:])
    params.put(EDITS, address or None)


def current_address() -> str:
    """The stack as it stands in the person's address bar."""
    return params.asked(EDITS) or ""


def add(*edits: Edit) -> None:
    """Put edits behind those that are there."""
    parts = [part for part in current_address().split(";") if part]
    put_address(";".join([*parts, *map(write_edit, edits)]))


def put_one(edit: Edit) -> None:
    """Put an edit on the stack in the place of those that it would override."""
    new = write_edit(edit)
    parts = [part for part in current_address().split(";") if part and _slot(part) != _slot(new)]
    put_address(";".join([*parts, new]))


def _slot(part: str) -> tuple[str, ...]:
    """What an edit overrides: another with the same slot."""
    kind, *rest = part.removeprefix(OFF).split(":")
    if kind in ("begin", "compare"):
        return (kind,)
    if kind in ("replace", "token"):
        return "token", rest[0]
    return ("attend", *rest[2:3]) if kind == "attend" else (part,)


def can_undo() -> bool:
    """Whether there is a stack to go back to."""
    return bool(PAST.get())


def undo() -> None:
    """Go back to the stack before the last change."""
    past = PAST.get()
    if past:
        PAST.put(past[:-1])
        put_address(past[-1], remember=False)
