"""How the racing architectures look: colour, marker and dash together, the same in every figure of the memory page."""

from __future__ import annotations

from dataclasses import dataclass

from core_models.language import say
from pretrained.memory.architectures import CELLS, STREAM_CELLS
from viz.theme import LINES


@dataclass(frozen=True)
class Look:
    """One architecture's marks."""

    title: str
    color: str
    symbol: str
    dash: str

    @property
    def name(self) -> str:
        """What it is called on screen."""
        return say(self.title)


_MARKS = (("circle", "solid"), ("square", "dash"), ("diamond", "dot"), ("triangle-up", "dashdot"), ("x", "longdash"))

LOOKS: dict[str, Look] = {
    key: Look(name, color, symbol, dash)
    for (key, name), color, (symbol, dash) in zip(CELLS.items(), LINES, _MARKS, strict=False)
}
"""The five of delayed recall and adding."""

STREAM_LOOKS: dict[str, Look] = {
    "lstm": Look(STREAM_CELLS["lstm"], LOOKS["lstm"].color, LOOKS["lstm"].symbol, "solid"),
    "lstm_no_forget": Look(STREAM_CELLS["lstm_no_forget"], LINES[1], "square-open", "dash"),
}
"""The two LSTMs of the continual task."""
