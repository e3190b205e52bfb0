"""The file of a model that a visitor opened: what is in it, in words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from torch import nn

from core_models.own.files.hdf5 import unpack
from core_models.own.files.load import CONVERT, PICKLES, Contents, open_model
from core_models.own.traced import OwnError
from core_models.tracing import cell_of
from pretrained.uploads.apart import apart
from pretrained.uploads.limits import MOST_MODEL_MEGABYTES
from pretrained.uploads.name import quoted
from viz.kept import Kept


@dataclass(frozen=True, eq=False)
class Opened:
    """A file.

    Attributes:
        name: of the file.
        contents: what it holds.
        checksum: sha256 of its bytes.
    """

    name: str
    contents: Contents
    checksum: str = ""

    @property
    def names(self) -> dict[str, str]:
        """The recurrences by name, with what is shown of each."""
        return {name: f"{name or 'the recurrence'} ({size(module)})" for name, module in self.modules.items()}

    @property
    def modules(self) -> dict[str, nn.Module]:
        """The recurrences by name."""
        return dict(self.contents.modules)


@dataclass(frozen=True)
class Refused:
    """Why a file was not opened; ``code`` are the lines that make a file that can be."""

    sentence: str
    code: str = ""


OPENED, REFUSED = Kept[Opened]("opened model"), Kept[Refused]("refused model")


def open_file(name: str, content: bytes) -> None:
    """Open a file; what was open stays where it is refused, and why is kept for the page."""
    REFUSED.take()
    if len(content) > MOST_MODEL_MEGABYTES * 1_000_000:
        REFUSED.put(Refused(f"{quoted(name)} has {len(content) / 1e6:,.0f} MB; {MOST_MODEL_MEGABYTES} MB is the most."))
    elif name.lower().endswith(PICKLES):
        REFUSED.put(Refused(
            f"{quoted(name)} is a pickle: opening one can run code hidden in it, so it is not opened. Where you trust "
            "it, load your model yourself and write its weights with these two lines:", CONVERT,
        ))  # fmt: skip
    else:
        try:
            contents = open_model(content, name, apart(unpack, name))
            OPENED.put(Opened(name, contents, hashlib.sha256(content).hexdigest()))
        except OwnError as error:
            REFUSED.put(Refused(f"{error}."))


def size(module: nn.Module) -> str:
    """Inputs, units and layers in a few words."""
    both = ", both directions" if module.bidirectional else ""
    layers = f", {module.num_layers} layers" if module.num_layers != 1 else ""
    return f"{cell_of(module).convention.name}, {module.input_size} → {module.hidden_size}{layers}{both}"


def units(module: nn.Module) -> int:
    """Units of one layer, directions joined."""
    return int(module.hidden_size) * (2 if module.bidirectional else 1)  # type: ignore[arg-type]


def table(modules: dict[str, nn.Module]) -> pd.DataFrame:
    """A row for each recurrence."""
    return pd.DataFrame(
        [
            {
                "recurrence": name or "(no name)",
                "cell": cell_of(module).convention.name,
                "reads": f"{module.input_size} numbers a step",
                "units": str(module.hidden_size),
                "layers": str(module.num_layers),
                "direction": "both" if module.bidirectional else "forward",
                "parameters": f"{sum(values.numel() for values in module.parameters()):,}",
            }
            for name, module in modules.items()
        ]
    )


def describe(module: nn.Module, file: str) -> str:
    """What a recurrence is, and by which convention its weights are read, in sentences."""
    cell = cell_of(module)
    guessed = ""
    if file.lower().endswith((".onnx", ".keras", ".h5", ".hdf5")):
        guessed = " Its weights were put from the file's own order of gates into this one."
    elif cell.convention.key == "rnn":
        guessed = " A file of weights does not say whether it squashes by tanh or ReLU: tanh is taken."
    return f"{cell.convention.note}{guessed}"


def listed(names: Sequence[str]) -> str:
    """Names with commas, the first few of many."""
    return ", ".join(names[:6]) + (f" … ({len(names)} in all)" if len(names) > 6 else "")
