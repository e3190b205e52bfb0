"""``python -m pretrained.data.scales TASK FOLDER``: write down what standardises a series, and cut its examples.

Mean and standard deviation of every channel come from the training split alone.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pretrained.kinds.forecast import SeriesTask
from pretrained.shipped import record
from pretrained.uploads.series.likeness import FEWEST, likeness_of


def scale_of(task: SeriesTask, frame: pd.DataFrame) -> dict[str, list[float]]:
    """What the training data were like.

    Mean and standard deviation of every channel before dev; of the series that is forecast how low and high it went,
    and what its values were like (``pretrained.uploads.series.likeness``).
    """
    training: Any = frame[frame.index < task.splits[0]]
    columns = [np.log1p(training[channel.key]) if channel.log else training[channel.key] for channel in task.channels]
    mean, sd = [float(column.mean()) for column in columns], [float(column.std(ddof=0)) for column in columns]
    own = (columns[0] - mean[0]) / sd[0]
    like = likeness_of(training[task.channels[0].key], task.season)
    if like is None:
        raise ValueError(f"{task.key}: expected {FEWEST} values that differ")
    return {
        "mean": mean, "sd": sd, "range": [float(own.min()), float(own.max())],
        "quantiles": list(like.quantiles), "roughness": [like.roughness], "turning": [like.turning],
        "rhythm": [like.rhythm],
    }  # fmt: skip


def excerpt_of(task: SeriesTask, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that the examples need, in their own units."""
    wanted = np.zeros(len(frame), dtype=bool)
    for example in task.examples:
        wanted |= (frame.index >= example.begin) & (frame.index <= pd.Timestamp(example.end))
    return pd.DataFrame(frame.loc[wanted, [channel.key for channel in task.channels]])


def main() -> None:
    """Command line."""
    from pretrained.tasks import TASKS

    task: Any = next(task for task in TASKS if task.key == sys.argv[1])
    if isinstance(task, SeriesTask):
        frame = task.load(Path(sys.argv[2]))
        scale, excerpt = task.file.with_suffix(".scale.json"), task.file.with_suffix(".examples.csv")
        scale.write_text(json.dumps(scale_of(task, frame)) + "\n", encoding="utf-8")
        record(scale)
        if task.example_frame is None:
            excerpt_of(task, frame).to_csv(excerpt)
            record(excerpt)


if __name__ == "__main__":
    main()
