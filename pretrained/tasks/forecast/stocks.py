"""A share price a few weeks ahead: what a network cannot do."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core_models.language import mark
from pretrained.data.calendar import WEEK
from pretrained.kinds.forecast import Channel, SeriesExample, SeriesTask

FILE = "stocks/stocks.csv.gz"
COMPANIES = {"GOOG": "Google", "AAPL": "Apple", "AMZN": "Amazon", "FB": "Facebook", "NFLX": "Netflix",
             "MSFT": "Microsoft"}  # fmt: skip


def load(folder: Path) -> pd.DataFrame:
    """Every week of 2018 and 2019, each price as a multiple of its first."""
    table = pd.read_csv(folder / FILE, index_col="date", parse_dates=True)
    return pd.DataFrame(table[list(COMPANIES)].asfreq(WEEK.rule))


DATA = {
    "name": "Prices of six shares, weekly, 2018 and 2019 (105 weeks)",
    "source": "https://plotly.com/python-api-reference/generated/plotly.data.html",
    "copy": "the file stocks.csv.gz of the Python package plotly 7.1.0, package_data/datasets",
    "licence": "MIT, as the package; all of it is shipped as examples",
    "citation": "plotly.data.stocks, Plotly Technologies Inc.",
    "limits": "47 windows to learn from and 22 to be scored on: too few to learn anything but that a price stays "
    "where it is. The last value wins, by a mean absolute error of 0.0164 against 0.0189 [0.0127, 0.0250]. Prices move "
    "nearly at random; whoever foresaw them from their own past would not publish it.",
}
"""What the networks learn from."""

STOCKS = SeriesTask(
    key="stocks",
    title=mark("A share price, one week ahead"),
    data=DATA,
    step=WEEK,
    channels=tuple(Channel(key, name, mark("× first price")) for key, name in COMPANIES.items()),
    cycles=(),
    window=12,
    horizon=4,
    scored=(1,),
    measure="mae",
    season=4,
    season_name=mark("four weeks before"),
    splits=("2019-03-11", "2019-08-05", "2020-01-06"),
    load=load,
    files={FILE: "8bb4cd39dc16c3408c311383344d359690930a10f480e522895d3983a30d789a"},
    examples=(
        SeriesExample(
            "Google, two years", "google",
            "Whatever the curve seems to promise: is the forecast closer than the last value?",
            begin="2018-01-01", end="2019-12-30", last="2019-09-30",
        ),
        SeriesExample(
            "Google, second half of 2019", "autumn",
            "Weeks that no choice was made by: those that the score was taken on.",
            begin="2019-05-06", end="2019-12-30", last="2019-11-25",
        ),
    ),
    credit=mark("Weekly prices of plotly.data.stocks, each as a multiple of its first; MIT."),
)  # fmt: skip
