"""Test every model's attention on unseen sentences: ``python -m pretrained.faithfulness.measure --data FOLDER``.

Sentences are the first COUNT, in an order drawn once, of the treebank's dev sentences with at least LEAST tokens. Only
numbers are kept, never a sentence. A model whose present weights were measured already is passed over.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core_models.encoded import Encoded
from core_models.explain.faithfulness.panel import Faithfulness, Settings, examine
from pretrained.analysis.seeds import attends
from pretrained.data.text.treebank import SHA256, sentences
from pretrained.faithfulness.results import FILE
from pretrained.families.classes.corpus import ClassCorpus
from pretrained.memory.results import write_results
from pretrained.registry import load, recipes
from pretrained.trained import Trained

COUNT, LEAST = 300, 5
SETTINGS = Settings(shuffles=100, most=1, draws=20)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status."""
    from tqdm import tqdm

    parser = argparse.ArgumentParser(prog="python -m pretrained.faithfulness.measure", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds sst2 and uci_sentences")
    parser.add_argument("--count", type=int, default=COUNT, help="sentences")
    parser.add_argument("--out", type=Path, default=FILE)
    asked = parser.parse_args(arguments)
    held = json.loads(asked.out.read_text(encoding="utf-8")) if asked.out.is_file() else {"settings": {}, "rows": []}
    settings = describe(asked.count)
    done = {row["model"]: row for row in held["rows"] if held["settings"] == settings}
    for key in recipes("sentiment"):
        model = load(key)
        if done.get(key, {}).get("sha256") == model.recipe.weights["sha256"] or not attends(model.recipe.architecture):
            continue
        ClassCorpus(model.task, asked.data).verify()
        texts = tqdm(choose(model, asked.data, asked.count), desc=key, unit=" sentences")
        done[key] = measure(model, texts)
        rows = [done[known] for known in recipes("sentiment") if known in done]
        write_results(asked.out, settings, rows)
    return 0


def describe(count: int) -> dict[str, Any]:
    """Everything that the numbers depend on besides the weights."""
    return {"data": "sst2/dev.tsv", "sha256": SHA256["sst2/dev.tsv"], "sentences": count, "tokens_from": LEAST,
            "shuffles": SETTINGS.shuffles, "draws": SETTINGS.draws, "starts": SETTINGS.starts,
            "steps": SETTINGS.steps, "seed": SETTINGS.seed}  # fmt: skip


def choose(model: Trained, folder: Path, count: int) -> list[Encoded]:
    """The sentences, the same ones for every model."""
    texts = [text for text, _ in sentences(folder, "sst2/dev.tsv")]
    order = torch.randperm(len(texts), generator=torch.Generator().manual_seed(SETTINGS.seed)).tolist()
    read = (model.encode(texts[place]) for place in order)
    return [encoded for encoded in read if len(encoded) >= LEAST][:count]


def measure(model: Trained, texts: Iterable[Encoded]) -> dict[str, Any]:
    """One row of the results, about the output that is drawn for each sentence."""
    rows = []
    for encoded in texts:
        outputs = model.outputs(encoded, model.trace(encoded))
        rows.append(summarize(examine(outputs, outputs.known[outputs.telling].target, SETTINGS)))
    values = {name: [_number(row[name]) for row in rows] for name in rows[0]}
    return {"model": model.recipe.key, "sha256": model.recipe.weights["sha256"], "values": values}


def summarize(found: Faithfulness) -> dict[str, float]:
    """What is kept of one sentence; see ``pretrained.faithfulness.results.MEASURES``."""
    return {
        "uniform": abs(found.uniform - found.answer),
        "shuffled": float(np.median(np.abs(found.shuffled - found.answer))),
        "muted_top": abs(float(found.muted.top[0]) - found.answer),
        "muted_random": float(np.abs(found.muted.random[0] - found.answer).mean()),
        "removed_top": abs(float(found.removed.top[0]) - found.answer),
        "removed_random": float(np.abs(found.removed.random[0] - found.answer).mean()),
        "agreement": found.agreement,
        "gradient_agreement": found.gradient_agreement,
        "reference_agreement": found.reference_agreement,
        "divergence": found.divergence,
    }


def _number(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None


if __name__ == "__main__":
    sys.exit(main())
