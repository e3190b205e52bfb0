"""What one takes away: a bundle from which the numbers of a figure are computed again, and the script that does it.

input.npz        what was read (core_models.kept_input)
numbers.csv, numbers.npz, figure.html
settings.json    model, checksum of its weights, seed, text, versions
reproduce.py     about ten lines that use gatescope alone and print the same numbers
"""

from __future__ import annotations

import io
import json
import platform
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import torch

from core_models.kept_input import encoded_of, write_input
from core_models.trace import Trace
from pretrained.task import InputError
from pretrained.trained import Trained
from viz.figures.parts.export import to_csv, to_html, to_npz
from viz.view import Figure

SAME = 1e-6
"""Difference up to which numbers are the same."""

OTHER = (
    "# The figure shows this network under edits, with other weights or on shuffled steps; the lines below compute\n"
    "# the network's own numbers on its own input.\n"
)
INPUT = "input"


@dataclass(frozen=True, eq=False)
class Bundle:
    """What a figure was made of.

    Attributes:
        traces: from which its numbers come.
        models: the model of each.
        again: Python that makes the figure's table of ``trace``; empty where only the traces are computed again.
    """

    traces: Sequence[Trace]
    models: Sequence[Trained]
    again: str = ""

    def script(self) -> str:
        """Lines that compute the numbers again and print them; they stand beside ``input.npz`` where that is read."""
        lines = ["import numpy as np", "", "import gatescope as gs", ""]
        for place, (model, trace) in enumerate(zip(self.models, self.traces, strict=True)):
            lines += self._trace_lines(model, trace, self._input(place))
            if self.again:
                lines += [f"table = {self.again}", "print(table.to_csv(index=False))"]
            else:
                lines += [
                    "for site, key in trace:",
                    "    print(site.key, key, np.array2string(trace.array(site, key), threshold=40, precision=7))",
                ]
        if not any("np." in line for line in lines):
            lines = lines[2:]
        return "\n".join(lines) + "\n"

    def _input(self, place: int) -> str:
        return f"{INPUT}-{place + 1}.npz" if len(self.traces) > 1 else f"{INPUT}.npz"

    def _trace_lines(self, model: Trained, trace: Trace, file: str) -> list[str]:
        checksum = str(model.recipe.weights.get("sha256", ""))[:16]
        own = getattr(model.task, "own_file", "")
        if own:
            return [
                f"module = gs.load({own!r})[{model.task.own_module!r}]  # your own file, sha256 {checksum}…",
                f'x = np.load("{file}")["x"]',
                f'trace = gs.trace(module, x, tokens=gs.read_input("{file}").tokens)',
            ]
        given = _as_typed(model, trace)
        read = f"model.encode({given!r})" if given else f'gs.read_input("{file}")'
        return [
            f"model = gs.load({model.recipe.key!r})  # weights: sha256 {checksum}…",
            f"encoded = model.complete({read})",
            "trace = model.trace(encoded)",
        ]

    def is_own(self) -> bool:
        """Whether the models by themselves make these very traces of the inputs."""
        return all(_same(model, trace) for model, trace in zip(self.models, self.traces, strict=True))

    def settings(self) -> dict[str, Any]:
        """What made the numbers."""
        return {
            "models": [
                {
                    "key": model.recipe.key,
                    "title": model.recipe.title,
                    "weights sha256": model.recipe.weights.get("sha256", ""),
                    "seed": model.recipe.training.seed,
                    "architecture": dict(model.recipe.architecture),
                    "input": (trace.sources or trace.tokens).text,
                    "steps": len(trace.sources or trace.tokens),
                }
                for model, trace in zip(self.models, self.traces, strict=True)
            ],
            "numbers": self.again or "every value of the traces",
            "versions": {"gatescope": version("gatescope"), "torch": torch.__version__, "numpy": np.__version__,
                         "python": platform.python_version()},
        }  # fmt: skip

    def pack(self, figure: Figure, numbers: pd.DataFrame, title: str) -> bytes:
        """Everything as one ZIP file."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("reproduce.py", ("" if self.is_own() else OTHER) + self.script())
            file.writestr("settings.json", json.dumps(self.settings(), indent=2, ensure_ascii=False, default=list))
            file.writestr("numbers.csv", to_csv(numbers))
            file.writestr("numbers.npz", to_npz(numbers))
            for place, trace in enumerate(self.traces):
                file.writestr(self._input(place), write_input(trace))
            if isinstance(figure, go.Figure):
                file.writestr("figure.html", to_html(figure, title))
            else:
                file.writestr("figure.vl.json", figure.to_json())
        return packed.getvalue()


def all_numbers(trace: Trace) -> bytes:
    """Every array of a trace as NPZ, by ``site.quantity``."""
    packed = io.BytesIO()
    arrays: dict[str, Any] = {f"{site.key}.{key}": values for (site, key), values in trace.entries.items()}
    np.savez_compressed(packed, **arrays)
    return packed.getvalue()


def _as_typed(model: Trained, trace: Trace) -> str:
    """The text by which the model encodes this very input; "" where it came in a file or is a part of something."""
    text = (trace.sources or trace.tokens).text
    if not text or trace.initial:
        return ""
    try:
        return text if model.encode(text).ids == (trace.sources or trace.tokens).ids else ""
    except InputError:
        return ""


def _same(model: Trained, trace: Trace) -> bool:
    try:
        found = model.trace(encoded_of(trace))
    except (InputError, ValueError, IndexError, RuntimeError):
        return False
    return all(
        address in found
        and found.array(*address).shape == values.shape
        and float(np.abs(found.array(*address) - values).max(initial=0.0)) <= SAME
        for address, values in trace.entries.items()
    )
