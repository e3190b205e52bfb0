"""What the units of a language model follow, on unseen text.

    python -m pretrained.analysis.unit_selectivity MODEL --data FOLDER

The text is the beginning of the dev split; what is found is written to ``followed/MODEL.json`` beside the recipes, and
tied to the weights by their checksum.
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core_models.explain.probing.text_properties import PROPERTIES, telling
from core_models.explain.probing.unit_selectivity import Columns, Follower, ProbeScores, one_hot, probe
from core_models.tracing import replay
from core_models.vocabulary import Kind, quantity
from pretrained.recipe import FOLDER
from pretrained.shipped import is_listed, read_json, record, understood
from pretrained.trained import Trained

FOLLOWED = FOLDER / "followed"
CHARACTERS = 16_000
"""Characters of the dev split that are read."""


@dataclass(frozen=True)
class Followed:
    """What was found for one property.

    Attributes:
        rate: mean of the property over the text.
        units: the best units by quantity key and number, with their scores on text they were not picked on.
        luck: what the same search reaches for labels that have nothing to do with the text.
        probe: scores of the linear probes.
    """

    rate: float
    units: tuple[tuple[str, Follower], ...]
    luck: float
    probe: ProbeScores


def states_on(model: Trained, text: str) -> dict[str, np.ndarray]:
    """Every state of the last layer after each character of a text, ``[character, unit]``, by quantity key."""
    x = model.network.input.embed(torch.tensor(model.task.ids(text), device=model.device))
    values = replay(model.network.rnn, x)
    last = max(site for site, _ in values)
    found = {key: value for (site, key), value in values.items() if site == last and quantity(key).kind is Kind.STATE}
    return {key: value.cpu().numpy().astype(np.float64) for key, value in found.items()}


def search(states: dict[str, np.ndarray], text: str, *, probing: bool = True) -> dict[str, Followed]:
    """The units that follow each property that varies in both halves of a text, by key of the property.

    Args:
        states: ``[character, unit]`` by quantity key.
        text: the characters.
        probing: whether probes are fitted; a short text cannot teach them anything, and their scores are 0 then.
    """
    keys, units = list(states), next(iter(states.values())).shape[1]
    columns = Columns(np.concatenate([states[key] for key in keys], axis=1))
    alone, found = one_hot(text) if probing else columns, {}
    for row in PROPERTIES:
        labels = row.compute(text)
        if telling(row, labels[: columns.middle]) and telling(row, labels[columns.middle :]):
            best = columns.best(labels, row.binary)
            named = tuple((keys[f.unit // units], Follower(f.unit % units, f.score, f.sign)) for f in best)
            probes = probe(columns, alone, text, labels, row.binary) if probing else ProbeScores(0.0, 0.0, 0.0)
            found[row.key] = Followed(float(labels.mean()), named, columns.luck(labels, row.binary), probes)
    return found


@cache
def load(key: str, checksum: str) -> dict[str, Followed]:
    """What was measured for the model named ``key``; nothing if it was not, or with other weights.

    Raises:
        ModelError: if the file of the results is missing or damaged.
    """
    path = FOLLOWED / f"{key}.json"
    if not (path.is_file() or is_listed(path)):
        return {}
    with understood(path, LookupError, TypeError, AttributeError):
        table = read_json(path)
        if table["weights"] != checksum:
            return {}
        return {name: _read(row) for name, row in table["properties"].items()}


def _read(row: dict[str, Any]) -> Followed:
    units = tuple((key, Follower(**follower)) for key, follower in row["units"])
    return Followed(row["rate"], units, row["luck"], ProbeScores(**row["probe"]))


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return round(value, 4) if isinstance(value, float) else value


def main() -> None:
    """Command line."""
    from pretrained import registry
    from pretrained.train import DATA_VARIABLE

    parser = argparse.ArgumentParser(description="Measure what units follow.")
    parser.add_argument("model", choices=list(registry.recipes("write")))
    parser.add_argument("--data", type=Path, default=os.environ.get(DATA_VARIABLE), help=f"or ${DATA_VARIABLE}")
    given = parser.parse_args()
    if given.data is None:
        parser.error(f"give the folder of the data by --data or ${DATA_VARIABLE}")
    model = registry.load(given.model, torch.device("cpu"))
    task = model.task
    text = (task.start + "".join(part + task.start for part in task.documents(Path(given.data), "dev")))[:CHARACTERS]
    found = {key: _rounded(asdict(row)) for key, row in search(states_on(model, text), text).items()}
    FOLLOWED.mkdir(exist_ok=True)
    table = {"weights": model.recipe.weights["sha256"], "characters": len(text), "properties": found}
    path = FOLLOWED / f"{given.model}.json"
    path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    record(path)


if __name__ == "__main__":
    main()
