"""All that the browser needs to draw a cell at any step of one reading, as plain data."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.language import current, say, tag
from core_models.trace import Tokens
from core_models.vocabulary import Kind, quantity
from viz.cell_diagram.circuit import INPUT, Circuit, base
from viz.cell_diagram.layout import lay_out
from viz.cell_diagram.mathml import to_mathml
from viz.cell_diagram.numbers import Values, table
from viz.cell_diagram.sentence import Teller
from viz.cell_diagram.symbols import latex_of, spoken, written
from viz.theme import GATE_COLORS, SIGNED_COLORS, scale_of

MOST_NUMBERS = 300_000
"""Numbers that are sent to the browser, 4 bytes each: of longer readings those around the chosen step."""


@dataclass(frozen=True, eq=False)
class Picture:
    """One cell on one input.

    Attributes:
        circuit: of the cell.
        values: every number, ``[step, unit]`` by name; see ``numbers.values_of``.
        tokens: names of the steps.
        influence: of every unit on the answer, ``[unit]``; None where it is not known.
        backward: whether the steps are read from the last one on.
        looked: at every step, a clause that says what attention inside the cell looked at; empty where there is none.
        story: what the cell did over the whole input, a sentence or more.
    """

    circuit: Circuit
    values: Values
    tokens: Tokens
    influence: NDArray[np.floating] | None = None
    backward: bool = False
    looked: tuple[str, ...] = ()
    story: tuple[str, ...] = ()

    @cached_property
    def teller(self) -> Teller:
        """Writes its sentences."""
        return Teller(self.circuit, self.values, self.influence, self.looked)

    @cached_property
    def telling(self) -> NDArray[np.intp]:
        """At every step the unit that is spoken of where none is chosen, ``[step]``."""
        return self.teller.units()

    def sentence(self, step: int, unit: int | None = None) -> str:
        """What a unit did at a step; the most telling one if None."""
        shown = int(self.telling[step]) if unit is None else unit
        return self.teller.tell(step, shown, self.tokens.labels[step], chosen=unit is not None)

    def table(self) -> pd.DataFrame:
        """All numbers, tidy."""
        return table(self.values, self.tokens.labels)

    def window(self, step: int) -> tuple[int, int]:
        """First and last step, exclusive, whose numbers are sent, so that ``step`` is among them."""
        each = sum(rows.shape[1] for rows in self.values.values())
        count = min(len(self.tokens), max(8, MOST_NUMBERS // each))
        first = min(max(0, step - count // 2), len(self.tokens) - count)
        return first, first + count

    def data(self, step: int, unit: int | None) -> dict[str, Any]:
        """Everything as JSON, with step ``step`` and ``unit`` (None: all of them) to begin with."""
        first, end = self.window(step)
        rows = {name: np.ascontiguousarray(values[first:end], dtype="<f4") for name, values in self.values.items()}
        influence = np.zeros(0) if self.influence is None else np.abs(self.influence)
        return {
            **standing(self.circuit),
            "series": [{"name": name, "units": values.shape[1]} for name, values in rows.items()],
            "numbers": base64.b64encode(b"".join(values.tobytes() for values in rows.values())).decode(),
            "tokens": list(self.tokens.labels[first:end]),
            "noun": say(self.tokens.noun),
            "words": _words(),
            "count": len(self.tokens),
            "first": first,
            "step": step,
            "unit": unit,
            "units": self.values["hidden_state"].shape[1],
            "order": np.argsort(-influence, kind="stable").tolist(),
            "telling": self.telling[first:end].tolist(),
            "sentences": [self.sentence(at, unit) for at in range(first, end)],
            "story": list(self.story),
            "backward": self.backward,
            "scales": {name: self._reach(name) for name in rows},
            "palettes": {"signed": SIGNED_COLORS, "gate": GATE_COLORS},
        }

    def _reach(self, name: str) -> dict[str, Any]:
        """Palette and ends of the colour scale of a quantity."""
        if name == INPUT or ":" in name:
            return {"palette": "signed", "reach": float(np.abs(self.values[name]).max()) or 1.0}
        row = quantity(base(name))
        if row.kind is Kind.GATE:
            return {"palette": "gate", "reach": 1.0}
        state = base(name) if base(name) in self.values else name
        return {"palette": "signed", "reach": scale_of(row, self.values[state]).high}


def _words() -> dict[str, str]:
    """What the browser's half itself says."""
    return {
        "cell": say("{name} cell"),
        "size": say("mean size {number}"),
        "opens": say("{name}: show how it is computed"),
        "number": say("{name}, unit {unit}: {number}"),
        "feature": say("{name}, feature {unit}: {number}"),
        "open": say("{name} = {number}: {share}% open"),
        "held": say("held: {name}"),
        "play": say("Play"),
        "pause": say("Pause"),
        "shown": say("{noun} shown"),
        "units": say("Units"),
        "all": say("all units"),
        "unit": say("unit {unit}"),
        "before": say("{noun} before"),
        "next": say("Next {noun}"),
        "save": say("Save this picture as SVG"),
        "stripe": say("units"),
        "gates": say("gates"),
        "closed": say("shut 0"),
        "opened": say("1 open"),
        "widths": say("open valve: open gate; wide line: large flow"),
        "place": say("{noun} {n} of {count}"),
        "mean": say("±: mean size"),
        "signs": say("lines: blue is positive, orange negative"),
        "average": say("mean over units"),
        "at": say("{name} at “{token}”, {which}"),
        "valve": say("valve {name}"),
    }


def standing(circuit: Circuit) -> dict[str, Any]:
    """What a picture shows of a cell whatever it reads, worked out once for each kind and language.

    It is not to be changed.
    """
    key = current(), circuit.cell.convention.equations, circuit.cell.parts
    if key not in _STANDING:
        _STANDING[key] = {
            "layouts": [asdict(lay_out(circuit, wide=wide)) for wide in (True, False)],
            "spoken": {name: spoken(name) for name in circuit.names},
            "written": {name: written(name) for name in circuit.names},
            "equations": equations(circuit),
            "cell": say(circuit.cell.convention.name),
        }
    return _STANDING[key]


_STANDING: dict[tuple[Any, ...], dict[str, Any]] = {}


def equations(circuit: Circuit) -> list[dict[str, str]]:
    """The cell's equations as MathML, each with the quantity that it defines, if the picture shows that."""
    names = {latex_of(name): name for name in circuit.names}
    found = []
    for line in circuit.cell.convention.equations:
        defined = names.get(line.partition("=")[0].strip(), "")
        title = say(quantity(base(defined)).name) if defined else ""
        found.append({"math": to_mathml(line, names), "names": defined, "title": title})
    return found


PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body {{ font-family: system-ui, sans-serif; margin: 1.5rem; max-width: 80rem }} {css}</style></head>
<body><h1 style="font-size: 1.2rem">{title}</h1><p dir="auto">{text}</p><div id="cell" class="cell-diagram"></div>
<script type="module">
{script}
new CellDrawing(document.getElementById("cell")).update({data});
</script></body></html>
"""


def to_page(data: dict[str, Any], title: str, text: str, sources: Sequence[str]) -> str:
    """The picture as one HTML page that steps and plays without a network.

    Args:
        data: of the picture.
        title: heading.
        text: what was read.
        sources: style sheet and script.
    """
    css, script = sources
    told = json.dumps(data).replace("<", "\\u003c")
    return PAGE.format(lang=tag(), title=escape(title), text=escape(text), css=css, script=script, data=told)
