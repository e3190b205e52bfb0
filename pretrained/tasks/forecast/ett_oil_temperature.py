"""The oil temperature of an electricity transformer, a day ahead: the benchmark ETTh1, its last column alone.

The data may be passed on unchanged only, so that no excerpt of it is shipped: the examples are made by ``imitate``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from core_models.language import mark
from pretrained.data.calendar import HOUR
from pretrained.kinds.forecast import Channel, SeriesExample, SeriesTask

FILE = "ett_h1/ETTh1.csv.gz"


def load(folder: Path) -> pd.DataFrame:
    """Every hour from July 2016 to June 2018."""
    table = pd.read_csv(folder / FILE, index_col="date", parse_dates=True)
    return pd.DataFrame(table[["OT"]].asfreq("h"))


@cache
def imitate() -> pd.DataFrame:
    """Hours that move as an oil temperature does: a daily rhythm, a slow drift, noise; no value comes from the data."""
    draw = np.random.default_rng(5)
    hours = np.arange(24 * 40)
    slow = 8.0 + 3.0 * np.sin(2 * np.pi * hours / (24 * 17)) + np.cumsum(draw.normal(0.0, 0.12, len(hours)))
    daily = 2.2 * np.sin(2 * np.pi * (hours % 24 - 10) / 24) * (1.0 + 0.3 * np.sin(2 * np.pi * hours / (24 * 9)))
    noise = np.zeros(len(hours))
    for hour in hours[1:]:
        noise[hour] = 0.7 * noise[hour - 1] + draw.normal(0.0, 0.35)
    sudden = 6.0 * np.exp(-((hours - 24 * 26) ** 2) / 18.0)
    values = np.round(slow + daily + noise + sudden, 3)
    return pd.DataFrame({"OT": values}, index=pd.date_range("2018-03-01", periods=len(hours), freq="h"))


DATA = {
    "name": "ETTh1, oil temperature of an electricity transformer, hourly, July 2016 to June 2018",
    "source": "https://github.com/zhouhaoyi/ETDataset",
    "copy": "github.com/zhouhaoyi/ETDataset at 1d16c8f4f943005d613b5bc962e9eeb06058cf07, ETT-small/ETTh1.csv",
    "licence": "CC BY-ND 4.0: the weights are shipped, the data and parts of it never are; examples are made by a "
    "formula",
    "citation": "Zhou et al. 2021, Informer: Beyond efficient transformer for long sequence time-series forecasting, "
    "AAAI; published figures from its table of univariate results",
    "limits": "One transformer; the oil temperature alone, with the literature's split into 12, 4 and 4 months. The "
    "published recurrent figures lose to repeating the last value; a ridge regression on the same week is nearly "
    "as good as this network (0.0273).",
}
"""What the networks learn from."""

ETT_OIL_TEMPERATURE = SeriesTask(
    key="ett-oil-temperature",
    title=mark("Oil temperature of a transformer, 24 hours ahead"),
    data=DATA,
    step=HOUR,
    channels=(Channel("OT", mark("oil temperature"), "°C"),),
    cycles=("day",),
    window=168,
    horizon=24,
    scored=tuple(range(1, 25)),
    measure="mse",
    relative=True,
    season=24,
    season_name=mark("a day before"),
    splits=("2017-06-26", "2017-10-24", "2018-02-21"),
    load=load,
    files={FILE: "f1141f82f9d46968f05afa77ba16abfc4f790fe07583f9de06bb685b29a5411f"},
    references={
        "Informer": 0.098, "DeepAR": 0.107, "ARIMA": 0.108, mark("LSTM with attention"): 0.114, "Prophet": 0.115,
    },
    examples=(
        SeriesExample(
            "Made: an ordinary week", "ordinary", "Made by a formula: a daily rhythm on a slow drift.",
            begin="2018-03-01", end="2018-03-20 23:00", last="2018-03-14 06:00",
        ),
        SeriesExample(
            "Made: a sudden rise", "spike", "Made by a formula: for some hours far warmer than before.",
            begin="2018-03-15", end="2018-04-05 23:00", last="2018-03-26 23:00",
        ),
    ),
    example_frame=imitate,
    credit=mark("The examples are made by a formula; ETTh1 itself is not shipped."),
)  # fmt: skip
