"""Run the race: ``python -m pretrained.memory.race [--tasks recall,adding,reber] [--cells …] [--lags …] [--seeds …]``.

Every combination that the results do not hold yet is trained, with a progress bar; an interrupted race goes on where it
stopped. A run depends on its task, cell, lag and seed only, so that the order does not matter. The networks that the
page runs live are written beside the results.
"""

from __future__ import annotations

import argparse
import json
from itertools import product
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from tqdm import tqdm

from pretrained.memory import continual, live, recall, training
from pretrained.memory.architectures import CELLS, STREAM_CELLS
from pretrained.memory.network import MemoryNetwork
from pretrained.memory.results import RESULTS, ResultsError, results_path, write_results
from pretrained.memory.training import LAGS, SEEDS, SETTINGS, TASKS, Settings
from pretrained.shipped import record


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m pretrained.memory.race", description="Train what is missing.")
    parser.add_argument("--tasks", default="recall,adding,reber,other_lags")
    parser.add_argument("--cells", default=",".join(CELLS))
    parser.add_argument("--lags", help="all of the task's if not given")
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # vanishing gradients are slow to multiply
    seeds = [int(part) for part in given.seeds.split(",")]
    try:
        for task in given.tasks.split(","):
            if task == "reber":
                race_on_streams(seeds, continual.Settings())
            if task == "other_lags":
                ask_at_other_lags()
            if task not in TASKS:
                continue
            lags = [int(part) for part in given.lags.split(",")] if given.lags else list(LAGS[task])
            race(task, given.cells.split(","), lags, seeds, SETTINGS[task])
    except (ResultsError, ValueError, KeyError) as error:
        parser.error(str(error))


def race(
    task: str, cells: list[str], lags: list[int], seeds: list[int], settings: Settings, folder: Path = RESULTS
) -> None:
    """Train every (cell, lag, seed) of a task that its results file lacks, and add it there.

    Raises:
        ResultsError: if the file was made with other settings.
    """
    path, record = results_path(task, folder), training.settings_record(settings)
    rows = read_rows(path, record)
    done = {(row["cell"], row["lag"], row["seed"]) for row in rows}
    missing = [(c, lag, seed) for lag, seed, c in product(lags, seeds, cells) if (c, lag, seed) not in done]
    bar = tqdm(missing, desc=task)
    for cell, lag, seed in bar:
        bar.set_postfix_str(f"{cell}, lag {lag}, seed {seed}")
        row, network = training.run(task, cell, lag, seed, settings)
        if (task, lag, seed) == ("recall", live.LAG, live.SEED) and folder == RESULTS:
            keep(network, cell)
        rows.append(row)
        rows.sort(key=lambda r: (list(CELLS).index(r["cell"]), r["lag"], r["seed"]))
        write_results(path, record, rows)


def race_on_streams(seeds: list[int], settings: continual.Settings) -> None:
    """Train every (learning rate, LSTM, seed) on Reber streams that the results file lacks, and add it there.

    Raises:
        ResultsError: if the file was made with other settings.
    """
    path, record = results_path("reber"), continual.settings_record(settings)
    rows = read_rows(path, record)
    done = {(row["cell"], row["learning_rate"], row["seed"]) for row in rows}
    wanted = [(key, rate, seed) for seed, rate, key in product(seeds, continual.RATES, STREAM_CELLS)]
    for key, rate, seed in tqdm([run for run in wanted if run not in done], desc="reber"):
        rows.append(continual.run(key, rate, seed, settings))
        rows.sort(key=lambda r: (list(STREAM_CELLS).index(r["cell"]), -r["learning_rate"], r["seed"]))
        write_results(path, record, rows)


OTHER_LAGS = {"trained_on": live.LAG, "longest": 400, "draws": 10, "sequences": 10 * recall.SYMBOLS}


def ask_at_other_lags() -> None:
    """Ask the kept recall networks at every lag, also those they were not trained on; a file of its own."""
    rows = [
        {"cell": cell, "right": live.share_right(cell, OTHER_LAGS["longest"], OTHER_LAGS["draws"]).round(4).tolist()}
        for cell in tqdm(CELLS, desc="other lags")
    ]
    write_results(results_path("other_lags"), OTHER_LAGS, rows)


def read_rows(path: Path, record: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows that a results file holds so far.

    Raises:
        ResultsError: if it was made with other settings than ``record``.
    """
    if not path.is_file():
        return []
    found = json.loads(path.read_text(encoding="utf-8"))
    if found["settings"] != json.loads(json.dumps(record)):
        raise ResultsError(f"{path}: expected results of today's settings; move the file away to begin anew")
    return found["rows"]


def keep(network: MemoryNetwork, cell: str) -> None:
    """Write the weights of a network that the page runs live."""
    live.WEIGHTS.mkdir(exist_ok=True)
    tensors = {name: value.contiguous() for name, value in network.state_dict().items()}
    live.weights_path(cell).write_bytes(save(tensors))
    record(live.weights_path(cell))


if __name__ == "__main__":
    main()
