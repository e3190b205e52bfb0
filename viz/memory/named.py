"""What the columns of the measured runs are called on screen; in files they keep the names of the results."""

from __future__ import annotations

import pandas as pd

from core_models.language import mark, say

COLUMNS = {
    "cell": mark("network"), "lag": mark("lag"), "seed": mark("seed"), "hidden": mark("units"), "units": mark("units"),
    "parameters": mark("parameters"), "learning_rate": mark("learning rate"), "steps": mark("training steps"),
    "solved": mark("solved after"), "skipped": mark("skipped steps"), "accuracy": mark("accuracy"),
    "mse": mark("mean square error"), "seconds": mark("seconds"), "torch": mark("version of PyTorch"),
    "runs": mark("runs"), "legal": mark("possible symbols"), "outer": mark("remembered symbols right"),
    "asked": mark("symbols asked"),
}  # fmt: skip


def named(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its columns, and its rows' heading, as they are called on screen, and each network by its name."""
    shown = table.rename(columns={name: say(title) for name, title in COLUMNS.items()})
    cells = say(COLUMNS["cell"])
    if cells in shown:
        shown[cells] = [say(cell) for cell in shown[cells]]
    heading = str(shown.index.name)
    if heading in COLUMNS:
        shown.index = pd.Index([say(cell) for cell in shown.index], name=say(COLUMNS[heading]))
    return shown
