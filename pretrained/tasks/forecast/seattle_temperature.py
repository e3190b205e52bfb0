"""The highest temperature of the next day in Seattle, from four weeks of weather."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core_models.language import mark
from pretrained.data.calendar import DAY
from pretrained.kinds.forecast import Channel, SeriesExample, SeriesTask

FILE = "weather_seattle/seattle-weather.csv"
COLUMNS = ["temp_max", "temp_min", "precipitation", "wind"]


def load(folder: Path) -> pd.DataFrame:
    """Every day of 2012 to 2015."""
    table = pd.read_csv(folder / FILE, index_col="date", parse_dates=True)
    return pd.DataFrame(table[COLUMNS].asfreq("D"))


DATA = {
    "name": "Daily weather in Seattle, 2012 to 2015",
    "source": "https://github.com/vega/vega-datasets",
    "copy": "github.com/vega/vega-datasets at cad85578e232704bb0453544742440038038c6a2, data/seattle-weather.csv",
    "licence": "public domain (NOAA)",
    "citation": "NOAA National Climatic Data Center, as in vega-datasets",
    "limits": "Two years of training, 2012 and 2013, at one station. A forecast from one station's past alone knows "
    "nothing of the weather that is on its way.",
}
"""What the networks learn from."""

SEATTLE_TEMPERATURE = SeriesTask(
    key="seattle-temperature",
    title=mark("Tomorrow's highest temperature in Seattle"),
    data=DATA,
    step=DAY,
    channels=(
        Channel(
            "temp_max", mark("highest temperature"), "°C",
            also=("tmax", "temperature", "temp", "Temperatur", "temperatura"),
        ),
        Channel("temp_min", mark("lowest temperature"), "°C"),
        Channel("precipitation", mark("precipitation"), "mm", log=True),
        Channel("wind", mark("wind"), "m/s", log=True),
    ),
    cycles=("year",),
    window=28,
    horizon=7,
    scored=(1,),
    measure="mae",
    season=365,
    season_name=mark("a year before"),
    splits=("2014-01-01", "2015-01-01", "2016-01-01"),
    load=load,
    files={FILE: "0845078a290b48e3149ab8639966824110a251db4e06fc144c06ebb534af23be"},
    examples=(
        SeriesExample(
            "Summer heat", "heat", "A hot spell that ends from one day to the next.",
            begin="2014-06-01", end="2015-08-31", last="2015-07-04",
        ),
        SeriesExample(
            "An ordinary spring", "spring", "Mild days, some of them wet.",
            begin="2014-03-01", end="2015-05-31", last="2015-04-15",
        ),
        SeriesExample(
            "First frost", "frost", "The year turns cold.", begin="2014-10-01", end="2015-12-31", last="2015-11-22"
        ),
    ),
    credit=mark(
        "Excerpt of daily weather in Seattle, NOAA, as in vega-datasets; public domain."
    ),
)  # fmt: skip
