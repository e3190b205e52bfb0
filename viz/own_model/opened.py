"""The file of a model that a visitor opened: what is in it, in words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from torch import nn

from core_models.language import mark, say, together
from core_models.own.begun import begins
from core_models.own.files.load import CONVERT, INDEX, KERAS, PICKLES, Contents, open_model
from core_models.own.files.protobuf import Beside, alone
from core_models.own.traced import OwnError
from core_models.tracing import cell_of
from pretrained.uploads.apart import apart
from pretrained.uploads.limits import MOST_MODEL_MEGABYTES
from pretrained.uploads.name import quoted
from viz.kept import Kept
from viz.own_model.unpacking import unpack_given


@dataclass(frozen=True, eq=False)
class Opened:
    """A file.

    Attributes:
        name: of the file.
        contents: what it holds.
        checksum: sha256 of its bytes, and of those of the files beside it that were read.
        content: its bytes; empty where they are too many, or not all of the model.
    """

    name: str
    contents: Contents
    checksum: str = ""
    content: bytes = b""

    @property
    def names(self) -> dict[str, str]:
        """The recurrences by name, with what is shown of each."""
        return {name: f"{name or say('the only layer')} ({size(module)})" for name, module in self.modules.items()}

    @property
    def modules(self) -> dict[str, nn.Module]:
        """The recurrences by name."""
        return dict(self.contents.modules)


@dataclass(frozen=True)
class Refused:
    """Why a file was not opened; ``code`` are the lines that make a file that can be."""

    sentence: str
    code: str = ""


MOST_KEPT = 5_000_000
"""Bytes of a file at most that is kept as it is, so that what a person takes away can hold it."""

OPENED, REFUSED = Kept[Opened]("opened model"), Kept[Refused]("refused model")


def open_file(name: str, content: bytes, beside: Beside = alone) -> bool:
    """Open a file, and say whether that was done; what was open stays where not, and why is kept for the page.

    Args:
        name: of the file.
        content: its bytes.
        beside: reads a file that belongs to it, by its name.
    """
    REFUSED.take()
    if len(content) > MOST_MODEL_MEGABYTES * 1_000_000:
        REFUSED.put(Refused(say("{file} has {size:,.0f} MB; {most} MB is the most.", file=quoted(name),
                                size=len(content) / 1e6, most=MOST_MODEL_MEGABYTES)))  # fmt: skip
    elif name.lower().endswith(PICKLES):
        REFUSED.put(Refused(say(
            "{file} is a pickle: opening one can run code hidden in it, so it is not opened. Where you trust it, load "
            "your model yourself and write its weights with these two lines:", file=quoted(name),
        ), CONVERT))  # fmt: skip
    else:
        try:
            read = [content]
            contents = open_model(content, name, apart(unpack_given, name), _bounded(beside, read))
            kept = content if len(content) <= MOST_KEPT and len(read) == 1 else b""
            OPENED.put(Opened(name, contents, hashlib.sha256(b"".join(read)).hexdigest(), kept))
            return True
        except OwnError as error:
            if name.lower().endswith((".onnx", INDEX, *KERAS)):
                REFUSED.put(Refused(say("{sentence}.", sentence=error)))
            else:
                REFUSED.put(Refused(say("{sentence}. PyTorch writes a file that can be read with these two lines:",
                                        sentence=error), CONVERT))  # fmt: skip
    return False


def _bounded(beside: Beside, read: list[bytes]) -> Beside:
    """Reads files that belong to a model, and notes each of them once; all together are no more than one may be."""
    seen: dict[str, bytes] = {}

    def one(name: str) -> bytes:
        if name not in seen:
            seen[name] = beside(name)
            read.append(seen[name])
        if sum(map(len, read)) > MOST_MODEL_MEGABYTES * 1_000_000:
            raise ValueError(say("its files have more than {most} MB together", most=MOST_MODEL_MEGABYTES))
        return seen[name]

    return one


def open_files(files: Mapping[str, bytes]) -> bool:
    """Open the last of several files, or the model that it is a part of; see ``open_file``.

    Args:
        files: by name, in the order in which they were given.
    """
    (*_, name) = files
    if not name.lower().endswith((".onnx", INDEX, *KERAS)):
        spelt = name.encode(), json.dumps(name)[1:-1].encode()
        wholes = (other for other in files if other.lower().endswith((".onnx", INDEX)))
        name = next((other for other in wholes if any(part in files[other] for part in spelt)), name)

    def beside(other: str) -> bytes:
        return files[other] if other in files else alone(other)

    return open_file(name, files[name], beside)


def size(module: nn.Module) -> str:
    """Inputs, units and layers in a few words."""
    said = f"{cell_of(module).convention.name}, {module.input_size} → {module.hidden_size}"
    if module.num_layers != 1:
        said = say("{layer}, {n} layers", layer=said, n=module.num_layers)
    return say("{layer}, both directions", layer=said) if module.bidirectional else said


def units(module: nn.Module) -> int:
    """Units of one layer, directions joined."""
    return int(module.hidden_size) * (2 if module.bidirectional else 1)  # type: ignore[arg-type]  # a number of every recurrence


def table(modules: dict[str, nn.Module]) -> pd.DataFrame:
    """A row for each recurrence."""
    return pd.DataFrame(
        [
            {
                mark("layer"): name or say("(no name)"),
                mark("cell"): cell_of(module).convention.name,
                mark("inputs"): str(module.input_size),
                mark("units"): str(module.hidden_size),
                mark("depth"): str(module.num_layers),
                mark("direction"): say("both") if module.bidirectional else say("forward"),
                mark("parameters"): f"{sum(values.numel() for values in module.parameters()):,}",
            }
            for name, module in modules.items()
        ]
    )


def describe(module: nn.Module, opened: Opened) -> str:
    """What a recurrence is, and by which convention its weights are read, in sentences."""
    said = [say(cell_of(module).convention.note)]
    if opened.name.lower().endswith((".onnx", *KERAS)):
        said.append(say("The file orders its gates in another way; they were converted."))
    if not opened.contents.whole and (opened.name.lower().endswith(KERAS) or isinstance(module, nn.RNN)):
        said.append(
            say("A file of weights alone does not say by which functions a layer squashes; the usual are assumed.")
        )
    if opened.contents.rounded:
        said.append(
            say(
                "Its weights are stored in 8 bits and are shown as the numbers that they stand for. The original also "
                "rounds what it reads at every step, so that its states may differ from these by a few thousandths."
            )
        )
    if begins(module) is not None:
        said.append(say("It begins from a state that it has learnt, not from zeros."))
    return together(*said)
