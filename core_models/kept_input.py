"""An input of a network as a file, so that it can be read again elsewhere: NPZ, without anything that runs code.

content = write_input(trace)             what was read, from the trace that came of it
encoded = read_input("input.npz")        the same input, for model.trace
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core_models.encoded import Encoded, State
from core_models.heads.forecast import FORECAST, STRETCH
from core_models.inputs import INPUTS
from core_models.trace import Tokens, Trace


def encoded_of(trace: Trace) -> Encoded:
    """What was read, and where something is written, that too."""
    read = trace.sources or trace.tokens
    values = next((trace.array(*layer.address) for layer in INPUTS if layer.address in trace and not read.ids), None)
    stretch = torch.tensor(trace.array(FORECAST, STRETCH)) if (FORECAST, STRETCH) in trace else None
    return Encoded(read, (), values, _state(trace), stretch, trace.tokens if trace.sources else None)


def _state(trace: Trace) -> State:
    """The state before the first step, as a recurrence takes it."""
    keys = dict.fromkeys(key for _, key in trace.initial)
    parts = [[torch.tensor(value) for (_, own), value in trace.initial.items() if own == key] for key in keys]
    stacked = tuple(torch.stack(part) for part in parts)
    return None if not stacked else stacked[0] if len(stacked) == 1 else stacked


def write_input(trace: Trace) -> bytes:
    """The file. Beside what ``read_input`` takes it holds ``x``, the embedded steps ``[step, feature]``."""
    encoded = encoded_of(trace)
    held: dict[str, Any] = _written("", encoded.tokens)
    if encoded.values is not None:
        held["values"] = encoded.values
    if encoded.stretch is not None:
        held["stretch"] = encoded.stretch.numpy()
    if encoded.written is not None:
        held |= _written("written_", encoded.written)
    states = () if encoded.state is None else encoded.state
    for place, part in enumerate(states if isinstance(states, tuple) else (states,)):
        held[f"state_{place}"] = part.numpy()
    address = next((layer.address for layer in INPUTS if layer.address in trace), None)
    if address:
        held["x"] = trace.array(*address)
    content = io.BytesIO()
    np.savez_compressed(content, **held)
    return content.getvalue()


def _written(name: str, tokens: Tokens) -> dict[str, Any]:
    return {
        f"{name}labels": np.array(tokens.labels, dtype=str),
        f"{name}text": np.array(tokens.text),
        f"{name}noun": np.array(tokens.noun),
        f"{name}spans": np.array(tokens.spans, dtype=np.int64).reshape(-1, 2),
        f"{name}known": np.array(tokens.known, dtype=bool),
        f"{name}ids": np.array(tokens.ids, dtype=np.int64),
    }


def read_input(path: str | Path) -> Encoded:
    """The input in a file that ``write_input`` made.

    Raises:
        OSError, ValueError, KeyError: if it cannot be read, or is no such file.
    """
    with np.load(Path(path), allow_pickle=False) as held:
        states = [torch.from_numpy(held[name]) for name in ("state_0", "state_1") if name in held]
        return Encoded(
            _read("", held),
            values=held.get("values"),
            state=None if not states else states[0] if len(states) == 1 else tuple(states),
            stretch=torch.from_numpy(held["stretch"]) if "stretch" in held else None,
            written=_read("written_", held) if "written_labels" in held else None,
        )


def _read(name: str, held: Any) -> Tokens:
    ids = held[f"{name}ids"]
    return Tokens(
        tuple(held[f"{name}labels"].tolist()),
        str(held[f"{name}text"]),
        tuple((start, end) for start, end in held[f"{name}spans"].tolist()),
        tuple(held[f"{name}known"].tolist()),
        str(held[f"{name}noun"]),
        tuple(map(tuple, ids.tolist())) if ids.ndim == 2 else tuple(ids.tolist()),
    )
