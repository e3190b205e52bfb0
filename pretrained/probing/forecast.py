"""Forecasters are asked about the value here and before, whether it rises, and the calendar.

Windows of one stretch overlap, so probes learn from windows of the training data and are judged by those of dev.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from core_models.encoded import Encoded
from core_models.trace import Tokens
from pretrained.families.forecast.corpus import SeriesCorpus
from pretrained.kinds.forecast import SeriesTask
from pretrained.probing.asked import STEPS, ProbeInput, ProbeInputs, Statement, beyond, bins, chosen, earlier, place


def ask(task: SeriesTask, folder: Path) -> ProbeInputs:
    """See ``pretrained.probing.inputs.inputs_of``."""
    corpus = SeriesCorpus(task, folder)
    learned, unseen = ([_window(corpus, end) for end in _ends(corpus, split)] for split in ("train", "dev"))
    return chosen(_statements(task), learned, unseen)


def _back(task: SeriesTask) -> int:
    return min(task.season, task.window // 2)


def _statements(task: SeriesTask) -> Mapping[str, Statement]:
    high, noun, back = "above the average", task.noun, _back(task)
    return {
        "here": Statement(f"now {high}", "the value itself is so: no memory is needed"),
        "before": Statement(f"{back} {noun}s ago {high}", f"the value {back} {noun}s before was so"),
        "rising": Statement("rising", f"the value is above that of the {noun} before"),
        "day": Statement("between 6 and 18 o’clock", "by the calendar"),
        "year": Statement("between April and September", "by the calendar"),
        "place": place(noun, task.window // 2),
    }


def _ends(corpus: SeriesCorpus, split: str) -> list[int]:
    """Last steps of windows that do not overlap, or that overlap as little as the data allow."""
    ends, window = corpus.ends(split), corpus.task.window
    apart = max(1, len(ends) * window // (2 * STEPS)) if len(ends) < STEPS else window
    return ends[::apart].tolist()


def _window(corpus: SeriesCorpus, end: int) -> ProbeInput:
    task = corpus.task
    steps = slice(end - task.window + 1, end + 1)
    values, when = corpus.windows.read[steps], pd.DatetimeIndex(corpus.frame.index)[steps]
    answers = (values[:, 0] > 0.0).tolist()
    labels = {
        "here": answers,
        "before": earlier(answers, _back(task)),
        "rising": [None, *(np.diff(values[:, 0]) > 0.0).tolist()],
        "day": [6 <= hour < 18 if "day" in task.cycles else None for hour in when.hour],
        "year": [4 <= month <= 9 if "year" in task.cycles else None for month in when.month],
        "place": beyond(task.window, task.window // 2),
    }
    return ProbeInput(Encoded(Tokens.numbered(task.window), values=values), bins(values[:, 0]), labels)
