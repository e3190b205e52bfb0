"""What one takes away: a bundle from which the numbers of a figure are computed again, and the script that does it.

A model of one's own comes with it where its file is small; else the script takes the path of the file, and names its
checksum.

model.…          the file of a person's own model, by its own ending
input.npz        what was read (core_models.kept_input)
numbers.csv, numbers.npz, figure.html
settings.json    model, checksum of its weights, seed, text, versions
reproduce.py     about ten lines that use gatescope alone and print the same numbers
"""

from __future__ import annotations

import io
import json
import platform
import shlex
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import PurePath
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

    def script(self, *, packed: bool = False) -> str:
        """Lines that compute the numbers again and print them; they stand beside ``input.npz`` where that is read.

        Args:
            packed: whether a model of one's own is read from the bundle, or from the path that the script is given.
        """
        lines = ["import numpy as np", "", "import gatescope as gs", ""]
        for place, (model, trace) in enumerate(zip(self.models, self.traces, strict=True)):
            lines += self._trace_lines(model, trace, place, packed=packed)
            if self.again:
                lines += [f"table = {self.again}", "print(table.to_csv(index=False))"]
            else:
                lines += [
                    "for site, key in trace:",
                    "    print(site.key, key, np.array2string(trace.array(site, key), threshold=40, precision=7))",
                ]
        if not any("np." in line for line in lines):
            lines = lines[2:]
        if any("sys." in line for line in lines):
            lines = ["import sys", "", *lines]
        return "\n".join(lines) + "\n"

    def _input(self, place: int) -> str:
        return f"{INPUT}-{place + 1}.npz" if len(self.traces) > 1 else f"{INPUT}.npz"

    def _model(self, place: int) -> str:
        """Name in the bundle of the file of a person's own model; empty where the bundle holds none."""
        task = self.models[place].task
        number = f"-{place + 1}" if len(self.models) > 1 else ""
        ending = PurePath(getattr(task, "own_file", "")).suffix.lower()
        return f"model{number}{ending}" if getattr(task, "own_content", b"") else ""

    def _trace_lines(self, model: Trained, trace: Trace, place: int, *, packed: bool) -> list[str]:
        checksum, file = str(model.recipe.weights.get("sha256", ""))[:16], self._input(place)
        own = getattr(model.task, "own_file", "")
        if own:
            path, said = repr(own), "your own file"
            if packed:
                path, said = repr(self._model(place)), own
                if not self._model(place):
                    path, said = f"sys.argv[{place + 1}]", f"python reproduce.py {shlex.quote(own)}"
            said = " ".join(said.split())
            return [
                f"module = gs.load({path})[{model.task.own_module!r}]  # {said}, sha256 {checksum}…",
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
            file.writestr("reproduce.py", ("" if self.is_own() else OTHER) + self.script(packed=True))
            file.writestr("settings.json", json.dumps(self.settings(), indent=2, ensure_ascii=False, default=list))
            file.writestr("numbers.csv", to_csv(numbers))
            file.writestr("numbers.npz", to_npz(numbers))
            for place, (model, trace) in enumerate(zip(self.models, self.traces, strict=True)):
                file.writestr(self._input(place), write_input(trace))
                if self._model(place):
                    file.writestr(self._model(place), model.task.own_content)
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
