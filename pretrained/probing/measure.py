"""Probe the shipped models on unseen data: ``python -m pretrained.probing.measure MODEL ... --data FOLDER``."""

from __future__ import annotations

import argparse
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core_models.explain.probing.probes import Probe, fit_probe
from pretrained.probing.asked import ProbeInput, ProbeInputs
from pretrained.probing.inputs import inputs_of
from pretrained.probing.results import Probed, Probes, save
from pretrained.registry import every_recipe, load
from pretrained.train import DATA_VARIABLE
from pretrained.trained import Trained
from pretrained.training.untrained import untrained

AT_ONCE = 64
"""Inputs that are read in one call."""

Bits = NDArray[np.bool_]


@dataclass(frozen=True)
class _Read:
    """What a network holds at every step of some inputs, ``[step, unit]`` and ``[step, feature]``."""

    states: NDArray[np.float32]
    embeddings: NDArray[np.float32]


def probe_all(model: Trained, asked: ProbeInputs) -> Probes:
    """The probe of every statement on the states that the model's heads, or its decoder, read."""
    parts = asked.learned, asked.unseen
    trained, fresh = ([_read(one, part) for part in parts] for one in (model, untrained(model.recipe.key)))
    found = {key: _probe(asked, key, trained, fresh) for key in asked.statements}
    return Probes(len(asked.learned), found)


def _probe(asked: ProbeInputs, key: str, trained: Sequence[_Read], fresh: Sequence[_Read]) -> Probed:
    (at, labels), (at_there, there) = _labels(asked.learned, key), _labels(asked.unseen, key)
    drawn, drawn_there = _drawn(asked.learned, key)[at], _drawn(asked.unseen, key)[at_there]

    def fit(read: Sequence[NDArray[np.float32]], right: Bits, right_there: Bits) -> tuple[Probe, float]:
        probe = fit_probe(read[0][at], right)
        return probe, probe.accuracy(read[1][at_there], right_there)

    states = [one.states for one in trained]
    probe, accuracy = fit(states, labels, there)
    return Probed(
        said=asked.statements[key],
        accuracy=accuracy,
        control=fit(states, drawn, drawn_there)[1],
        untrained=fit([one.states for one in fresh], labels, there)[1],
        alone=fit([one.embeddings for one in trained], labels, there)[1],
        majority=float(max(there.mean(), 1.0 - there.mean())),
        count=len(there),
        probe=probe,
    )


def _labels(found: Sequence[ProbeInput], key: str) -> tuple[Bits, Bits]:
    """Which steps are asked about, of all, and the answers for those."""
    values = [value for item in found for value in item.labels[key]]
    asked = np.array([value is not None for value in values])
    return asked, np.array([bool(value) for value in values])[asked]


def _drawn(found: Sequence[ProbeInput], key: str) -> Bits:
    """The control task's label of every step: a bit drawn once for its type."""
    types = [one for item in found for one in item.types]
    return np.array([zlib.crc32(f"{key}/{one}".encode()) & 1 for one in types], dtype=bool)


@torch.no_grad()
def _read(model: Trained, found: Sequence[ProbeInput]) -> _Read:
    """The states that are read out, directions joined, and the embeddings at every step, input after input."""
    network, states, embeddings = model.network, [], []
    for start in range(0, len(found), AT_ONCE):
        content, lengths = model.padded([item.encoded for item in found[start : start + AT_ONCE]])
        x = network.input.embed(content)
        inside = (torch.arange(x.shape[1])[None] < lengths[:, None]).to(model.device)
        states.append(network.recur(x, lengths)[0][inside].float().cpu())
        embeddings.append(x[inside].float().cpu())
    return _Read(torch.cat(states).numpy(), torch.cat(embeddings).numpy())


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m pretrained.probing.measure", description=__doc__)
    parser.add_argument("models", nargs="*", help="all if none is named")
    parser.add_argument("--data", type=Path, default=os.environ.get(DATA_VARIABLE), help=f"or ${DATA_VARIABLE}")
    given = parser.parse_args()
    if given.data is None:
        parser.error(f"give the folder of the data by --data or ${DATA_VARIABLE}")
    for key in given.models or every_recipe():
        model = load(key, torch.device("cpu"))
        save(model.recipe, probe_all(model, inputs_of(model.task, Path(given.data))))


if __name__ == "__main__":
    main()
